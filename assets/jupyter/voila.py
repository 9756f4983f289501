"""Voila reads a file of its own name only."""

from contextlib import suppress

load_subconfig("jupyter_config.py")  # noqa: F821 (given by the loader)
c = get_config()  # noqa: F821 (given by the loader)

with suppress(ImportError):  # an application of another environment goes on with kernels of its own
    from workbook.run import visitors

    c.VoilaConfiguration.multi_kernel_manager_class = visitors.VisitorKernels
    c.VoilaConfiguration.prelaunch_hook = visitors.give_token

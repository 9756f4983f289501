"""Read by JupyterLab and by Voila when they start: their kernels are forks of one process that has imported everything."""

from contextlib import suppress

c = get_config()  # noqa: F821 (given by the loader)

with suppress(ImportError):  # an application of another environment goes on with kernels of its own
    from importlib.metadata import entry_points

    from workbook.run.preload import APP_MODULES
    from workbook.run.warm import provisioner, unfit

    if not unfit() and entry_points(group="jupyter_client.kernel_provisioners", name="workbook"):
        c.KernelProvisionerFactory.default_provisioner_name = "workbook"
        c.WarmProvisioner.imports = list(APP_MODULES)
        provisioner.start(APP_MODULES)

"""The papermill engine `workbook`: papermill and nbclient as they are, with kernels that are forked instead of started."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_core.utils import run_sync
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from workbook.run.warm.process import Refused, unfit
from workbook.run.warm.which import KERNEL, forkable, named, ordinary

_SAVE_EVERY = 0.5
"""Seconds between two savings of a notebook that runs. papermill saves twice a cell, which takes longer than most of our cells."""


class WarmEngine(NBClientEngine):
    """Runs a notebook of this interpreter in a fork of the warm process; with any other kernel it is papermill's own engine."""

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool | dict[str, Any] = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        **kwargs: Any,
    ) -> Any:
        """As papermill's, but the output is written at most every half second, and at the end."""
        manager = _Saver(nb, output_path, log_output, progress_bar, autosave_cell_every)
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, log_output=log_output, **kwargs)
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        imports: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        memory: int | None = None,
        this_interpreter: bool = False,
        started: Callable[[int], None] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run the cells.

        Beside papermill's arguments: `imports` are modules that the warm process is to know, `environment` the kernel's, `memory` the
        bytes it may take of its own, `this_interpreter` whatever the kernel's name stands for, `started` is told its process number.
        """
        found = _kernel(kernel_name, this_interpreter)
        given = merge_kwargs(
            remove_args(["input_path", "timeout", "startup_timeout"], **kwargs),
            timeout=execution_timeout if execution_timeout else kwargs.get("timeout"),
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
        )
        if isinstance(found, str):
            ordinary(found, logger)
            return PapermillNotebookClient(nb_man, **given).execute()
        arguments, variables = found
        client = _Client(nb_man, **given)
        client.environment = {**(os.environ if environment is None else environment), **variables}
        client.modules = tuple(dict.fromkeys((KERNEL, *imports, *named(client.environment))))
        client.arguments, client.memory, client.started = arguments, memory, started
        return client.execute()


class _Saver(NotebookExecutionManager):
    """papermill's state of a run, saved when some time has passed and not twice a cell."""

    def __init__(self, *arguments: Any) -> None:
        self.due = 0.0
        self.unsaved = False
        super().__init__(*arguments)

    def save(self, **kwargs: Any) -> None:
        """Save, or remember that it is to be saved."""
        self.unsaved = True
        if time.monotonic() >= self.due:
            self.save_now(**kwargs)

    def save_now(self, **kwargs: Any) -> None:
        """Save."""
        super().save(**kwargs)
        self.unsaved = False
        self.due = time.monotonic() + _SAVE_EVERY

    def notebook_complete(self, **kwargs: Any) -> None:
        """Its last save is made."""
        self.due = 0.0
        super().notebook_complete(**kwargs)


class _Client(PapermillNotebookClient):
    """papermill's client with a forked kernel; with an ordinary one where no fork is to be had."""

    environment: dict[str, str]
    modules: Sequence[str]
    arguments: Sequence[str]
    memory: int | None
    started: Callable[[int], None] | None

    def create_kernel_manager(self) -> Any:
        """The forked kernel's."""
        from workbook.run.warm.client import Manager

        self.km = Manager(self.environment, os.getcwd(), self.modules, memory=self.memory, arguments=self.arguments)
        return self.km

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Fork it, or start an ordinary one."""
        try:
            await super().async_start_new_kernel(**kwargs)
        except Refused as refused:
            ordinary(str(refused), logger)
            self.km = PapermillNotebookClient.create_kernel_manager(self)
            await super().async_start_new_kernel(**kwargs)
            return
        if self.started is not None:
            self.started(self.km.process)

    start_new_kernel = run_sync(async_start_new_kernel)

    async def async_execute_cell(self, cell: Any, cell_index: int, *arguments: Any, **kwargs: Any) -> Any:
        """Run one cell; while it runs, save what was put off."""
        before = asyncio.all_tasks()
        saving = asyncio.ensure_future(self._save_in_time())
        try:
            return await super().async_execute_cell(cell, cell_index, *arguments, **kwargs)
        except DeadKernelError:
            code = getattr(getattr(self.km, "child", None), "returncode", None)
            raise DeadKernelError(
                f"The kernel ended in cell {cell_index + 1}{_meaning(code)}. The cell is:\n{cell.source}"
            ) from None
        finally:
            # nbclient leaves tasks of its own behind where a cell took too long or its kernel died: all of this cell end with it.
            begun = {saving, *(asyncio.all_tasks() - before)}
            for one in begun:
                one.cancel()
            await asyncio.wait(begun, timeout=1)

    execute_cell = run_sync(async_execute_cell)

    async def _save_in_time(self) -> None:
        while True:
            await asyncio.sleep(max(0.05, self.nb_man.due - time.monotonic()))
            if self.nb_man.unsaved and time.monotonic() >= self.nb_man.due:
                self.nb_man.save_now()


def _meaning(code: int | None) -> str:
    if code is None:
        return ""
    if code == -9:
        return " (killed: most often the machine ran out of memory)"
    if code < 0:
        return f" (signal {-code})"
    return f" (it left with exit status {code})"


def _kernel(name: str, this_interpreter: bool) -> tuple[Sequence[str], Mapping[str, str]] | str:
    """The arguments and variables that this kernel's specification adds, or why it can't be forked."""
    if why := unfit():
        return why
    if this_interpreter:
        return (), {}
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        return f"There is no kernel {name}"
    arguments = forkable(spec.argv)
    if arguments is None:
        return f"The kernel {name} is not this interpreter's ipykernel"
    return arguments, spec.env

"""The kernels of a run: this interpreter, an isolated folder, no traces of the user's own Jupyter settings."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from workbook.run.preload import environment

_LONGEST_SOCKET = 90
"""Characters in the path of a socket that every POSIX system allows, less what is appended."""


class Kernels:
    """The kernels that one run has started, so that an interrupted run can end them all."""

    def __init__(self, private: Path) -> None:
        self.private = private
        self.environment = {**environment(private), "TMPDIR": str(private)}
        self.ended = False
        self._lock = Lock()
        self._processes: set[int] = set()

    def add(self, process: int) -> None:
        """Remember a started kernel; ends it at once if the run is already over."""
        with self._lock:
            self._processes.add(process)
            over = self.ended
        if over:
            self.end()

    def end(self) -> None:
        """End every kernel of this run that still lives, with what it started."""
        with self._lock:
            self.ended = True
            processes, self._processes = self._processes, set()
        for process in processes:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if hasattr(os, "killpg") and os.getpgid(process) == process:
                    os.killpg(process, signal.SIGKILL)
                else:
                    os.kill(process, signal.SIGTERM)

    def manager(self) -> type[AsyncKernelManager]:
        """The class that nbclient is to start kernels with."""
        kernels = self

        class Manager(AsyncKernelManager):
            """A kernel of this interpreter, remembered by its run."""

            def __init__(self, **kw: Any) -> None:
                super().__init__(**kw)
                self.connection_file = str(kernels.private / f"{uuid4().hex[:12]}.json")
                if os.name == "posix" and len(self.connection_file) < _LONGEST_SOCKET:
                    self.transport = "ipc"

            @property
            def kernel_spec(self) -> KernelSpec:
                """This interpreter, whatever a user's own `python3` kernel points to."""
                return KernelSpec(**get_kernel_dict(extra_arguments=["--HistoryManager.enabled=False"]))

            async def _async_pre_start_kernel(self, **kw: Any) -> tuple[list[str], dict[str, Any]]:
                given: Mapping[str, str] = kw.pop("env", None) or {}
                return await super()._async_pre_start_kernel(**kw, env={**given, **kernels.environment})

            async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
                if kernels.ended:
                    raise RuntimeError("the run is over")
                await super()._async_launch_kernel(kernel_cmd, **kw)
                process = getattr(self.provisioner, "pid", None)
                if process:
                    kernels.add(process)

        return Manager

"""The kernel provisioner `workbook`: JupyterLab, Voila and any other Jupyter application get their kernels from the warm process.

Chosen by `JUPYTER_DEFAULT_PROVISIONER_NAME=workbook`, or in a kernel's specification. Everything an application does with a kernel
(interrupt, restart, shutdown, finding out that it died) is jupyter_client's own; only the start is another.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from workbook.run.warm.process import Refused, spawn, unfit, warm
from workbook.run.warm.spawned import Spawned
from workbook.run.warm.which import KERNEL, forkable, named, ordinary

_SERVE = f"{KERNEL}:over_zmq"
_BOUND = 10
"""Seconds to wait for a kernel's ports; whether it lives is for others to find out."""
_log = logging.getLogger(__name__)


def start(imports: Sequence[str] = ()) -> None:
    """Begin the warm process with the application, so that the first kernel need not wait for it; `imports` as WarmProvisioner has them."""
    if not unfit():
        warm(os.environ, _modules(imports, os.environ))


class WarmProvisioner(LocalProvisioner):
    """A kernel of this interpreter is forked; any other is started as the local provisioner does."""

    imports = List(Unicode(), help="Modules that the warm process imports, so that no kernel has to.").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel of this command; returns its connection information."""
        arguments = forkable(cmd)
        why = unfit() if arguments is not None else "not ours"
        if not why:
            given = self._scrub_kwargs(kwargs)
            environment = {**(given.get("env") or os.environ), "JPY_PARENT_PID": str(os.getpid())}
            folder = str(given.get("cwd") or os.getcwd())
            file = cmd[cmd.index("-f") + 1]
            try:
                child: Any = await asyncio.to_thread(
                    _forked, ["-f", file, *(arguments or ())], environment, folder, _modules(self.imports, environment)
                )
            except Refused as refused:
                why = str(refused)
            else:
                self.process = child
                self.pid = self.pgid = child.pid
                self.cwd = folder
                return self.connection_info
        if arguments is not None:
            ordinary(why, _log)
        return await super().launch_kernel(cmd, **kwargs)


def _forked(arguments: Sequence[str], environment: Mapping[str, str], folder: str, modules: Sequence[str]) -> Spawned:
    """A kernel whose ports are bound, so that the first attempt to connect succeeds. Raises Refused."""
    given = {"argv": list(arguments)}
    child = spawn(_SERVE, given, environment=environment, modules=modules, folder=folder)
    with suppress(OSError):
        child.connection.settimeout(_BOUND)
        child.connection.recv(1)
    return child


def _modules(imports: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((KERNEL, *imports, *named(environment))))


__all__ = ["WarmProvisioner", "start"]

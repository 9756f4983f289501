"""The handle on a warm process: started once for this process and for each set of settings an interpreter reads only at its start."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from workbook.run.warm.framing import ASKED, LENGTH, STALE
from workbook.run.warm.spawned import Spawned

_AT_START = (
    "PYTHON",
    "LC_",
    "LANG",
    "LD_",
    "MALLOC_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "GLIBC_",
    "WORKBOOK_CATALOG",
    "WORKBOOK_PLUGINS",
)
"""Beginnings of names that an interpreter or a library reads when it starts: kernels that differ in one can't come from one process."""

_WITHOUT_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""What keeps libraries from threads of their own, which would not be in a fork: the allocator of pyarrow (jemalloc) has one."""

_END = 5.0
"""Seconds in which a process that closed its sockets is gone."""


class Refused(Exception):
    """No fork was to be had; the message says why."""


def unfit() -> str:
    """Why kernels can't be forked here, or nothing."""
    if os.environ.get("WORKBOOK_WARM") == "0":
        return "WORKBOOK_WARM is 0"
    if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
        return f"{sys.platform} has no fork"
    if sys.platform == "darwin":
        return "fork is not safe with the system libraries of macOS"
    return ""


class Warm:
    """A warm process. It is reached by nothing but the socket pair made here, so no other user can ask it for anything."""

    def __init__(self, control: socket.socket, process: Any) -> None:
        self._control = control
        self._process = process
        self._lock = threading.Lock()
        self._ready = False

    @classmethod
    def started(cls, environment: Mapping[str, str], modules: Sequence[str]) -> Warm:
        """A new interpreter that imports the modules; asked before it has done so, it answers when it has."""
        ours, theirs = socket.socketpair()
        with theirs:
            command = [
                sys.executable,
                "-Xfrozen_modules=off",
                "-m",
                "workbook.run.warm.server",
                str(theirs.fileno()),
                *modules,
            ]
            process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**_WITHOUT_THREADS, **environment},
                start_new_session=True,
            )
        return cls(ours, process)

    @classmethod
    def forked(cls, leave: Sequence[socket.socket]) -> Warm:
        """A fork of this process, with what it has imported; `leave` are sockets that are not for it. There must be no other thread."""
        from workbook.run.warm import child, server

        if threading.active_count() > 1:
            raise Refused("there are threads")
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process == 0:
            os.setsid()  # who kills our group leaves it time to end its children
            for one in (ours, *leave):
                one.close()
            child.run(server.Server(theirs).serve())
        theirs.close()
        found = cls(ours, _Forked(process))
        found._ready = True
        return found

    @property
    def pid(self) -> int:
        """Its process number."""
        return int(self._process.pid)

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ready(self, timeout: float = 60) -> bool:
        """Wait until everything is imported."""
        with self._lock:
            if not self._ready and select.select([self._control], [], [], timeout)[0]:
                self._ready = bool(self._control.recv(1))
        return self._ready

    def spawn(
        self,
        serve: str,
        arguments: Mapping[str, Any],
        *,
        environment: Mapping[str, str],
        folder: str,
        memory: int | None = None,
    ) -> Spawned:
        """Fork a child that calls `serve` ("module:function") with its connection and the arguments.

        It finds this environment and folder, our standard output and error, and may take `memory` bytes of its own. Raises Refused.
        """
        ours, theirs = socket.socketpair()
        status, told = socket.socketpair()
        request = json.dumps(
            {"serve": serve, "with": dict(arguments), "env": dict(environment), "cwd": folder, "memory": memory}
        ).encode()
        try:
            with theirs, told, self._lock:
                socket.send_fds(self._control, [ASKED], [theirs.fileno(), told.fileno(), _standard(1), _standard(2)])
            answer = json.loads(_line(status))
        except (OSError, EOFError, ValueError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END)  # its sockets close a moment before it can be waited for
            answer = {"refused": f"the warm process ended (exit {self._process.poll()})"}
        if "refused" in answer:
            ours.close()
            status.close()
            raise Refused(answer["refused"])
        child = Spawned(ours, status, answer["pid"])
        try:
            ours.sendall(LENGTH.pack(len(request)) + request)
        except OSError:
            child.end()
            raise Refused("the fork ended before it was told what to do") from None
        return child

    def close(self) -> None:
        """End it, with every child it still has; one that is still importing has none, and does not hear."""
        if not self.ready(0):
            self._process.kill()
        with contextlib.suppress(OSError):
            self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Forked:
    """A child of this process, by what Warm needs of subprocess.Popen."""

    def __init__(self, process: int) -> None:
        self.pid = process
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        if self.returncode is None:
            try:
                found, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self.returncode = 0
            else:
                self.returncode = os.waitstatus_to_exitcode(status) if found else None
        return self.returncode

    def wait(self, timeout: float = 60) -> int:
        """Wait for the end. Raises subprocess.TimeoutExpired."""
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.005)
        return code

    def kill(self) -> None:
        """Make it end."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def _standard(number: int) -> int:
    """The descriptor to hand over as standard output or error."""
    try:
        os.fstat(number)
        return number
    except OSError:
        return _nowhere()


def _nowhere() -> int:
    global _NOWHERE
    if _NOWHERE is None:
        _NOWHERE = os.open(os.devnull, os.O_WRONLY)
    return _NOWHERE


_NOWHERE: int | None = None


def _line(status: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\n"):
        more = status.recv(1)
        if not more:
            raise EOFError
        said += more
    return said


_running: dict[tuple[Any, ...], Warm] = {}
_retired: list[Warm] = []
_lock = threading.Lock()


def warm(environment: Mapping[str, str], modules: Sequence[str]) -> Warm:
    """The warm process for kernels in this environment; a new one where there is none yet or the last one died."""
    key = _key(environment, modules)
    with _lock:
        found = _running.get(key)
        if found is None or not found.alive:
            if found is not None:
                found.close()
            found = _running[key] = Warm.started(environment, modules)
        return found


def spawn(
    serve: str,
    arguments: Mapping[str, Any],
    *,
    environment: Mapping[str, str],
    modules: Sequence[str],
    folder: str,
    memory: int | None = None,
) -> Spawned:
    """Fork a child from the warm process for this environment, see `Warm.spawn`; a second time where that process has died or is outdated."""
    first = warm(environment, modules)
    try:
        return first.spawn(serve, arguments, environment=environment, folder=folder, memory=memory)
    except Refused as refused:
        if str(refused) == STALE:
            with _lock:
                _retired.append(first)
                if _running.get(_key(environment, modules)) is first:
                    del _running[_key(environment, modules)]
        elif first.alive:
            raise
    return warm(environment, modules).spawn(serve, arguments, environment=environment, folder=folder, memory=memory)


def adopt(environment: Mapping[str, str], modules: Sequence[str], leave: Sequence[socket.socket]) -> None:
    """In a child of a warm process: take a fork of it as its own, with everything imported already."""
    _running[_key(environment, modules)] = Warm.forked(leave)


def _key(environment: Mapping[str, str], modules: Sequence[str]) -> tuple[Any, ...]:
    return tuple(sorted((name, value) for name, value in environment.items() if name.startswith(_AT_START))), tuple(
        modules
    )


def close() -> None:
    """End every warm process of this one."""
    with _lock:
        while _running:
            _running.popitem()[1].close()
        while _retired:
            _retired.pop().close()


def _forget() -> None:
    """A fork of this process doesn't own its warm processes."""
    global _lock
    _lock = threading.Lock()
    for one in (*_running.values(), *_retired):
        one._control.close()
    _running.clear()
    _retired.clear()


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)

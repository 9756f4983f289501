"""The warm process: imports once, then forks for whoever asks over the socket it was started with.

A request is one byte with four descriptors: the child's own connection, a socket for what becomes of it, and its standard output and
error. What the child is to do it reads from its connection itself, so nothing a client writes can hold up this process.

It opens no ZeroMQ context and starts no thread: both would break in a fork. It ends, with all its children, when its socket closes;
once a file it imported has changed it forks no more, and ends with its last child.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from workbook.run.warm.framing import ASKED, STALE
from workbook.run.warm.spawned import kill_group

_LOOK_EVERY = 0.5
"""Seconds between two looks at the files."""

Job = Callable[[], Any]


def main(arguments: Sequence[str]) -> Job | None:
    """Import the modules named after the socket's number, then serve. Returns, in a child only, what the child has to do."""
    control = socket.socket(fileno=int(arguments[0]))
    refusal = prepare(arguments[1:])
    with contextlib.suppress(OSError):
        control.sendall(b"!" if refusal else b".")
    return Server(control, refusal).serve()


def prepare(modules: Sequence[str]) -> str:
    """Import what children need; says why this process can't be forked, or nothing."""
    for name in modules:
        with contextlib.suppress(ImportError):
            module = importlib.import_module(name)
            getattr(module, "warm_up", lambda: None)()
        if threading.active_count() > 1:
            extra = ", ".join(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
            return f"importing {name} started a thread ({extra}), so nothing can be forked from there"
    gc.collect()
    gc.freeze()
    return ""


class Server:
    """Forks for each request until the socket closes."""

    def __init__(self, control: socket.socket, refusal: str = "") -> None:
        self.control = control
        self.refusal = refusal
        self.children: dict[int, socket.socket] = {}
        self.seen = _own_files()
        self.looked = time.monotonic()
        self.wake, self.waker = os.pipe()

    def serve(self) -> Job | None:
        """Returns the job in a child, and nothing when it is over."""
        for end in (self.wake, self.waker):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.set_wakeup_fd(self.waker, warn_on_full_buffer=False)
        while self.refusal != STALE or self.children:
            ready, _, _ = select.select([self.control.fileno(), self.wake], [], [])
            if self.wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake, 4096)
                self._reap()
            if self.control.fileno() in ready:
                asked, given = self._receive()
                if not asked:
                    self._end()
                    return None
                if asked != ASKED or len(given) != 4:
                    _closed(given)
                elif (job := self._answer(*given)) is not None:
                    return job
        return None

    def _receive(self) -> tuple[bytes, list[int]]:
        try:
            byte, given, _, _ = socket.recv_fds(self.control, 1, 4)
        except OSError:
            return b"", []
        return byte, given

    def _answer(self, link: int, told: int, output: int, errors: int) -> Job | None:
        connection, status = socket.socket(fileno=link), socket.socket(fileno=told)
        if not self.refusal and self._changed():
            self.refusal = STALE
        process = -1
        if self.refusal:
            _say(status, {"refused": self.refusal})
        else:
            try:
                process = os.fork()
            except OSError as error:
                _say(status, {"refused": f"the warm process could not be forked: {error.strerror}"})
        if process == 0:
            return self._as_child(connection, status, output, errors)
        if process > 0:
            self.children[process] = status
            _say(status, {"pid": process})
        connection.close()
        _closed([output, errors])
        return None

    def _changed(self) -> bool:
        """Whether a file that was read is another by now; looked for twice a second at most."""
        if time.monotonic() - self.looked < _LOOK_EVERY:
            return False
        self.looked = time.monotonic()
        return self.seen != _own_files()

    def _as_child(self, connection: socket.socket, status: socket.socket, output: int, errors: int) -> Job:
        """Forget that this process was somebody else's, and learn what it is for."""
        from workbook.run.warm import child

        for one in (self.control, status, *self.children.values()):
            one.close()
        signal.set_wakeup_fd(-1)
        _closed([self.wake, self.waker])
        return child.job(connection, output, errors)

    def _reap(self) -> None:
        while self.children:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not process:
                return
            told = self.children.pop(process, None)
            if told:
                _say(told, {"exit": os.waitstatus_to_exitcode(status)})
                told.close()

    def _end(self) -> None:
        """The client is gone: end what it left."""
        for process in self.children:
            kill_group(process)


def _own_files() -> dict[str, float]:
    """When each file changed that was imported and is not part of an installation, or that a module says it has read (`warm_files`)."""
    installed = (sys.prefix, sys.base_prefix)
    files: set[str] = set()
    for module in list(sys.modules.values()):
        names = vars(module) if isinstance(module, ModuleType) else {}
        file = names.get("__file__")
        if file and not file.startswith(installed):
            files.add(file)
        if "warm_files" in names:
            files.update(str(one) for one in names["warm_files"]())
    found = {}
    for file in files:
        with contextlib.suppress(OSError):
            found[file] = os.stat(file).st_mtime
    return found


def _closed(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _say(status: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        status.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    job = main(sys.argv[1:])
    if job is not None:
        job()

"""Kernels as they run in a fork: ipykernel's own, once with its ZeroMQ sockets and once with one plain socket in their place.

Everything a notebook can see (shell, streams, display, comms, configuration, startup files) is ipykernel's and IPython's. The second
kind only carries the same messages another way, since opening ZeroMQ's sockets and threads takes longer than most notebooks.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib
import importlib.util
import logging
import os
import re
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import zmq
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from tornado.ioloop import IOLoop
from traitlets import Any as AnyTrait
from traitlets import DottedObjectName, Type, default
from traitlets.config.loader import Config, DeferredConfigString

from workbook.run.warm.framing import IOPUB, SHELL, Reader, packed

_SMALL = 1 << 15
"""Bytes that a socket takes whole or not at all: a process that a notebook forked may be killed while it sends, and half a message
would spoil the next."""
_OPTION = re.compile(r"--([A-Z]\w*)\.(\w+)=(.*)", re.DOTALL)


def warm_up() -> None:
    """Import what a kernel would import only when it starts."""
    for name in (
        "ipykernel.debugger", "ipykernel.displayhook", "ipykernel.heartbeat", "ipykernel.zmqshell",
        "IPython.core.completerlib", "IPython.core.history", "IPython.core.magics", "IPython.core.profiledir", "IPython.extensions.storemagic",
        "IPython.core.pylabtools", "IPython.core.ultratb", "IPython.core.tips", "sqlite3", "psutil", "pygments.lexers.python",
        "pygments.formatters.terminal256", "pygments.styles.default", "stack_data", "uuid", "zmq.eventloop.zmqstream",
        "IPython.core.debugger", "IPython.core.oinspect", "IPython.utils.wildcard", "faulthandler", "pdb", "tornado.platform.asyncio",
    ):  # fmt: skip
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def over_zmq(lifeline: socket.socket, argv: list[str]) -> None:
    """An ordinary kernel, as `python -m ipykernel_launcher` would run it; ends when the application that asked for it is gone."""
    _as_launched(argv)

    def follow() -> None:
        with contextlib.suppress(OSError):
            while lifeline.recv(64):
                pass
        os._exit(1)

    threading.Thread(target=follow, name="workbook-lifeline", daemon=True).start()
    ForkedKernelApp.bound = staticmethod(lambda: lifeline.send(b"b"))
    ForkedKernelApp.launch_instance(argv=argv)


def over_socket(connection: socket.socket, argv: list[str]) -> None:
    """A kernel that answers on the connection; ends when the connection closes."""
    _as_launched(argv)
    SocketKernelApp.connection = connection
    SocketKernelApp.launch_instance(argv=argv)


def _as_launched(argv: list[str]) -> None:
    spec = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [spec.origin if spec and spec.origin else "ipykernel_launcher.py", *argv]


class ForkedKernelApp(IPKernelApp):
    """Ends by its lifeline: the process it was forked from is not the one that asked for it."""

    name = "ipython-kernel"

    bound: Callable[[], object] = staticmethod(lambda: None)
    """Called once the kernel's ports can be connected to: whoever connects before waits for the next attempt, up to half a second."""

    def init_heartbeat(self) -> None:
        """The last of the sockets."""
        super().init_heartbeat()
        self.bound()

    @default("parent_handle")
    def _parent_handle_default(self) -> int:
        """As ipykernel reads it when it is imported."""
        return int(os.environ.get("JPY_PARENT_PID") or 0)

    def init_poller(self) -> None:
        """No watch over the parent."""

    def init_shell(self) -> None:
        """The shell; and what ipywidgets does only when it is imported in a kernel."""
        super().init_shell()
        if widgets := sys.modules.get("ipywidgets"):
            widgets.register_comm_target()


class _Wire:
    """A channel's sending end, safe between threads and between the processes a notebook forks."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._turn = threading.RLock()
        self._turns = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the kernel)
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._turn = threading.RLock()

    def send(self, channel: bytes, parts: Sequence[Any]) -> None:
        with self._turn, contextlib.suppress(BrokenPipeError, ConnectionError):
            pieces = packed(channel, parts)
            if sum(map(len, pieces)) <= _SMALL:
                pieces = [b"".join(pieces)]
            fcntl.lockf(self._turns, fcntl.LOCK_EX)
            try:
                for piece in pieces:
                    self.connection.sendall(piece)
            finally:
                fcntl.lockf(self._turns, fcntl.LOCK_UN)


class _Channel:
    """What the session takes for a socket."""

    def __init__(self, wire: _Wire, name: bytes) -> None:
        self._wire = wire
        self._name = name

    def send_multipart(self, parts: Sequence[Any], **_: Any) -> None:
        """Send one message."""
        self._wire.send(self._name, parts)


class _Later:
    """Calls functions after a while, in one thread that starts with the first of them."""

    def __init__(self) -> None:
        self._due: list[tuple[float, Callable[[], object]]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._changed = threading.Condition()
        self._thread = None

    def call_later(self, seconds: float, work: Callable[[], object]) -> None:
        """Call it in so many seconds."""
        with self._changed:
            self._due.append((time.monotonic() + seconds, work))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="IOPub", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due:
                    self._changed.wait()
                when, work = self._due.pop(0)
            time.sleep(max(0.0, when - time.monotonic()))
            with contextlib.suppress(Exception):
                work()


class _Publisher(IOPubThread):
    """In place of ipykernel's publishing thread: whoever has something to publish sends it."""

    def __init__(self, channel: _Channel) -> None:
        self.channel = channel
        self.io_loop = _Later()
        self.thread = None
        self.background_socket = self
        self.turn = threading.RLock()
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self.turn = threading.RLock()

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""

    def close(self) -> None:
        """Nothing to close."""

    def schedule(self, f: Callable[[], object]) -> None:
        """Do it now."""
        f()

    def send_multipart(self, parts: Sequence[Any], **_: Any) -> None:
        """Publish one message."""
        self.channel.send_multipart(parts)


class _Stream(OutStream):
    """ipykernel's stream; what it has gathered and what is published next keep their order without a thread in between."""

    def _flush(self) -> None:
        if self.pub_thread is not None:
            with self.pub_thread.turn:
                try:
                    super()._flush()
                except Exception:
                    # ipykernel's thread loses what can't be sent, such as half a surrogate pair, and goes on
                    logging.getLogger("tornado.general").error("Uncaught exception in a stream", exc_info=True)


class SocketKernel(IPythonKernel):
    """ipykernel's kernel, fed from one socket."""

    _supports_kernel_subshells = False
    shell_stream = AnyTrait()

    def start(self) -> None:
        """Answer what comes until the other side closes."""
        self.shell.exit_now = False
        self.io_loop: Any = IOLoop.current()
        self._control_lock = asyncio.Lock()
        loop: asyncio.AbstractEventLoop = getattr(self.io_loop, "asyncio_loop")  # noqa: B009 (tornado does not declare it)
        reader = Reader()
        connection = SocketKernelApp.connection
        tasks: set[asyncio.Task[None]] = set()

        def receive() -> None:
            try:
                data = connection.recv(1 << 16)
            except OSError:
                data = b""
            if not data:
                loop.remove_reader(connection)
                end = loop.create_task(self._finish(list(tasks)))
                tasks.add(end)
                return
            for _, parts in reader.feed(data):
                task = loop.create_task(self.shell_main(None, [zmq.Frame(part) for part in parts]))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        loop.add_reader(connection, receive)
        self._publish_status("starting", "shell")

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Nothing is ever queued: the client sends a cell when the one before is done."""

    async def _finish(self, running: list[asyncio.Task[None]]) -> None:
        if running:
            await asyncio.wait(running)
        await self._at_shutdown()
        self.io_loop.stop()


class SocketKernelApp(ForkedKernelApp):
    """ipykernel's application without its ports."""

    kernel_class = Type(SocketKernel, klass="ipykernel.kernelbase.Kernel")
    outstream_class = DottedObjectName(f"{__name__}._Stream", allow_none=True)
    connection: socket.socket

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Take options of the form --Class.trait=value as they are; building the parser for all others takes a fifth of the start."""
        options = [_OPTION.fullmatch(one) for one in argv or ()]
        if not all(options):
            super().parse_command_line(argv)
            return
        found = Config()
        for option in options:
            if option:
                found[option[1]][option[2]] = DeferredConfigString(option[3])
        self.cli_config = deepcopy(found)
        self.update_config(found)

    def init_connection_file(self) -> None:
        """None is needed."""
        self.session.key = b""

    def init_sockets(self) -> None:
        """One wire for replies and for what is published."""
        wire = _Wire(self.connection)
        self.shell_socket = _Channel(wire, SHELL)
        self.iopub_thread = self.iopub_socket = _Publisher(_Channel(wire, IOPUB))
        self.configure_tornado_logger()

    def init_heartbeat(self) -> None:
        """The connection itself tells whether we live."""

    def write_connection_file(self, **_: Any) -> None:
        """None is needed."""

    def log_connection_info(self) -> None:
        """Nobody else can connect."""

    def init_kernel(self) -> None:
        """The kernel object."""
        kernel = SocketKernel.instance(
            parent=self,
            session=self.session,
            shell_stream=self.shell_socket,
            shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.kernel = kernel
        self.displayhook.get_execution_count = lambda: kernel.execution_count

    def close(self) -> None:
        """Give back the streams."""
        self.reset_io()


__all__ = ["over_socket", "over_zmq", "warm_up"]

"""The other end of a forked kernel: what nbclient takes for a kernel manager and a kernel client."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from queue import Empty
from typing import Any

from jupyter_client.client import KernelClient
from jupyter_client.session import Session

from workbook.run.warm.framing import IOPUB, SHELL, Reader, packed
from workbook.run.warm.process import spawn
from workbook.run.warm.spawned import Spawned
from workbook.run.warm.which import KERNEL

_SERVE = f"{KERNEL}:over_socket"
_PATIENCE = 2.5
"""Seconds for a kernel to finish what it does at its end, and again after SIGTERM: jupyter_client's."""


class Manager:
    """One forked kernel, by the methods of jupyter_client's AsyncKernelManager that nbclient calls.

    `environment` and `folder` are what the kernel finds around it, `modules` what the warm process imports, `memory` the bytes the
    kernel may take for itself.
    """

    ipykernel = True

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: str,
        modules: Sequence[str],
        *,
        memory: int | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        self.environment = environment
        self.folder = folder
        self.modules = modules
        self.memory = memory
        self.arguments = list(arguments)
        self.child: Spawned | None = None
        self._client: Client | None = None

    @property
    def has_kernel(self) -> bool:
        """Whether one was started and not yet given up."""
        return self.child is not None

    def start_kernel(
        self, extra_arguments: Sequence[str] = (), cwd: str | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        """Fork it. Raises Refused."""
        environment = {**(env or self.environment), "JPY_PARENT_PID": str(os.getpid())}
        given = {"argv": [*self.arguments, *extra_arguments]}
        self.child = spawn(
            _SERVE,
            given,
            environment=environment,
            modules=self.modules,
            folder=str(cwd or self.folder),
            memory=self.memory,
        )

    @property
    def process(self) -> int:
        """The process number of the kernel."""
        assert self.child is not None
        return self.child.pid

    def client(self) -> Client:
        """The client for it."""
        assert self.child is not None
        self._client = Client(self.child)
        return self._client

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.child is not None and self.child.poll() is None

    def interrupt_kernel(self) -> None:
        """As the stop button does."""
        if self.child is not None:
            self.child.send_signal(signal.SIGINT)

    async def shutdown_kernel(self, now: bool = False) -> None:
        """End it: at once, or as jupyter_client does, letting it finish for some seconds, then asking it to terminate, then killing it."""
        if self.child is None:
            return
        if not now:
            with contextlib.suppress(OSError):
                self.child.connection.shutdown(socket.SHUT_WR)
            if not await self._ended():
                self.child.send_signal(signal.SIGTERM)
                await self._ended()
        self.cleanup_resources()

    async def _ended(self) -> bool:
        """Whether it ends within some seconds."""
        until = time.monotonic() + _PATIENCE
        while self.is_alive() and time.monotonic() < until:
            await asyncio.sleep(0.01)
        return not self.is_alive()

    def cleanup_resources(self) -> None:
        """Give up what is left of it."""
        if self._client is not None:
            self._client.stop_channels()
        if self.child is not None:
            self.child.end()


class Client(KernelClient):
    """Sends requests to a forked kernel and reads what it answers and publishes."""

    def __init__(self, child: Spawned) -> None:
        super().__init__(session=Session())
        self.session.key = b""  # nobody else has the socket, so nothing is signed
        self._child = child
        self._stream = _Stream(child, self.session)
        self._shell = Channel(self._stream, SHELL)
        self._iopub = Channel(self._stream, IOPUB)

    @property
    def shell_channel(self) -> Channel:
        """Requests out, replies in."""
        return self._shell

    @property
    def iopub_channel(self) -> Channel:
        """What the kernel publishes."""
        return self._iopub

    def start_channels(self, *_: Any, **__: Any) -> None:
        """They are open from the start."""

    def stop_channels(self) -> None:
        """Stop reading."""
        self._stream.close()

    def is_alive(self) -> bool:
        """Whether the kernel runs."""
        return self._child.poll() is None

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel says that it started. Raises RuntimeError where it doesn't."""
        try:
            while (await self._iopub.get_msg(timeout, or_end=True))["msg_type"] != "status":
                pass
        except Empty:
            why = (
                "Kernel died before it was ready"
                if self._stream.ended
                else f"Kernel didn't respond in {timeout} seconds"
            )
            raise RuntimeError(why) from None


_PIECE = 1 << 18
"""Bytes read at a time."""


class _Stream:
    """Reads the kernel's messages for both channels, whichever waits."""

    def __init__(self, child: Spawned, session: Session) -> None:
        self.child = child
        self.session = session
        self.arrived: dict[bytes, deque[dict[str, Any]]] = {SHELL: deque(), IOPUB: deque()}
        self.ended = False
        self._reader = Reader()
        self._waiting: set[asyncio.Future[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._number = child.connection.fileno()

    def send(self, message: dict[str, Any]) -> None:
        """Send a request; a dead kernel is found out by whoever waits for the reply."""
        try:
            for piece in packed(SHELL, self.session.serialize(message)):
                self.child.connection.sendall(piece)
        except OSError:
            self.ended = True

    async def more(self, timeout: float | None) -> None:
        """Wait until something came. Raises TimeoutError."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._listen_in(loop)
        waiter = loop.create_future()
        self._waiting.add(waiter)
        try:
            await asyncio.wait_for(waiter, timeout)
        finally:
            self._waiting.discard(waiter)

    def _listen_in(self, loop: asyncio.AbstractEventLoop) -> None:
        self._stop_listening()
        if not self.ended:
            self._loop = loop
            loop.add_reader(self._number, self._receive)

    def _stop_listening(self) -> None:
        """Before the socket closes: its number may be another's at once, and a loop that still knows it would not notice."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._number)
        self._loop = None

    def _receive(self) -> None:
        try:
            data = self.child.connection.recv(_PIECE)
        except (OSError, MemoryError):  # without room for what it says, a kernel is as good as dead
            data = b""
        if not data:
            self.close()
        for channel, parts in self._reader.feed(data):
            _, rest = self.session.feed_identities(parts, copy=True)
            self.arrived[channel].append(self.session.deserialize(rest, content=True, copy=True))
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Stop reading."""
        self.ended = True
        self._stop_listening()


class Channel:
    """One channel, as nbclient uses it."""

    def __init__(self, stream: _Stream, name: bytes) -> None:
        self._stream = stream
        self._name = name

    def send(self, message: dict[str, Any]) -> None:
        """Send a request."""
        self._stream.send(message)

    async def get_msg(self, timeout: float | None = None, *, or_end: bool = False) -> dict[str, Any]:
        """The next message. Raises queue.Empty after so many seconds.

        Where the kernel is dead it waits on, as a ZeroMQ socket would; with `or_end` it raises Empty then, too.
        """
        arrived = self._stream.arrived[self._name]
        until = None if timeout is None else asyncio.get_running_loop().time() + timeout
        while not arrived:
            left = None if until is None else until - asyncio.get_running_loop().time()
            if (left is not None and left <= 0) or (or_end and self._stream.ended):
                raise Empty
            try:
                await self._stream.more(left)
            except TimeoutError:
                raise Empty from None
        return arrived.popleft()


__all__ = ["Channel", "Client", "Manager"]

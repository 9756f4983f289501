"""A kernel that was forked: what its parent would know of it, known by somebody who is not its parent."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import time


class Spawned:
    """A child of the warm process, as subprocess.Popen describes one: `pid`, `poll`, `wait`, `send_signal`, `kill`, `terminate`."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, status: socket.socket, process: int) -> None:
        self.connection = connection
        self.pid = process
        self.returncode: int | None = None
        self._status = status
        self._said = b""
        self._watch = _watch(process)

    def poll(self) -> int | None:
        """The exit code (negative for a signal), or None while it runs."""
        if self.returncode is None:
            self._listen(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = 0.2 if until is None else min(0.2, until - time.monotonic())
            if left <= 0:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self._listen(left)
        return self.returncode

    def _listen(self, seconds: float) -> None:
        if not select.select([self._status], [], [], seconds)[0]:
            return
        try:
            said = self._status.recv(4096)
        except OSError:
            said = b""
        self._said += said
        if b"\n" in self._said:
            self._over(json.loads(self._said.split(b"\n")[0])["exit"])
        elif not said and not self._alive():
            self._over(-signal.SIGKILL)
        elif not said:
            time.sleep(seconds)

    def _alive(self) -> bool:
        """Asked only when the warm process died before this one and can't tell."""
        if self._watch is not None:
            return not select.select([self._watch], [], [], 0)[0]
        try:
            os.kill(self.pid, 0)
        except OSError:
            return False
        return True

    def _over(self, code: int) -> None:
        self.returncode = code
        self.close()

    def close(self) -> None:
        """Give the connection up; a child that still runs takes that as its end."""
        self.connection.close()
        self._status.close()
        if self._watch is not None:
            os.close(self._watch)
            self._watch = None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is over."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def end(self) -> None:
        """Kill it with everything it started, and wait."""
        if self.poll() is None:
            kill_group(self.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait(5)
        self.close()

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Make it end."""
        self.send_signal(signal.SIGKILL)


def kill_group(process: int) -> None:
    """Kill a process that leads a session with all in its group; itself also where it does not lead one yet."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(process, signal.SIGKILL)


def _watch(process: int) -> int | None:
    try:
        return os.pidfd_open(process)
    except (AttributeError, OSError):
        return None

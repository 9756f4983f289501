"""What a command finds when it starts: its three streams, whatever was closed, and a folder to stand in."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from io import TextIOWrapper
from typing import Any, TextIO, cast

_MODES = {0: "r", 1: "w", 2: "w"}


def open_streams() -> None:
    """Open what is missing on the null device, or the next file would take its number and be written over by what is printed.

    What a stream's encoding lacks is written as an escape instead of ending the command.
    """
    for number in _MODES:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            os.set_inheritable(number, True)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, _MODES[number], encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            with suppress(OSError):
                stream.reconfigure(errors="backslashreplace")


def keep_quiet() -> None:
    """Print nothing of what libraries could not tidy up: the error that it came from is explained."""
    sys.unraisablehook = lambda _: None


def end_on_signals() -> None:
    """Let a wish to end, from whoever it comes, be answered like Ctrl-C; one that the caller has this process ignore stays ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


TIDYING = 10.0
"""Seconds after a wish to end in which another one changes nothing: what is left behind is being taken away."""
_wished = -TIDYING


def _stop(*_: object) -> None:
    global _wished
    now = time.monotonic()
    if now - _wished < TIDYING:
        return
    _wished = now
    raise KeyboardInterrupt


def folder_is_gone() -> bool:
    """Whether the folder that this was started in was deleted meanwhile."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line; nobody may be left to read it."""
    target = stream or sys.stderr
    try:
        print(text, file=target, flush=True)
    except (OSError, ValueError):
        mute(target)


class _Patient:
    """A stream to draw on that does not mind when nobody reads it any more, or when its disk is full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, if it can be."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        mute(self._stream)
        return len(text)

    def flush(self) -> None:
        """Flush, if it can be."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            mute(self._stream)


def patient(stream: TextIO) -> TextIO:
    """The stream, as one that never fails."""
    return cast(TextIO, _Patient(stream))


def mute(stream: TextIO) -> None:
    """Let what this stream still holds go to the null device."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)

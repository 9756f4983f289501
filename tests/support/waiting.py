"""Waiting for what is to happen, never for a number of seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import psutil

LONG = float(os.environ.get("PATIENCE", "300"))
"""Seconds after which something that is waited for is taken for lost: many times what it takes on a busy machine."""

PATIENT = 180_000
"""Milliseconds for what a page is to show: as above, for a browser."""

Found = TypeVar("Found")


def until(holds: Callable[[], Found], seconds: float = LONG, every: float = 0.02) -> Found:
    """What `holds` says once it says something true. Fails where it never does."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain"
        time.sleep(every)
    return found


def ended(process: int) -> bool:
    """Whether a process is gone, now or soon."""
    return until(lambda: not _lives(process))


def all_ended(processes: Iterable[psutil.Process]) -> bool:
    """Whether they all are."""
    return all(ended(one.pid) for one in processes)


def _lives(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False

"""The processes of one brief: how much memory they hold together, and that none is left."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

import psutil

_FRESH = 0.15
"""Seconds for which several supervisors share one look at the processes of this machine."""

_GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)

_turn = threading.Lock()
_known: tuple[float, dict[int, list[psutil.Process]]] = (float("-inf"), {})


def _children(fresh: bool) -> dict[int, list[psutil.Process]]:
    """Every process by its parent."""
    global _known
    with _turn:
        if fresh or time.monotonic() - _known[0] > _FRESH:
            found = defaultdict(list)
            for process in psutil.process_iter():
                with suppress(*_GONE):
                    found[process.ppid()].append(process)
            _known = (time.monotonic(), found)
        return _known[1]


class Tree:
    """A process and all that came from it, also what has left its group or lost its parent since it was seen."""

    def __init__(self, root: int) -> None:
        self.members: dict[int, psutil.Process] = {}
        with suppress(*_GONE):
            self.members[root] = psutil.Process(root)

    def look(self, fresh: bool = False) -> list[psutil.Process]:
        """Take up who is new; returns those who live."""
        children = _children(fresh)
        alive = {number: process for number, process in self.members.items() if _lives(process)}
        unseen = list(alive)
        while unseen:
            for process in children.get(unseen.pop(), ()):
                if process.pid not in alive and _lives(process):
                    alive[process.pid] = process
                    unseen.append(process.pid)
        self.members = alive
        return list(alive.values())

    def holds_more_than(self, limit: int) -> bool:
        """Whether they hold more memory than that together; what they share is counted once."""
        members = self.look()
        return sum(map(_resident, members)) > limit and sum(map(_proportional, members)) > limit

    def end(self) -> None:
        """Stop them, so that none starts another meanwhile, then kill them all."""
        stopped: set[int] = set()
        for _ in range(20):
            new = [process for process in self.look(fresh=True) if process.pid not in stopped]
            if not new:
                break
            for process in new:
                stopped.add(process.pid)
                with suppress(*_GONE):
                    process.suspend()
        kill(self.members.values())


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill these, and wait until they are gone."""
    found = list(processes)
    for process in found:
        with suppress(*_GONE):
            process.kill()
    until = time.monotonic() + 5
    while any(map(_lives, found)) and time.monotonic() < until:
        time.sleep(0.005)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except _GONE:
        return False


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except _GONE:
        return 0


def _proportional(process: psutil.Process) -> int:
    try:
        found = process.memory_full_info()
        return int(getattr(found, "pss", found.uss))
    except _GONE:
        return 0

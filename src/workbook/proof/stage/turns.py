"""Who goes next: those who race take turns step by step, in an order that one seed gives. Who waits for a lock is passed over."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeVar

from workbook.proof.stage.machine import Point

T = TypeVar("T")
PATIENCE = 0.002
"""Seconds after which it is asked whether somebody who has not come back waits for a lock."""
LIMIT = 30.0
"""Seconds after which a race is given up: far from what any takes."""


class _State(Enum):
    RUNNING = "running"
    READY = "ready"
    DONE = "done"


class Stuck(Exception):
    """A race did not come to its end."""


class Turns:
    """One race. `locked` says which of some racers wait for a lock of another; `between` is called after every step."""

    def __init__(
        self,
        rng: random.Random,
        locked: Callable[[set[int]], set[int]],
        between: Callable[[int, Point], None] = lambda number, point: None,
    ) -> None:
        self._rng, self._locked, self._between = rng, locked, between
        self._changed = threading.Condition()
        self._states: list[_State] = []
        self._at: list[Point] = []
        self._go: list[threading.Event] = []
        self._waiting: set[int] = set()

    def pause(self, number: int, point: Point) -> None:
        """A racer stands before a step, until it is their turn."""
        with self._changed:
            self._at[number] = point
            self._states[number] = _State.READY
            self._changed.notify()
        if not self._go[number].wait(LIMIT):
            raise Stuck(f"nobody let {point.text} go on")
        self._go[number].clear()

    def run(self, tasks: Sequence[Callable[[], T]]) -> list[T | None]:
        """All tasks to their end. Each calls `pause` before its steps."""
        results: list[T | None] = [None] * len(tasks)
        self._states = [_State.RUNNING] * len(tasks)
        self._at = [Point("", "start")] * len(tasks)
        self._go = [threading.Event() for _ in tasks]

        def one(number: int) -> None:
            try:
                results[number] = tasks[number]()
            finally:
                with self._changed:
                    self._states[number] = _State.DONE
                    self._changed.notify()

        threads = [threading.Thread(target=one, args=(n,), daemon=True) for n in range(len(tasks))]
        for thread in threads:
            thread.start()
        while ready := self._settled():
            chosen = self._rng.choice(ready)
            self._between(chosen, self._at[chosen])
            with self._changed:
                self._states[chosen] = _State.RUNNING
            self._go[chosen].set()
        for thread in threads:
            thread.join(LIMIT)
        return results

    def _running(self) -> set[int]:
        return {n for n, s in enumerate(self._states) if s is _State.RUNNING}

    def _settled(self) -> list[int]:
        """Who may be let go, once everybody stands before a step, is done, or waits for a lock."""
        tries = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._running() - self._waiting, PATIENCE)
                running = self._running()
                ready = [n for n, s in enumerate(self._states) if s is _State.READY]
            if not running:
                self._waiting = set()
                return ready
            self._waiting = self._locked(running)
            with self._changed:
                still = self._running()
                ready = [n for n, s in enumerate(self._states) if s is _State.READY]
            if ready and still <= self._waiting:
                return ready
            if not ready and still <= self._waiting:
                with self._changed:
                    self._changed.wait(PATIENCE)
                tries += 1
                if tries * PATIENCE > LIMIT:
                    raise Stuck("all wait for each other")

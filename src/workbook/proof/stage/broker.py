"""A simulated broker: at least once, in order for each key, with the faults that brokers have."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]
Lane = tuple[str, tuple[str, ...]]
"""A topic and the values of its key: what stays in order."""


@dataclass
class Broker:
    """Events by topic and key. Each consumer has a place in every lane; what is not acknowledged is given again."""

    rng: random.Random
    lanes: dict[Lane, list[Event]] = field(default_factory=dict)
    places: dict[tuple[str, Lane], int] = field(default_factory=dict)
    told: list[tuple[str, Event]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, topic: str, key: Iterable[Any], event: Event) -> None:
        """An event behind all others of its key."""
        lane = (topic, tuple(str(k) for k in key))
        with self._lock:
            identity = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
            made = {"event_id": identity, **event}
            self.lanes.setdefault(lane, []).append(made)
            self.told.append((topic, made))

    def waiting(self, reader: str, topic: str) -> list[Lane]:
        """The lanes in which a consumer has something to read."""
        return [
            lane for lane, events in self.lanes.items() if lane[0] == topic and self._place(reader, lane) < len(events)
        ]

    def _place(self, reader: str, lane: Lane) -> int:
        return self.places.get((reader, lane), 0)

    def next(self, reader: str, lane: Lane) -> Event:
        """The event that a consumer has not acknowledged; the same until it does."""
        return self.lanes[lane][self._place(reader, lane)]

    def acknowledge(self, reader: str, lane: Lane) -> None:
        """The consumer is done with it."""
        self.places[(reader, lane)] = self._place(reader, lane) + 1

    def back(self, reader: str, lane: Lane, events: int = 1) -> None:
        """An acknowledgement was lost: what was read comes again."""
        self.places[(reader, lane)] = max(0, self._place(reader, lane) - events)

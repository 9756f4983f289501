"""The world outside of the system: topics, receivers, other people's services and our own processors. All of it is recorded."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from workbook.brief.fields import FieldType
from workbook.proof.stage.broker import Broker
from workbook.proof.stage.frame import Clock
from workbook.proof.stage.values import any_value


class Ending(StrEnum):
    """How a call of another's service ends."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """It was done, and the answer was lost."""
    NEVER = "never"
    """It did not arrive, and nobody said so."""


class CallUnknown(Exception):
    """Nobody knows whether a call was done."""


class CallRefused(Exception):
    """The other side refused."""


@dataclass(frozen=True)
class Called:
    """A call as the other side saw it."""

    call: str
    key: tuple[Any, ...]
    told: Mapping[str, Any]
    ending: Ending
    at: datetime


@dataclass
class Outside:
    """Records what leaves the system. The first calls about the same thing end as told (`endings`), later ones are DONE."""

    rng: random.Random
    clock: Clock
    endings: list[Ending] = field(default_factory=list)
    broker: Broker = field(init=False)
    pushed: list[tuple[dict[str, Any], Any]] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.broker = Broker(random.Random(self.rng.getrandbits(64)))

    def publish(self, topic: str, key: Iterable[Any], event: dict[str, Any]) -> None:
        """An event that others may start by."""
        self.broker.publish(topic, key, event)

    def push(self, receiver: dict[str, Any], message: Any) -> None:
        """A message to somebody who is connected."""
        with self._lock:
            self.pushed.append((receiver, message))

    def call(
        self, call: str, key: tuple[Any, ...], told: Mapping[str, Any], gives: Mapping[str, FieldType]
    ) -> dict[str, Any]:
        """Another's service. Raises CallRefused or CallUnknown."""
        with self._lock:
            ending = self._ending(
                [c for c in self.calls if c.call == call and _about(c.key, c.told) == _about(key, told)]
            )
            self.calls.append(Called(call, key, dict(told), ending, self.clock.now))
        if ending is Ending.REFUSED:
            raise CallRefused(call)
        if ending in (Ending.UNKNOWN, Ending.NEVER):
            raise CallUnknown(call)
        return self.made(gives)

    def _ending(self, before: list[Called]) -> Ending:
        """How a call ends, after others about the same. What was done or refused under a key stays so."""
        settled = [c.ending for c in before if c.key and c.ending is not Ending.NEVER]
        if settled:
            return Ending.REFUSED if settled[0] is Ending.REFUSED else Ending.DONE
        return self.endings[len(before)] if len(before) < len(self.endings) else Ending.DONE

    def made(self, gives: Mapping[str, FieldType]) -> dict[str, Any]:
        """What a processor or a service gives: values of the right type."""
        with self._lock:
            return {n: any_value(t, self.rng) for n, t in gives.items()}

    def effects(self, call: str) -> list[Called]:
        """What a call came to on the other side: each key once, what has no key each time."""
        with self._lock:
            had = [c for c in self.calls if c.call == call and c.ending in (Ending.DONE, Ending.UNKNOWN)]
        keyed = {c.key: c for c in reversed(had) if c.key}
        return [*keyed.values(), *(c for c in had if not c.key)]


def _about(key: tuple[Any, ...], told: Mapping[str, Any]) -> str:
    """What a call is about: its key, else what it says."""
    return repr(key or sorted((n, str(v)) for n, v in told.items()))

"""What happens in a scenario, as values: so that a history can be told, made again, and made smaller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from workbook.proof.stage.background import Fault
from workbook.proof.stage.frame import Row
from workbook.proof.stage.outside import Ending
from workbook.proof.stage.play import Call, How, Made, Play


class Act(Protocol):
    """One thing that happens."""

    def perform(self, play: Play) -> None:
        """Let it happen."""

    def smaller(self) -> Iterator[Act]:
        """The same with less of it."""


class _Whole:
    """Something that cannot be made smaller."""

    def smaller(self) -> Iterator[Act]:
        yield from ()


@dataclass(frozen=True)
class Calls:
    """Requests, one after the other or racing."""

    calls: tuple[Call, ...]
    how: How = How.IN_TURN

    def perform(self, play: Play) -> None:
        play.race(self.calls, self.how)

    def smaller(self) -> Iterator[Act]:
        if len(self.calls) > 3:
            half = len(self.calls) // 2
            yield replace(self, calls=self.calls[:half])
            yield replace(self, calls=self.calls[half:])
        if len(self.calls) > 1:
            for i in range(len(self.calls)):
                yield replace(self, calls=self.calls[:i] + self.calls[i + 1 :])
        for i, call in enumerate(self.calls):
            if call.dies or call.skew:
                plain = replace(call, dies="", skew=timedelta(0))
                yield replace(self, calls=(*self.calls[:i], plain, *self.calls[i + 1 :]))


@dataclass(frozen=True)
class Rest:
    """What runs behind comes to its end; some of it goes wrong."""

    faults: tuple[Fault, ...] = ()

    def perform(self, play: Play) -> None:
        play.rest(self.faults)

    def smaller(self) -> Iterator[Act]:
        for i in range(len(self.faults)):
            yield Rest(self.faults[:i] + self.faults[i + 1 :])


@dataclass(frozen=True)
class Wait(_Whole):
    """Time passes."""

    span: timedelta

    def perform(self, play: Play) -> None:
        play.wait(self.span)


@dataclass(frozen=True)
class Later(Made):
    """What a field was, and so much more."""

    more: Any = 0

    def __str__(self) -> str:
        return f"{self.more} later"


@dataclass(frozen=True)
class Change(_Whole):
    """A row is set by hand, to begin from there."""

    structure: str
    key: Row
    values: Row

    def perform(self, play: Play) -> None:
        key = {n: play.made(v) if isinstance(v, Made) else v for n, v in self.key.items()}
        values = {n: _later(play, v) for n, v in self.values.items()}
        play.house.change(self.structure, key, values)
        play.say(f"in {self.structure}: {_written(key)} is set to {_written(values)}")


@dataclass(frozen=True)
class Insert(_Whole):
    """A row is there from the beginning."""

    structure: str
    row: Row

    def perform(self, play: Play) -> None:
        if play.house.insert(self.structure, self.row):
            play.say(f"there is a row of {self.structure}: {_written(self.row)}")


@dataclass(frozen=True)
class Opens(_Whole):
    """Somebody connects and asks."""

    operation: str
    caller: Row

    def perform(self, play: Play) -> None:
        play.opens(self.operation, self.caller)


@dataclass(frozen=True)
class Closes(_Whole):
    """Somebody goes."""

    operation: str
    caller: Row

    def perform(self, play: Play) -> None:
        play.closes(self.operation, self.caller)


@dataclass(frozen=True)
class Answers(_Whole):
    """How other people's services will answer, call by call."""

    endings: tuple[Ending, ...]

    def perform(self, play: Play) -> None:
        play.outside.endings = list(self.endings)
        play.say(f"to the same request the other side answers first: {', '.join(e.value for e in self.endings)}")


@dataclass(frozen=True)
class Restart(_Whole):
    """All workers are started anew."""

    def perform(self, play: Play) -> None:
        play.background.restart()


@dataclass(frozen=True)
class Scenario:
    """Acts in an order. The same seed gives the same history."""

    title: str
    acts: tuple[Any, ...]
    seed: int = 0
    about: Any = None
    """What the judge must know of it."""

    def perform(self, play: Play) -> None:
        """Let it all happen."""
        play.begin(self.seed)
        for act in self.acts:
            act.perform(play)

    def runs(self, operation: str) -> bool:
        """Whether somebody calls an operation in it."""
        return any(c.operation == operation for a in self.acts for c in getattr(getattr(a, "inside", a), "calls", ()))

    def smaller(self) -> Iterator[Scenario]:
        """The same with an act left out, or less of one. Time passes and workers work in any case."""
        for i in (n for n, act in enumerate(self.acts) if not isinstance(act, Rest | Wait)):
            yield replace(self, acts=self.acts[:i] + self.acts[i + 1 :])
        for i, act in enumerate(self.acts):
            for less in act.smaller():
                yield replace(self, acts=(*self.acts[:i], less, *self.acts[i + 1 :]))


def _later(play: Play, value: Any) -> Any:
    if not isinstance(value, Made):
        return value
    found = play.made(value)
    return found + value.more if isinstance(value, Later) and found is not None else found


def _written(row: Row) -> str:
    return ", ".join(f"{k} {v}" for k, v in row.items() if k != "__structure__")

"""What is known on the way through a program: lengths of lists, shares, the runs found so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workbook.plan.form.model import Group, Program, Step
from workbook.plan.form.terms import Every, Ref, Root, Value
from workbook.plan.load.measures import Measures
from workbook.plan.units import Array


@dataclass(frozen=True, eq=False)
class Run:
    """One step of one program: per call of the operation, before replication."""

    program: Program
    step: Step
    groups: tuple[Group, ...]
    runs: Array
    """How often it is sent."""
    keys: Array
    """Keys, events, messages or items of one run."""
    rows: Array
    """Rows that one run reads or writes."""
    awaited: bool
    unknown: str = ""
    """Why its share is a guess, where it is one."""
    longest: Longest | None = None
    """Of the largest group that a call may have to do with, where a loop walks one."""


@dataclass(frozen=True)
class Longest:
    """The largest group that a loop walks."""

    members: float
    batch: float = 1.0
    width: float = 1.0
    """Parts at the same time."""

    @property
    def rounds(self) -> float:
        """Parts one after the other."""
        return max(1.0, self.members / self.batch / self.width)


@dataclass(frozen=True)
class World:
    """What is known at one place of a program: lengths of lists, shares of presence, which part of a spread is left."""

    lengths: Mapping[str, Array] = field(default_factory=dict)
    present: Mapping[str, Array] = field(default_factory=dict)
    bounds: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    longest: Longest | None = None

    def with_length(self, name: str, length: Array) -> World:
        return replace(self, lengths={**self.lengths, name: length})

    def with_presence(self, name: str, share: Array) -> World:
        return replace(self, present={**self.present, name: share})

    def with_bound(self, key: tuple[str, str], bound: tuple[float, float]) -> World:
        return replace(self, bounds={**self.bounds, key: bound})


@dataclass
class Walk:
    program: Program
    measures: Measures
    made: list[Run] = field(default_factory=list)
    answered: bool = False
    unknown: str = ""


def length(value: Value | None, world: World, measures: Measures) -> Array:
    """How many elements a list has."""
    if isinstance(value, Every):
        return length(value.of, world, measures)
    if isinstance(value, Ref):
        if value.root is Root.BOUND and value.name in world.lengths:
            return world.lengths[value.name]
        if value.type is not None and value.type.many:
            return measures.constant(value.type.many)
    return measures.constant(1.0)

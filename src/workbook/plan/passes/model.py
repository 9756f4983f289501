"""What a choice is: options, hard limits, criteria with evidence, the recommendation, the runner-up and the record of it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from workbook.brief.frame import Choice
from workbook.catalog import loader
from workbook.catalog.model import Pattern, Technology
from workbook.plan.passes.world import World
from workbook.plan.texts import brief_number
from workbook.prose import NOTHING, Prose, say


class Phase(IntEnum):
    """The order of the passes. Each sees the world that its predecessors left."""

    APPROACH = 1
    STYLE = 2
    HOME = 3
    COPIES = 4
    LOWERING = 5
    LAYOUT = 6
    EDGE = 7
    SUPPORT = 8


@dataclass(frozen=True)
class Limit:
    """A hard limit: what is needed must not exceed what the option has."""

    what: Prose
    have: float
    need: float
    unit: str = ""
    yes_or_no: bool = False

    @property
    def met(self) -> bool:
        """Whether the option can do it."""
        return self.need <= self.have

    @property
    def excuse(self) -> Prose:
        """Why the option is out, with the numbers."""
        if self.yes_or_no:
            return self.what
        need, have = brief_number(self.need), brief_number(self.have)
        return say(f"{self.what}: needs {need}{self.unit}, has {have}{self.unit}")


def lacks(what: str, has: bool) -> Limit:
    """A limit of yes or no: what is said of an option that does not have it."""
    return Limit(say(what), float(has), 1.0, yes_or_no=True)


def bound(what: str, have: float, need: float, unit: str = "") -> Limit:
    """A limit with numbers."""
    return Limit(say(what), have, need, unit)


@dataclass(frozen=True)
class Score:
    """How well an option does on a criterion, 0 to 1, and why."""

    value: float
    evidence: Prose = NOTHING
    moves: bool = False
    """Whether it depends on the load."""


@dataclass(frozen=True)
class Option:
    """Something that can be chosen: a product, a pattern or an approach."""

    id: str
    name: str
    complexity: float
    source: Technology | Pattern


@dataclass(frozen=True)
class Judged:
    """An option with its limits and scores. `excuses` is empty where it may be chosen."""

    option: Option
    limits: tuple[Limit, ...]
    excuses: tuple[Prose, ...]
    scores: Mapping[str, Score]
    total: float


@dataclass(frozen=True)
class Decided:
    """The answer to one question, with everything that led to it."""

    id: str
    decision: str
    subject: str
    title: str
    question: str
    judged: tuple[Judged, ...]
    weights: Mapping[str, float]
    chosen: Option
    runner_up: Option | None
    pinned: Choice | None = None
    consequences: tuple[Prose, ...] = ()

    def of(self, option: str) -> Judged:
        """The judgement of one option."""
        return next(j for j in self.judged if j.option.id == option)

    @property
    def technology(self) -> Technology:
        """The product that was chosen. Raises TypeError where it is none."""
        if not isinstance(self.chosen.source, Technology):
            raise TypeError(f"{self.id} is no choice of a product")
        return self.chosen.source


class Pass:
    """Base of the passes. A choice gives options, limits, weights and scores; a lowering only rewrites."""

    id: ClassVar[str]
    phase: ClassVar[Phase]
    title: ClassVar[str] = ""
    question: ClassVar[str] = ""
    after: ClassVar[tuple[str, ...]] = ()
    """Passes of the same phase that go before."""
    variables: ClassVar[tuple[str, ...]] = ()
    """Template variables of the document that pin it, such as LANGUAGE."""
    trial: ClassVar[bool] = False
    """Whether options are judged on the world that each would leave."""
    rechecked: ClassVar[bool] = False
    """Whether its limits are asked again once everything is lowered."""
    several: ClassVar[bool] = False
    """Whether it is asked of each context, structure or use; else once."""
    exclusive: ClassVar[bool] = True
    """Whether a product that the brief demands of this kind leaves no room for others."""

    def name(self, subject: str) -> str:
        """Under which name the answer stands."""
        return f"{self.id}.{subject}" if subject else self.id

    def asked(self, world: World, subject: str) -> str:
        """The question, for this subject."""
        return self.question

    def pinned(self, world: World, subject: str) -> tuple[Choice, str] | None:
        """A pin under a further name."""
        return None

    def subjects(self, world: World) -> Iterable[str]:
        """What it is asked for: contexts, structures, or once for the system (an empty name)."""
        return ("",)

    def options(self, world: World, subject: str) -> Iterable[Option]:
        """What can be chosen. None: the pass is a lowering."""
        return ()

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        """Hard limits of an option."""
        return ()

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        """Criteria with their weights; they are scaled to sum to 1."""
        return {}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        """The option on every criterion. Of criteria that depend on the load there is one at most: see DESIGN of the engine."""
        return {}

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        """The world as the option leaves it."""
        return world

    def consequences(self, world: World, decided: Decided) -> Iterable[Prose]:
        """What follows from the answer, in sentences with this design's numbers."""
        return (say(f"Accepted: {con[0].lower() + con[1:]}.") for con in decided.chosen.source.cons[:2])


def ability(option: Option | Technology | Pattern, name: str) -> float:
    """A yes/no or number of the catalog as a number; 0 where it says nothing. Raises KeyError for a name that no file of it has."""
    if name not in loader.abilities():
        raise KeyError(f"{name} is no ability of any product or pattern of the catalog")
    source = option.source if isinstance(option, Option) else option
    value = source.abilities.get(name, 0.0)
    return float(value) if not isinstance(value, str) else 1.0

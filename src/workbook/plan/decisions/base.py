"""What a decision is: options, hard limits, criteria with evidence, a weighted matrix, the recommendation and the runner-up.

One decision a file beside this one, found by scanning the folder. An excluded option carries its excuse with the numbers; of
options that meet the limits and score alike, the simplest wins; a pin of the user's wins and says what it gives up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from workbook.brief.model import Choice
from workbook.catalog.model import Pattern, Technology
from workbook.plan.complete import Complete
from workbook.plan.demand import Demand

ALIKE = 0.02
"""Totals closer than this are alike: the simpler option wins."""


@dataclass(frozen=True)
class Limit:
    """A hard limit: what is needed must not exceed what the option has."""

    what: str
    have: float
    need: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the option can do it."""
        return self.need <= self.have

    @property
    def excuse(self) -> str:
        """Why the option is out, with the numbers."""
        if not self.unit and self.have in (0.0, 1.0) and self.need in (0.0, 1.0):
            return self.what
        return f"{self.what}: needs {brief_number(self.need)}{self.unit}, has {brief_number(self.have)}{self.unit}"


@dataclass(frozen=True)
class Score:
    """How well an option does on a criterion, 0 to 1, and why."""

    value: float
    evidence: str = ""


@dataclass(frozen=True)
class Option:
    """Something that can be chosen: a product or a pattern of the catalog."""

    id: str
    name: str
    complexity: float
    source: Technology | Pattern


@dataclass(frozen=True)
class Judged:
    """An option with its limits and scores. `excuses` is empty where it may be chosen."""

    option: Option
    excuses: tuple[str, ...]
    scores: Mapping[str, Score]
    total: float


@dataclass(frozen=True)
class Decided:
    """The answer to one question, with everything that led to it."""

    id: str
    decision: str
    subject: str
    question: str
    judged: tuple[Judged, ...]
    weights: Mapping[str, float]
    chosen: Option
    runner_up: Option | None
    reason: str
    pinned: Choice | None = None
    gives_up: str = ""
    consequences: tuple[str, ...] = ()

    def of(self, option: str) -> Judged:
        """The judgement of one option."""
        return next(j for j in self.judged if j.option.id == option)


@dataclass(frozen=True)
class ContextLoad:
    """What one context asks of its store. Rates at peak unless named average; bytes are one copy, indexes included."""

    context: str
    entities: tuple[str, ...]
    reads: float
    writes: float
    average_reads: float
    average_writes: float
    bytes_year: float
    bytes_horizon: float
    object_bytes: float
    item_bytes: float
    rows: float
    points: float
    ranges: float
    searches: float
    aggregates: float
    geo: bool
    strong: bool
    transactions: bool
    appends: bool
    """Every entity only gains rows: events, edges, series."""
    sensitive: frozenset[str]
    skew: float
    notes: tuple[str, ...] = ()

    @property
    def quiet(self) -> bool:
        """Nothing to keep in a database."""
        return self.bytes_horizon == 0 and self.writes == 0 and self.reads == 0


@dataclass(frozen=True, eq=False)
class World:
    """What a decision sees: the completed brief, the demand, the loads as its predecessors left them, and their answers.

    One value while a question is asked, and equal only to itself: what all options are held against is worked out once for it.
    """

    complete: Complete
    demand: Demand
    contexts: Mapping[str, ContextLoad]
    decided: Mapping[str, Decided] = field(default_factory=dict)

    def chosen(self, decision: str, subject: str = "") -> Option:
        """What was chosen before."""
        return self.decided[f"{decision}.{subject}" if subject else decision].chosen

    def has(self, decision: str) -> bool:
        """Whether that question was asked."""
        return decision in self.decided

    @property
    def headroom(self) -> float:
        """The share of capacity kept free."""
        return self.demand.total("headroom")

    def with_context(self, load: ContextLoad) -> World:
        """The world with one context's load replaced."""
        return replace(self, contexts={**self.contexts, load.context: load})


class Decision:
    """Base of the decisions. A subclass names itself and gives options, limits, weights and scores."""

    id: ClassVar[str]
    question: ClassVar[str]
    title: ClassVar[str]
    after: ClassVar[tuple[str, ...]] = ()

    def subjects(self, world: World) -> Iterable[str]:
        """What it is asked for: contexts, or once for the system (an empty name)."""
        return ("",)

    def options(self, world: World, subject: str) -> Iterable[Option]:
        """What can be chosen."""
        raise NotImplementedError

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        """Hard limits of an option."""
        return ()

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        """Criteria with their weights; they are scaled to sum to 1."""
        raise NotImplementedError

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        """The option on every criterion."""
        raise NotImplementedError

    def effect(self, world: World, decided: Decided) -> World:
        """The world as this answer leaves it."""
        return world

    def consequences(self, world: World, decided: Decided) -> Iterable[str]:
        """What follows from the answer, in sentences with this design's numbers."""
        chosen = decided.chosen.source
        return (f"Accepted: {con[0].lower() + con[1:]}." for con in chosen.cons[:2])


def technology_options(kind: str, technologies: Mapping[str, Technology], cloud: str = "") -> list[Option]:
    """The products of a kind (those of another cloud left out) as options."""
    return [
        Option(t.id, t.name, t.complexity, t)
        for t in technologies.values()
        if t.kind == kind and (not cloud or not t.details.get("cloud") or t.details["cloud"] == cloud)
    ]


def pattern_options(family: str, patterns: Mapping[str, Pattern]) -> list[Option]:
    """The patterns of a family as options."""
    return [Option(p.id, p.name, p.complexity, p) for p in patterns.values() if p.family == family]


def ability(option: Option, name: str) -> float:
    """A yes/no or number of the catalog as a number; 0 where it says nothing."""
    value = option.source.abilities.get(name, 0.0)
    return float(value) if not isinstance(value, str) else 1.0


def closeness(value: float, good: float, bad: float) -> float:
    """1 at `good` or beyond, 0 at `bad` or beyond, in between by the logarithm."""
    if value <= 0 or good <= 0 or bad <= 0:
        return 1.0 if (value <= good) == (good <= bad) else 0.0
    x = (math.log(value) - math.log(bad)) / (math.log(good) - math.log(bad))
    return min(1.0, max(0.0, x))


def simplicity(world: World, complexity: float, evidence: str = "") -> Score:
    """What is left of the team's attention: a large team carries more."""
    team = world.complete.team_size
    carried = min(3.0, math.log2(max(1, team)) * 0.5)
    value = max(0.0, min(1.0, 1 - max(0.0, complexity - carried * 0.4) / 4.5))
    return Score(value, evidence or f"{effort(complexity)} for a team of {team}")


def effort(complexity: float) -> str:
    """What it takes to run an option, in words, with the catalog's number."""
    words = ("hardly anything", "little", "some care", "much care", "a dedicated group")
    return f"{words[min(4, int(complexity))]} to run ({complexity:g} of 5)"


def familiarity(world: World, technology: Technology) -> Score:
    """Whether the team knows it or runs it."""
    constraints = world.complete.model.constraints
    words = {technology.id, technology.name.lower(), technology.dialect, *technology.skills}
    if words & {w.lower() for w in constraints.existing}:
        return Score(1.0, "runs already")
    if words & {w.lower() for w in constraints.team.skills}:
        return Score(1.0, "the team knows it")
    return Score(
        0.5 if not constraints.team.skills else 0.25,
        "nothing is said of the team's skills" if not constraints.team.skills else "new to the team",
    )


def bytes_text(value: float) -> str:
    """Bytes for a sentence: 3 significant digits in decimal units."""
    for size, name in ((1e18, "EB"), (1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if abs(value) >= size:
            return f"{value / size:.3g} {name}" if value < 1000 * size else f"{value / size:,.0f} {name}"
    return f"{value:.0f} B"


def brief_number(value: float) -> str:
    """A number for a sentence: 3 significant digits with k, M, B, T."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "unlimited"
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scaled = value / (1e3 if letter == "k" else size)
            return f"{scaled:.3g}{letter}" if abs(scaled) < 1000 else f"{scaled:,.0f}{letter}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

"""Scores that several choices share: what it takes to run, what the team knows, how proven a product is."""

from __future__ import annotations

import math

from workbook.catalog.model import Technology
from workbook.plan.passes.model import Score
from workbook.plan.passes.world import World
from workbook.prose import say

_EFFORTS = ("hardly anything", "little", "some care", "much care", "a dedicated group")


def effort(complexity: float) -> str:
    """What it takes to run an option, in words, with the catalog's number."""
    return f"{_EFFORTS[min(4, int(complexity))]} to run ({complexity:g} of 5)"


def carried(complexity: float) -> str:
    """The same for an approach."""
    return effort(complexity)


def simplicity(world: World, complexity: float, evidence: str = "") -> Score:
    """What is left of the team's attention: a large team carries more."""
    team = world.complete.team_size
    borne = min(3.0, math.log2(max(1, team)) * 0.5)
    value = max(0.0, min(1.0, 1 - max(0.0, complexity - borne * 0.4) / 4.5))
    return Score(value, say(evidence or f"{effort(complexity)} for a team of {team}"))


RUNS, KNOWS, UNSAID, NEW = 1.0, 0.85, 0.5, 0.2


def familiarity(world: World, technology: Technology) -> Score:
    """Whether the team runs it, knows it, or would have to learn it."""
    constraints = world.complete.model.constraints
    words = {technology.id, technology.name.lower(), technology.dialect, *technology.skills}
    if words & {w.lower() for w in constraints.existing}:
        return Score(RUNS, say("the team runs it already"))
    if words & {w.lower() for w in constraints.team.skills}:
        return Score(KNOWS, say("the team knows it"))
    if not constraints.team.skills and not constraints.existing:
        return Score(UNSAID, say("nothing is said of the team's skills"))
    return Score(NEW, say("new to the team"))


PROVEN_YEARS = 20.0
"""After so many years in the field a product is as proven as it will be (our assumption)."""
UNPROVEN = 0.5
"""Of a product whose first release the catalog does not know (our assumption)."""


def maturity(technology: Technology) -> Score:
    """How proven a product is: proven before new. Source: the founding workflows, "prefer proven technologies over novelty"."""
    first = technology.facts.get("first_release")
    if first is None:
        return Score(UNPROVEN, say("nothing is said of its age"))
    years = TODAY - first.value
    return Score(min(1.0, years / PROVEN_YEARS), say(f"in the field since {first.value:.0f}"))


TODAY = 2026
"""The year of the catalog's facts."""
OPEN, SOLD, BOUND = 1.0, 0.5, 0.0


def way_out(technology: Technology) -> Score:
    """Whether one can leave its maker: open source, sold by several, or by one provider only."""
    if technology.abilities.get("open_source"):
        return Score(OPEN, say("open source"))
    if technology.abilities.get("service_only"):
        return Score(BOUND, say("one provider only"))
    return Score(SOLD, say("one maker, on several clouds or one's own machines"))


def closeness(value: float, good: float, bad: float) -> float:
    """1 at `good` or beyond, 0 at `bad` or beyond, in between by the logarithm."""
    if value <= 0 or good <= 0 or bad <= 0:
        return 1.0 if (value <= good) == (good <= bad) else 0.0
    x = (math.log(value) - math.log(bad)) / (math.log(good) - math.log(bad))
    return min(1.0, max(0.0, x))

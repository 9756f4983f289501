"""In which style do callers speak to the system?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.brief.steps.syntax import Start
from workbook.catalog import loader
from workbook.plan.form.verbs import READS
from workbook.plan.passes.fit import simplicity
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, lacks
from workbook.plan.passes.options import patterns
from workbook.plan.passes.world import World
from workbook.prose import say

FEW, MANY = 8, 20
"""Kinds of rows that are read, from which answers cut to size begin to be worth something, and are worth their whole weight (our assumption)."""


class ApiStyle(Pass):
    """Weighs push, browsers, small answers and tools. Nothing of it moves with the load."""

    id = "api_style"
    phase = Phase.EDGE
    title = "API style"
    question = "In which style do callers speak to the system?"

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if any(p.starts is Start.CALLER for p in world.programs.values()) else ()

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return patterns("api_style", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        if _held(world):
            yield lacks("callers keep a connection open, and it cannot push to a browser", ability(option, "push") >= 1)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"reach of clients": 0.3, "push": 0.2, "answers cut to size": 0.15, "tools": 0.15, "simplicity": 0.2}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        held = _held(world)
        read = {
            s.target
            for p in world.programs.values()
            if p.starts is Start.CALLER
            for s, _ in p.steps()
            if s.verb in READS and s.target in world.form.structures
        }
        wide = min(1.0, max(0.0, (len(read) - FEW) / (MANY - FEW)))
        kinds = len(world.complete.model.personas)
        return {
            "reach of clients": Score(
                ability(option, "browser"), say(f"{kinds} kinds of users" if kinds > 1 else "one kind of users")
            ),
            "push": Score(1.0 if not held else ability(option, "push"), say(f"{held} operations keep a connection")),
            "answers cut to size": Score(
                1 - wide * (1 - ability(option, "field_selection")), say(f"{len(read)} kinds of rows are read")
            ),
            "tools": Score(ability(option, "tooling"), say("what is there to trace, test and cache it")),
            "simplicity": simplicity(world, option.complexity),
        }


def _held(world: World) -> int:
    """Operations that open a connection."""
    return sum(p.starts is Start.OPENS for p in world.programs.values())

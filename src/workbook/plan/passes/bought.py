"""Products that are picked once for the system, by what the brief says and what it takes to run them. Nothing of it moves with the load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan.passes.fit import familiarity, simplicity
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, lacks
from workbook.plan.passes.options import products
from workbook.plan.passes.world import World
from workbook.prose import say

WEIGHTS: Mapping[str, float] = {"team": 0.35, "nothing to run": 0.3, "at home": 0.2}
WANTED = 0.5
"""The weight of what this kind is wanted for, beside the others (our assumption)."""


class Bought(Pass):
    """Base of these choices: a subclass names the kind of product, and the abilities that it is wanted for."""

    kind: ClassVar[str]
    phase = Phase.SUPPORT
    wanted: ClassVar[Mapping[str, str]] = {}
    """Ability -> what it is for."""

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return products(self.kind, loader.technologies())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        technology = option.source
        assert isinstance(technology, Technology)
        elsewhere = technology.offered and world.complete.cloud not in technology.offered
        yield lacks(f"it is not offered on {world.complete.cloud}", not elsewhere)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {**WEIGHTS, **dict.fromkeys(self.wanted.values(), WANTED)}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        own = len(technology.offered) == 1 and world.complete.cloud in technology.offered
        home = say(f"part of {world.complete.cloud}" if own else "the same on every cloud")
        made = {
            "team": familiarity(world, technology),
            "nothing to run": simplicity(world, option.complexity),
            "at home": Score(1.0 if own else 0.7, home),
        }
        for name, purpose in self.wanted.items():
            made[purpose] = Score(ability(option, name), say(self.why(world)))
        return made

    def why(self, world: World) -> str:
        """What it is wanted for here."""
        return ""

"""In which language are the services written?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan.passes.asked import machines_usd
from workbook.plan.passes.driver import Line, scores
from workbook.plan.passes.fit import familiarity
from workbook.plan.passes.model import Option, Pass, Phase, Score, ability
from workbook.plan.passes.options import products
from workbook.plan.passes.world import World
from workbook.prose import say

UPKEEP_USD = 2_000.0
"""What machines, builds and libraries of any language take a month besides the load (our assumption)."""


class Language(Pass):
    """Weighs what the team knows against what the load costs in machines."""

    id = "language"
    phase = Phase.EDGE
    title = "Language"
    question = "In which language are the services written?"
    variables = ("LANGUAGE", "PREFERRED_LANGUAGE")

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return products("language", loader.technologies())

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"team": 0.4, "cost of machines": 0.3, "ecosystem": 0.2, "hiring": 0.1}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        return {
            "team": familiarity(world, technology),
            "cost of machines": _costs(world)[technology.id],
            "ecosystem": Score(ability(option, "ecosystem"), say("libraries for the stores chosen")),
            "hiring": Score(ability(option, "hiring"), say("people to be found")),
        }


def _costs(world: World) -> Mapping[str, Score]:
    known = {t.id: t for t in loader.technologies().values() if t.kind == "language"}
    usd = machines_usd(world)
    lines = {n: Line(UPKEEP_USD, usd / max(0.05, ability(t, "throughput"))) for n, t in known.items()}
    return scores(lines, dict.fromkeys(known, 0.0))

"""In which language are the services written?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan.decisions.base import (
    Decision,
    Option,
    Score,
    World,
    ability,
    brief_number,
    familiarity,
    technology_options,
)


class Language(Decision):
    """Weighs what the team knows against what the load costs in machines."""

    id = "language"
    title = "Language"
    question = "In which language are the services written?"

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return technology_options("language", loader.technologies())

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        peak = world.demand.total("total_peak_qps")
        return {
            "team": 0.4,
            "requests per core": 0.1 + 0.1 * min(3.0, max(0.0, math.log10(max(peak, 1) / 1000))),
            "ecosystem": 0.2,
            "hiring": 0.1,
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        return {
            "team": familiarity(world, technology),
            "requests per core": Score(
                ability(option, "throughput"),
                f"{brief_number(world.demand.total('total_peak_qps'))} requests/s at peak",
            ),
            "ecosystem": Score(ability(option, "ecosystem"), "libraries for the stores chosen"),
            "hiring": Score(ability(option, "hiring"), "people to be found"),
        }

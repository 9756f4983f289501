"""In how many regions does it run, and which of them accept writes?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.plan.passes import asked
from workbook.plan.passes.fit import simplicity
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, bound, lacks
from workbook.plan.passes.options import patterns
from workbook.plan.passes.world import World
from workbook.prose import say

FOUR_NINES, FIVE_NINES = 0.9999, 0.99999


class Regions(Pass):
    """Weighs recovery, distance to users and the price of a second site. Nothing of it moves with the load."""

    id = "regions"
    phase = Phase.EDGE
    title = "Region topology"
    question = "In how many regions does it run, and which of them accept writes?"

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return patterns("region_topology", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        complete = world.complete
        available = complete.quality("availability").best
        if ability(option, "survives_region") and available >= FOUR_NINES:
            needs = ability(option, "rto_minutes")
            what = "minutes until it runs again after the loss of a region, by rehearsed failover"
            yield bound(what, complete.quality("rto").best / 60, needs, " min")
        if available >= FIVE_NINES:
            yield lacks("five nines outlast a region", bool(ability(option, "survives_region")))
        strong = [n for n, c in asked.contexts(world).items() if c.strong]
        if ability(option, "conflicts") and strong:
            writable = all(ability(world.chosen("database", n), "multi_region_writes") for n in strong)
            yield lacks("consistent data is written in two regions at once", writable)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"near to users": 0.2 + 0.6 * _away(world), "recovery": 0.25, "cost": 0.2, "simplicity": 0.2}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        away, available = _away(world), world.complete.quality("availability").best
        read = world.demand.total("total_average_read_qps") / max(world.demand.total("total_average_qps"), 1e-9)
        served = ability(option, "read_local") * read + ability(option, "write_local") * (1 - read)
        factor = ability(option, "cost_factor")
        return {
            "near to users": Score(
                1 - min(1.0, away * 1.5) * (1 - served), say(f"{away:.0%} of the users live outside the main region")
            ),
            "recovery": Score(
                1 - _wanted(available) * (1 - ability(option, "survives_region")), say(_available(available))
            ),
            "cost": Score(1 - min(1.0, (factor - 1) / 2.5), say(f"{factor:.1f} times the price of one region")),
            "simplicity": simplicity(world, option.complexity),
        }


def _away(world: World) -> float:
    """The share of the users outside the main region."""
    regions = world.complete.model.constraints.regions
    return 1 - max((s.best for s in regions.values()), default=1.0)


def _wanted(available: float) -> float:
    """How much the survival of a region is wanted."""
    if available < FOUR_NINES:
        return 0.0
    return 0.7 if available < FIVE_NINES else 1.0


def _available(share: float) -> str:
    return f"{share:.3%} available".replace("000%", "%")

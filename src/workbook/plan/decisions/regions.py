"""In how many regions does it run, and which of them accept writes?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.plan.decisions.base import Decision, Limit, Option, Score, World, ability, pattern_options, simplicity


class Regions(Decision):
    """Weighs recovery, distance to users and the price of a second site."""

    id = "regions"
    title = "Region topology"
    question = "In how many regions does it run, and which of them accept writes?"
    after = ("replication",)

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return pattern_options("region_topology", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        complete = world.complete
        if ability(option, "survives_region") and complete.quality("availability").best >= 0.9999:
            yield Limit(
                "minutes until it runs again after the loss of a region, by rehearsed failover",
                complete.quality("rto").best / 60,
                ability(option, "rto_minutes"),
                " min",
            )
        if complete.quality("availability").best >= 0.99999:
            yield Limit("five nines outlast a region", ability(option, "survives_region"), 1.0)
        if ability(option, "conflicts") and any(c.strong for c in world.contexts.values()):
            leaders = [
                d for d in world.decided.values() if d.decision == "database" and world.contexts[d.subject].strong
            ]
            writable = all(ability(d.chosen, "multi_region_writes") for d in leaders)
            yield Limit("consistent data is written in two regions at once", float(writable), 1.0)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        regions = world.complete.model.constraints.regions
        away = 1 - max((s.best for s in regions.values()), default=1.0)
        return {"near to users": 0.2 + 0.6 * away, "recovery": 0.25, "cost": 0.2, "simplicity": 0.2}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        regions = world.complete.model.constraints.regions
        away = 1 - max((s.best for s in regions.values()), default=1.0)
        read = world.demand.total("total_average_read_qps") / max(world.demand.total("total_average_qps"), 1e-9)
        served = ability(option, "read_local") * read + ability(option, "write_local") * (1 - read)
        availability = world.complete.quality("availability").best
        wanted = 0.0 if availability < 0.9999 else 0.7 if availability < 0.99999 else 1.0
        return {
            "near to users": Score(
                1 - min(1.0, away * 1.5) * (1 - served), f"{away:.0%} of the users live outside the main region"
            ),
            "recovery": Score(
                1 - wanted * (1 - ability(option, "survives_region")),
                f"{availability:.3%} available".replace("000%", "%"),
            ),
            "cost": Score(
                1 - min(1.0, (ability(option, "cost_factor") - 1) / 2.5),
                f"{ability(option, 'cost_factor'):.1f} times the price of one region",
            ),
            "simplicity": simplicity(world, option.complexity),
        }

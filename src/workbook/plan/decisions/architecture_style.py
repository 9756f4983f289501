"""Which architecture style: how many separately run parts, and how they speak?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.plan.decisions.base import (
    Decision,
    Limit,
    Option,
    Score,
    World,
    ability,
    brief_number,
    pattern_options,
    simplicity,
)

FEWEST_PARTS = 3
"""Below three parts there is nothing to run separately."""


class ArchitectureStyle(Decision):
    """Weighs team, spread of load, isolation and asynchrony."""

    id = "architecture_style"
    title = "Architecture style"
    question = "How many separately run parts, and how do they speak to each other?"

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return pattern_options("architecture_style", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        each = ability(option, "engineers_per_part")
        if each:
            parts = max(FEWEST_PARTS, 1)
            yield Limit(
                f"engineers for {parts} separately run parts at {each:.0f} each", world.complete.team_size, each * parts
            )

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {
            "simplicity": 0.3,
            "boundaries": 0.15,
            "independent scaling": 0.25,
            "fault isolation": 0.15,
            "asynchronous work": 0.15,
            "separate read model": 0.15,
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        demand = world.demand
        peak = demand.total("total_peak_qps")
        nines = -math.log10(max(1e-7, 1 - world.complete.quality("availability").best))
        deliveries = demand.total("messages_per_second")
        writes = max(demand.total("total_average_write_qps"), 1e-9)
        ratio = demand.total("total_average_read_qps") / writes
        return {
            "simplicity": simplicity(world, option.complexity),
            "boundaries": _wanted(
                (len(world.contexts) - 1) / 2,
                option,
                "boundaries",
                f"{len(world.contexts)} contexts with entities of their own",
            ),
            "independent scaling": _wanted(
                math.log10(max(peak, 1) / 1000) / 2.5,
                option,
                "independent_scaling",
                f"{brief_number(peak)} requests/s at peak",
            ),
            "fault isolation": _wanted(
                (nines - 2.5) / 2.5, option, "fault_isolation", f"{nines:.1f} nines of availability"
            ),
            "asynchronous work": _wanted(
                math.log10(max(deliveries, 1) / 100) / 4,
                option,
                "asynchronous",
                f"{brief_number(deliveries)} deliveries/s",
            ),
            "separate read model": _wanted(
                (math.log10(max(ratio, 1)) - 1) / 3, option, "separate_models", f"{brief_number(ratio)} reads per write"
            ),
        }


def _wanted(want: float, option: Option, name: str, evidence: str) -> Score:
    """An option without the ability loses as much as the system wants it."""
    wanted = min(1.0, max(0.0, want))
    return Score(1 - wanted * (1 - ability(option, name)), evidence)

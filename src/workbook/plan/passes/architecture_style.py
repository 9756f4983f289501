"""Which architecture style: how many separately run parts, and how they speak?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from workbook.brief.steps.syntax import Start
from workbook.catalog import loader
from workbook.plan.passes.fit import simplicity
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, bound
from workbook.plan.passes.options import patterns
from workbook.plan.passes.world import World
from workbook.plan.texts import brief_number
from workbook.prose import say

FEWEST_PARTS = 3
"""Below three parts there is nothing to run separately."""
MODULES = 4.0
"""So many parts with data of their own want boundaries at the full weight (our assumption)."""
QUIET, BUSY = 1_000.0, 300_000.0
"""Requests a second at peak between which scaling parts apart grows from no worth to its full worth (our assumption)."""


class ArchitectureStyle(Pass):
    """Weighs team, isolation and asynchrony; the load decides through independent scaling."""

    id = "architecture_style"
    phase = Phase.STYLE
    title = "Architecture style"
    question = "How many separately run parts, and how do they speak to each other?"

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return patterns("architecture_style", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        each = ability(option, "engineers_per_part")
        if each:
            what = f"engineers for {FEWEST_PARTS} separately run parts at {each:.0f} each"
            yield bound(what, world.complete.team_size, each * FEWEST_PARTS)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {
            "simplicity": 0.3,
            "boundaries": 0.15,
            "independent scaling": 0.35,
            "fault isolation": 0.15,
            "asynchronous work": 0.15,
            "separate read model": 0.15,
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        peak = world.demand.total("total_peak_qps")
        nines = -math.log10(max(1e-7, 1 - world.complete.quality("availability").best))
        started = [o for o in world.form.operations.values() if o.starts.kind not in (Start.CALLER, Start.LOST)]
        scaling = math.log10(max(peak, 1.0) / QUIET) / math.log10(BUSY / QUIET)
        writes = max(world.demand.total("total_average_write_qps"), 1e-9)
        ratio = world.demand.total("total_average_read_qps") / writes
        return {
            "simplicity": simplicity(world, option.complexity),
            "boundaries": _wanted(
                (len(world.contexts) - 1) / (MODULES - 1),
                option,
                "boundaries",
                f"{len(world.contexts)} parts with data of their own",
            ),
            "independent scaling": _wanted(
                scaling, option, "independent_scaling", f"{brief_number(peak)} requests/s at peak", moves=True
            ),
            "fault isolation": _wanted(
                (nines - 2.5) / 2.5, option, "fault_isolation", f"{nines:.1f} nines of availability"
            ),
            "asynchronous work": _wanted(
                len(started) / 8, option, "asynchronous", f"{len(started)} operations start by events, queues or clocks"
            ),
            "separate read model": _wanted(
                (math.log10(max(ratio, 1.0)) - 1) / 3,
                option,
                "separate_models",
                f"{brief_number(ratio)} reads per write",
            ),
        }


def _wanted(want: float, option: Option, name: str, evidence: str, moves: bool = False) -> Score:
    """An option without the ability loses as much as the system wants it."""
    wanted = min(1.0, max(0.0, want))
    return Score(1 - wanted * (1 - ability(option, name)), say(evidence), moves)

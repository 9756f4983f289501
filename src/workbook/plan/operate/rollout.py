"""How a new version reaches the users: the share that gets it first, for how long, and what a fault would show by then."""

from __future__ import annotations

from dataclasses import dataclass

from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED
from workbook.plan.operate.signal import BURNS, LEAST_FAILURES
from workbook.plan.sizing import Sizing

SMALLEST = 0.05
"""Less than a twentieth of the calls goes to no canary (our assumption)."""
SHORTEST, LONGEST = 600.0, 1200.0
"""Ten minutes at least: leaks and caches take them to show; twenty at most: nobody waits longer for a deployment (our assumption)."""

DRAINS = 3
"""An instance that ends waits for so many times the longest target of a call (our assumption)."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """The first step of a deployment."""

    share: float
    instances: int
    seconds: float
    calls: float
    """That it gets meanwhile, on average."""
    failures: float
    """That it would show meanwhile, if it burnt the budget at the pace that pages."""
    tells: bool
    """Whether those are enough to decide by a burn rate; else any failed call decides."""


def rollout(design: Design, sizing: Sizing) -> Rollout:
    """One instance of the largest service that is asked, or a twentieth of its calls."""
    world = design.world
    asked = [s for s in design.services if any(world.programs[o].starts in ASKED for o in s.operations)]
    nodes = max((sizing.tiers[s.id].fleet.nodes for s in asked), default=1)
    share = max(SMALLEST, 1 / max(1, nodes))
    calls = sum(world.load.average_of(n) for n, p in world.programs.items() if p.starts in ASKED) * share
    missing = (1 - world.complete.quality("availability").best) * BURNS[0].factor
    needed = LEAST_FAILURES / max(calls * missing, 1e-12)
    seconds = min(LONGEST, max(SHORTEST, needed))
    return Rollout(
        share=share,
        instances=max(1, round(nodes * share)),
        seconds=seconds,
        calls=calls * seconds,
        failures=calls * seconds * missing,
        tells=needed <= LONGEST,
    )


def drain_seconds(design: Design) -> float:
    """How long an instance that takes no more calls is given for those that it has."""
    complete = design.world.complete
    return DRAINS * max((complete.latency(o).best for o in complete.operations), default=0.0)

"""Single point of failure: something on a P0 path runs as one copy."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.review.base import Fails

title = "Single point of failure"
why = "A host fails every few years; with one copy that is an outage of the feature."
remedy = "Run at least two copies in two zones, or accept the outage in the brief."
source = "System Design Agent, red flags; Google SRE book, ch. 3"


def check(plan: Plan) -> Iterator[Fails]:
    """Every tier that a call of the first priority passes has at least two machines, or none of its own."""
    first = [n for n in plan.complete.operations if plan.complete.priority(n) == "P0"]
    passed = {name for n in first for hop in plan.design.hops.get(n, ()) for name in hop.way}
    for tier in plan.sizing.tiers.values():
        if tier.fleet.nodes == 1 and tier.id in passed:
            yield Fails(tier.id, f"{plan.design.title(tier.id)} has one copy")

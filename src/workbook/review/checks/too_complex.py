"""Overly complex for what is asked: products of their own trade run by a team too small for them."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.catalog.model import Technology
from workbook.plan import Plan
from workbook.plan.passes.model import ability
from workbook.review.base import Fails

title = "Overly complex for the requirements"
why = "Every product has to be run, upgraded and understood at night by the same few people."
remedy = "Take the simpler option that meets the limits, or the managed service."
source = "System Design Agent, red flags and 'Start simple'"
COMPLEXITY_PER_ENGINEER = 0.8
"""What one engineer carries of the catalog's complexity, beside building (our assumption)."""
RUN = frozenset({"database", "cache", "messaging", "object_store", "search", "gateway", "orchestrator"})
"""Kinds of products that somebody has to run. Tools that are only used are no part of it."""


def check(plan: Plan) -> Iterator[Fails]:
    """The complexity of what has to be run fits the team."""
    run = {d.chosen.id: d.chosen.source for d in plan.decisions.values() if isinstance(d.chosen.source, Technology)}
    kept = [t for t in run.values() if t.kind in RUN and not ability(t, "service_only")]
    total = sum(t.complexity for t in kept)
    carried = plan.complete.team_size * COMPLEXITY_PER_ENGINEER
    if total > carried:
        names = ", ".join(t.name for t in kept if t.complexity >= 1)
        yield Fails(
            "team", f"{names}: complexity {total:.1f}, a team of {plan.complete.team_size} carries {carried:.1f}"
        )

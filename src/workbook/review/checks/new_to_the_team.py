"""Not considering team expertise: something chosen that nobody on the team knows."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.catalog.model import Technology
from workbook.plan import Plan
from workbook.review.base import Fails, Waiting

title = "Not considering team expertise"
why = "What nobody knows is learnt in production."
remedy = "Choose what the team knows, plan the learning, or rent the managed service."
source = "System Design Agent, red flags"


def check(plan: Plan) -> Iterator[Fails | Waiting]:
    """Every product that has to be run is known to the team, runs already, or is rented."""
    constraints = plan.complete.model.constraints
    known = {w.lower() for w in (*constraints.team.skills, *constraints.existing)}
    if not known:
        yield Waiting("What does the team know? Write constraints.team.skills.")
        return
    for decided in plan.decisions.values():
        technology = decided.chosen.source
        if (
            isinstance(technology, Technology)
            and technology.complexity >= 2
            and not known & {technology.id, technology.dialect, technology.name.lower(), *technology.skills}
        ):
            yield Fails(decided.id, f"{technology.name} is new to the team")

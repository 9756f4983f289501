"""Missing error handling: a caller waits for somebody else's system longer than it promises."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.review.base import DoesNotApply, Fails

title = "Missing error handling: waiting for others"
why = "A P0 call that waits for a third party is as slow and as often down as it is."
remedy = "Accept and do it later (mode: async), or allow the operation more time."
source = "System Design Agent, red flags; Nygard, Release It!, ch. 4"


def check(plan: Plan) -> Iterator[Fails | DoesNotApply]:
    """No operation waits for an integration that is slower than its own target."""
    if not plan.complete.model.integrations:
        yield DoesNotApply("no system of somebody else is called")
        return
    for problem in plan.problems:
        if problem.id.startswith(("latency:", "availability:")):
            yield Fails(problem.place, problem.what)

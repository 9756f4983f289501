"""Missing error handling: a caller waits for somebody else's system longer than it promises."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.plan.names import words
from workbook.plan.operate.dependencies import dependencies
from workbook.review.base import DoesNotApply, Fails

title = "Missing error handling: waiting for others"
why = "A P0 call that waits for a third party is as slow and as often down as it is."
remedy = "Accept and do it later (mode: async), say what is done when it does not answer, or allow more time."
source = "System Design Agent, red flags; Nygard, Release It!, ch. 4"


def check(plan: Plan) -> Iterator[Fails | DoesNotApply]:
    """No operation waits for another system that is slower than its own target, or less available than the whole."""
    found = dependencies(plan.design)
    if not found:
        yield DoesNotApply("no step calls another system")
        return
    target = plan.complete.quality("availability").best
    for one in found:
        name = words(one.integration)
        for operation in one.too_slow:
            yield Fails(operation, f"promises less time than {name} takes ({one.p99:g} s at p99)")
        first = [o for o in one.operations if o in plan.complete.operations and plan.complete.priority(o) == "P0"]
        if one.awaited and not one.handled and first and one.available is not None and one.available < target:
            yield Fails(first[0], f"waits for {name}, which is {one.available:.3%} available")

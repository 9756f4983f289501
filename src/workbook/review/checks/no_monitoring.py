"""No monitoring: a signal that leads to nothing that could be done."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.plan.operate.runbooks import book_of, books
from workbook.plan.operate.signals import signals
from workbook.review.base import Fails

title = "No monitoring: alerts without a runbook"
why = "Who is woken and does not know what to do learns it during the outage."
remedy = "Write the runbook before the launch; add it to the catalog, so that the next design has it."
source = "System Design Agent, red flags; Google SRE workbook, ch. 5"


def check(plan: Plan) -> Iterator[Fails]:
    """Every signal has its runbook."""
    known = books(plan.design, plan.sizing)
    for signal in signals(plan.design, plan.sizing):
        if book_of(signal, known) is None:
            yield Fails(signal.about, f"{signal.watch.value} of {plan.design.title(signal.about)} leads to no runbook")

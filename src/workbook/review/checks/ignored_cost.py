"""Ignoring operational costs: nobody said what it may cost, or it costs more."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.review.base import Fails, Waiting

title = "Ignoring operational costs"
why = "A design without a budget is judged by its bill."
remedy = "Name a budget in the brief; see the levers of 11.1."
source = "System Design Agent, red flags"


def check(plan: Plan) -> Iterator[Fails | Waiting]:
    """The month costs no more than the budget."""
    budget = plan.complete.model.constraints.budget
    if budget is None:
        yield Waiting(f"What may a month cost? The design takes {plan.sizing.monthly_usd:,.0f} USD.")
    elif plan.sizing.monthly_usd > budget.best:
        yield Fails("constraints.budget", f"{plan.sizing.monthly_usd:,.0f} USD a month against {budget.best:,.0f}")

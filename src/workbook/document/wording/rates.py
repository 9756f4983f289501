"""Where calls come from, with the numbers put in."""

from __future__ import annotations

from workbook.brief.rates import Rate
from workbook.document import words as w
from workbook.plan import Plan

DAY = 86_400.0


def numbers(plan: Plan, operation: str) -> str:
    """The rates of an operation as products."""
    return " + ".join(_rate(plan, r) for r in plan.complete.operations[operation].rate or ()) or "no rate is said"


def _rate(plan: Plan, rate: Rate) -> str:
    per = f" / {rate.per:g}" if rate.per != 1 else ""
    if rate.kind == "members":
        sizes = plan.demand.inputs.populations.get(rate.of, {})
        found = sizes.get(rate.attribute) if rate.attribute else sizes.get("daily_active", sizes.get("count"))
        members = float(found[0]) if found is not None else plan.demand.of_entity("initial_rows", rate.of)
        times = DAY / rate.seconds
        return f"{rate.amount.best:g} x {members:,.0f}{per}{f' x {times:g} a day' if times != 1 else ''}"
    if rate.kind == "funnel":
        calls = plan.demand.of_operation("calls_per_day", rate.of)
        return f"{rate.amount.best:g} x {calls:,.0f} of {w.words(rate.of)}{per}"
    if rate.kind == "total":
        return f"{rate.amount.best:,.4g} x 86,400 / {rate.seconds:,.0f}"
    return f"in progress of {w.words(rate.of)} x {rate.amount.best:g} / {rate.seconds:g} s x 86,400"


def surges(plan: Plan) -> str:
    """Bursts beyond the daily peak, as the brief says them."""
    model = plan.complete.model
    said = {"all calls": model.load.surge, **{w.words(n): o.surge for n, o in model.operations.items()}}
    shown = [
        f"{name} {surge.factor} the average{f' for {surge.lasts}' if surge.lasts else ''}"
        for name, surge in said.items()
        if surge
    ]
    return f"Surge: {'; '.join(shown)}." if shown else ""

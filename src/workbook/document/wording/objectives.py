"""Service levels in words."""

from __future__ import annotations

from workbook.document import words as w
from workbook.plan.operate.objectives import Objectives


def said(o: Objectives) -> tuple[tuple[str, str, str], ...]:
    """Objective, target, meaning."""
    kept = (
        (("Durability", w.percent(o.durability), "of what is acknowledged is still there after a year"),)
        if o.durability
        else ()
    )
    down = f"{w.duration(o.down_a_year)} down a year; error budget {o.budget_minutes:.3g} minutes in 30 days"
    agreed = f"half as strict as the SLO: credits begin after {o.agreed_minutes:.3g} minutes in 30 days"
    lost = "data that may be lost" if o.rpo else "no acknowledged write may be lost"
    return (
        ("Availability (SLO)", w.percent(o.available), down),
        ("Availability (SLA, to customers)", w.percent(o.agreed), agreed),
        ("Errors", w.percent(1 - o.available), f"{w.count(o.errors_a_day)} calls a day may fail"),
        ("Recovery point (RPO)", w.duration(o.rpo), lost),
        ("Recovery time (RTO)", w.duration(o.rto), "until it serves again"),
        ("Staleness", w.duration(o.staleness), "how old a read may be where eventual consistency is allowed"),
        *kept,
    )

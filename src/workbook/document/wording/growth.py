"""Growth and its marks in words."""

from __future__ import annotations

from workbook.document import words as w
from workbook.plan import Plan
from workbook.plan.sizing.model import Mark, Threshold

_MARKS = {
    Mark.REQUESTS: "requests per second on one node",
    Mark.BYTES: "bytes on one node in a year",
    Mark.CONNECTIONS: "open connections per server",
    Mark.MEMORY: "memory in use per node",
    Mark.EVENTS: "events per second per broker",
}


def mark(said: Mark) -> str:
    """What a mark watches."""
    return _MARKS[said]


def value(number: float, unit: str) -> str:
    """Where it stands."""
    if unit == "share":
        return w.percent(round(number, 3))
    return w.size(number) if unit == "B" else w.count(number)


def when(threshold: Threshold) -> str:
    """When it is reached."""
    if threshold.month is None:
        return "not within the horizon"
    return f"in month {threshold.month}" if threshold.month else "already"


def rate(per_year: float) -> str:
    """The growth of a year."""
    if per_year == 1:
        return "no growth said: flat traffic, storage adds up"
    return f"{w.percent(round(per_year - 1, 4))} a year"


def opening(plan: Plan) -> str:
    """What is there at the beginning, and what stops growing on the way."""
    months = plan.sizing.timeline
    begins = (
        f"Month 0 is the opening with {w.size(months[0].storage_bytes)} from the start; the rest fills at today's rate"
    )
    short = plan.sizing.reach_their_end
    if short:
        return f"{begins}, until {w.listed(short, 3)} reach the end of their retention and only grow with the traffic."
    return f"{begins} and is kept for good."

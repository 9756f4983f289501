"""Service levels: what is aimed for, what may fail, what is agreed with customers."""

from __future__ import annotations

from dataclasses import dataclass

from workbook.plan.complete import Complete
from workbook.plan.demand import Demand

MONTH_MINUTES = 30 * 24 * 60
YEAR_SECONDS = 365 * 86_400
LOOSER = 2.0
"""What is agreed with customers leaves so many times the room of what is aimed for (our assumption; usual for SLA against SLO)."""


@dataclass(frozen=True)
class Objectives:
    """Targets of the whole system. Shares are of 1, times in seconds unless named."""

    available: float
    agreed: float
    budget_minutes: float
    """That may be lost in 30 days."""
    agreed_minutes: float
    down_a_year: float
    errors_a_day: float
    rpo: float
    rto: float
    staleness: float
    durability: float | None
    """The share of what is acknowledged that is there after a year, where the brief says one."""


def objectives(complete: Complete, demand: Demand) -> Objectives:
    """The targets that the brief says or leaves to the defaults."""
    available = complete.quality("availability").best
    missing = 1 - available
    return Objectives(
        available=available,
        agreed=1 - missing * LOOSER,
        budget_minutes=missing * MONTH_MINUTES,
        agreed_minutes=missing * LOOSER * MONTH_MINUTES,
        down_a_year=missing * YEAR_SECONDS,
        errors_a_day=missing * demand.total("total_calls_per_day"),
        rpo=complete.quality("rpo").best,
        rto=complete.quality("rto").best,
        staleness=complete.quality("staleness").best,
        durability=complete.model.quality.durability.best if complete.model.quality.durability else None,
    )


@dataclass(frozen=True)
class Latency:
    """Targets of one operation [s], and whether the brief says them."""

    operation: str
    p50: float
    p95: float
    p99: float
    said: bool
    guessed: bool
    """Whether p50 or p95 follow from the p99 by our assumption."""


def latencies(complete: Complete) -> tuple[Latency, ...]:
    """The targets of every operation, the first priority first."""
    return tuple(_latency(complete, name) for name in sorted(complete.operations, key=complete.priority))


def _latency(complete: Complete, name: str) -> Latency:
    operation = complete.operations[name]
    p50, p95, p99 = (complete.latency(name, p).best for p in ("p50", "p95", "p99"))
    said = bool(operation.p99 or complete.model.quality.p99)
    return Latency(name, p50, p95, p99, said, not operation.p50 or not operation.p95)

"""Q1: what grows, grows by what the brief says: traffic by the power of the years, storage by what the grown traffic writes."""

from __future__ import annotations

import pytest

from workbook.brief import loads
from workbook.plan import Plan, derive

BRIEF = """system: Notes
load: {{peak: 1x, horizon: 3 years}}
populations: {{users: {{daily_active: 86.4k, growth: {growth}}}}}
entities: {{note: {{size: 1 KB{retention}}}}}
operations: {{write: {{does: create note, rate: 100 per users per day}}}}
"""


def planned(growth: str, retention: str = "") -> Plan:
    """The plan of notes written 100 times a second: 86,400 users x 100 / 86,400 s."""
    return derive(loads(BRIEF.format(growth=growth, retention=retention)))


def at(plan: Plan, month: int) -> float:
    """Peak requests a second in that month."""
    return next(m.peak_qps for m in plan.sizing.timeline if m.month == month)


@pytest.mark.parametrize(
    ("growth", "month", "factor"),
    [
        ("20 %/year", 0, 1.0),
        ("20 %/year", 12, 1.2),  # 1.2^1
        ("20 %/year", 24, 1.44),  # 1.2^2
        ("20 %/year", 6, 1.0954),  # 1.2^0.5
        ("5 %/month", 12, 1.7959),  # 1.05^12
        ("2x/year", 36, 8.0),  # 2^3
    ],
)
def test_q1_traffic_grows_by_the_power_of_the_years(growth: str, month: int, factor: float) -> None:
    """100 requests a second become 100 x growth^(months / 12)."""
    assert at(planned(growth), month) == pytest.approx(100 * factor, rel=1e-4)


def test_q1_the_largest_growth_counts_where_users_say_none() -> None:
    """Without users' own growth the fastest population drives: 3x a year beats 10 %."""
    text = BRIEF.format(growth="1x/year", retention="").replace(
        "growth: 1x/year}",
        "monthly_active: 1M}, desks: {count: 5, growth: 10 %/year}, sites: {count: 5, growth: 3x/year}",
    )
    assert derive(loads(text)).sizing.growth_per_year == pytest.approx(3.0)


def test_q1_storage_adds_up_what_the_grown_traffic_writes() -> None:
    """8.64M rows of 1 KB a day for 364.8 days at twofold growth: 8.64 GB x 364.8 x 2^(182.4 / 365) = 4.4565 TB after a year.

    Without growth it is 8.64 GB x 364.8 = 3.1519 TB.
    """
    stored = {
        growth: next(m.storage_bytes for m in planned(growth).sizing.timeline if m.month == 12)
        for growth in ("2x/year", "1x/year")
    }
    assert stored["1x/year"] == pytest.approx(3.1519e12, rel=1e-4)
    assert stored["2x/year"] == pytest.approx(4.4565e12, rel=1e-3)


def test_q1_the_bill_grows_with_the_traffic() -> None:
    """After a year of twofold growth the month costs more than today's, and without growth the same or less."""
    bills = {
        g: [m.monthly_usd for m in planned(g, ", retention: 30 days").sizing.timeline] for g in ("2x/year", "1x/year")
    }
    assert bills["2x/year"][4] > 1.5 * bills["2x/year"][0]
    assert bills["1x/year"][12] == pytest.approx(bills["1x/year"][4])

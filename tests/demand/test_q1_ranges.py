"""Q1: the ranges that `estimate --range` prints are those of the brief, for calls, bytes, machines and money."""

from __future__ import annotations

from typing import Any

import pytest

from workbook.brief import loads
from workbook.plan import derive

BRIEF = """system: Notes
load: {peak: 1x}
populations: {users: {daily_active: 1M (250k..4M), concurrent: 10 %}}
entities: {note: {size: 1 KB, retention: 100 days}}
operations:
  write: {does: create note, rate: 86.4 per users per day}
  look: {does: read note, rate: 5/s}
prices: {egress: 0.10 USD/GB}
"""


def estimate() -> dict[str, Any]:
    """The estimate with ranges."""
    return derive(loads(BRIEF)).estimate(range=True)


@pytest.mark.parametrize(
    ("path", "best", "low", "high"),
    [
        # 1M (250k..4M) x 86.4 / 86,400 s = 1,000 (250..4,000) a second
        (("operations", "write", "average_qps"), 1000, 250, 4000),
        (("operations", "write", "peak_qps"), 1000, 250, 4000),
        # x 86,400 s x 1 KB = 86.4 GB (21.6..345.6) a day
        (("entities", "note", "bytes_per_day"), 86.4e9, 21.6e9, 345.6e9),
        # 10 % of the daily active
        (("populations", "users", "concurrent"), 1e5, 25e3, 4e5),
    ],
)
def test_q1_a_range_is_that_of_what_it_follows_from(
    path: tuple[str, ...], best: float, low: float, high: float
) -> None:
    """A fourfold range of the users is a fourfold range of what is proportional to them, within what 1,000 samples give."""
    found = estimate()
    for part in path:
        found = found[part]
    assert found["value"] == pytest.approx(best)
    assert found["low"] == pytest.approx(low, rel=0.15)
    assert found["high"] == pytest.approx(high, rel=0.15)


def test_q1_what_is_exact_has_no_range() -> None:
    """5 a second are 5 a second."""
    found = estimate()["operations"]["look"]["average_qps"]
    assert (found["low"], found["value"], found["high"]) == (5, 5, 5)


def test_q1_machines_and_money_have_a_range_too() -> None:
    """A quarter of the load takes less money than four times the load, and no more servers: those of a fleet grow first."""
    totals = estimate()["totals"]
    assert totals["servers"]["low"] <= totals["servers"]["value"] <= totals["servers"]["high"]
    assert totals["monthly_cost_usd"]["low"] < totals["monthly_cost_usd"]["value"] < totals["monthly_cost_usd"]["high"]

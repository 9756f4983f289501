"""Q1: lines of the bill worked by hand from bytes, seconds of a month and the price that the brief says."""

from __future__ import annotations

import pytest

from workbook.brief import loads
from workbook.plan import derive

BRIEF = """system: Notes
load: {peak: 5x}
entities: {note: {size: 1 KB, count: 1M}, film: {kind: object, size: 1 MB, count: 1000}}
operations:
  open_note: {does: read note, rate: 100/s, response: 10 KB}
  watch: {does: download film, rate: 2/s, response: 1 MB}
prices: {egress: 0.10 USD/GB, cdn: 0.05 USD/GB}
"""


def usd(item: str) -> float:
    """A line of the bill."""
    plan = derive(loads(BRIEF))
    return next(line.monthly_usd for line in plan.sizing.costs if line.id == item)


def test_q1_traffic_out_is_paid_by_the_byte_once() -> None:
    """100/s x 10 KB = 1 MB/s; a month has 730 h x 3,600 s = 2,628,000 s; 2,628 GB x 0.10 USD = 262.80 USD. Peaks cost nothing more."""
    assert usd("traffic_out") == pytest.approx(262.80)


def test_q1_files_go_by_the_edge() -> None:
    """2/s x 1 MB = 2 MB/s; x 2,628,000 s = 5,256 GB; x 0.05 USD = 262.80 USD, and none of it is traffic out."""
    assert usd("cdn") == pytest.approx(262.80)

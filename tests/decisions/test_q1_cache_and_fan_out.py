"""Q1: when a copy of rows in memory is worth its invalidation, worked by hand."""

from __future__ import annotations

import pytest

from workbook.brief import loads
from workbook.plan import Plan, derive

READS = """system: Notes
load: {{peak: 1x}}
entities: {{note: {{size: 1 KB, count: 1M, consistency: eventual}}}}
operations:
  look: {{does: read note, rate: {reads}/s}}
  write: {{does: update note, rate: {writes}/s}}
"""


def planned(reads: float, writes: float) -> Plan:
    """The plan of so many look-ups and changes a second."""
    return derive(loads(READS.format(reads=reads, writes=writes)))


@pytest.mark.parametrize(
    ("reads", "writes", "copied"),
    [
        (5, 1, False),
        (
            599,
            1,
            False,
        ),  # the score of a copy is 0.6 + 0.4 x 0.55 = 0.82, of none 0.6 (1 - x) + 0.4 with x = reads / 2,000
        (700, 1, True),  # level at x = 0.3: 600 a second
        (30_000, 9_000, True),  # 3.3 look-ups a change
        (30_000, 11_000, False),  # 2.7: each change makes three look-ups dear
    ],
)
def test_q1_rows_are_copied_from_600_look_ups_a_second(reads: float, writes: float, copied: bool) -> None:
    """A copy is made from 600 look-ups a second of a kind of row on, where there are three for each change."""
    plan = planned(reads, writes)
    assert ("note_copy" in plan.world.form.structures) == copied


def test_q1_a_copy_takes_the_hits_off_the_database() -> None:
    """Of 10,000 look-ups a second the default 80 % are answered by the copy: 2,000 reach the table, with 100 changes."""
    load = planned(10_000, 100).world.load
    assert load.of_structure("lookups", "note") == pytest.approx(2_000)
    assert load.of_structure("lookups", "note_copy") == pytest.approx(10_000)


def test_q1_memory_is_run_only_for_what_it_keeps() -> None:
    """Little is read: no further system to run. Much is read: a shared one."""
    assert planned(5, 1).decisions["cache"].chosen.id == "in_process"
    assert planned(100_000, 1).decisions["cache"].chosen.id != "in_process"

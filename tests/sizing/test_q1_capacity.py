"""Q1: nodes of a ring worked by hand: every copy of a write is work, and so is every copy that a read asks."""

from __future__ import annotations

import pytest

from workbook.catalog import loader
from workbook.catalog.model import Fact, Technology
from workbook.plan.capacity import Load, Size, _ring


def ring() -> Technology:
    """A leaderless store whose one machine does 1,000 reads and 1,000 replica writes a second and holds 1 TB."""
    base = loader.technologies()["cassandra"]
    limits = {"writes_per_second": 1000.0, "reads_per_second": 1000.0, "storage_bytes": 1e12}
    facts = {name: Fact(value=value, unit="1", assumption="for this test") for name, value in limits.items()}
    return base.model_copy(update={"limits": facts, "details": {}})


@pytest.mark.parametrize(
    ("load", "nodes"),
    [
        # 2,000 writes x 3 copies = 6,000 a second; a node does 1,000 x (1 - 30 %) = 700; 6,000 / 700 = 8.57 -> 9
        (Load(writes=2000.0, copies=3, headroom=0.3), 9),
        # with five copies 10,000 / 700 = 14.29 -> 15
        (Load(writes=2000.0, copies=5, headroom=0.3), 15),
        # 2,000 reads of one copy: 2,000 / 700 = 2.86 -> 3; of two copies 4,000 / 700 = 5.71 -> 6
        (Load(reads=2000.0, copies=3, headroom=0.3), 3),
        (Load(reads=2000.0, copies=3, quorum_reads=2.0, headroom=0.3), 6),
        # both together: (6,000 + 4,000) / 700 = 14.29 -> 15
        (Load(writes=2000.0, reads=2000.0, copies=3, quorum_reads=2.0, headroom=0.3), 15),
        # 2 TB x 3 copies on 1 TB x 70 %: 6 / 0.7 = 8.57 -> 9
        (Load(bytes=2e12, copies=3, headroom=0.3), 9),
        # nothing at all still takes a node for each copy
        (Load(copies=3, headroom=0.3), 3),
    ],
)
def test_q1_a_ring_does_the_work_of_every_copy(load: Load, nodes: int) -> None:
    """The nodes are those that carry replica writes, asked copies and stored copies."""
    fleet = _ring(load, ring(), Size("the one machine", 8, 64, 1.0, 1.0))
    assert fleet.ring
    assert fleet.nodes == nodes


@pytest.mark.parametrize(("writes", "times"), [(200.0, 1), (400.0, 2), (900.0, 4), (1900.0, 8)])
def test_q1_machines_grow_before_there_are_more(writes: float, times: int) -> None:
    """Three nodes do 3 x 700 x their size, and each write is three: 700 x size of writes. 200 fit on size 1, 900 on size 2."""
    sizes_ = [Size(f"x {s}", 8 * s, 64 * s, float(s), float(s)) for s in (1, 2, 4, 8)]
    fleets = [_ring(Load(writes=writes, copies=3, headroom=0.3), ring(), s) for s in sizes_]
    first = next(f for f in fleets if f.nodes <= 3)
    assert first.vcpu / 8 == {1: 1, 2: 1, 4: 2, 8: 4}[times]

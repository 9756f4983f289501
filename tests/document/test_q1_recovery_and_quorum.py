"""Q1: how long a restore takes and how many copies agree, worked by hand."""

from __future__ import annotations

import pytest

from workbook.brief import loads
from workbook.document import section
from workbook.document.blocks import Table
from workbook.plan import derive

BRIEF = """system: Notes
entities:
  note: {{fields: {{id: id, text: string 984}}, size: 1 KB, count: {count}, consistency: {consistency}}}
operations:
  write: {{does: create note, rate: 1/day}}
  look: {{does: read note, rate: 10/s}}
quality: {{rto: {rto}}}
choices: {{database: {database}}}
"""


def table(number: int, block: str, **said: str) -> Table:
    """A table of the document."""
    given = {"count": "100M", "consistency": "eventual", "rto": "1 h", "database": "postgresql"} | said
    whole = section(derive(loads(BRIEF.format(**given))), number)
    return next(b for b in whole.walk() if isinstance(b, Table) and b.id == block)


def restore(count: str, rto: str = "1 h") -> str:
    """The row of the backup of the database."""
    found = next(r for r in table(9, "9.3.backup", count=count, rto=rto).rows if "PostgreSQL" in str(r[0]))
    return " | ".join(map(str, found))


@pytest.mark.parametrize(
    ("count", "says"),
    [
        # 400M x 1 KB = 400 GB, with 30 % of indexes 520 GB; / 200 MB/s = 2,600 s = 43.3 min
        ("400M", "520 GB at 200 MB/s: 43.3 min"),
        # 1M x 1 KB x 1.3 = 1.3 GB; / 200 MB/s = 6.5 s, and no restore is done within half an hour
        ("1M", "1.3 GB at 200 MB/s: 30 min"),
    ],
)
def test_q1_a_restore_takes_as_long_as_its_bytes(count: str, says: str) -> None:
    """The time is the bytes of the copy over 200 MB/s."""
    assert says in restore(count)


def test_q1_a_restore_longer_than_the_target_is_said() -> None:
    """2,600 s do not fit into half an hour, and do fit into one."""
    assert "**longer**" in restore("400M", "30 min")
    assert "**longer**" not in restore("400M", "1 h")


@pytest.mark.parametrize(
    ("consistency", "copies", "means"),
    [
        # of three copies a majority is 3 // 2 + 1 = 2; 2 + 2 = 4 > 3, so a read meets the last write
        ("strong", "N=3, R=2, W=2", "R + W = 4 > N = 3: a read sees the last write"),
        # a read asks one copy: 1 + 2 = 3, which is not more than 3
        ("eventual", "N=3, R=1, W=2", "R + W = 3 <= N = 3: a read may be old"),
    ],
)
def test_q1_a_write_waits_for_a_majority(consistency: str, copies: str, means: str) -> None:
    """W is more than half of the copies, never half of them."""
    row = table(6, "6.7.replication", consistency=consistency, database="cassandra").rows[0]
    assert copies in row
    assert means in row

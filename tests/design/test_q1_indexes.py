"""Q1: an index for a page has what is given and then what it is sorted by, or the database sorts every row of the key."""

from __future__ import annotations

import pytest

from workbook.artifacts import build_kind
from workbook.brief import loads
from workbook.plan import Plan, derive
from workbook.plan.fold.layout import served_by

BRIEF = """system: Notes
entities:
  note:
    fields: {{id: id, author: id, folder: id, title: string 40, written_at: time}}
    key: [id]
operations:
  write: {{does: create note, rate: 10/s}}
  page: {{does: list note, where: [{where}], order: {order}, rate: 100/s}}
choices: {{database: postgresql}}
"""


def planned(where: str, order: str) -> Plan:
    """The plan of one list."""
    return derive(loads(BRIEF.format(where=where, order=order)))


@pytest.mark.parametrize(
    ("where", "order", "columns", "descending"),
    [
        # what is given, what it is sorted by, and the key, which tells equal values apart
        ("author", "-written_at", ("author", "written_at", "id"), ("written_at", "id")),
        ("author", "written_at", ("author", "written_at", "id"), ()),
        ("author, folder", "title", ("author", "folder", "title", "id"), ()),
        ("folder", "-title", ("folder", "title", "id"), ("title", "id")),
    ],
)
def test_q1_an_index_ends_with_the_order(
    where: str, order: str, columns: tuple[str, ...], descending: tuple[str, ...]
) -> None:
    """The columns of the index are the given ones, then those of the order, in that order and direction."""
    plan = planned(where, order)
    table = plan.design.tables["note"]
    index = next(i for i in table.indexes if "page" in i.serves)
    assert tuple(c for c, _ in index.columns) == columns
    assert tuple(c for c, down in index.columns if down) == descending
    asked = next(a for a in plan.world.accesses["note"] if a.operation == "page")
    assert served_by(table, asked) == index.columns


def test_q1_the_statement_creates_it_so() -> None:
    """The DDL sorts the index as the page is read: newest first."""
    sql = " ".join(a.text for a in build_kind(planned("author", "-written_at"), "schema"))
    assert "(author, written_at DESC, id DESC)" in " ".join(sql.split())

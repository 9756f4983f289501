"""An index of words follows its rows: in their transaction where one database has both, else by a queue and a worker."""

from __future__ import annotations

import pytest

from workbook.brief import loads
from workbook.plan import Plan, derive
from workbook.proof.promises import base
from workbook.proof.promises.verdicts import verify
from workbook.proof.servers import NotHere

LIBRARY = """
system: Library
populations: {{users: {{daily_active: {readers}, monthly_active: {readers}}}}}
entities:
  reader: {{fields: {{id: id, email: string 30}}, unique: [email], count: users.monthly_active, sensitive: personal}}
  book: {{fields: {{id: id, owner: ref reader = caller, title: string 40, pages: int, created_at: time}}, count: {books}}}
operations:
  lend: {{does: create book, rate: 1k/day, by: somebody}}
  correct: {{does: update book, rate: 100/day, by: somebody}}
  withdraw: {{does: delete book, rate: 50/day, by: somebody}}
  find: {{does: search book, rate: 3 per users per day, items: 20, by: somebody}}
  reopen: {{does: update book, rate: 1/day, by: somebody, steps: [change book by id = body.id set pages = body.pages if owner = caller, answer]}}
personas: {{somebody: {{is: reader, wants: a book}}}}
"""
SMALL, LARGE = {"readers": "1k", "books": "100k"}, {"readers": "10M", "books": "200M"}
WRITERS = ("lend", "correct", "withdraw")


def planned(size: dict[str, str]) -> Plan:
    return derive(loads(LIBRARY.format(**size)))


def touched(plan: Plan, operation: str) -> set[str]:
    """What an operation works on."""
    return {step.target for step, _ in plan.world.programs[operation].steps()}


def test_in_one_database_the_index_is_written_with_the_row() -> None:
    """Whoever makes, changes or removes a row does so with its entry; who changes no word of it does not."""
    plan = planned(SMALL)
    assert all("book_search" in touched(plan, name) for name in WRITERS)
    assert "book_search" not in touched(plan, "reopen")


def test_an_engine_of_its_own_is_fed_by_a_queue() -> None:
    """The row and its place in the queue are one transaction; a worker looks at the row when it comes to it."""
    plan = planned(LARGE)
    assert all("book_to_index" in touched(plan, name) for name in WRITERS)
    assert touched(plan, "index_book") == {"book", "book_search"}
    assert plan.world.home("book_to_index") == plan.world.home("book")


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["inside", "engine"])
def test_the_index_agrees_under_attack(size: dict[str, str]) -> None:
    """Whatever happens, the index is what building it again would make it."""
    try:
        found = verify(planned(size), promises=["agrees.book_search"])
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")
    assert found["agrees.book_search"].tested in {base.Tested.PASSED, base.Tested.STAND_IN_PASSED}

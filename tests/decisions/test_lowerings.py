"""Lowerings: what is told leaves with what was written, and what comes twice is done once."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from workbook.brief import loads
from workbook.brief.steps.syntax import Together, Verb, lines
from workbook.plan import Plan, derive

SHELF: dict[str, Any] = {
    "system": "Shelf",
    "populations": {"users": {"daily_active": 1000}},
    "entities": {
        "reader": {"fields": {"id": "id", "name": "string 20"}, "count": 1000},
        "book": {"fields": {"id": "id", "title": "string 40"}, "count": 500},
        "place": {
            "fields": {"reader": "ref reader", "book": "ref book", "page": "int"},
            "key": ["reader", "book"],
            "count": 3000,
        },
        "furthest": {"fields": {"reader": "ref reader", "page": "int"}, "key": ["reader"], "count": 1000},
    },
    "topics": {"turned": {"key": ["reader"], "fields": {"reader": "ref reader", "page": "int"}}},
    "personas": {"reader": {"is": "reader"}},
}


def planned(**changes: Any) -> Plan:
    """The plan of the shelf with some of it replaced."""
    return derive(loads(yaml.safe_dump({**SHELF, **changes}, sort_keys=False)))


def test_an_event_leaves_with_the_branch_that_writes() -> None:
    """What is told after a try that writes is told in its transaction, not in that of a write before it."""
    turn = {
        "rate": "10 per users per day",
        "by": "reader",
        "steps": [
            "put place by reader = caller and book = body.book set page = body.page",
            {
                "try": "change furthest by reader = caller set page = body.page if page < body.page",
                "refused": {"share": "10 %", "steps": []},
            },
            "publish turned by reader = caller set page = body.page",
            "answer",
        ],
    }
    nodes = planned(operations={"turn": turn}).world.form.operations["turn"].nodes
    together = next(n for n in nodes if isinstance(n, Together))
    assert [one.verb for one in lines(together.steps)] == [Verb.PUT, Verb.CHANGE, Verb.PUBLISH]


EXPIRED = {
    "reader": {"fields": {"id": "id", "name": "string 20"}, "count": 1000},
    "loan": {"kind": "event", "fields": {"id": "id", "reader": "id", "at": "time = now"}, "retention": "90 days"},
}
LEND = {"does": "create loan", "rate": "1 per users per day", "by": "reader"}


@pytest.mark.parametrize(
    ("own", "added"),
    [
        ({}, ["expire_loan"]),
        ({"sweep": {"starts": "every 1 day", "steps": ["remove loan where at < now - 90 days"]}}, []),
        ({"sweep": {"starts": "every 1 day", "steps": ["scan loan where at < now - 90 days"]}}, ["expire_loan"]),
        (
            {"drop": {"rate": "1/day", "by": "reader", "steps": ["remove loan by id = body.id", "answer"]}},
            ["expire_loan"],
        ),
        (
            {"tidy": {"rate": "1/day", "by": "reader", "steps": ["remove loan where at < now - 90 days", "answer"]}},
            ["expire_loan"],
        ),
        ({"tidy": {"starts": "every 1 day", "steps": ["remove loan where reader = id"]}}, ["expire_loan"]),
    ],
)
def test_what_is_kept_for_a_time_is_ended_once(own: dict[str, Any], added: list[str]) -> None:
    """Somebody removes old rows by the clock: the brief's own operation where it has one, else one that is added."""
    plan = planned(entities=EXPIRED, operations={"lend": LEND, **own})
    assert [n for n, o in plan.world.form.operations.items() if o.added_by == "endings"] == added


@pytest.mark.parametrize(("together", "role"), [(True, "database"), (False, "cache")])
def test_what_joins_a_transaction_rests_where_it_is(together: bool, role: str) -> None:
    """A number that may be lost lies in memory; written in one transaction with what may not be lost, it lies in the database."""
    writes = ["append loan", "add lent by reader = body.reader plus number = 1"]
    lend = {
        "rate": "1000/s",
        "by": "reader",
        "steps": [{"together": writes}, "answer"] if together else [*writes, "answer"],
    }
    lent = {"shape": "counter", "key": ["reader"], "fields": {"reader": "id", "number": "int = 0"}, "loss": "allowed"}
    look = {"rate": "100000/s", "by": "reader", "steps": ["get lent by reader = body.reader found 50 %", "answer lent"]}
    world = planned(
        entities=EXPIRED, structures={"lent": lent}, operations={"lend": lend, "look": look}, choices={"cache": "redis"}
    ).world
    home = world.home("lent")
    assert home is not None
    assert home.role == role

"""Lowerings: what is told leaves with what was written, and what comes twice is done once."""

from __future__ import annotations

from typing import Any

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

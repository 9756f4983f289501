"""How often a step runs for one call, and with how many rows: groups multiply, branches share, batches take several at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import loads
from workbook.plan import derive
from workbook.plan.passes import asked

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("runs.yaml").read_text("utf-8"))
CLUB: dict[str, Any] = {
    "system": "Club",
    "populations": {"users": {"daily_active": 1000}},
    "entities": {
        "club": {"fields": {"id": "id", "title": "string 20"}, "count": 100},
        "person": {"fields": {"id": "id", "name": "string 20"}, "count": 1000},
        "member": {"kind": "edge", "fields": {"club": "ref club", "person": "ref person"}, "key": ["club", "person"], "count": 1200},
        "steering": {"kind": "edge", "fields": {"club": "ref club", "person": "ref person"}, "key": ["club", "person"], "count": 400},
    },
    "personas": {"visitor": {"is": "none"}},
}  # fmt: skip
BYTES_OF_A_SIGN = 16 + 8
BYTES_OF_A_KEY = 90
"""Redis documentation, memory optimization: key, pointers and expiry of an entry, rounded."""


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["what"])
def test_runs_and_rows_of_a_call(case: dict[str, Any]) -> None:
    """Each step runs as often as its groups say."""
    said = {**CLUB, "operations": {"ask": {"rate": "10 per users per day", "by": "visitor", "steps": case["steps"]}}}
    plan = derive(loads(yaml.safe_dump(said, sort_keys=False)))
    runs = {f"{r.step.verb} {r.step.target}": r for r in plan.world.load.runs["ask"]}
    for name, (times, rows) in case["runs"].items():
        assert float(runs[name].runs[0]) == pytest.approx(times), name
        assert float(runs[name].rows[0]) == pytest.approx(rows), name


def test_bytes_in_memory_are_rows_with_what_an_entry_costs() -> None:
    """A thousand signs of life of 16 and 8 bytes take a thousand times 114 bytes."""
    said = {
        **CLUB,
        "entities": {
            **CLUB["entities"],
            "sign": {"kind": "memory", "fields": {"person": "id", "at": "time"}, "key": ["person"], "count": 1000},
        },
        "operations": {"show": {"does": "update sign", "rate": "100 per users per day", "by": "visitor"}},
    }
    world = derive(loads(yaml.safe_dump(said, sort_keys=False))).world
    assert asked.memory(world).structures == ("sign",)
    assert asked.memory(world).bytes == pytest.approx(1000 * (BYTES_OF_A_SIGN + BYTES_OF_A_KEY))

"""What is understood is written as it was said: the report and the history of an attack show these words."""

from __future__ import annotations

import pytest
import yaml

from workbook.brief import loads
from workbook.plan import derive

BRIEF = """
system: Desk
populations: {users: {daily_active: 1000}}
entities: {person: {fields: {id: id, name: string 20, age: int, kind: enum guest staff}, count: 1000}}
operations: {ask: {rate: 10 per users per day, by: visitor, steps: STEPS}}
personas: {visitor: {is: none}}
"""


@pytest.mark.parametrize(
    "test",
    [
        "person is present",
        "person is absent",
        "person.age >= 18",
        "person.kind = guest or staff",
        "person.age + 1 > 20",
    ],
)
def test_a_condition_reads_as_it_was_written(test: str) -> None:
    """Presence, comparisons, alternatives and sums."""
    steps = ["get person by id = body.id found 50 %", {"when": test, "steps": ["refuse missing"]}, "answer person"]
    plan = derive(loads(BRIEF.replace("STEPS", yaml.safe_dump(steps, default_flow_style=True, width=10_000))))
    program = plan.world.programs["ask"]
    assert program.problems == ()
    groups = [group for _, around in program.steps() for group in around]
    assert [" and ".join(str(t) for t in g.tests) for g in groups] == [test]


@pytest.mark.parametrize(("place", "open_"), [("geo", True), ("string 20", False)])
def test_a_search_by_place_is_said_to_be_unbuilt(place: str, open_: bool) -> None:
    """Where a row has a place, an index by place would be needed and is missing; a search by words alone lacks nothing."""
    said = {
        "system": "Map",
        "populations": {"users": {"daily_active": 1000}},
        "entities": {"cafe": {"fields": {"id": "id", "name": "string 20", "where": place}, "count": 1000}},
        "operations": {"find_cafe": {"does": "search cafe", "rate": "1 per users per day", "by": "guest"}},
        "personas": {"guest": {"is": "none"}},
    }
    about = [one.about for one in derive(loads(yaml.safe_dump(said))).unknown]
    assert ("operations.find_cafe" in about) == open_

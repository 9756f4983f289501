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

"""What stands in a statement and in a command: literals of PostgreSQL by type, and the word of Redis by shape and verb."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from workbook.artifacts.dialects.postgresql.examples import literal
from workbook.artifacts.dialects.postgresql.security import setting
from workbook.artifacts.dialects.redis.commands import Commands
from workbook.brief import loads
from workbook.plan import Plan, derive

LITERALS = [
    (True, "boolean", "true"),
    (False, "boolean", "false"),
    (3, "bigint", "3"),
    (2.5, "numeric(14,2)", "2.5"),
    ("it's", "text", "'it''s'"),
    ("2026-03-02", "date", "'2026-03-02'::date"),
    (90, "interval", "interval '90 seconds'"),
    ({"a": 1}, "jsonb", "'{\"a\":1}'::jsonb"),
    ({"lon": 8.5, "lat": 47.4}, "point", "point(8.5, 47.4)"),
    ([1, 2], "bigint[]", "ARRAY[1, 2]::bigint[]"),
    (b"", "bytea", "'\\x01020304'::bytea"),
]
DESK = """
system: Desk
populations: {users: {daily_active: 1000}}
entities: {person: {fields: {id: id, name: string 20}, count: 1000}}
structures:
  link: {shape: registry, key: [person, device], fields: {person: ref person, device: id, gate: string 20}, ttl: 3 min, loss: allowed}
  sign: {shape: registry, key: [person], fields: {person: ref person, at: time = now}, ttl: 3 min, loss: allowed}
  seen: {shape: set, key: [person, page], fields: {person: ref person, page: id}, ttl: 1 day, loss: allowed}
  tally: {shape: counter, key: [person], fields: {person: ref person, hits: int = 0}, loss: allowed, count: [person]}
operations: {ask: {rate: 10 per users per day, by: visitor, steps: STEPS}}
personas: {visitor: {is: none}}
"""
WORDS = {
    "get link by person = body.person and device = body.device found 50 %": "HGET",
    "get link by person = body.person found 50 %": "HGETALL",
    "list link by person = body.person rows 2": "HVALS",
    "count link by person = body.person": "HLEN",
    "remove link by person = body.person and device = body.device": "HDEL",
    "get sign by person = body.person found 50 %": "HGETALL",
    "remove sign by person = body.person": "DEL",
    "get seen by person = body.person and page = body.page found 50 %": "SISMEMBER",
    "count seen by person = body.person": "SCARD",
    "remove seen by person = body.person and page = body.page": "SREM",
    "add tally by person = body.person plus hits = 2": "HINCRBY",
}


@pytest.mark.parametrize(("value", "type_", "text"), LITERALS, ids=[t for _, t, _ in LITERALS])
def test_a_literal_is_written_by_its_type(value: Any, type_: str, text: str) -> None:
    """As PostgreSQL's documentation of constants and casts has it."""
    assert literal(value, type_) == text


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A desk that asks memory in every way."""
    return derive(
        loads(DESK.replace("STEPS", yaml.safe_dump([*WORDS, "answer"], default_flow_style=True, width=10_000)))
    )


@pytest.mark.parametrize("text", WORDS)
def test_a_command_has_the_word_of_its_shape(plan: Plan, text: str) -> None:
    """One row of a hash, all of them, members and numbers: each by the command that Redis has for it."""
    program = plan.world.programs["ask"]
    step = next(s for s, _ in program.steps() if s.text == text)
    first, *_ = Commands(plan.world.form, program, {}).of(step)
    assert first.split()[0] == WORDS[text]


def test_each_claim_of_a_token_has_its_own_setting() -> None:
    """Who calls is one setting of the session, the device that the token names another, the practice a third."""
    names = [setting(), setting("device"), setting("practice")]
    assert len(set(names)) == len(names)
    assert [name.endswith(claim) for name, claim in zip(names[1:], ("device", "practice"), strict=True)] == [True, True]

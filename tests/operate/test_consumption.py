"""What nobody asks for: what is read off its steps when it comes twice, and how often it is tried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import load, loads
from workbook.brief.steps.syntax import Start
from workbook.plan import Plan, derive
from workbook.plan.operate.consumption import Twice, consumptions
from workbook.plan.operate.telling import Telling, telling

CASES = yaml.safe_load((Path(__file__).parent / "consumption.yaml").read_text(encoding="utf-8"))
BRIEF = """
workbook: 1
system: Counting
entities:
  page: {fields: {id: id, title: string 20}, context: pages}
  note: {fields: {id: id, text: string 20}, context: pages}
  seen: {fields: {code: string 20}, key: [code], context: pages}
structures:
  tally: {shape: counter, key: [code], fields: {code: string 20, hits: int}, loss: never, context: pages}
topics: {looked: {key: [page], fields: {page: ref page, code: string 20}}}
integrations: {mailer: {does: sends mail, kind: mail, calls: {send: {p99: 1 s, changes: true, keyed: true}}}}
operations:
  write_page: {does: create page, rate: 10/s}
  look: {does: read page, rate: 100/s, steps: [get page by id = body.id, publish looked by page = page.id set code = body.code, answer page]}
  hear: {starts: event looked, steps: STEPS}
"""

QUEUED = """
workbook: 1
system: Queued
entities: {page: {fields: {id: id, title: string 20}, context: pages}}
structures: {job: {shape: queue, key: [page], fields: {page: ref page}, retry: 1 min to 5 min for 1 h, context: pages}}
operations:
  write_page: {does: create page, rate: 10/s, steps: [{together: [append page, append job set page = page]}, answer page]}
  work_off: {starts: queue job, steps: [get page by id = item.page]}
"""


def _hear(steps: list[str]) -> Plan:
    return derive(loads(BRIEF.replace("STEPS", json.dumps(steps))))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["what"])
def test_what_a_second_coming_does(case: dict[str, Any]) -> None:
    """It follows from the steps alone: their verbs, their keys, and what is claimed with them."""
    plan = _hear(case["steps"])
    found = next(c for c in consumptions(plan.design, plan.sizing) if c.operation == "hear")
    assert found.twice is Twice(case["twice"])


def test_a14_tries_are_those_of_the_queue_where_it_says_them() -> None:
    """A retry of 1 to 5 minutes for an hour is one number of tries, and no default of ours."""
    plan = derive(loads(QUEUED))
    (one,) = (c for c in consumptions(plan.design, plan.sizing) if c.starts is Start.QUEUE)
    assert (one.first_pause, one.longest_pause, one.gives_up_after) == (60.0, 300.0, 3600.0)
    assert one.tries == 14


def test_a_relay_never_gives_up() -> None:
    """What is committed must be told: a relay has no dead letters and is tried until it is done."""
    plan = derive(load("chat"))
    relays = [c for c in consumptions(plan.design, plan.sizing) if c.operation.startswith("relay_")]
    assert relays
    assert all(not c.dead and not c.tries for c in relays)


def test_a14_what_is_told_by_a_relay_is_said_to_be() -> None:
    """The document says of each topic how it is told, by the operations that tell it."""
    plan = derive(load("chat"))
    found = {t.id: telling(t, plan.design) for t in plan.design.topics}
    for topic in plan.design.topics:
        if f"{topic.id}_outbox" in found:
            assert found[topic.id] is Telling.RELAYED
            assert found[f"{topic.id}_outbox"] is Telling.INSIDE

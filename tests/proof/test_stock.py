"""What stock needs of the language and of the stage: rows with an end of their own, queues that callers fill, numbers that are right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from staged import staged

from workbook.brief import loads
from workbook.plan import derive
from workbook.plan.form.keeping import KeptBy
from workbook.proof.servers import Postgresql
from workbook.proof.stage.cast import Cast
from workbook.proof.stage.play import Call

BRIEF = """
system: Lending
populations: {users: {daily_active: 1000}}
entities:
  reader: {fields: {id: id, name: string 20}, count: 1000}
  title: {fields: {id: id, copies: int, out: int, price: money}, count: 100}
  loan:
    fields: {id: id, title: ref title, reader: ref reader = caller, expires_at: time, fee: money, state: enum lent asked back}
    moves: {state: {lent: [asked, back], asked: [back], back: []}}
structures:
  letter: {shape: queue, key: [loan], fields: {loan: ref loan}, lease: 1 min, retry: 10 s to 1 min for 5 min, loss: never}
operations:
  lend:
    rate: 1 per users per day
    by: member
    steps:
      - list title where copies >= body.least limit 3 as chosen
      - together:
          - add title by id = body.title plus out = 1 if out + 1 <= copies
          - append loan set title = body.title and expires_at = now + 10 min and fee = sum(chosen.price)
      - answer loan
  look: {rate: 1 per users per day, by: member, steps: [get loan by id = body.id where reader = caller, answer loan]}
  ask_back:
    rate: 1 per users per day
    by: member
    steps: [{together: [move loan by id = body.id to asked if reader = caller, append letter set loan = loan.id]}, answer loan]
  bring:
    rate: 1 per users per day
    by: member
    steps:
      - together: [move loan by id = body.id to back if reader = caller, add title by id = loan.title plus out = 0 - 1]
      - answer loan
  send: {starts: queue letter, steps: [get loan by id = item.loan, call post.letter by key = item.loan set about = item.loan]}
personas: {member: {is: reader}}
integrations: {post: {does: sends letters, kind: mail, calls: {letter: {changes: true, keyed: true}}}}
promises:
  - {agrees: title.out, with: [loan], as: summarise loan where title = item.id and state != back plus out = 1, within: 0 s}
"""


@pytest.fixture(scope="module")
def cast(server: Postgresql) -> Iterator[Cast]:
    """A house with rights and rows."""
    with staged(server, "lending", BRIEF) as made:
        yield made


def test_a_field_called_expires_at_is_only_a_field(cast: Cast) -> None:
    """A row is still there when the time in a field of that name has passed: only a lifetime makes rows end."""
    play = cast.play()
    play.begin(0)
    call = cast.fitting("lend")
    assert call is not None
    made = play.call(call).outcome.answer["loan"]
    play.wait(timedelta(hours=1))
    again = play.call(Call("look", call.caller, {"id": made["id"]}))
    assert again.fine
    assert again.outcome.answer["loan"]["expires_at"] == made["expires_at"]
    assert play.call(Call("bring", call.caller, {"id": made["id"]})).fine


def test_a_sum_is_that_of_the_rows_of_a_list(cast: Cast) -> None:
    """What the rows of a list cost together is reckoned from them, whatever the request says."""
    play = cast.play()
    play.begin(0)
    call = cast.fitting("lend")
    assert call is not None
    made = play.call(Call("lend", call.caller, {**call.body, "fee": 1, "least": 0}))
    chosen = next(rows for step, rows in made.given if step.name == "chosen")
    assert len(chosen) == 3
    assert made.outcome.answer["loan"]["fee"] == sum(r["price"] for r in chosen)


def test_a_caller_may_put_an_item_into_a_queue(cast: Cast) -> None:
    """Whose operation appends to a queue has every right that the statement needs."""
    play = cast.play()
    play.begin(0)
    call = cast.fitting("lend")
    assert call is not None
    made = play.call(call).outcome.answer["loan"]
    asked = play.call(Call("ask_back", call.caller, {"id": made["id"]}))
    assert asked.outcome.kind == "answered", asked.outcome
    play.rest()
    assert len(play.outside.effects("post.letter")) == 1


def test_numbers_to_begin_with_are_those_of_the_rows(cast: Cast) -> None:
    """What counts other rows is right before anything happens: each title has as many out as there are loans of it."""
    out = {r["id"]: r["out"] for r in cast.rows["title"]}
    lent = [r["title"] for r in cast.rows["loan"] if r["state"] != "back"]
    assert lent
    assert out == {name: lent.count(name) for name in out}


def test_a_move_between_states_that_both_count_leaves_a_number_as_it_is() -> None:
    """Asking back needs no transaction with the count; bringing back without one is told."""
    assert _kept(BRIEF) is KeptBy.TRANSACTION
    written = "      - together: [move loan by id = body.id to back if reader = caller, add title"
    loose = BRIEF.replace(written, written.replace("together: [", "").replace(", add", "\n      - add"))
    loose = loose.replace("plus out = 0 - 1]", "plus out = 0 - 1")
    assert _kept(loose) is KeptBy.NOTHING


def _kept(brief: str) -> KeptBy:
    return next(k.by for k in derive(loads(brief)).world.keepings if k.pledge.kind.value == "agrees")

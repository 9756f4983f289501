"""What is said of promises that cannot be attacked, of systems that rest elsewhere, and of people whom their own rules lock out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from workbook.brief import loads
from workbook.plan import Plan, derive
from workbook.proof.promises import base, verdicts
from workbook.proof.promises.locked_out import locked_out
from workbook.proof.promises.verdicts import verify
from workbook.proof.servers import NotHere, Postgresql

DIARY = """
system: Diaries
populations: {users: {daily_active: 1000}}
entities:
  person: {fields: {id: id, name: string 20}, count: 1000}
  entry: {fields: {id: id, person: ref person = caller, text: string 100}, count: 5000}
  share: {fields: {id: id, entry: ref entry, reader: ref person}, count: 100}
operations:
  write: {rate: 1 per users per day, by: writer, steps: [append entry, answer entry]}
  mine: {rate: 1 per users per day, by: writer, steps: [list entry by person = caller limit 20, answer entry]}
  show: {rate: 1 per users per day, by: writer, steps: [get share by id = body.id, get entry by id = share.entry, answer entry]}
personas: {writer: {is: person}}
promises: [{private: entry, to: writer, through: person = caller}, {repeatable: write, by: body.request}]
"""

REPEATABLE = "repeatable.write.body.request"


def plan(text: str = DIARY) -> Plan:
    """The plan of a brief."""
    return derive(loads(text))


def test_without_an_engine_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each promise is not run, and says what is missing."""

    @contextmanager
    def nowhere() -> Iterator[Postgresql]:
        raise NotHere("needs postgresql")
        yield

    monkeypatch.setattr(verdicts, "one_postgresql", nowhere)
    found = verify(plan())
    assert {(v.tested, v.why) for v in found.values()} == {(base.Tested.NOT_RUN, "needs postgresql")}


def pinned(product: str) -> Plan:
    """The plan with every row in a database of that name."""
    choices = [f"database.{context}: {product}" for context in ("person", "entry", "share")]
    return plan(f"{DIARY}choices: {{{', '.join([*choices, f'database: {product}'])}}}\n")


def test_what_rests_elsewhere_is_stood_in_for(server: Postgresql) -> None:
    """The protocol runs on PostgreSQL all the same, and the verdict names the product."""
    elsewhere = pinned("mongodb")
    assert {s.technology.name for s in elsewhere.world.stores.values() if s.role == "database"} == {"MongoDB"}
    found = verify(elsewhere, promises=[REPEATABLE], server=server)[REPEATABLE]
    assert found.tested is base.Tested.STAND_IN_PASSED
    assert found.stands_in_for == "MongoDB"
    assert found.on.startswith("PostgreSQL ")


def test_what_a_store_cannot_keep_is_not_stood_in_for(server: Postgresql) -> None:
    """A store without transactions over two rows keeps no promise that rests on one, whatever PostgreSQL would say."""
    found = verify(pinned("cassandra"), promises=[REPEATABLE], server=server)[REPEATABLE]
    assert found.tested is base.Tested.NOT_RUN
    assert "Cassandra" in found.why


def test_a_promise_that_means_nothing_is_not_run(server: Postgresql) -> None:
    """Its problem is the reason."""
    wrong = plan(DIARY.replace("person = caller}, {", "owner = caller}, {"))
    found = verify(wrong, promises=["private.entry"], server=server)["private.entry"]
    assert found.tested is base.Tested.NOT_RUN
    assert "owner" in found.why


def test_a_step_that_means_nothing_is_said(server: Postgresql) -> None:
    """Without it the operation would be another one, so nothing is attacked."""
    wrong = plan(
        DIARY.replace(
            "[list entry by person = caller limit 20, answer entry]", "[list entry by owner = caller, answer entry]"
        )
    )
    found = verify(wrong, promises=["private.entry"], server=server)["private.entry"]
    assert found.tested is base.Tested.NOT_RUN
    assert found.why.startswith("mine: ")


def test_an_attack_at_fault_says_nothing_of_the_promise(server: Postgresql, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can not tell, and the other promises are judged all the same."""
    kind = verdicts.kinds()[next(k for k in verdicts.kinds() if k.value == "private")]

    def wrong(pledge: object, cast: object) -> Iterator[object]:
        raise KeyError("a fault")
        yield

    monkeypatch.setattr(kind, "scenarios", wrong)
    found = verify(plan(), server=server)
    assert found["private.entry"].tested is base.Tested.CANNOT_TELL
    assert "a fault" in found["private.entry"].why
    assert found["repeatable.write.body.request"].tested is base.Tested.PASSED


def test_the_same_seed_gives_the_same_history(server: Postgresql) -> None:
    """What a race has found is found again, step by step."""
    case = yaml.safe_load((Path(__file__).parent / "promises" / "ordered.yaml").read_text("utf-8"))
    said = case["brief"]
    said["operations"] |= case["variants"]["number_by_itself"]["change"]["operations"]
    made = plan(yaml.safe_dump(said, sort_keys=False))
    name = case["promise"]
    first, second = (verify(made, promises=[name], server=server, seed=3)[name] for _ in range(2))
    assert first.tested is base.Tested.FAILED
    assert (first.why, first.history) == (second.why, second.history)
    assert "(seed 3." in first.history[0]


def test_who_is_locked_out_by_their_own_rule(server: Postgresql) -> None:
    """Nobody may see what they write, so writing fails in their role; without that rule everybody can do everything they are to."""
    wrong = plan(DIARY.replace("through: person = caller", "through: id = caller"))
    assert set(locked_out(wrong, server)) == {"write", "show"}
    assert "row-level security" in locked_out(wrong, server)["write"]
    assert locked_out(plan(), server) == {}

"""What tables in MySQL keep, on MariaDB 10.11 in its place: conditions on some rows, rows that stay, turns, values as they were."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mariadb_session import Refused, Session, session
from waiting import until

from workbook.artifacts import build
from workbook.artifacts.dialects import sql
from workbook.artifacts.dialects.dialect import SqlDialect
from workbook.artifacts.dialects.statement import Slot
from workbook.artifacts.writing.text import compact
from workbook.brief import loads
from workbook.plan import derive
from workbook.plan.form.model import Step
from workbook.proof.engines.mariadb import database
from workbook.proof.servers import MariaDB

SEATS = """
system: Seats
entities:
  seat:
    fields:
      {id: id, room: text, place: int, state: enum free held sold, holder: text?, note: string 40?, price: money, open: bool,
       tags: list 2 text, extra: json?, userId: text?, userid: text?}
    unique: [[room, place]]
  trail: {fields: {id: id, seat: ref seat, at: time = now, what: text}}
operations:
  put_seat: {does: create seat, rate: 1/s, priority: P0, by: seller}
  see_seats: {does: list seat, where: [room], rate: 1/s, by: seller}
  set_seat:
    starts: event told
    steps:
      - >-
        put seat by id = event.id set room = event.room and place = event.place and state = free
        and price = event.price and open = true and tags = event.tags
  note: {does: create trail, rate: 1/s, by: seller, steps: [append trail set seat = body.seat and what = body.what, publish told by id = body.seat]}
topics:
  told: {key: [id], fields: {id: id, room: text, place: int, price: money, tags: list 2 text}}
personas: {seller: sells}
promises:
  - {unique: seat, by: [holder], while: state = held}
  - {unchanged: trail}
choices: {database: mysql, messaging: outbox}
"""

UNREAD = 0.3
"""InnoDB fills its table of transactions anew once nobody has read it for a tenth of a second: who asks more often sees the old one."""


@dataclass(frozen=True)
class House:
    """Tables on a server, and a connection to them."""

    dialect: SqlDialect
    server: MariaDB
    name: str
    asked: Session

    def put(self, number: int, **values: object) -> None:
        """A row of a seat, where nothing stands against it."""
        row = {
            "id": identifier(number), "room": "hall", "place": number, "state": "free", "holder": None, "note": None,
            "price": 1.5, "open": True, "tags": ["a"], "extra": {"x": 1}, **values,
        }  # fmt: skip
        self.asked.ask(self.dialect.sample_row(self.dialect.tables["seat"], row, row.values()))


def identifier(number: int) -> str:
    """An identifier with a number in it."""
    return f"00000000-0000-5000-8000-{number:012}"


@pytest.fixture(scope="module")
def house(mariadb_here: MariaDB) -> Iterator[House]:
    """The tables of the seats."""
    plan = derive(loads(SEATS))
    _, dialect = next(sql.stores(plan))
    schema = next(a for a in build(plan) if a.kind == "schema")
    with ExitStack() as opened:
        name = opened.enter_context(database(mariadb_here))
        assert not mariadb_here.run(name, schema.text)
        yield House(dialect, mariadb_here, name, opened.enter_context(session(mariadb_here, name)))


@pytest.fixture(autouse=True)
def _undone(house: House) -> Iterator[None]:
    """Each test ends with what it began with."""
    house.asked.ask("START TRANSACTION;")
    yield
    house.asked.ask("ROLLBACK;")


def test_a_condition_makes_only_some_rows_unique(house: House) -> None:
    """Two free seats of one holder are fine, two held ones are not: the second stays away."""
    for number, state in enumerate(("free", "free", "sold", "sold", "held", "held")):
        house.put(number, state=state, holder="ann")
    states = [row["state"] for row in house.asked.ask("SELECT `state` FROM seat ORDER BY `place`;")]
    assert states == ["free", "free", "sold", "sold", "held"]


def test_a_trail_is_neither_changed_nor_taken_away(house: House) -> None:
    """UPDATE and DELETE are refused with the table's name; setting what is there already is no change."""
    house.put(1)
    house.asked.ask(f"INSERT INTO trail (seat, what) VALUES ('{identifier(1)}', 'sold');")
    house.asked.ask("UPDATE trail SET what = 'sold';")
    for statement in ("UPDATE trail SET what = 'free';", "DELETE FROM trail;"):
        with pytest.raises(Refused, match="trail is append-only"):
            house.asked.ask(statement)


def test_a_put_never_changes_another_row(house: House) -> None:
    """Where the values of another unique index are taken it leaves both rows as they are, and the row is not found again."""
    house.put(1, place=7, price=3)
    (step,) = (s for p in [_program("set_seat")] for s, _ in p)
    sent = [s.write(lambda _, slot: _literal(house, slot)) for s in house.dialect.statements(step)]
    assert house.asked.ask(";\n".join(sent) + ";") == []
    assert house.asked.ask("SELECT `place`, price FROM seat;") == [{"place": "7", "price": "3.00"}]


def _program(name: str) -> list[tuple[Step, object]]:
    return list(derive(loads(SEATS)).world.programs[name].steps())


def _literal(house: House, slot: Slot) -> str:
    said = str(slot)
    known = {"event.id": identifier(2), "event.room": "hall", "event.place": 7, "event.price": 5, "event.tags": ["b"]}
    return house.dialect.literal(known.get(said, said == "true" if said in ("true", "false") else said), slot)


def test_columns_that_differ_by_case_alone_are_both_there(house: House) -> None:
    """The engine reads no case in names of columns: the second has a number, in the table and in every statement."""
    names = [row["Field"] for row in house.asked.ask("SHOW COLUMNS FROM seat;")]
    assert {"userId", "userid_2"} <= set(names)


def test_an_event_is_told_in_the_order_of_commits(house: House) -> None:
    """Whoever tells the second one waits for the first to commit, so that no reader sees the later one alone."""
    plan = derive(loads(SEATS))
    (step,) = (s for s, _ in plan.world.programs["note"].steps() if s.target == "told")
    telling = ";\n".join(
        s.write(lambda _, slot: house.dialect.literal(None, slot)) for s in house.dialect.statements(step)
    )
    assert "topic_turn" in telling
    insert = "INSERT INTO told (id, room, `place`, price, tags, told_in) VALUES (uuid(), 'r', 1, 1, '[]', (SELECT turn FROM topic_turn));"
    turn = telling.split(";\n")[0] + ";"
    with session(house.server, house.name) as first, session(house.server, house.name) as second:
        for one in (first, second):
            one.ask("START TRANSACTION;")
        first.ask(turn + insert)
        with ThreadPoolExecutor(1) as beside:
            waits = beside.submit(second.ask, turn + insert + "COMMIT;")
            until(
                lambda: house.asked.ask(
                    "SELECT 1 AS one FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT';"
                ),
                every=UNREAD,
            )
            assert not waits.done()
            first.ask("COMMIT;")
            waits.result(20)
        told = [row["told_in"] for row in first.ask("SELECT told_in FROM told ORDER BY event_number;")]
    assert told == sorted(told, key=int)
    assert len(set(told)) == 2


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60))
def test_texts_come_back_as_they_were(text: str, house: House) -> None:
    """Any text, quotes, backslashes and signs of four bytes among them. A list holds it, too: MariaDB keeps JSON as it is written, so that
    what is written with an escape is another text to it there, and to MySQL not.
    """
    house.asked.ask("DELETE FROM seat;")
    house.put(1, note=text, tags=[text])
    (found,) = house.asked.ask("SELECT hex(note) AS note, JSON_CONTAINS(tags, JSON_ARRAY(note)) AS held FROM seat;")
    assert bytes.fromhex(found["note"] or "").decode() == text
    assert found["held"] == "1" or "\\" in compact(text)


def test_two_takers_get_different_items(mariadb_here: MariaDB) -> None:
    """An item that one has locked and not yet committed is passed over by the other."""
    with database(mariadb_here) as name, session(mariadb_here, name) as first, session(mariadb_here, name) as second:
        first.ask("CREATE TABLE job (id int PRIMARY KEY); INSERT INTO job VALUES (1), (2);")
        asked = "START TRANSACTION; SELECT id FROM job ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;"
        assert (first.ask(asked), second.ask(asked)) == ([{"id": "1"}], [{"id": "2"}])

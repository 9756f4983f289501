"""The stage itself: who starts what nobody calls, at least once and in order, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from staged import staged

from workbook.artifacts.dialects.postgresql import starts
from workbook.proof.servers import Postgresql
from workbook.proof.stage.acts import Answers
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import Cast
from workbook.proof.stage.outside import Ending
from workbook.proof.stage.play import Call, How, Play

BRIEF = Path(__file__).with_name("club.yaml").read_text("utf-8")


@pytest.fixture(scope="module")
def cast(server: Postgresql) -> Iterator[Cast]:
    """A house with everything in it that may start an operation."""
    with staged(server, "club", BRIEF) as made:
        yield made


@pytest.fixture
def play(cast: Cast) -> Play:
    """A history that begins."""
    made = cast.play()
    made.begin(0)
    made.rest()
    made.results.clear()
    return made


def runs(play: Play, operation: str) -> list[str]:
    """How the runs of an operation ended."""
    return [r.outcome.kind for r in play.results if r.call.operation == operation]


def seen(play: Play, operation: str, line: object) -> int:
    """How often an operation noted a line."""
    before = {r["id"] for r in play.before("seen")}
    return sum(str(r["line"]) == str(line) for r in play.rows("seen") if r["id"] not in before)


def said(cast: Cast, play: Play, number: int = 0, room: object = None) -> str:
    """A line that somebody said."""
    call = cast.request("say", ("said", number))
    body = {**call.body, **({"room": room} if room else {})}
    result = play.call(Call("say", call.caller, body))
    assert result.fine
    return str(result.outcome.answer["line"]["id"])


def test_events_start_their_consumers_once_each(cast: Cast, play: Play) -> None:
    """Each consumer has its own place; what runs everywhere runs at every instance; a batch is one run."""
    for number in range(4):
        said(cast, play, number)
    play.rest()
    assert (len(runs(play, "hear")), len(runs(play, "hear_many")), len(runs(play, "hear_everywhere"))) == (4, 2, 8)
    play.rest()
    assert len(runs(play, "hear")) == 4


@pytest.mark.parametrize("again", [True, False], ids=["told twice", "killed"])
def test_events_come_again(cast: Cast, play: Play, again: bool) -> None:
    """After a lost acknowledgement, and after a worker died before it had committed."""
    line = said(cast, play)
    first = next(step.id for step, _ in play.programs["hear"].steps())
    play.rest([Fault("hear", again=True) if again else Fault("hear", dies=first)])
    assert runs(play, "hear") == (["done", "done"] if again else ["killed", "done"])
    assert sum(str(r["line"]) == line for r in play.rows("seen")) >= 1


def test_an_item_is_done_once_and_is_gone(cast: Cast, play: Play) -> None:
    """The worker takes it under a lease, and ends it."""
    line = said(cast, play)
    play.rest()
    assert runs(play, "send") == ["done"]
    assert [c.key for c in play.outside.effects("post.letter")] == [(line,)]
    assert play.rows("mail") == []


def test_an_item_of_a_dead_worker_comes_back_after_the_lease(cast: Cast, play: Play) -> None:
    """Not before."""
    said(cast, play)
    play.rest([Fault("send", dies="send.2")])
    assert runs(play, "send") == ["killed"]
    play.rest()
    assert runs(play, "send") == ["killed"]
    play.wait(timedelta(minutes=2))
    play.rest()
    assert runs(play, "send") == ["killed", "done"]


def test_what_fails_for_ever_is_given_up(cast: Cast, play: Play) -> None:
    """It is tried later and later, then it is dead, and whoever buries it starts."""
    said(cast, play)
    Answers((Ending.NEVER,) * 50).perform(play)
    for _ in range(20):
        play.rest()
        play.wait(timedelta(minutes=1))
    assert set(runs(play, "send")) == {"failed"}
    assert 3 <= len(runs(play, "send")) <= 8
    assert runs(play, "bury") == ["done"]
    assert play.rows("mail") == []


def test_connections_open_beat_and_close(cast: Cast, play: Play) -> None:
    """A heartbeat keeps the entry alive; who goes is gone, and who is silent is swept."""
    person = cast.request("follow_lines").caller
    assert person is not None
    play.opens("follow_lines", person)
    for _ in range(5):
        play.wait(timedelta(minutes=1))
        play.rest()
    assert [r for r in play.rows("connection") if r["expires_at"] > play.clock.now]
    assert len(runs(play, "alive")) == 5
    play.closes("follow_lines", person)
    assert play.rows("connection") == []
    play.opens("follow_lines", person)
    play.connected.clear()
    play.wait(timedelta(hours=2))
    play.rest()
    assert play.rows("connection") == []


def test_what_is_lost_is_built_again(cast: Cast) -> None:
    """Rows to begin with are there, and what follows from them agrees."""
    lines = cast.rows["line"]
    for row in cast.rows["counted"]:
        assert row["number"] <= sum(one["room"] == row["room"] for one in lines)


def test_readers_lose_nothing_that_commits_late(cast: Cast, play: Play) -> None:
    """An event with a smaller number that is committed later is read, too; while it is open, nothing behind it is."""
    house = cast.house
    table = house.scene.tables["said"]
    early, late = house.connection(1), house.connection(2)
    room = cast.rows["room"][0]["id"]
    with early.transaction():
        tell(early, room, "first")
        with late.transaction():
            tell(late, room, "second")
        assert read(play, table) == []
    assert read(play, table) == ["first", "second"]
    assert read(play, table) == []


def test_events_of_one_key_stay_in_order(cast: Cast, play: Play) -> None:
    """A transaction that began first and told last comes last, also where a third one parts them."""
    house = cast.house
    table = house.scene.tables["said"]
    first, second, third = (house.connection(n) for n in (1, 2, 3))
    room, other = cast.rows["room"][0]["id"], cast.rows["room"][1]["id"]
    with first.transaction():
        first.execute("SELECT pg_current_xact_id()")
        with third.transaction():
            third.execute("SELECT pg_current_xact_id()")
            with second.transaction():
                tell(second, room, "told first")
            tell(first, room, "told second")
            tell(third, other, "elsewhere")
            first_done = read(play, table)
        assert first_done == []
    found = read(play, table)
    assert found.index("told first") < found.index("told second")


def test_an_event_waits_for_the_one_before_it(cast: Cast, play: Play) -> None:
    """The older transaction is over, a younger one that told before it is beyond the oldest that runs: both wait."""
    house = cast.house
    table = house.scene.tables["said"]
    older, younger, running = (house.connection(n) for n in (1, 2, 3))
    room = cast.rows["room"][0]["id"]
    with running.transaction():
        with older.transaction():
            older.execute("SELECT pg_current_xact_id()")
            running.execute("SELECT pg_current_xact_id()")
            with younger.transaction():
                tell(younger, room, "told first")
            tell(older, room, "told second")
        assert read(play, table) == []
    assert read(play, table) == ["told first", "told second"]


def tell(connection: Any, room: object, text: str) -> None:
    """An event, by hand."""
    connection.execute(
        "INSERT INTO said (id, room, author, text) VALUES (gen_random_uuid(), %s, gen_random_uuid(), %s)", (room, text)
    )


def read(play: Play, table: Any) -> list[str]:
    """What a reader finds behind its horizon, which it then moves on."""
    rows = play.background._ask(starts.fetch(table), reader="reader of the test")
    new = [str(r["text"]) for r in rows]
    if rows:
        play.background._ask(starts.advance(table), reader="reader of the test", horizon=rows[0]["horizon"])
    return [t for t in new if t in ("first", "second", "elsewhere", "told first", "told second")]


def test_racers_wait_for_locks_and_go_on(cast: Cast, play: Play) -> None:
    """Writers of one room take turns; all of them come to their end, in the same order for the same seed."""
    room = cast.rows["room"][0]["id"]
    calls = [
        Call("say", c.caller, {**c.body, "room": room}) for c in (cast.request("say", ("race", n)) for n in range(5))
    ]
    histories = []
    for _ in range(2):
        play.begin(7)
        assert all(r.fine for r in play.race(calls, How.STEPWISE))
        histories.append([line for line in play.log if line.startswith("  ")])
    assert histories[0] == histories[1]
    assert len(histories[0]) == 5 * 5

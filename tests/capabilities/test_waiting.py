"""A waiting room lets in as many as it says, in the order of arrival, and keeps one place for each person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from staged import staged

from workbook.proof.servers import Postgresql
from workbook.proof.stage.cast import Cast
from workbook.proof.stage.play import Call, Play

BRIEF = "system: Sale\narchetypes: [flash_sale]\ntunables: {ADMIT_PER_SECOND: 2}\n"


@pytest.fixture(scope="module")
def cast(server: Postgresql) -> Iterator[Cast]:
    """The house of a sale whose line is empty."""
    with staged(server, "line", BRIEF) as made:
        for name in ("line", "served", "tick", "place_in_line"):
            made.house.admin.execute(f"DELETE FROM {name}")
        made.house.keep()
        made.look()
        yield made


def test_so_many_a_second_enter_in_the_order_in_which_they_came(cast: Cast) -> None:
    """Nobody enters before the first second; then two a second do, the first ones first, and not ahead of the line."""
    play = _begun(cast)
    buyers = cast.rows["buyer"][:5]
    assert [_place(play, cast, b) for b in buyers] == [1, 2, 3, 4, 5]
    assert all(_turned_away(play, cast, b) for b in buyers)
    for seconds in (1, 2, 3):
        play.wait(timedelta(seconds=1))
        play.rest()
        served = play.rows("served")[0]["number"]
        assert served == 2 * seconds
        assert [_turned_away(play, cast, b) for b in buyers] == [n >= served for n in range(5)]
    play.wait(timedelta(seconds=5))
    play.rest()
    assert play.rows("served")[0]["number"] == 6


def test_who_asks_again_keeps_the_place(cast: Cast) -> None:
    """A second request of the same person gives the place that they have."""
    play = _begun(cast)
    first, second = cast.rows["buyer"][:2]
    assert [_place(play, cast, b) for b in (first, second, first)] == [1, 2, 1]


def _begun(cast: Cast) -> Play:
    cast.house.reset()
    play = cast.play()
    play.begin(0)
    return play


def _call(cast: Cast, operation: str, buyer: dict[str, object]) -> Call:
    call = cast.request(operation, 0)
    program = cast.house.scene.programs[operation]
    return Call(operation, cast.requests(operation).as_caller(program, dict(buyer)), {**call.body, "quantity": 0})


def _place(play: Play, cast: Cast, buyer: dict[str, object]) -> int:
    done = play.call(_call(cast, "enter_line", buyer))
    assert done.fine
    return int(done.outcome.answer["place_in_line"]["position"])


def _turned_away(play: Play, cast: Cast, buyer: dict[str, object]) -> bool:
    """Whether somebody is turned away at the door; what the stock says to them behind it is another matter."""
    done = play.call(_call(cast, "hold_tickets", buyer))
    doors = [s.id for s, _ in cast.house.scene.programs["hold_tickets"].steps() if s.target in ("served", "early")]
    return done.outcome.step in doors

"""Who looks for a time is offered what is free: a booked time is gone until it is cancelled, whichever way bookings are built."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml

from workbook.brief import load, loads
from workbook.plan import Plan, derive
from workbook.proof.servers import Postgresql
from workbook.proof.stage.cast import Cast, settle_in
from workbook.proof.stage.house import House, database
from workbook.proof.stage.play import Call, Play
from workbook.proof.stage.scene import scene

COURTS: dict[str, Any] = {
    "system": "Tennis courts",
    "capabilities": ["appointment_booking"],
    "populations": {"users": {"daily_active": 500}},
    "entities": {
        "member": {"fields": {"id": "id", "name": "string 20"}, "count": 3000},
        "court": {"fields": {"id": "id", "name": "string 20"}, "count": 40},
        "playing_time": {
            "fields": {"court": "ref court", "begins": "time", "state": "enum free taken"},
            "key": ["court", "begins"],
            "moves": {"state": {"free": ["taken"], "taken": ["free"]}},
            "count": [40, 400],
        },
        "match": {
            "fields": {
                "id": "id",
                "member": "ref member = caller",
                "court": "ref court",
                "begins": "time",
                "state": "enum agreed withdrawn",
            },
            "moves": {"state": {"agreed": ["withdrawn"], "withdrawn": []}},
        },
    },
    "operations": {
        "find_times": {
            "does": "list playing_time",
            "where": ["court"],
            "rate": "2 per users per day",
            "by": "player",
        },
        "book_court": {"does": "create match", "rate": "1 per users per day", "by": "player"},
        "withdraw": {"does": "update match", "rate": "10 % of book_court", "by": "player"},
    },
    "personas": {"player": {"is": "member"}},
}
NAMES = {
    "clinic": ("find_slots", "book_appointment", "cancel_appointment", "bookable_slot", "starts_at", "appointment"),
    "courts": ("find_times", "book_court", "withdraw", "playing_time", "begins", "match"),
}


def planned(system: str, choices: dict[str, str]) -> Plan:
    """An example, or the brief above, with an approach pinned."""
    if system == "clinic":
        return derive(load("clinic"))
    return derive(loads(yaml.safe_dump({"workbook": 1, **COURTS, "choices": choices})))


def offered(play: Play, cast: Cast, operation: str, call: Call, raster: str, begin: str) -> list[Any]:
    """The times that somebody is offered who looks for the same provider."""
    provider = next(k for k in play.house.scene.tables[raster].key if k != begin)
    found = play.call(Call(operation, call.caller, {provider: call.body[provider]}))
    assert found.fine
    return [r[begin] for r in found.outcome.answer[raster]]


@pytest.mark.parametrize(("system", "approach"), [("clinic", ""), ("courts", "spans"), ("courts", "slots")])
def test_a_booked_time_is_not_offered_until_it_is_cancelled(system: str, approach: str, server: Postgresql) -> None:
    """The time is offered, then booked and not offered, then cancelled and offered again."""
    find, book, cancel, raster, begin, booked = NAMES[system]
    plan = planned(system, {"appointment_booking": approach})
    with database(server, f"times_{system}_{approach}") as connect:
        house = House(scene(plan), connect)
        house.build()
        cast = settle_in(house)

        def takes_one(call: Call, play: Play) -> bool:
            return any(s.target == raster and rows for s, rows in play.results[-1].given)

        call = cast.fitting(book, takes_one)
        assert call is not None
        play = cast.play()
        play.begin(0)
        assert call.body[begin] in offered(play, cast, find, call, raster, begin)
        done = play.call(call)
        assert call.body[begin] not in offered(play, cast, find, call, raster, begin)
        assert play.call(Call(cancel, call.caller, {"id": done.outcome.answer[booked]["id"]})).fine
        assert call.body[begin] in offered(play, cast, find, call, raster, begin)
        house.close()


def test_a_visit_takes_every_time_that_it_covers(server: Postgresql) -> None:
    """A long visit takes several published times, none may be taken already, and cancelling gives all of them back."""
    plan = derive(loads(yaml.safe_dump({"workbook": 1, **COURTS, "choices": {"appointment_booking": "spans"}})))
    with database(server, "times_long") as connect:
        house = House(scene(plan), connect)
        house.build()
        cast = settle_in(house)
        call = cast.fitting(
            "book_court", lambda c, p: any(s.target == "playing_time" and r for s, r in p.results[-1].given)
        )
        assert call is not None
        court, first = call.body["court"], call.body["begins"]
        second = first + timedelta(minutes=15)
        house.insert("playing_time", {"court": court, "begins": second, "state": "free"})
        house.keep()
        cast.look()
        play = cast.play()
        play.begin(0)
        done = play.call(call)
        assert done.fine
        times = offered(play, cast, "find_times", call, "playing_time", "begins")
        assert first not in times
        assert second not in times
        assert play.call(Call("withdraw", call.caller, {"id": done.outcome.answer["match"]["id"]})).fine
        times = offered(play, cast, "find_times", call, "playing_time", "begins")
        assert first in times
        assert second in times
        house.change("playing_time", {"court": court, "begins": second}, {"state": "taken"})
        assert not play.call(call).fine
        house.close()


def test_a_promise_of_the_brief_excludes_the_approach_that_cannot_keep_it() -> None:
    """Who is promised spans that do not overlap gets them, though rows of a raster would cost less; without it the raster wins."""
    pledged = {"no_overlap": "match", "by": ["court"], "from": "begins", "to": "ends", "while": "state != withdrawn"}
    chosen = []
    for more in ({}, {"promises": [pledged]}):
        plan = derive(loads(yaml.safe_dump({"workbook": 1, **COURTS, **more})))
        decided = plan.decisions["appointment_booking.match"]
        chosen.append(decided.chosen.id)
    assert chosen == ["slots", "spans"]
    assert any("no_overlap" in str(excuse) for excuse in decided.of("slots").excuses)

"""What starts an operation may come twice, and whoever handles it may die anywhere: one note is left all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import loads
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan import Plan, derive
from workbook.proof.promises.base import points
from workbook.proof.promises.guards import Guard, condition, primary_key
from workbook.proof.promises.verdicts import Stage
from workbook.proof.servers import Postgresql
from workbook.proof.stage.background import Fault
from workbook.proof.stage.play import Call, Play
from workbook.proof.stage.scene import scene

SAID: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("twice.yaml").read_text("utf-8"))
ABOUT = ("keyed", "claimed")
HANDLER = "note_it"
LEASE = timedelta(minutes=2)
"""Longer than the lease of an item: it comes back to another worker."""


@cache
def planned(name: str) -> Plan:
    """The plan of one system."""
    said = {k: v for k, v in SAID["starts"][name].items() if k not in ABOUT}
    return derive(loads(yaml.safe_dump({**SAID["base"], **said}, sort_keys=False)))


@pytest.mark.parametrize("name", SAID["starts"])
def test_what_harms_twice_is_claimed_or_keyed(name: str) -> None:
    """A new row takes the identifier of its event; what starts otherwise is claimed in the transaction; a given key is left."""
    programs = planned(name).world.programs
    claiming = {n for n, p in programs.items() for s, _ in p.steps() if s.verb is Verb.CLAIM}
    keyed = {
        n for n, p in programs.items() for s, _ in p.steps() if s.verb is Verb.APPEND and "id = event and" in s.text
    }
    said = SAID["starts"][name]
    assert said.get("claimed") in (claiming or {None})
    assert said.get("keyed") in (keyed or {None})


def histories(play: Play, call: Call, handler: str) -> Iterator[str]:
    """The call, and everything that may go wrong behind it: each in its own history."""
    program = play.programs[handler]
    faults = [Fault(handler, again=True), *(Fault(handler, point) for point in points(program))]
    for number, fault in enumerate(faults):
        play.begin(number)
        if program.starts is Start.WEBHOOK:
            play.call(replace(call, dies=fault.dies))
            assert play.call(call).fine, "who is told no asks again for ever"
        else:
            play.call(call)
            play.rest((fault,))
            play.background.restart()
            play.wait(LEASE)
        play.rest(())
        yield str(fault)


def noted(play: Play, stage: Stage, handler: str) -> dict[str, int]:
    """How many notes there are more than in the beginning, by what went wrong."""
    call = stage.cast.fitting("leave")
    assert call is not None
    return {title: len(play.rows("note")) - len(play.before("note")) for title in histories(play, call, handler)}


@pytest.mark.parametrize("name", SAID["starts"])
def test_one_note_is_left(name: str, server: Postgresql) -> None:
    """Told twice, dead anywhere, restarted: one note; and without what keeps it so there are more."""
    with Stage.opened(scene(planned(name)), server, 0) as stage:
        handler = HANDLER if HANDLER in stage.scene.programs else "leave"
        with stage.without(()) as play:
            found = noted(play, stage, handler)
            assert {title for title, number in found.items() if number != 1} == set()
        with stage.without(guards(stage, handler)) as play:
            assert max(noted(play, stage, handler).values()) > 1


def guards(stage: Stage, handler: str) -> tuple[Guard, ...]:
    """The claim; where nothing is claimed, the key."""
    claims = [condition(s) for s, _ in stage.scene.programs[handler].steps() if s.verb is Verb.CLAIM]
    return tuple(claims) or (primary_key(stage.scene.tables["note"]),)


def test_two_handlers_of_an_event_each_do_their_work(server: Postgresql) -> None:
    """What one operation has handled is not handled for another."""
    with Stage.opened(scene(planned("two_handlers")), server, 0) as stage, stage.without(()) as play:
        call = stage.cast.fitting("leave")
        assert call is not None
        play.begin(0)
        counted = sum(row["number"] for row in play.rows("tally"))
        play.call(call)
        play.rest(())
        assert sum(row["number"] for row in play.rows("tally")) == counted + 1


def test_an_outbox_forgets_what_was_told_and_nothing_else(server: Postgresql) -> None:
    """After a day an event that the broker has is gone; one that the relay never came to is still there."""
    with Stage.opened(scene(planned("outbox")), server, 0) as stage, stage.without(()) as play:
        call = stage.cast.fitting("leave")
        assert call is not None
        every = play.programs
        relay = next(n for n, p in every.items() if p.operation.starts.on == "left_outbox")
        for programs, left in ((every, 0), ({n: p for n, p in every.items() if n != relay}, 1)):
            play.programs = programs
            play.begin(0)
            play.call(call)
            play.rest(())
            assert len(play.rows("left_outbox")) - len(play.before("left_outbox")) == 1
            play.wait(timedelta(days=2))
            play.rest(())
            assert len(play.rows("left_outbox")) - left == 0

"""Once, in its window: the clock jumps, workers die and restart, other people's services fail; what was moved or cancelled is not told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Root, refs
from workbook.plan.form.verbs import MAKES_ROWS, WRITES
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, given_rows, makers, points, same, span, steps_on
from workbook.proof.promises.ending import ends
from workbook.proof.promises.guards import Guard
from workbook.proof.promises.no_overlap import said_by
from workbook.proof.stage.acts import Answers, Calls, Change, Later, Rest, Restart, Scenario, Wait
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import Cast
from workbook.proof.stage.frame import BEGIN, Row
from workbook.proof.stage.outside import Ending
from workbook.proof.stage.play import Call, Made, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.ON_TIME
AHEAD = timedelta(hours=30)
"""How far ahead the time is set for which somebody asks."""
SOON = timedelta(hours=2)
"""How far ahead it must be at least."""
OTHERS = 12
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SLICES = 6
"""Moments in the window at which workers that came back look again."""
DEFAULT_LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Times:
    """How often it must happen for the row, and in which window."""

    often: int
    begin: datetime | None = None
    end: datetime | None = None


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"the clock jumps to, into and past the time of {pledge.operation}; workers die and restart; the row is moved and cancelled"


def subject(pledge: Pledge) -> str:
    """The structure whose rows have a time."""
    found = next((r for r in refs(pledge.values["at"]) if r.root is Root.BOUND), None)
    if found is None:
        raise CannotAttack(f"the time of {pledge.operation} follows from no row")
    return found.name


def _column(pledge: Pledge) -> str:
    return next(r.fields[0] for r in refs(pledge.values["at"]) if r.root is Root.BOUND)


def _at(pledge: Pledge, play: Play, row: Row) -> datetime:
    frame = play.frame(pledge.id, bound={subject(pledge): row})
    found: datetime = frame.value(pledge.values["at"])
    return found


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """A row is made; then time jumps."""
    call, field, at = _made(pledge, cast)
    play = cast.play()
    play.begin(0)
    late, early = span(pledge, play, "late", DEFAULT_LATE), span(pledge, play, "early", timedelta(0))
    until = at - play.clock.now
    make, just = Calls((call,)), min(MINUTE, late / 2)
    once = Times(1, at - early, at + late)
    due = (make, Rest(), Wait(until - early - MINUTE), Rest(), Wait(early + MINUTE + just))
    after = (Wait(HOUR), Rest())
    yield Scenario("the clock jumps", (*due, Rest(), *after), 0, once)
    yield Scenario("workers restart", (*due, Rest(), Restart(), Rest(), *after), 0, once)
    slices = (Wait((late - just) / SLICES), Rest()) * (SLICES - 1)
    for point in points(cast.house.scene.programs[pledge.operation]):
        dying = (*due, Rest((Fault(pledge.operation, point),)), Rest(), Restart(), Rest(), *slices, *after)
        yield Scenario("a worker dies", dying, 0, once)
    yield Scenario("all workers sleep past its time", (make, Wait(until + late + HOUR), Rest()), 0, Times(0))
    if _calls(pledge, cast.house.scene):
        for ending in (Ending.UNKNOWN, Ending.NEVER):
            acts = (*due, Answers((ending,)), Rest(), Wait(MINUTE), Rest(), Wait(MINUTE), Rest(), *after)
            yield Scenario("nobody knows whether it was done", acts, 0, replace(once, end=at + late + HOUR))
    for ending_call in ends(replace(pledge, structure=subject(pledge)), cast, call):
        yield Scenario(
            f"{ending_call.operation} in between", (make, Rest(), Calls((ending_call,)), *due[2:], Rest()), 0, Times(0)
        )
    yield from _moved(pledge, cast, due, _columns(pledge, cast, call, field), Times(1, at - early, at + late))


def _columns(pledge: Pledge, cast: Cast, call: Call, field: str) -> list[str]:
    """The columns that a request sets from the same field as the time."""
    name = subject(pledge)
    steps = steps_on(cast.house.scene.programs[call.operation], name, MAKES_ROWS)
    return [c.name for c in cast.house.scene.tables[name].columns if any(said_by(s, c.name) == field for s in steps)]


def _moved(pledge: Pledge, cast: Cast, due: Any, columns: list[str], first: Times) -> Iterator[Scenario]:
    """Moved by hand where the rows themselves are looked at: by a day."""
    name = subject(pledge)
    table = cast.house.scene.tables[name]
    if cast.house.scene.programs[pledge.operation].starts is not Start.DUE or not first.begin or not first.end:
        return
    day = timedelta(days=1)
    values: Row = {c: Later(name, c, day) for c in columns}
    values |= {"version": Later(name, "version", 1)} if table.has("version") else {}
    moved = Change(name, {k: Made(name, k) for k in table.key}, values)
    acts = (due[0], Rest(), moved, *due[2:], Rest(), Wait(day), Rest())
    yield Scenario("moved before its time", acts, 0, Times(1, first.begin + day, first.end + day))


def _made(pledge: Pledge, cast: Cast) -> tuple[Call, str, datetime]:
    """A request that makes a row whose time lies ahead, and the field that says so."""
    name, column = subject(pledge), _column(pledge)
    operations = makers(cast.house.scene, name)
    for operation in operations:
        call = cast.fitting(operation)
        steps = steps_on(cast.house.scene.programs[operation], name, MAKES_ROWS)
        field = next((b for s in steps for b in [said_by(s, column)] if b), "")
        if call is None or not isinstance(call.body.get(field), datetime):
            continue
        at = _when(pledge, cast, call)
        shift = BEGIN + AHEAD - at if at is not None else timedelta(0)
        ahead = replace(call, body={**call.body, field: call.body[field] + shift})
        for tried in (ahead, call, *cast.some(operation, OTHERS)):
            found = _when(pledge, cast, tried)
            if found is not None and found >= BEGIN + SOON:
                return tried, field, found
    raise CannotAttack(f"no request of {' or '.join(operations) or 'anybody'} sets {name}.{column}")


def _when(pledge: Pledge, cast: Cast, call: Call) -> datetime | None:
    """When it is time for the row that a request makes; None where it makes none."""
    play = cast.play()
    play.begin(0)
    play.call(call)
    rows = given_rows(play, subject(pledge))
    found = _at(pledge, play, rows[-1]) if rows and play.results[-1].fine else None
    cast.house.reset()
    return found


def _calls(pledge: Pledge, scene: Scene) -> list[str]:
    return [s.target for s, _ in scene.programs[pledge.operation].steps() if s.verb is Verb.CALL]


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """Not once, or not in its window."""
    name = subject(pledge)
    made = given_rows(play, name)
    if not made:
        return ""
    key = play.house.scene.tables[name].key
    wanted: Times = scenario.about
    found = list(_effects(pledge, play, str(made[0][key[0]])))
    if len(found) != wanted.often:
        often = {0: "never", 1: "once"}.get(len(found), f"{len(found)} times")
        must = {0: "never", 1: "once"}[wanted.often]
        return f"{pledge.operation} had its effect {often}, and must have it {must}: {scenario.title}"
    outside = [t for t in found if (wanted.begin and t < wanted.begin) or (wanted.end and t > wanted.end)]
    if outside:
        return f"{pledge.operation} had its effect at {outside[0]:%d %b %H:%M}, not in {wanted.begin:%d %b %H:%M} to {wanted.end:%H:%M}"
    return ""


def _effects(pledge: Pledge, play: Play, row: str) -> Iterator[datetime]:
    """When it had an effect for a row: calls of others, each key once; else what it wrote."""
    calls = _calls(pledge, play.house.scene)
    if calls:
        for name in calls:
            for called in play.outside.effects(name):
                if any(same(v, row) for v in (*called.key, *called.told.values())):
                    yield called.at
        return
    for result in play.results:
        wrote = any(s.verb in WRITES and given for s, given in result.given)
        if result.call.operation == pledge.operation and wrote and any(same(v, row) for v in result.item.values()):
            yield result.at


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """What is asked again before, the note of what was done, the key of the call, and when a row is due."""
    program = scene.programs[pledge.operation]
    made = [g.due_condition(pledge.operation), g.due_bound(pledge.operation)] if program.starts is Start.DUE else []
    made += [g.unkeyed(s) for s, _ in program.steps() if s.verb is Verb.CALL and s.by]
    made += [g.step_left_out(s, program.id) for s, _ in program.steps() if s.verb in (Verb.PUT, Verb.APPEND)]
    made += [g.asked_nothing(s) for s, _ in program.steps() if s.verb is Verb.GET and s.where]
    return made

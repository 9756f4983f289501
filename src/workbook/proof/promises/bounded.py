"""A number stays in its bounds: from near the limit, many move it at once; exactly what is free is given, and giving back works once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Verb
from workbook.brief.values import as_list
from workbook.plan.form.model import Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Compared, Root, refs
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, by_caller, same, shown_rows
from workbook.proof.promises.ending import about_made
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Change, Rest, Scenario, Wait
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Made, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.BOUNDED
RACERS, CROWD, ROUNDS = 6, 12, 2
FREE = 2
"""How much is free where the race begins."""
DAYS = timedelta(days=2)
_MOVING = (Verb.ADD, Verb.CHANGE, Verb.PUT, Verb.TAKE, Verb.MOVE)


@dataclass(frozen=True)
class Moved:
    """The row that is moved, by how much each request moves it, and how many may."""

    key: Row
    by: float
    free: int
    back: str = ""
    """The operation that gives back: at most as often as something was taken."""


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return (
        f"{CROWD} callers move {pledge.column} where {FREE} are free; then it is given back, twice, and left to expire"
    )


def moving(pledge: Pledge, program: Program) -> list[Step]:
    """The steps that move the number."""
    every = [s for s, _ in program.steps() if s.target == pledge.structure and s.verb in _MOVING]
    named = [s for s in every if any(v.field == pledge.column for v in (*s.plus, *s.sets))]
    return named or [s for s in every if s.verb is Verb.TAKE]


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Every operation that moves it, from near either bound."""
    programs = cast.house.scene.programs
    named = [n for n, p in programs.items() if p.starts in CALLED and moving(pledge, p)]
    if not named:
        raise CannotAttack(f"no operation that somebody calls moves {pledge.structure}.{pledge.column}")
    told = False
    for name in named:
        found = _moved(pledge, cast, name)
        if found is None:
            continue
        told = True
        call, moved = found
        for key, by in moved:
            yield from _of(pledge, cast, call, key, by)
    if not told:
        raise CannotAttack(cast.lacking(named))


def _of(pledge: Pledge, cast: Cast, call: Call, key: Row, by: float) -> Iterator[Scenario]:
    least, most = _bounds(pledge, cast, key)
    bound = most if by > 0 else least
    if bound is None:
        return
    begin = bound - by * FREE
    if by > 0 and least is not None:
        begin = max(begin, least)
    elif by < 0 and most is not None:
        begin = min(begin, most)
    start = Change(pledge.structure, key, {pledge.column: begin})
    about = Moved(key, by, int((bound - begin) / by))
    crowd = tuple(_several(cast, call, CROWD))
    for seed in range(ROUNDS):
        yield Scenario("near the bound, in turns", (start, Calls(crowd[:RACERS], How.STEPWISE)), seed, about)
    yield Scenario("near the bound, at once", (start, Calls(crowd, How.AT_ONCE)), 0, about)
    yield Scenario("near the bound, one after the other", (start, Calls(crowd[: about.free + 2])), 0, about)
    alone = replace(about, free=-1)
    for back in _back(pledge, cast, call):
        about = replace(alone, back=back.operation)
        yield Scenario("given back twice", (start, Calls((call,)), Calls((back, back)), Rest()), 0, about)
        yield Scenario(
            "given back twice, in turns", (start, Calls((call,)), Calls((back, back), How.STEPWISE)), 0, about
        )
    yield Scenario("left to expire", (start, Calls(crowd[: about.free]), Rest(), Wait(DAYS), Rest()), 0, alone)


def _several(cast: Cast, call: Call, number: int) -> Iterator[Call]:
    """Different people who move the same row."""
    program = cast.house.scene.programs[call.operation]
    able = _able(cast, call) if any(_of_caller(s) for s, _ in program.steps()) else []
    for position in range(number):
        other = cast.request(call.operation, ("several", position))
        caller = able[position % len(able)] if able else other.caller
        body = {**call.body, "request": other.body.get("request")}
        yield replace(call, caller=caller, body=body)


def _able(cast: Cast, call: Call) -> list[Row | None]:
    """Whoever finds what the operation looks up of theirs: the caller, and others who succeed with the same request."""
    program = cast.house.scene.programs[call.operation]
    persona = cast.house.scene.form.personas.get(program.operation.caller)
    requests = cast.requests(call.operation, "able")
    found = [call.caller]
    for row in cast.rows.get(persona.entity, ()) if persona else ():
        other = requests.as_caller(program, row)
        play = cast.play()
        play.begin(0)
        if call.caller is not None and not same(row.get("id"), call.caller.get("id")):
            found += [other] if play.call(replace(call, caller=other)).fine else []
    cast.house.reset()
    return found


def _of_caller(step: Step) -> bool:
    """Whether a look-up goes by who calls, or a condition asks for them: then others would not get there."""
    tests = (t for t in (*step.where, *step.only_if) if isinstance(t, Compared))
    asked = any(ref.root is Root.CALLER for t in tests for value in (t.left, *t.right) for ref in refs(value))
    return asked or (step.verb is Verb.GET and by_caller(step.by))


def _moved(pledge: Pledge, cast: Cast, name: str) -> tuple[Call, list[tuple[Row, float]]] | None:
    """A request that moves it, the key of each row that it moves, and by how much."""
    ids = {s.id for s in moving(pledge, cast.house.scene.programs[name])}
    key_of = cast.house.scene.tables[pledge.structure].key
    found: list[tuple[Row, float]] = []

    def moves_it(call: Call, play: Play) -> bool:
        found.clear()
        for step, given in play.results[-1].given:
            for row in as_list(given or None):
                if step.id in ids:
                    before = [r for r in cast.rows[pledge.structure] if all(same(r[k], row[k]) for k in key_of)]
                    was = before[0][pledge.column] if before else 0
                    found.append(({k: row[k] for k in key_of}, row[pledge.column] - was))
        return any(by for _, by in found)

    call = cast.fitting(name, moves_it, pledge.id) or cast.fitting(name)
    if call is not None and not found:
        play = cast.play()
        play.begin(0)
        play.call(call)
        moves_it(call, play)
        cast.house.reset()
    moved = [(k, by) for k, by in found if by]
    return (call, moved) if call is not None and moved else None


def _back(pledge: Pledge, cast: Cast, call: Call) -> Iterator[Call]:
    """Requests that give back what a request took."""
    programs = cast.house.scene.programs
    for name, program in programs.items():
        if program.starts in CALLED and name != call.operation and moving(pledge, program):
            back = about_made(cast, name, call)
            if any(isinstance(v, Made) for v in back.body.values()):
                yield back


def _bounds(pledge: Pledge, cast: Cast, key: Row) -> tuple[Any, Any]:
    """The bounds of a row."""
    rows = [r for r in cast.rows[pledge.structure] if all(same(r[k], v) for k, v in key.items())]
    return _bound(pledge, "min", cast.play(), rows[0] if rows else {}), _bound(
        pledge, "max", cast.play(), rows[0] if rows else {}
    )


def _bound(pledge: Pledge, name: str, play: Play, row: Row) -> Any:
    value = pledge.values.get(name)
    return None if value is None else play.frame(pledge.id).worked_out(value, row)


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """A row out of its bounds, more given than was free, or less."""
    about: Moved = scenario.about
    rows = play.rows(pledge.structure)
    for row in rows:
        least, most = _bound(pledge, "min", play, row), _bound(pledge, "max", play, row)
        now = row[pledge.column]
        if now is not None and ((least is not None and now < least) or (most is not None and now > most)):
            shown = shown_rows([row], (*about.key, pledge.column))
            return f"{pledge.structure}.{pledge.column} is out of its bounds ({least} to {most}): {shown}"
    returned = sum(r.fine for r in play.results if r.call.operation == about.back)
    if returned > 1:
        return f"what one request took was given back {returned} times"
    if about.free < 0:
        return ""
    given = sum(r.fine for r in play.results)
    asked = len(play.results)
    if given > about.free:
        return f"{given} were given where {about.free} were free"
    refused = [r for r in play.results if r.outcome.kind == "refused" and r.outcome.step in _ids(pledge, play)]
    if given < min(about.free, asked) and len(refused) == asked - given:
        return f"only {given} of {about.free} that were free were given to {asked}"
    return ""


def _ids(pledge: Pledge, play: Play) -> set[str]:
    return {s.id for p in play.programs.values() for s in moving(pledge, p)}


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The check, and the conditions of the transactions that move it."""
    moved = {n: p for n, p in scene.programs.items() if moving(pledge, p)}
    return [*g.constraints(pledge, scene.tables), *g.conditions(moved, (pledge.structure,))]

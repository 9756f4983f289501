"""Everything is taken by one, and all of it is taken: more takers than rows race; one who dies gives back, one who sleeps is too late."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.model import Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, points, steps_on
from workbook.proof.promises.disarm import read_only
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Insert, Rest, Scenario, Wait
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.TAKEN_ONCE
ROWS, RACERS, CROWD, ROUNDS = 4, 6, 10, 2
LONG = timedelta(hours=2)
_TAKING = (Verb.TAKE, Verb.CLAIM)


@dataclass(frozen=True)
class Stock:
    """The rows that may be taken; how many there are for each taker's key."""

    fields: tuple[str, ...]
    rows: tuple[Row, ...] = ()


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"{CROWD} takers race for {ROWS} of {pledge.structure}, step by step and at once; takers die and sleep"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Takers who are called, and workers of a queue."""
    scene = cast.house.scene
    called = [n for n, p in scene.programs.items() if p.starts in CALLED and steps_on(p, pledge.structure, _TAKING)]
    worked = [
        n for n, p in scene.programs.items() if p.starts is Start.QUEUE and p.operation.starts.on == pledge.structure
    ]
    if not called and not worked:
        raise CannotAttack(f"no operation takes {pledge.structure}")
    for name in called:
        yield from _called(pledge, cast, name)
    for name in worked:
        yield from _worked(pledge, cast, name)


def _called(pledge: Pledge, cast: Cast, name: str) -> Iterator[Scenario]:
    def took(call: Call, play: Play) -> bool:
        return bool(_taken(pledge, play))

    call = cast.fitting(name, took, pledge.id)
    if call is None:
        return
    stock = _stocked(pledge, cast, call)
    acts = tuple(_there(pledge, row) for row in stock.rows)
    takers = tuple(_another_taker(call, cast.request(name, ("taker", n))) for n in range(CROWD))
    for seed in range(ROUNDS):
        yield Scenario("in turns", (*acts, Calls(takers[:RACERS], How.STEPWISE)), seed, stock)
    for seed in range(ROUNDS):
        yield Scenario("at once", (*acts, Calls(takers, How.AT_ONCE)), seed, stock)
    yield Scenario("one after the other", (*acts, Calls(takers[: ROWS + 2])), 0, stock)
    for point in points(cast.house.scene.programs[name]):
        dying = replace(call, dies=point)
        yield Scenario("one taker dies", (*acts, Calls((dying,)), Calls(takers[:2])), 0, replace(stock, rows=()))


def _another_taker(call: Call, other: Call) -> Call:
    """Somebody else who wants the same, by a request of their own."""
    return replace(call, caller=other.caller, body={**call.body, "request": other.body.get("request")})


def _there(pledge: Pledge, row: Row) -> Any:
    return Insert(pledge.structure, row)


def _stocked(pledge: Pledge, cast: Cast, call: Call) -> Stock:
    """More rows like the one that a request takes, under other keys."""
    play = cast.play()
    play.begin(0)
    play.call(call)
    first = _taken(pledge, play)[0]
    cast.house.reset()
    table = cast.house.scene.tables[pledge.structure]
    asked = {
        v.field for s in steps_on(cast.house.scene.programs[call.operation], pledge.structure, _TAKING) for v in s.by
    }
    free = [k for k in table.key if k not in asked] or list(table.key)
    rng = cast.house.rng("stock", pledge.id)
    rows = []
    for number in range(ROWS):
        told = {c.name: first.get(c.name) for c in table.columns if first.get(c.name) is not None}
        rows.append({**told, **{k: _another(told[k], number, rng) for k in free}})
    return Stock(tuple(asked & set(table.key)), tuple(rows))


def _another(value: Any, number: int, rng: Any) -> Any:
    if isinstance(value, int):
        return 1_000 + number
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _taken(pledge: Pledge, play: Play) -> list[Row]:
    found: list[Row] = []
    for result in play.results:
        if result.outcome.kind in ("failed", "killed"):
            continue
        for step, given in result.given:
            if step.target == pledge.structure and step.verb in _TAKING and given:
                found += given if isinstance(given, list) else [given]
    return found


def _worked(pledge: Pledge, cast: Cast, name: str) -> Iterator[Scenario]:
    """Items of a queue: a worker dies at every step; one who sleeps past the lease is too late."""
    making = [n for n, p in cast.house.scene.programs.items() if p.starts in CALLED and _puts(p, pledge.structure)]
    calls = [c for c in (cast.fitting(n, key=pledge.id) for n in making) if c is not None]
    if not calls:
        raise CannotAttack(f"no request was found that puts something into {pledge.structure}")
    put = Calls(tuple(calls))
    for point in points(cast.house.scene.programs[name]):
        acts = (put, Wait(LONG), Rest((Fault(name, point),)), Wait(LONG), Rest())
        yield Scenario("a worker dies", acts, 0, Stock(()))
    yield Scenario("a worker sleeps", (put, Wait(LONG), Sleeps(name), Rest()), 0, Stock(()))


def _puts(program: Program, structure: str) -> bool:
    return bool(steps_on(program, structure, (Verb.PUT, Verb.APPEND)))


@dataclass(frozen=True)
class Sleeps:
    """A worker takes an item and sleeps past its lease; another takes it, and then both end."""

    operation: str

    def perform(self, play: Play) -> None:
        play.background.sleeper(self.operation, LONG)

    def smaller(self) -> Iterator[Any]:
        yield from ()


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """The same given to two, a refusal while some are left, or an item that nobody finished."""
    table = play.house.scene.tables[pledge.structure]
    if table.structure.shape is Shape.QUEUE:
        return _unfinished(pledge, play)
    stock: Stock = scenario.about
    taken = [" ".join(str(row[k]) for k in table.key) for row in _taken(pledge, play)]
    twice = sorted({t for t in taken if taken.count(t) > 1})
    if twice:
        return f"{twice[0]} of {pledge.structure} was taken {taken.count(twice[0])} times"
    if stock.rows and len(taken) < len(play.results):
        left = [r for r in play.rows(table.name) if all(str(r[f]) == str(stock.rows[0][f]) for f in stock.fields)]
        if left and _must_have_been_given(play):
            return f"{len(play.results)} asked, {len(taken)} were given one of {pledge.structure}, and {len(left)} are left"
    return ""


def _must_have_been_given(play: Play) -> bool:
    """Whether nobody failed or died: then who was refused should have been given one."""
    return all(r.outcome.kind not in ("failed", "killed") for r in play.results)


def _unfinished(pledge: Pledge, play: Play) -> str:
    if play.background.wrong:
        return play.background.wrong
    waiting = [r for r in play.rows(pledge.structure) if not r["dead"] and r["leased_until"] is not None]
    gone = [r for r in waiting if r["leased_until"] <= play.clock.now]
    return f"{len(gone)} items of {pledge.structure} were taken and never finished" if gone else ""


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """Locks and conditions of taking, and the fence of whoever holds an item."""
    made = []
    for name, program in scene.programs.items():
        made += [_lock(s) for s in steps_on(program, pledge.structure, _TAKING)]
        if program.starts is Start.QUEUE and program.operation.starts.on == pledge.structure:
            made.append(g.fence(name))
            made.append(g.lease(name))
    return made


def _lock(step: Step) -> Guard:
    if step.verb is Verb.CLAIM:
        return g.condition(step)
    return Guard(f"removal and lock of {step.id}: {step.text}", step=step.id, change=read_only)

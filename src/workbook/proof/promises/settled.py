"""Nothing stays half done: the other side answers late, never, twice, or refuses, workers die; in time every row is final."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Ref
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, makers, points, same, shown_rows, span
from workbook.proof.promises.ending import about_made
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Answers, Calls, Rest, Scenario, Wait
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.outside import Ending
from workbook.proof.stage.play import Call, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.SETTLED
SLICES = 12
"""Moments at which it is looked whether something can be done, until the time is over."""
DEFAULT = timedelta(hours=1)


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    outside = f" of {pledge.said['outside']}" if pledge.said.get("outside") else ""
    return f"answers{outside} are late, lost, refused and doubled, callers and workers die; then every row must be final in time"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Every ending of the calls, every death."""
    scene = cast.house.scene
    operations = makers(scene, pledge.structure)
    calls = [c for c in (cast.fitting(n, key=pledge.id) for n in operations) if c is not None]
    if not calls:
        raise CannotAttack(f"no request was found that makes a row of {pledge.structure}")
    settling = _slices(pledge, cast)
    for asked in (way for call in calls for way in _ways(pledge, cast, call)):
        yield Scenario("undisturbed", (*_each(asked), *settling))
        for endings in product((Ending.REFUSED, Ending.UNKNOWN, Ending.NEVER, Ending.DONE), repeat=2):
            answers = Answers(tuple(endings))
            yield Scenario("answers go wrong", (answers, *_each(asked), *settling))
        *before, last = asked
        for point in points(scene.programs[last.operation]):
            dying = (*_each(before), Calls((replace(last, dies=point),)), *settling)
            yield Scenario("the caller's operation dies", dying)
        for name in _working(pledge, scene):
            for point in points(scene.programs[name]):
                for ending in (Ending.DONE, Ending.UNKNOWN):
                    acts = (Answers((ending,)), *_each(asked), *_slices(pledge, cast, Fault(name, point)))
                    yield Scenario(f"{name} dies", acts)


def _each(calls: Iterable[Call]) -> tuple[Calls, ...]:
    return tuple(Calls((call,)) for call in calls)


def _ways(pledge: Pledge, cast: Cast, call: Call) -> Iterator[tuple[Call, ...]]:
    """The request that makes a row, with one more of the same caller that takes the row on, and alone."""
    moves = cast.house.scene.form.structures[pledge.structure].moves.get(pledge.column, {})
    for name, program in cast.house.scene.programs.items():
        steps = [s for s, _ in program.steps() if s.target == pledge.structure and s.verb is Verb.MOVE]
        onward = any(isinstance(s.to, Ref) and moves.get(s.to.name) for s in steps)
        if program.starts in CALLED and name != call.operation and onward:
            yield call, about_made(cast, name, call)
    yield (call,)


def _slices(pledge: Pledge, cast: Cast, *faults: Fault) -> tuple[Rest | Wait, ...]:
    """Time passes in slices, and what can be done is done in each."""
    time = span(pledge, cast.play(), "within", DEFAULT)
    made: list[Rest | Wait] = [Rest(faults)]
    for number in range(SLICES):
        made += [Wait(time / SLICES), Rest(faults if number == 0 else ())]
    return tuple(made)


def _working(pledge: Pledge, scene: Scene) -> list[str]:
    """What runs behind and moves the row, or works on the queue."""
    behind = {n: p for n, p in scene.programs.items() if p.starts not in CALLED}
    found = [n for n, p in behind.items() if p.operation.starts.on == pledge.structure]
    found += [n for n, p in behind.items() if any(s.target == pledge.structure for s, _ in p.steps())]
    return list(dict.fromkeys(found))


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """A row that is not final, or an effect outside that does not fit."""
    table = play.house.scene.tables[pledge.structure]
    before = {_key(play, pledge, r) for r in play.before(pledge.structure)}
    new = [r for r in play.rows(pledge.structure) if _key(play, pledge, r) not in before]
    if table.structure.shape is Shape.QUEUE:
        left = [r for r in new if not r["dead"]]
        return f"{len(left)} items still wait in {pledge.structure}: {shown_rows(left, table.key)}" if left else ""
    moves = table.structure.moves.get(pledge.column, {})
    done = str(pledge.said.get("done", ""))
    stuck = [r for r in new if moves.get(str(r[pledge.column])) and str(r[pledge.column]) != done]
    if stuck:
        return f"{pledge.structure} {shown_rows(stuck, (*table.key, pledge.column))} is not final"
    return _unequal(pledge, play, new)


def _unequal(pledge: Pledge, play: Play, new: list[Row]) -> str:
    """The effect outside is there once for what is done, and not for anything else."""
    outside, done = str(pledge.said.get("outside", "")), str(pledge.said.get("done", ""))
    if not outside or not done:
        return ""
    key = play.house.scene.tables[pledge.structure].key[0]
    for row in new:
        effects = [
            c for c in play.outside.effects(outside) if any(same(v, row[key]) for v in (*c.key, *c.told.values()))
        ]
        wanted = 1 if str(row[pledge.column]) == done else 0
        if len(effects) != wanted:
            return (
                f"{pledge.structure} {row[key]} ended as {row[pledge.column]}, and {outside} had {len(effects)} effects"
            )
    return ""


def _key(play: Play, pledge: Pledge, row: Row) -> tuple[str, ...]:
    return tuple(str(row[k]) for k in play.house.scene.tables[pledge.structure].key)


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """Whatever starts by itself on what was left, and transactions that hand over."""
    made = []
    for name in _working(pledge, scene):
        if scene.programs[name].starts in (Start.DUE, Start.QUEUE, Start.EVERY, Start.DEAD, Start.EVENT):
            made.append(g.never_started(name))
    making = {n: scene.programs[n] for n in makers(scene, pledge.structure)}
    made += list(g.transactions(making, (pledge.structure,)))
    calls = [s for n in _working(pledge, scene) for s, _ in scene.programs[n].steps() if s.verb is Verb.CALL and s.by]
    return [*made, *(g.unkeyed(s) for s in calls)]

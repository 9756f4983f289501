"""No two spans overlap: the same, inside, around, left, right, all raced; what only touches, and what was given up, is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.plan.form.model import Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Every, Ref, Root, Sum, Value
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, given_rows, makers, shown_rows, steps_on
from workbook.proof.promises.ending import ends
from workbook.proof.promises.guards import Guard
from workbook.proof.promises.unique import alike
from workbook.proof.stage.acts import Calls, Scenario
from workbook.proof.stage.cast import Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.NO_OVERLAP
CROWD, ROUNDS = 8, 2
FREE = "free"


@dataclass(frozen=True)
class Shift:
    """How the second span lies to the first, in lengths of it."""

    name: str
    begin: float
    end: float


OVERLAPPING = (
    Shift("the same", 0, 0),
    Shift("inside", 0.25, -0.25),
    Shift("around", -0.5, 0.5),
    Shift("left", -0.5, -0.5),
    Shift("right", 0.5, 0.5),
)
TOUCHING = (Shift("just before", -1, -1), Shift("just behind", 1, 1))


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return "spans that are the same, inside, around, left and right of one are raced; touching and cancelled ones must be free"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Pairs of every kind, in turns and racing."""
    operations = makers(cast.house.scene, pledge.structure)
    if not operations:
        raise CannotAttack(f"no operation that somebody calls makes rows of {pledge.structure}")
    told = False
    for operation in operations:
        found = _span(pledge, cast, operation)
        if found is None:
            continue
        told = True
        yield from _of(pledge, cast, *found)
    if not told:
        raise CannotAttack(
            f"no request of {' or '.join(operations)} says {pledge.said['from']}, so spans cannot be moved"
        )


def _of(pledge: Pledge, cast: Cast, call: Call, fields: tuple[str, str], length: Any) -> Iterator[Scenario]:
    people = list(alike(cast, call, CROWD))
    for shift in OVERLAPPING:
        other = _shifted(people[1], fields, shift, length)
        yield Scenario(f"{shift.name}, one after the other", (Calls((call, other)),))
        for seed in range(ROUNDS):
            yield Scenario(f"{shift.name}, in turns", (Calls((call, other), How.STEPWISE),), seed)
    crowd = tuple(_shifted(p, fields, OVERLAPPING[n % len(OVERLAPPING)], length) for n, p in enumerate(people))
    yield Scenario("all of them, in turns", (Calls(crowd, How.STEPWISE),))
    yield Scenario("all of them, at once", (Calls(crowd, How.AT_ONCE),))
    for shift in TOUCHING:
        other = _shifted(people[1], fields, shift, length)
        if all(cast_fine(cast, one) for one in (call, other)):
            yield Scenario(shift.name, (Calls((call, other)),), about=FREE)
    for ending in ends(pledge, cast, call):
        yield Scenario("after it was given up", (Calls((call,)), Calls((ending,)), Calls((people[1],))), about=FREE)


def cast_fine(cast: Cast, call: Call) -> bool:
    """Whether a request succeeds alone."""
    play = cast.play()
    play.begin(0)
    return play.call(call).fine


def _span(pledge: Pledge, cast: Cast, operation: str) -> tuple[Call, tuple[str, str], Any] | None:
    """A request, the fields by which it says begin and end, and how long its span is."""
    call = cast.fitting(operation)
    if call is None:
        return None
    begin, end = str(pledge.said["from"]), str(pledge.said["to"])
    steps = steps_on(cast.house.scene.programs[operation], pledge.structure, MAKES_ROWS)
    fields = tuple(next((b for s in steps for b in [said_by(s, f)] if b), "") for f in (begin, end))
    if not fields[0] or not isinstance(call.body.get(fields[0]), datetime | date | int):
        return None
    play = cast.play()
    play.begin(0)
    play.call(call)
    made = given_rows(play, pledge.structure)
    if not made or made[-1].get(end) is None:
        return None
    length = made[-1][end] - made[-1][begin]
    whole = fields[1] if fields[1] != fields[0] else ""
    if whole and length <= type(length)(0):
        length = timedelta(hours=1) if isinstance(made[-1][end], datetime) else type(length)(4)
        call = replace(call, body={**call.body, whole: call.body[fields[0]] + length})
    return call, (fields[0], whole), length


def said_by(step: Step, field: str) -> str:
    """The field of the request from which a step sets a field; empty where none does."""
    for given in step.sets:
        if given.field == field:
            return next(iter(_body_fields(given.value)), "")
    return ""


def _body_fields(value: Value) -> Iterator[str]:
    if isinstance(value, Ref) and value.root is Root.BODY:
        yield value.fields[0]
    if isinstance(value, Every):
        yield from _body_fields(value.of)
    if isinstance(value, Sum):
        yield from _body_fields(value.left)
        yield from _body_fields(value.right)


def _shifted(call: Call, fields: tuple[str, str], shift: Shift, length: Any) -> Call:
    begin, end = fields
    body = {**call.body, begin: call.body[begin] + length * shift.begin}
    if end:
        body[end] = call.body[end] + length * shift.end
    return replace(call, body=body)


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """Spans that overlap, or one that is refused though it is free."""
    pair = overlapping(pledge, play)
    columns = (*pledge.by, str(pledge.said["from"]), str(pledge.said["to"]))
    if pair:
        return f"two rows of {pledge.structure} overlap: {shown_rows(pair, columns)}"
    if scenario.about != FREE or len(play.results) < 2:
        return ""
    *first, last = play.results
    if all(r.fine for r in first) and last.outcome.kind == "refused":
        return f"a span of {pledge.structure} that is free was refused: {scenario.title}"
    return ""


def overlapping(pledge: Pledge, play: Play) -> list[Row]:
    """The first two rows whose spans overlap."""
    frame = play.frame(pledge.id)
    begin, end = str(pledge.said["from"]), str(pledge.said["to"])
    lanes: dict[tuple[str, ...], list[Row]] = {}
    for row in play.rows(pledge.structure):
        if frame.holds(pledge.tests, row) and row[begin] is not None and row[end] is not None:
            lanes.setdefault(tuple(str(row[b]) for b in pledge.by), []).append(row)
    for rows in lanes.values():
        rows.sort(key=lambda r: r[begin])
        for first, second in pairwise(rows):
            if second[begin] < first[end]:
                return [first, second]
    return []


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The exclusion constraint, and conditions of the transactions that make rows."""
    making = {n: scene.programs[n] for n in makers(scene, pledge.structure)}
    return [*g.constraints(pledge, scene.tables), *g.conditions(making, (pledge.structure,))]

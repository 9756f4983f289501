"""No two rows alike: many ask for the same, at once and one after the other; what is given up is free again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Verb
from workbook.plan.form.model import Program
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, by_caller, makers, shown_rows, steps_on
from workbook.proof.promises.ending import ends
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Insert, Scenario
from workbook.proof.stage.cast import Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Play
from workbook.proof.stage.scene import Scene
from workbook.proof.stage.values import any_value

KIND = PromiseKind.UNIQUE
RACERS = 6
CROWD = 12
ROUNDS = 2


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"{CROWD} callers ask for the same {' and '.join(pledge.by)}, step by step in turns and at once"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Races of every operation that makes such rows."""
    operations = makers(cast.house.scene, pledge.structure)
    if not operations:
        yield from _by_hand(pledge, cast)
        return
    fitting = [c for c in (cast.fitting(o) for o in operations) if c is not None]
    if not fitting:
        raise CannotAttack(cast.lacking(operations))
    for call in fitting:
        same = tuple(alike(cast, call, CROWD, _of_caller(pledge, cast, call)))
        for seed in range(ROUNDS):
            yield Scenario("the same, in turns", (Calls(same[:RACERS], How.STEPWISE),), seed)
        yield Scenario("the same, at once", (Calls(same, How.AT_ONCE),))
        yield Scenario("the same, one after the other", (Calls(same[:2]),))
        for ending in ends(pledge, cast, call):
            acts = (Calls((call,)), Calls((ending,)), Calls((same[1],)))
            yield Scenario("given up, then asked for again", acts, about=(ending.operation, call.operation))


def _by_hand(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Nobody makes such rows here: the table itself is asked."""
    rows = [r for r in cast.rows.get(pledge.structure, ()) if cast.play().frame(pledge.id).holds(pledge.tests, r)]
    key = [k for k in cast.house.scene.tables[pledge.structure].key if k not in pledge.by]
    if not rows or not key:
        raise CannotAttack(f"no operation that somebody calls makes rows of {pledge.structure}")
    rng = cast.house.rng("by hand", pledge.id)
    fields = cast.house.scene.form.structures[pledge.structure].fields
    other = {**rows[0], **{k: any_value(fields[k], rng) for k in key}}
    yield Scenario("the same, written by hand", (Insert(pledge.structure, other),))


def _of_caller(pledge: Pledge, cast: Cast, call: Call) -> bool:
    """Whether who calls is part of what must be unique."""
    steps = steps_on(cast.house.scene.programs[call.operation], pledge.structure, MAKES_ROWS)
    return by_caller(v for s in steps for v in (*s.by, *s.sets) if v.field in pledge.by)


def alike(cast: Cast, call: Call, number: int, themselves: bool = False) -> Iterator[Call]:
    """Different people (or one and the same) who ask for the same thing, each with a request of their own."""
    for position in range(number):
        other = cast.request(call.operation, ("alike", position))
        caller = call.caller if position == 0 or themselves else other.caller
        body = dict(call.body) | ({} if position == 0 else {"request": other.body.get("request")})
        yield replace(call, caller=caller, body=body)


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """Rows that are alike, or one that is refused though it is free."""
    twice = doubles(pledge, play)
    if twice:
        return f"{len(twice)} rows of {pledge.structure} are alike: {shown_rows(twice, pledge.by)}"
    if scenario.about is not None and len(play.results) == 3:
        first, ending, second = (r.outcome for r in play.results)
        if first.kind == ending.kind == "answered" and second.kind == "refused":
            return f"after {scenario.about[0]} the same {' and '.join(pledge.by)} is still refused"
    return ""


def doubles(pledge: Pledge, play: Play) -> list[Row]:
    """Rows that share their values with another, while the promise holds for both."""
    frame = play.frame(pledge.id)
    seen: set[tuple[str, ...]] = set()
    found: list[Row] = []
    for row in play.rows(pledge.structure):
        if any(row[c] is None for c in pledge.by) or not frame.holds(pledge.tests, row):
            continue
        key = tuple(str(row[c]) for c in pledge.by)
        if key in seen:
            found.append(row)
        seen.add(key)
    return found


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """Constraints, the key where it is that, and conditions of the transactions that make rows."""
    made = list(g.constraints(pledge, scene.tables))
    table = scene.tables[pledge.structure]
    if set(table.key) <= set(pledge.by):
        made.append(g.primary_key(table))
    making = {n: scene.programs[n] for n in makers(scene, pledge.structure)}
    made += list(g.conditions(making, (pledge.structure,)))
    return made + [s for s in _requests(making) if s.step not in {m.step for m in made}]


def _requests(making: Mapping[str, Program]) -> Iterator[Guard]:
    for program in making.values():
        for step, _ in program.steps():
            if step.verb is Verb.CLAIM:
                yield g.condition(step)

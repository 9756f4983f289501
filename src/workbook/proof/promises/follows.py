"""States follow each other as said: every operation is tried from every state, alone, twice and racing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations

from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Verb
from workbook.brief.values import as_list
from workbook.plan.form.keeping import makes_new
from workbook.plan.form.model import Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Ref, Root
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, same
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Change, Rest, Scenario
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.FOLLOWS
RACERS, ROUNDS = 3, 2
_MOVING = (Verb.MOVE, Verb.CHANGE, Verb.PUT)


@dataclass(frozen=True)
class From:
    """The row that is moved, and the state in which it begins."""

    key: Row
    state: str


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"every operation that changes {pledge.column} is tried from every state, twice, and against every other"


def moving(pledge: Pledge, program: Program) -> list[Step]:
    """The steps that change the state."""
    said = [s for s, _ in program.steps() if s.target == pledge.structure and s.verb in _MOVING]
    every = [s for s in said if not (s.verb is Verb.PUT and makes_new(s))]
    return [s for s in every if s.verb is Verb.MOVE or any(given.field == pledge.column for given in s.sets)]


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """From every state: each request, the same again, all together."""
    programs = cast.house.scene.programs
    moves = cast.house.scene.form.structures[pledge.structure].moves[pledge.column]
    named = [n for n, p in programs.items() if moving(pledge, p)]
    if not named:
        raise CannotAttack(f"no operation changes {pledge.structure}.{pledge.column}")
    calls = [found for n in named if programs[n].starts in CALLED for found in _calls(pledge, cast, n, moves)]
    behind = [n for n in named if programs[n].starts not in CALLED]
    if not calls and not behind:
        raise CannotAttack(cast.lacking(named))
    for call, key in calls:
        mates = [c for c, k in calls if k == key]
        for state in moves:
            start = Change(pledge.structure, key, {pledge.column: state})
            about = From(key, state)
            yield Scenario(f"from {state}", (start, Calls((call,))), 0, about)
            yield Scenario(f"twice from {state}", (start, Calls((call, call))), 0, about)
            for seed in range(ROUNDS):
                racing = (*(call,) * (RACERS - 1), *mates)
                yield Scenario(f"racing from {state}", (start, Calls(racing, How.STEPWISE)), seed, about)
    for row in cast.rows.get(pledge.structure, ())[:1] if behind else ():
        key = {k: row[k] for k in cast.house.scene.tables[pledge.structure].key}
        for state in moves:
            start = Change(pledge.structure, key, {pledge.column: state})
            yield Scenario(f"behind, from {state}", (start, Rest()), 0, From(key, state))


def _calls(pledge: Pledge, cast: Cast, name: str, moves: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Call, Row]]:
    """Requests that move a row, with its key; one for each state where the request says which."""
    key_of = cast.house.scene.tables[pledge.structure].key
    steps = moving(pledge, cast.house.scene.programs[name])
    found: list[Row] = []

    def moves_one(call: Call, play: Play) -> bool:
        given = [row for step, row in play.results[-1].given if step.id in {s.id for s in steps} and row]
        rows = [r for one in given for r in (one if isinstance(one, list) else [one])]
        found[:] = rows[:1]
        return bool(rows)

    call = cast.fitting(name, moves_one, pledge.id)
    if call is None:
        return
    if not found:
        play = cast.play()
        play.begin(0)
        play.call(call)
        moves_one(call, play)
        cast.house.reset()
    key = {k: found[0][k] for k in key_of}
    said = [_body(s, pledge) for s in steps]
    for field in said[:1]:
        for state in moves if field else ("",):
            yield replace(call, body={**call.body, **({field: state} if field else {})}), key


def _body(step: Step, pledge: Pledge) -> str:
    """The field of the request that says the state."""
    values = [step.to] if step.verb is Verb.MOVE else [v.value for v in step.sets if v.field == pledge.column]
    return next((v.fields[0] for v in values if isinstance(v, Ref) and v.root is Root.BODY), "")


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """Moves that no path allows."""
    about: From = scenario.about
    moves = play.house.scene.form.structures[pledge.structure].moves[pledge.column]
    reached = list(_reached(pledge, play, about))
    if not any(_path(about.state, order, moves) for order in permutations(reached)):
        return f"a row of {pledge.structure} went from {about.state} to {' and to '.join(reached)}"
    rows = [r for r in play.rows(pledge.structure) if all(same(r[k], v) for k, v in about.key.items())]
    now = str(rows[0][pledge.column]) if rows else about.state
    if now not in _within(about.state, moves):
        return f"a row of {pledge.structure} went from {about.state} to {now}"
    return ""


def _reached(pledge: Pledge, play: Play, about: From) -> Iterator[str]:
    """The states that calls moved the row to, in the order in which they were made."""
    for result in play.results:
        if not result.fine:
            continue
        ids = {s.id for s in moving(pledge, play.programs[result.call.operation])}
        for step, given in result.given:
            for row in as_list(given or None):
                if step.id in ids and all(same(row.get(k), v) for k, v in about.key.items()):
                    yield str(row[pledge.column])


def _path(state: str, order: tuple[str, ...], moves: Mapping[str, tuple[str, ...]]) -> bool:
    for following in order:
        if following not in moves[state]:
            return False
        state = following
    return True


def _within(state: str, moves: Mapping[str, tuple[str, ...]]) -> set[str]:
    found = {state}
    while True:
        more = found | {n for s in found for n in moves[s]}
        if more == found:
            return found
        found = more


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The states that a move asks for, and other conditions of such steps."""
    made = []
    for program in scene.programs.values():
        made += [g.condition(s) for s in moving(pledge, program)]
    return made

"""Requests by which rows leave the state in which a promise counts: cancelled, closed, removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbook.brief.steps.syntax import Verb
from workbook.plan.form.model import Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Every, Ref, Root
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, Made

_ENDING = frozenset({Verb.MOVE, Verb.CHANGE, Verb.REMOVE})


def ends(pledge: Pledge, cast: Cast, begin: Call) -> Iterator[Call]:
    """Requests of the same caller that end the row which a request has made."""
    scene = cast.house.scene
    for name, program in scene.programs.items():
        if program.starts not in CALLED or name == begin.operation:
            continue
        for step in (s for s, _ in program.steps() if s.target == pledge.structure and s.verb in _ENDING):
            if step.verb is Verb.REMOVE or _leaves(pledge, step):
                yield _about(cast, name, program, step, begin)
                break


def _leaves(pledge: Pledge, step: Step) -> bool:
    """Whether a row behind this step is one that the promise no longer counts."""
    told = {g.field: g.value for g in step.sets}
    for test in pledge.tests:
        left = getattr(test, "left", None)
        field = left.fields[0] if isinstance(left, Ref) and left.root is Root.OWN else ""
        to = step.to if step.verb is Verb.MOVE else told.get(field)
        if isinstance(to, Ref) and to.root is Root.WORD:
            named = {v.name for v in test.right if isinstance(v, Ref)}  # type: ignore[union-attr]
            if (to.name in named) == (test.operator == "!="):  # type: ignore[union-attr]
                return True
    return False


def about_made(cast: Cast, name: str, begin: Call) -> Call:
    """A request of the same caller that is about what a request before it has made."""
    program = cast.house.scene.programs[name]
    made = {s.target for s, _ in cast.house.scene.programs[begin.operation].steps() if s.verb in MAKES_ROWS}
    call = cast.request(name, 0, begin.caller)
    body = {n: begin.body.get(n, v) for n, v in call.body.items()}
    for step, _ in program.steps():
        if step.target in made:
            body |= _keyed(step)
    return replace(call, body=body)


def _about(cast: Cast, name: str, program: Program, step: Step, begin: Call) -> Call:
    """The request, about the row that was made just before."""
    call = cast.request(name, 0, _who(cast, program, begin))
    return replace(call, body={**call.body, **_keyed(step)})


def _who(cast: Cast, program: Program, begin: Call) -> Row | None:
    """Whoever began, where such people may call it; else the one of the other kind whom the first request names."""
    persona = cast.house.scene.form.personas.get(program.operation.caller)
    entity = persona.entity if persona else ""
    if not entity or (begin.caller or {}).get("__structure__") == entity:
        return begin.caller
    key = cast.house.scene.tables[entity].key[0]
    named = {str(v) for v in begin.body.values()}
    found = next((r for r in cast.rows.get(entity, ()) if str(r[key]) in named), None)
    return cast.requests(program.id, "ending").as_caller(program, found) if found else None


def _keyed(step: Step) -> dict[str, Made]:
    """The fields of a request by which a step finds its row, filled with what was made before."""
    made: dict[str, Made] = {}
    for given in step.by:
        value = given.value.of if isinstance(given.value, Every) else given.value
        if isinstance(value, Ref) and value.root is Root.BODY:
            made[value.fields[0]] = Made(step.target, given.field)
    return made

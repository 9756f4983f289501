"""Nothing is left of somebody: a marker is planted, everything is used, the row is erased; then every store is searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Verb
from workbook.plan.form.model import Program
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Every, Ref, Root
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, points, span, writers
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Change, Rest, Scenario, Wait
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, Made, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.ERASED
MARKER = "marker-of-somebody"
TEXTS = ("string", "text")
MOMENT = timedelta(minutes=1)


@dataclass(frozen=True)
class Somebody:
    """Who is erased."""

    key: str


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"a marker is planted in a row of {pledge.structure}, every operation is used with it, it is erased; then all stores are searched"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Each operation that erases; the one who erases dies at each step."""
    scene = cast.house.scene
    named = writers(scene, pledge.structure, (Verb.REMOVE,))
    called = [n for n in named if scene.programs[n].starts in CALLED]
    if not called:
        raise CannotAttack(f"no operation that somebody calls removes a row of {pledge.structure}")
    found = False
    for name in called:
        erasing = cast.fitting(name, lambda call, play: bool(_removed(pledge, play)), pledge.id)
        if erasing is None:
            continue
        found = True
        yield from _of(pledge, cast, erasing)
    if not found:
        raise CannotAttack(f"no request was found with which {' or '.join(called)} removes a row of {pledge.structure}")


def _removed(pledge: Pledge, play: Play) -> list[Row]:
    found: list[Row] = []
    for result in play.results:
        for step, given in result.given:
            if step.target == pledge.structure and step.verb is Verb.REMOVE and given:
                found += given if isinstance(given, list) else [given]
    return found


def _of(pledge: Pledge, cast: Cast, erasing: Call) -> Iterator[Scenario]:
    play = cast.play()
    play.begin(0)
    play.call(erasing)
    row = _removed(pledge, play)[0]
    cast.house.reset()
    table = cast.house.scene.tables[pledge.structure]
    key = {k: row[k] for k in table.key}
    fields = table.structure.fields
    texts = {n: MARKER for n, t in fields.items() if t.kind in TEXTS and not t.values and n not in table.key}
    about = Somebody(str(row[table.key[0]]))
    used = tuple(_used(pledge, cast, about.key))
    within = span(pledge, cast.play(), "within", MOMENT)
    plant = (Change(pledge.structure, key, texts),) if texts else ()
    yield Scenario("erased", (*plant, Calls(used), Rest(), Calls((erasing,)), Rest(), Wait(within), Rest()), 0, about)
    for point in points(cast.house.scene.programs[erasing.operation]):
        dying = Calls((replace(erasing, dies=point), erasing))
        yield Scenario(
            "erased after a crash", (*plant, Calls(used), Rest(), dying, Rest(), Wait(within), Rest()), 0, about
        )
    for name in _behind(pledge, cast, erasing):
        for point in points(cast.house.scene.programs[name]):
            acts = (*plant, Calls(used), Rest(), Calls((erasing,)), Rest((Fault(name, point),)), Wait(within), Rest())
            yield Scenario("a worker dies", acts, 0, about)


def _behind(pledge: Pledge, cast: Cast, erasing: Call) -> list[str]:
    told = {s.target for s, _ in cast.house.scene.programs[erasing.operation].steps() if s.verb is Verb.PUBLISH}
    return [n for n, p in cast.house.scene.programs.items() if p.operation.starts.on in told]


def _used(pledge: Pledge, cast: Cast, key: str) -> Iterator[Call]:
    """Every operation, by and about that somebody where that can be; what others say of others bears no marker."""
    scene = cast.house.scene
    erasing = set(writers(scene, pledge.structure, (Verb.REMOVE,)))
    for name in cast.called:
        if name in erasing:
            continue
        program = scene.programs[name]
        fit = cast.fitting(name)
        if fit is None:
            continue
        body = {n: key if _refers(program, n, pledge.structure) else v for n, v in fit.body.items()}
        persona = scene.form.personas.get(program.operation.caller)
        rows = [r for r in cast.rows.get(pledge.structure, ()) if str(r.get("id")) == key]
        is_one = persona is not None and persona.entity == pledge.structure and rows
        caller = cast.requests(name, key).as_caller(program, rows[0]) if is_one else fit.caller
        if is_one:
            body = {**cast.request(name, ("used", key), caller).body, **{n: v for n, v in body.items() if v == key}}
        if is_one or key in map(str, body.values()):
            body = {n: _marked(program, n, v) for n, v in body.items()}
        yield replace(fit, caller=caller, body=body)


def _refers(program: Program, field: str, structure: str) -> bool:
    """Whether a field of a request names such a row: by its type, or as the key by which a step asks."""
    type_ = program.request.get(field)
    if type_ is not None and type_.ref == structure and not type_.many:
        return True
    for step, _ in program.steps():
        for given in step.by:
            value = given.value.of if isinstance(given.value, Every) else given.value
            if (
                step.target == structure
                and isinstance(value, Ref)
                and value.root is Root.BODY
                and value.fields == (field,)
            ):
                return True
    return False


def _marked(program: Program, field: str, value: Any) -> Any:
    type_ = program.request.get(field)
    plain = type_ is not None and type_.kind in TEXTS and not type_.values and not isinstance(value, Made)
    return MARKER if plain else value


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """Where something is left."""
    if not _removed(pledge, play):
        failed = [r for r in play.results if r.outcome.kind == "failed" and r.call.operation in _erasing(pledge, play)]
        return f"{failed[0].call.operation} cannot erase: {failed[0].outcome.answer.get('error')}" if failed else ""
    said = pledge.said.get("except", ())
    spared = set(said) if not isinstance(said, str) else {said}
    about: Somebody = scenario.about
    left = []
    for name in play.house.scene.tables:
        if name in spared:
            continue
        found = [r for r in play.rows(name) if _speaks(r, about.key)]
        if found:
            left.append(f"{name} ({len(found)} rows)")
    return f"after {pledge.structure} {about.key} was erased something is left in {', '.join(left)}" if left else ""


def _erasing(pledge: Pledge, play: Play) -> list[str]:
    return [
        n
        for n, p in play.programs.items()
        if any(s.target == pledge.structure and s.verb is Verb.REMOVE for s, _ in p.steps())
    ]


def _speaks(row: Row, key: str) -> bool:
    return any(key in str(v) or MARKER in str(v) for n, v in row.items() if n != "__structure__")


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The steps that remove, in what is called and in what that starts."""
    erasing = writers(scene, pledge.structure, (Verb.REMOVE,))
    told = {s.target for n in erasing for s, _ in scene.programs[n].steps() if s.verb is Verb.PUBLISH}
    named = [*erasing, *(n for n, p in scene.programs.items() if p.operation.starts.on in told)]
    made = []
    for name in named:
        for step, around in scene.programs[name].steps():
            if step.verb is Verb.REMOVE and step.target != pledge.structure and not _tried(around):
                made.append(g.step_left_out(step, name))
    if not made:
        made += [g.step_left_out(s, n) for n in erasing for s, _ in scene.programs[n].steps() if s.verb is Verb.REMOVE]
    return made


def _tried(around: Any) -> bool:
    return any(group.kind.value == "try" for group in around)

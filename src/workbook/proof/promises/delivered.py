"""What is written reaches everybody it is for, once: events come twice and again, workers and writers die, some are away and ask later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.keeping import heard_from
from workbook.plan.form.model import Structure
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, makers, points, same, shown_rows, writers
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Opens, Rest, Scenario
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Play, Result
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.DELIVERED
WRITES, ROUNDS = 3, 2


@dataclass(frozen=True)
class To:
    """Who is to get it: a field of the row itself, or of the rows of another structure that share a field with it."""

    field: str
    structure: str = ""
    own: str = ""
    other: str = ""


@dataclass(frozen=True)
class Audience:
    """Whether who is connected must be told; who connects in between may ask instead."""

    told: bool = True


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    away = f"; who was away asks by {pledge.said['away']}" if pledge.said.get("away") else ""
    return f"events come twice and again, every worker and writer dies before each of its steps{away}"


def receivers(pledge: Pledge, scene: Scene) -> To:
    """`member.person by conversation`, or a field of the row."""
    said = str(pledge.said["to"])
    path, _, by = said.partition(" by ")
    first, _, rest = path.partition(".")
    own = scene.form.structures[pledge.structure]
    if first in own.fields or not rest:
        if first not in own.fields:
            raise CannotAttack(f'"{said}" names no field of {pledge.structure}')
        return To(first)
    if first not in scene.form.structures:
        raise CannotAttack(f'"{said}" names no structure')
    other, _, mine = (p.strip() for p in by.partition("="))
    type_ = scene.form.structures[first].fields.get(other)
    if type_ is None:
        raise CannotAttack(f'"{said}": {first} has no field {other}')
    alike = [n for n, t in own.fields.items() if n == other or (t.ref and t.ref == type_.ref)]
    itself = own.key[:1] if type_.ref == pledge.structure else ()
    found = mine or next(iter((*alike, *itself)), "")
    if not found:
        raise CannotAttack(f'"{said}": {pledge.structure} has nothing like {other}')
    return To(rest, first, found, other)


def everybody(pledge: Pledge, play: Play, row: Row) -> list[str]:
    """The receivers of a row."""
    to = receivers(pledge, play.house.scene)
    if not to.structure:
        return [str(row[to.field])] if row.get(to.field) is not None else []
    near = [r for r in play.rows(to.structure) if same(r[to.other], row[to.own])]
    return list(dict.fromkeys(str(r[to.field]) for r in near))


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Some are connected and some are away; then everything goes wrong once."""
    scene = cast.house.scene
    operations = makers(scene, pledge.structure)
    calls = [c for c in (cast.fitting(n, key=pledge.id) for n in operations) if c is not None]
    if not calls:
        behind = writers(scene, pledge.structure, MAKES_ROWS)
        raise CannotAttack(
            f"no request was found with which {' or '.join(operations or behind) or 'anybody'} makes {pledge.structure}"
        )
    for call in calls:
        yield from _of(pledge, cast, call)


def _of(pledge: Pledge, cast: Cast, call: Call) -> Iterator[Scenario]:
    scene = cast.house.scene
    people = _people(pledge, cast, call)
    opening = _opening(pledge, scene)
    here = tuple(Opens(opening, p) for p in people[::2]) if opening else ()
    asking = _asking(pledge, cast, people)
    about = Audience()
    sent = tuple(_several(cast, call))
    last = (Calls(asking),) if asking else ()
    if not people:
        raise CannotAttack(f"nobody is there to whom {pledge.structure} would be delivered")
    yield Scenario("undisturbed", (*here, Calls(sent), Rest(), *last), 0, about)
    for seed in range(ROUNDS):
        yield Scenario("racing writers", (*here, Calls(sent, How.STEPWISE), Rest(), *last), seed, about)
    for point in points(scene.programs[call.operation]):
        dying = (replace(sent[0], dies=point), *sent[1:])
        yield Scenario("the writer dies", (*here, Calls(dying), Rest(), *last), 0, about)
    for name in chain(pledge, scene):
        yield Scenario(f"{name} is told twice", (*here, Calls(sent), Rest((Fault(name, again=True),)), *last), 0, about)
        for point in points(scene.programs[name]):
            yield Scenario(f"{name} dies", (*here, Calls(sent), Rest((Fault(name, point),)), Rest(), *last), 0, about)
    if opening and asking:
        late = (Calls(sent[:1]), *(Opens(opening, p) for p in people), Calls(sent[1:]), *last, Rest())
        yield Scenario("they connect in between", late, 0, Audience(told=False))


def chain(pledge: Pledge, scene: Scene) -> list[str]:
    """Operations that events of the writers start, and that events of these start."""
    topics = heard_from(set(writers(scene, pledge.structure, MAKES_ROWS)), scene.programs)
    return [
        n
        for n, p in scene.programs.items()
        if p.starts in (Start.EVENT, Start.QUEUE) and p.operation.starts.on in topics
    ]


def _several(cast: Cast, call: Call) -> Iterator[Call]:
    yield call
    program = cast.house.scene.programs[call.operation]
    for number in range(1, WRITES):
        other = cast.request(call.operation, ("several", number), call.caller)
        kept = {n: v for n, v in call.body.items() if n in program.request and program.request[n].ref}
        yield replace(other, body={**other.body, **kept})


def _people(pledge: Pledge, cast: Cast, call: Call) -> list[Row]:
    """Those who are to get what a request makes."""
    play = cast.play()
    play.begin(0)
    play.call(call)
    before = {_key(play, pledge.structure, r) for r in play.before(pledge.structure)}
    new = [r for r in play.rows(pledge.structure) if _key(play, pledge.structure, r) not in before]
    names = [n for r in new for n in everybody(pledge, play, r)]
    cast.house.reset()
    return [p for p in (_person(cast, n) for n in dict.fromkeys(names)) if p]


def _person(cast: Cast, identifier: str) -> Row:
    """Somebody as a caller, with what their token says."""
    for program in cast.house.scene.programs.values():
        persona = cast.house.scene.form.personas.get(program.operation.caller)
        for row in cast.rows.get(persona.entity, ()) if persona else ():
            if str(row.get("id")) == identifier:
                return cast.requests("person", identifier).as_caller(program, row)
    return {"id": identifier}


def _opening(pledge: Pledge, scene: Scene) -> str:
    """The operation whose connections are kept in the registry that the promise delivers to."""
    arrives = str(pledge.said["in"])
    for program in scene.programs.values():
        if program.starts is Start.OPENS and any(s.target == arrives for s, _ in program.steps()):
            return program.operation.starts.on
    return ""


def _asking(pledge: Pledge, cast: Cast, people: list[Row]) -> tuple[Call, ...]:
    """Whoever was away, and whoever is never told, asks."""
    arrives, away = str(pledge.said["in"]), str(pledge.said.get("away", ""))
    name = away or (arrives if arrives in cast.house.scene.programs else "")
    if name not in cast.house.scene.programs or cast.house.scene.programs[name].starts not in CALLED:
        return ()
    wanted = people[1::2] if arrives not in cast.house.scene.programs else people
    program = cast.house.scene.programs[name]
    callers = [one for p in wanted for one in cast.requests("asks").identities(program, p)]
    return tuple(replace(cast.request(name, ("asks", n), c), caller=c) for n, c in enumerate(callers))


def _marked(pledge: Pledge, row: Row) -> Row:
    return {**row, "__structure__": pledge.structure}


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """A row that somebody did not get, or got twice where that counts."""
    about: Audience = scenario.about
    arrives = str(pledge.said["in"])
    before = {_key(play, pledge.structure, r) for r in play.before(pledge.structure)}
    frame = play.frame(pledge.id)
    key = play.house.scene.tables[pledge.structure].key
    for row in play.rows(pledge.structure):
        if _key(play, pledge.structure, row) in before or not frame.holds(pledge.tests, _marked(pledge, row)):
            continue
        shown = shown_rows([row], key)
        for person in everybody(pledge, play, row):
            times = _times(pledge, play, arrives, row, person, about)
            if times == 0:
                return f"{person} never got {pledge.structure} {shown}"
            if times > 1:
                return f"{person} got {pledge.structure} {shown} {times} times"
    return ""


def _times(pledge: Pledge, play: Play, arrives: str, row: Row, person: str, about: Audience) -> int:
    """How often a row had its effect for somebody. Pushes count once: receivers know what they have."""
    structure = play.house.scene.form.structures.get(arrives)
    if structure is not None and structure.shape is not Shape.REGISTRY:
        return sum(_is_for(pledge, play, r, row, person) for r in play.rows(arrives))
    if "." in arrives:
        told = play.outside.effects(arrives)
        return sum(person in {str(v) for v in (*c.key, *c.told.values())} for c in told) or 0
    asked = [r for r in play.results if r.fine and _is(r.call.caller, person) and r.call.operation in _asked(pledge)]
    lacking = [c for c in _callers(asked) if not _has(pledge, play, row, c, asked)]
    if asked and about.told:
        return 0 if lacking else 1
    if _pushed(pledge, play, row, {"id": person}) or any(_answers(pledge, play, r.outcome.answer, row) for r in asked):
        return 1
    waited = [str(c["caller"].get("id")) for c in play.connected] if about.told else []
    return 0 if person in waited or asked else 1


def _is(caller: Row | None, person: str) -> bool:
    return caller is not None and str(caller.get("id")) == person


def _callers(asked: list[Result]) -> list[Row]:
    """Who asked: somebody on two devices is two callers."""
    return list({repr(sorted(r.call.caller.items(), key=str)): r.call.caller for r in asked if r.call.caller}.values())


def _has(pledge: Pledge, play: Play, row: Row, caller: Row, asked: list[Result]) -> bool:
    """Whether a caller was answered a row, or had it pushed."""
    answers = (r.outcome.answer for r in asked if r.call.caller == caller)
    return any(_answers(pledge, play, a, row) for a in answers) or _pushed(pledge, play, row, caller)


def _asked(pledge: Pledge) -> tuple[str, ...]:
    return (str(pledge.said.get("away", "")), str(pledge.said["in"]))


def _pushed(pledge: Pledge, play: Play, row: Row, caller: Row) -> bool:
    """Whether it was pushed to a connection of somebody: where connections name devices, to this device."""
    key = play.house.scene.tables[pledge.structure].key
    structures = play.house.scene.form.structures
    return any(
        _reaches(receiver, caller, structures) and _same_row(message, row, key)
        for receiver, message in play.outside.pushed
    )


def _reaches(receiver: Row, caller: Row, structures: Mapping[str, Structure]) -> bool:
    known = structures.get(str(receiver.get("__structure__", "")))
    named = {n: t.ref for n, t in known.fields.items() if t.ref in caller} if known else {}
    others = any(not same(receiver[n], caller[token]) for n, token in named.items())
    return not others and str(caller["id"]) in {str(v) for v in receiver.values()}


def _same_row(message: Any, row: Row, key: tuple[str, ...]) -> bool:
    for one in message if isinstance(message, list) else [message]:
        if isinstance(one, Mapping) and all(k in one and same(one[k], row[k]) for k in key):
            return True
    return False


def _answers(pledge: Pledge, play: Play, answer: Mapping[str, Any], row: Row) -> bool:
    return any(_same_row(v, row, play.house.scene.tables[pledge.structure].key) for v in answer.values())


def _is_for(pledge: Pledge, play: Play, found: Row, row: Row, person: str) -> bool:
    """Whether a row of what is delivered to is about this row and this person."""
    fields = play.house.scene.form.structures[str(pledge.said["in"])].fields
    key = play.house.scene.tables[pledge.structure].key
    about = {n for n, t in fields.items() if t.ref == pledge.structure}
    mine = any(same(found[n], row[key[0]]) for n in about) if about else all(same(found.get(k), row[k]) for k in key)
    return mine and any(same(v, person) for n, v in found.items() if n not in about)


def _key(play: Play, structure: str, row: Row) -> tuple[str, ...]:
    return tuple(str(row[k]) for k in play.house.scene.tables[structure].key)


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The transactions that tell what they write, claims of what was handled, and acknowledgement after handling."""
    telling = {n: scene.programs[n] for n in writers(scene, pledge.structure, MAKES_ROWS)}
    told = {s.target for p in telling.values() for s, _ in p.steps() if s.verb is Verb.PUBLISH}
    claims = [
        g.condition(s) for n in chain(pledge, scene) for s, _ in scene.programs[n].steps() if s.verb is Verb.CLAIM
    ]
    asked = [n for n in dict.fromkeys(_asked(pledge)) if n in scene.programs]
    return [*g.transactions(telling, told), *claims, g.acknowledged(), *(g.stale(pledge.structure, n) for n in asked)]

"""What is derived agrees with what it is made from: after any operations and faults it is built again aside, and must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.model import Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import WRITES
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, points, span, writers
from workbook.proof.promises.guards import Guard
from workbook.proof.stage import reckoned
from workbook.proof.stage.acts import Calls, Rest, Scenario, Wait
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.AGREES
ROUNDS, LENGTH, RACERS = 4, 8, 4


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    sources = " and ".join(str(s) for s in pledge.said.get("with", ()))
    return f"random operations on {sources} race, die and come twice; then {pledge.structure} is built again aside and compared"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Random operations on the sources; faults in what follows them."""
    scene = cast.house.scene
    if not pledge.said.get("through") and not pledge.said.get("as"):
        raise CannotAttack(
            f"the promise does not say how {pledge.structure} is built again: add through: OPERATION or as: STEP"
        )
    sources = [str(s) for s in pledge.said.get("with", ())]
    named = [n for s in sources for n in writers(scene, s, WRITES) if scene.programs[n].starts in CALLED]
    found = {n: tuple(cast.some(n, 3)) for n in dict.fromkeys(named)}
    calls = [c for some in found.values() for c in some]
    if not calls:
        raise CannotAttack(f"no request was found that changes {' or '.join(sources)}")
    unused = [n for n, some in found.items() if not some]
    if unused:
        raise CannotAttack(cast.lacking(unused))
    within = span(pledge, cast.play(), "within")
    settle = (Rest(), Wait(within), Rest())
    yield Scenario("undisturbed", (Calls(tuple(calls)), *settle))
    later = tuple(_fresh(cast, c, "later", 0) for c in calls)
    yield Scenario(
        "and later, between two rounds", (Calls(tuple(calls)), Rest(), Wait(within / 3), Calls(later), *settle)
    )
    for seed in range(ROUNDS):
        rng = cast.house.rng("agrees", pledge.id, seed)
        some = tuple(_fresh(cast, rng.choice(calls), seed, n) for n in range(LENGTH))
        parts = [some[i : i + RACERS] for i in range(0, LENGTH, RACERS)]
        yield Scenario("random", (*(Calls(p, How.STEPWISE) for p in parts), *settle), seed)
    for call in {c.operation: c for c in calls}.values():
        for point in points(scene.programs[call.operation]):
            yield Scenario("a caller dies", (Calls((replace(call, dies=point), call)), *settle))
    for name in _following(pledge, scene, named):
        yield Scenario(f"{name} is told twice", (Calls(tuple(calls)), Rest((Fault(name, again=True),)), *settle))
        for point in points(scene.programs[name]):
            yield Scenario(f"{name} dies", (Calls(tuple(calls)), Rest((Fault(name, point),)), *settle))


def _fresh(cast: Cast, call: Call, seed: object, number: int) -> Call:
    """Another request of the same kind; sometimes the same one again."""
    return call if number % 2 else cast.request(call.operation, ("agrees", seed, number))


def _following(pledge: Pledge, scene: Scene, named: list[str]) -> list[str]:
    """What runs behind and writes the derived structure."""
    return [n for n in writers(scene, pledge.structure, WRITES) if n not in named and _behind(scene.programs[n])]


def _behind(program: Program) -> bool:
    return program.starts in (Start.EVENT, Start.QUEUE, Start.DUE)


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """Rows that a rebuild would make otherwise."""
    now = {_key(play, pledge, r): _said(play, pledge, r) for r in _alive(play, pledge, play.rows(pledge.structure))}
    again = _again(pledge, play)
    if again is None:
        return ""
    for key in {*now, *again}:
        if now.get(key) != again.get(key):
            have, should = _shown(now.get(key)), _shown(again.get(key))
            return f"{pledge.structure} {' '.join(key)} is {have}, and must be {should}"
    return ""


def _shown(values: dict[str, str] | None) -> str:
    return "not there" if values is None else ", ".join(f"{k} {v}" for k, v in values.items()) or "there"


def _again(pledge: Pledge, play: Play) -> dict[tuple[str, ...], dict[str, str]] | None:
    """The structure as it is when it is built again, aside."""
    if pledge.said.get("through"):
        return _rebuilt(pledge, play, str(pledge.said["through"]))
    return _worked_out(pledge, play)


def _rebuilt(pledge: Pledge, play: Play, name: str) -> dict[tuple[str, ...], dict[str, str]] | None:
    """What the operation that builds it makes of nothing. All of it is undone."""
    from psycopg import Rollback

    found: dict[tuple[str, ...], dict[str, str]] | None = None
    connection = play.house.admin
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(f'DELETE FROM "{pledge.structure}"')
        machine = play.machine(lambda point: None, lambda step, given: None)
        for lost in play.losses(name):
            machine.run(connection, name, play.frame(name, lost=lost))
        rows = _alive(play, pledge, play.rows(pledge.structure))
        found = {_key(play, pledge, r): _said(play, pledge, r) for r in rows}
        raise Rollback
    return found


def _worked_out(pledge: Pledge, play: Play) -> dict[tuple[str, ...], dict[str, str]]:
    """For each row that is there, what a step says its number must be."""
    name = reckoned.column(pledge, play.house.scene)
    try:
        rows = reckoned.worked_out(pledge, play)
    except reckoned.Unclear as why:
        raise CannotAttack(str(why)) from why
    return {_key(play, pledge, r): {**_said(play, pledge, r), name: str(number)} for r, number in rows}


def _alive(play: Play, pledge: Pledge, rows: list[Row]) -> list[Row]:
    """Rows that are not over, and are promised to agree; a count of nothing says what no row says."""
    table = play.house.scene.tables[pledge.structure]
    there = [r for r in rows if not table.ends or r.get("expires_at") is None or r["expires_at"] > play.clock.now]
    if pledge.tests:
        frame = play.frame(pledge.id)
        there = [r for r in there if frame.holds(pledge.tests, {**r, "__structure__": pledge.structure})]
    if table.structure.shape is not Shape.COUNTER:
        return there
    return [r for r in there if any(v not in ("0", "None") for v in _said(play, pledge, r).values())]


def _key(play: Play, pledge: Pledge, row: Row) -> tuple[str, ...]:
    return tuple(str(row[k]) for k in play.house.scene.tables[pledge.structure].key)


def _said(play: Play, pledge: Pledge, row: Row) -> dict[str, str]:
    table = play.house.scene.tables[pledge.structure]
    return {c.name: str(row[c.name]) for c in table.columns if not c.system and c.name not in table.key}


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The steps that keep it in step, their transactions, claims of what was handled."""
    sources = [str(s) for s in pledge.said.get("with", ())]
    named = {n for s in sources for n in writers(scene, s, WRITES)}
    following = set(writers(scene, pledge.structure, WRITES)) - {str(pledge.said.get("through", ""))}
    made = []
    for name in sorted(named | following):
        program = scene.programs[name]
        if program.starts is Start.LOST:
            continue
        made += [g.step_left_out(s, name) for s in _own(pledge, program)]
        made += [g.condition(s) for s, _ in program.steps() if s.verb is Verb.CLAIM]
        made += list(g.transactions({name: program}, (pledge.structure, *sources)))
    return made


def _own(pledge: Pledge, program: Program) -> list[Step]:
    return [s for s, _ in program.steps() if s.target == pledge.structure and s.verb in WRITES]

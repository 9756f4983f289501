"""No access without its row: every operation is stopped before each of its steps; what was answered or changed has left a trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbook.brief.promises import PromiseKind
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import MAKES_ROWS, READS, WRITES
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, points, same, shown_rows
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Scenario
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import How, Play, Result
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.TRACED
SOME = 2


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"every operation on {pledge.structure} is killed before each of its steps; what was shown or changed must stand in {pledge.said['in']}"


@dataclass(frozen=True)
class Links:
    """Fields by which a row of the trail says which row it is about."""

    pairs: tuple[tuple[str, str], ...]


def touching(pledge: Pledge, scene: Scene) -> list[str]:
    """Operations that read or change rows, or those that the promise names."""
    said = pledge.said.get("by", ())
    named = [str(o) for o in ((said,) if isinstance(said, str) else said)]
    if named:
        return [n for n in named if n in scene.programs]
    wanted = READS | WRITES
    return [
        n
        for n, p in scene.programs.items()
        if p.starts in CALLED and any(s.target == pledge.structure and s.verb in wanted for s, _ in p.steps())
    ]


def links(pledge: Pledge, scene: Scene) -> Links:
    """What a row and its trace have in common: references to the same, or from the one to the other."""
    here, there = scene.form.structures[pledge.structure], scene.form.structures[str(pledge.said["in"])]
    found = []
    for name, type_ in there.fields.items():
        if type_.ref == pledge.structure and len(here.key) == 1:
            found.append((here.key[0], name))
        elif type_.ref:
            found += [(n, name) for n, t in here.fields.items() if t.ref == type_.ref][:1]
    return Links(tuple(found))


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Each operation alone, killed at each point, and several at once."""
    scene = cast.house.scene
    if str(pledge.said["in"]) not in scene.tables:
        raise CannotAttack(f"{pledge.said['in']} is no structure")
    operations = touching(pledge, scene)
    found = 0
    for name in operations:
        calls = list(cast.some(name, SOME))
        for call in calls:
            found += 1
            yield Scenario(name, (Calls((call,)),))
        for call in calls[:1]:
            for point in points(scene.programs[name]):
                yield Scenario(f"{name} dies", (Calls((replace(call, dies=point),)),))
        if calls:
            yield Scenario(f"{name}, in turns", (Calls((*calls, *calls), How.STEPWISE),))
    if not found:
        raise CannotAttack(f"no request was found that touches {pledge.structure}")


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """A row that was shown or changed, and no trace of it."""
    trail = str(pledge.said["in"])
    before = {_key(play, trail, r) for r in play.before(trail)}
    traces = [r for r in play.rows(trail) if _key(play, trail, r) not in before]
    pairs = links(pledge, play.house.scene).pairs
    for result in play.results:
        shown = list(_shown(pledge, result)) if result.fine else []
        bare = [r for r in shown if not _traced(r, traces, pairs)]
        if bare:
            key = play.house.scene.tables[pledge.structure].key
            return (
                f"{result.call.operation} showed {pledge.structure} {shown_rows(bare, key)} and left no row of {trail}"
            )
    bare = [r for r in _changed(pledge, play) if not _traced(r, traces, pairs)]
    if bare:
        key = play.house.scene.tables[pledge.structure].key
        return f"{pledge.structure} {shown_rows(bare, key)} was written, and there is no row of {trail}"
    return ""


def _shown(pledge: Pledge, result: Result) -> Iterator[Row]:
    """The rows of the structure in an answer."""
    for value in result.outcome.answer.values():
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict) and row.get("__structure__") == pledge.structure:
                yield row


def _changed(pledge: Pledge, play: Play) -> list[Row]:
    """The rows that are not as they were."""
    before = {_key(play, pledge.structure, r): r for r in play.before(pledge.structure)}
    now = play.rows(pledge.structure)
    return [r for r in now if before.get(_key(play, pledge.structure, r)) != r]


def _traced(row: Row, traces: list[Row], pairs: tuple[tuple[str, str], ...]) -> bool:
    return any(all(same(row.get(here), trace.get(there)) for here, there in pairs) for trace in traces)


def _key(play: Play, structure: str, row: Row) -> tuple[str, ...]:
    return tuple(str(row[k]) for k in play.house.scene.tables[structure].key)


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The rows that are written of it, and the transactions in which that is done."""
    trail = str(pledge.said["in"])
    named = {n: scene.programs[n] for n in touching(pledge, scene)}
    made = [
        g.step_left_out(s, n)
        for n, p in named.items()
        for s, _ in p.steps()
        if s.target == trail and s.verb in MAKES_ROWS
    ]
    return [*made, *g.transactions(named, (trail,))]

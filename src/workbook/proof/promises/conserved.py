"""Nothing is made and nothing is lost: whoever writes dies between every two steps, races and comes twice; every group still sums up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import MAKES_ROWS, WRITES
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, makers, points, writers
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Rest, Scenario
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.play import How, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.CONSERVED
RACERS, ROUNDS = 5, 2
HUNDREDTHS = 2
"""Money is compared to the cent."""


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    groups = " and ".join(pledge.by)
    return f"writers of {pledge.structure} die before every step, race and come twice; then {pledge.column} of each {groups} is added up"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Every operation that makes rows, and every death of it and of what runs behind."""
    scene = cast.house.scene
    operations = makers(scene, pledge.structure)
    behind = [n for n in writers(scene, pledge.structure, MAKES_ROWS) if scene.programs[n].starts not in CALLED]
    calls = [c for n in operations or cast.called for c in [cast.fitting(n)] if c is not None]
    if not calls or not (operations or behind):
        raise CannotAttack(cast.lacking(operations) if operations else f"no operation makes rows of {pledge.structure}")
    for call in calls:
        yield Scenario("undisturbed", (Calls((call,)), Rest()))
        for seed in range(ROUNDS):
            some = tuple(cast.request(call.operation, ("conserved", seed, n)) for n in range(RACERS - 2))
            yield Scenario("racing", (Calls((call, call, *some), How.STEPWISE), Rest()), seed)
        for point in points(scene.programs[call.operation]):
            yield Scenario("a writer dies", (Calls((replace(call, dies=point),)), Rest()))
            yield Scenario("a writer dies and is asked again", (Calls((replace(call, dies=point), call)), Rest()))
        for name in behind:
            yield Scenario(f"{name} comes twice", (Calls((call,)), Rest((Fault(name, again=True),)), Rest()))
            for point in points(scene.programs[name]):
                yield Scenario(f"{name} dies", (Calls((call,)), Rest((Fault(name, point),)), Rest()))


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """A group that does not sum up, of those that were not there before."""
    before = {_group(pledge, row) for row in play.before(pledge.structure)}
    found: dict[tuple[str, ...], float] = {}
    for row in play.rows(pledge.structure):
        group = _group(pledge, row)
        if group not in before:
            found[group] = found.get(group, 0) + float(row[pledge.column] or 0)
    wanted = _sum(pledge.said.get("sum"))
    for group, total in found.items():
        if round(total, HUNDREDTHS) != wanted:
            named = ", ".join(f"{b} {v}" for b, v in zip(pledge.by, group, strict=True))
            return f"{pledge.column} of {pledge.structure} with {named} adds up to {total:g}, and must to {wanted:g}"
    return ""


def _group(pledge: Pledge, row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[b]) for b in pledge.by)


def _sum(said: object) -> float:
    if isinstance(said, Quantity):
        return said.best
    return float(said) if isinstance(said, int | float) else 0.0


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The transactions in which rows are written."""
    writing = {n: scene.programs[n] for n in writers(scene, pledge.structure, WRITES)}
    return list(g.transactions(writing, (pledge.structure,)))

"""What a number must be by the step that a promise says: for each row, worked out from what it is made of."""

from __future__ import annotations

from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Start, Starts
from workbook.plan.form.model import Operation, Program
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.resolve import resolve
from workbook.proof.stage.frame import Row
from workbook.proof.stage.house import House
from workbook.proof.stage.play import Play
from workbook.proof.stage.scene import Scene


class Unclear(Exception):
    """A step that means nothing."""


def column(pledge: Pledge, scene: Scene) -> str:
    """The column that holds the number."""
    table = scene.tables[pledge.structure]
    return pledge.column or next(c.name for c in table.columns if c.name not in table.key and not c.system)


def worked_out(pledge: Pledge, play: Play) -> list[tuple[Row, Any]]:
    """Every row, and what its number must be. Raises Unclear."""
    program = _asking(pledge, play.house.scene)
    name = column(pledge, play.house.scene)
    found: list[tuple[Row, Any]] = []
    for row in play.rows(pledge.structure):
        given: list[Any] = []
        machine = play.machine(lambda point: None, lambda step, value: given.append(value))  # noqa: B023 (used at once)
        machine.programs = {program.id: program}
        machine.run(play.house.admin, program.id, play.frame(program.id, item=row))
        found.append((row, _number(given[-1] if given else 0, name)))
    return found


def _number(value: Any, name: str) -> Any:
    if not isinstance(value, list):
        return value
    return sum(_first(row, name) for row in value)


def _first(row: Row, name: str) -> Any:
    """The number of that name, else the first one."""
    numbers = [v for v in row.values() if isinstance(v, int | float) and not isinstance(v, bool)]
    if name in row:
        return row[name] or 0
    return next(iter(numbers), 0)


def _asking(pledge: Pledge, scene: Scene) -> Program:
    """The step as an operation that runs for each row."""
    starts = Starts(kind=Start.EVERY, each=pledge.structure, text=f"for each {pledge.structure}")
    nodes = (steps.line(str(pledge.said["as"])),)
    program = resolve(scene.form, Operation(id=f"{pledge.id}.as", starts=starts, nodes=nodes, context=""))
    if program.problems:
        raise Unclear(f"as: {program.problems[0]}")
    return program


def put_right(house: House) -> None:
    """Numbers of the rows to begin with are what is made of the others: a seat that is taken counts as taken."""
    for pledge in house.scene.pledges:
        if pledge.kind is not PromiseKind.AGREES or "as" not in pledge.said or pledge.problems:
            continue
        name = column(pledge, house.scene)
        key = house.scene.tables[pledge.structure].key
        play = Play(house, house.scene.programs)
        play.begin(0)
        for row, number in worked_out(pledge, play):
            house.adjust(pledge.structure, {k: row[k] for k in key}, {name: number})

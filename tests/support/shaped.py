"""One structure of each shape, and each case of what a step does with it as an operation of one step."""

from __future__ import annotations

from pathlib import Path

import yaml

from workbook.brief import loads
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Starts
from workbook.plan.complete import complete
from workbook.plan.form.build import build
from workbook.plan.form.model import Form, Operation, Program
from workbook.plan.form.resolve import resolve

SAID = yaml.safe_load((Path(__file__).parents[1] / "proof" / "statements.yaml").read_text("utf-8"))
CASES = [(shape, number) for shape, one in SAID.items() for number in range(len(one["cases"]))]
NAMES = [f"{shape}-{SAID[shape]['cases'][n]['step'].split()[0]}-{n}" for shape, n in CASES]
BRIEF = "system: S\nentities: {other: {fields: {id: id}}}\noperations: {look: {does: list other, rate: 1/s}}\n"


def form_of(shape: str) -> Form:
    """A form with one structure of that shape."""
    said = yaml.safe_dump({"structures": {"thing": {**SAID[shape]["structure"], "context": "other"}}})
    return build(complete(loads(BRIEF + said)))


def programs_of(shape: str, form: Form) -> dict[str, Program]:
    """Each case as an operation of one step."""
    made = {}
    for number, case in enumerate(SAID[shape]["cases"]):
        operation = Operation(id=f"case_{number}", starts=Starts(), nodes=steps.nodes([case["step"]]), context="other")
        program = resolve(form, operation)
        assert program.problems == ()
        made[operation.id] = program
    return made

"""The form of a brief: every name has one meaning, default steps are legal, and its load is the demand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from workbook.brief import load as load_brief
from workbook.brief import loads
from workbook.brief.load import Brief, examples
from workbook.catalog import loader
from workbook.plan.complete import Complete, complete
from workbook.plan.demand import demand
from workbook.plan.form.build import build
from workbook.plan.form.resolve import resolve
from workbook.plan.load.load import Load, load

CASES = Path(__file__).parents[1] / "cases"
WRONG = yaml.safe_load(Path(__file__).with_name("wrong_steps.yaml").read_text(encoding="utf-8"))


def briefs() -> dict[str, Brief]:
    """The examples, the published cases, and every archetype by itself."""
    made = {name: load_brief(name) for name in examples()}
    made |= {
        path.stem: load_brief(path)
        for path in sorted(CASES.glob("*.yaml"))
        if "system:" in path.read_text("utf-8")[:2000]
    }
    made |= {f"archetype {n}": loads(f"system: X\narchetypes: [{n}]") for n in loader.archetypes()}
    return made


BRIEFS = briefs()


def borne(completed: Complete, samples: int = 1) -> Load:
    """The load of a brief's logical form."""
    form = build(completed)
    programs = {name: resolve(form, operation) for name, operation in form.operations.items()}
    assert [p for program in programs.values() for p in program.problems] == []
    return load(form, programs, demand(completed, samples))


@pytest.mark.parametrize("name", BRIEFS)
def test_the_load_of_the_form_is_the_demand(name: str) -> None:
    """Calls of every operation and rows a day of every entity are what the demand says, before any pass."""
    completed = complete(BRIEFS[name])
    found = borne(completed)
    asked = found.demand
    for operation in completed.operations:
        if operation not in asked.open:
            assert found.average_of(operation) == pytest.approx(asked.of_operation("average_qps", operation))
            assert found.peak_of(operation) == pytest.approx(asked.of_operation("peak_qps", operation))
    for entity in completed.entities:
        rows = asked.of_entity("rows_per_day", entity) * asked.of_entity("dedup", entity)
        written = float(found.inflow[entity][0]) if entity in found.inflow else 0.0
        if completed.kind(entity) != "memory":
            assert written == pytest.approx(rows, rel=1e-6, abs=1e-9), entity


@pytest.mark.parametrize("name", ["chat", "clinic"])
def test_ranges_are_the_same_formulas_on_wider_arrays(name: str) -> None:
    """With samples, the load has their number everywhere, and its median lies near the plain estimate."""
    completed = complete(BRIEFS[name])
    wide, plain = borne(completed, 200), borne(completed)
    assert wide.peak["rows"].shape[1] == 200
    middle = np.median(wide.peak["rows"].sum(axis=0))
    assert middle == pytest.approx(float(plain.peak["rows"].sum()), rel=0.3)


@pytest.mark.parametrize("case", WRONG, ids=lambda c: c["says"])
def test_a_step_that_means_nothing_is_a_problem_with_a_remedy(case: dict[str, object]) -> None:
    """Each wrong program says what is wrong in one sentence that names it."""
    completed = complete(loads(yaml.safe_dump({"system": "X", **case["brief"]}, sort_keys=False)))  # type: ignore[dict-item]
    form = build(completed)
    found = [p for operation in form.operations.values() for p in resolve(form, operation).problems]
    assert any(str(case["says"]) in p for p in found), found


RENAMED = """
system: S
populations: {users: 1000}
entities:
  thing: {fields: {id: id, user_name: string 20, userName: string 20, created_at: time, xmin: int}}
operations:
  make: {steps: [append thing set userName = body.userName and xmin = body.xmin, answer thing], rate: 1 per users per day}
  find: {steps: [list thing by userName order -created_at limit 20, answer thing], rate: 1 per users per day}
"""


def test_f10_steps_name_fields_that_columns_cannot_be_called() -> None:
    """A field whose column is spelt otherwise has its own name in the form, where steps find it."""
    completed = complete(loads(RENAMED))
    form = build(completed)
    assert {"userName", "xmin"} <= set(form.structures["thing"].fields)
    assert [p for o in form.operations.values() for p in resolve(form, o).problems] == []


@pytest.mark.parametrize("name", examples())
def test_a_default_of_the_form_is_no_assumption_of_the_document(name: str) -> None:
    """Nothing that the document shows rests on the work of processors, so it is not listed among what is assumed."""
    assert [a.path for a in complete(BRIEFS[name]).assumptions if a.path.startswith("processors")] == []

"""What is generated for briefs nobody tuned it to is accepted by the engines as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbook.artifacts import build
from workbook.brief import load, loads
from workbook.catalog import loader
from workbook.plan import derive
from workbook.proof import verify

CASES = Path(__file__).resolve().parents[1] / "cases"
BRIEFS = [
    *(f"case:{p.stem}" for p in sorted(CASES.glob("*.yaml")) if p.stem != "expected"),
    *(f"archetype:{n}" for n in loader.archetypes()),
]


@pytest.mark.usefixtures("postgresql_here")
@pytest.mark.parametrize("brief", BRIEFS)
def test_nothing_is_refused(brief: str) -> None:
    """Every artifact of a published case or a bare archetype that has an engine here is accepted by it."""
    kind, _, name = brief.partition(":")
    plan = derive(load(CASES / f"{name}.yaml") if kind == "case" else loads(f"system: {name}\narchetypes: [{name}]"))
    found = verify(plan, build(plan))
    assert [f"{c.path}: {c.engine}: {c.message}" for c in found.failed] == []
    assert found.ok or not found.checks or all("needs" in c.message for c in found.not_run)

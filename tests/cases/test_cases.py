"""Capacity examples that others published, said in the language of briefs and computed by our formulas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import load
from workbook.catalog import loader
from workbook.plan.complete import complete
from workbook.plan.demand import demand

HERE = Path(__file__).parent
EXPECTED: Mapping[str, Any] = yaml.safe_load((HERE / "expected.yaml").read_text(encoding="utf-8"))
BRIEFS = sorted(p.stem for p in HERE.glob("*.yaml") if p.name != "expected.yaml")
QUANTITIES = [
    pytest.param(
        case,
        quantity,
        id=f"{case}-{quantity}",
        marks=[pytest.mark.requirement(*said["rows"])] if "rows" in said else [],
    )
    for case, said in EXPECTED.items()
    for quantity, wanted in said["quantities"].items()
    if "name" in wanted
]
OPEN_CASES = 14
MAPPED = 85


@cache
def results(case: str) -> Mapping[str, float]:
    """All results of a case that follow from demand alone."""
    said = EXPECTED[case]
    brief = load(HERE / f"{said.get('brief', case)}.yaml", said.get("set"))
    for archetype in brief.raw.get("archetypes", ()):
        if archetype not in loader.archetypes():
            pytest.skip(f"the catalog has no archetype {archetype} yet")
    asked = demand(complete(brief))
    return {name: value.best for name, value in {**asked.values, **asked.capacity({})}.items()}


@pytest.mark.parametrize(("case", "quantity"), QUANTITIES)
def test_a_published_quantity_comes_out(case: str, quantity: str) -> None:
    """The result of that name is within 1.5 % of what follows exactly from the published inputs."""
    wanted = EXPECTED[case]["quantities"][quantity]
    found = results(case)
    names = wanted["name"] if isinstance(wanted["name"], list) else [wanted["name"]]
    over = wanted.get("over", 1)
    value = sum(found[n] for n in names) * wanted.get("times", 1) / (found[over] if isinstance(over, str) else over)
    assert value == pytest.approx(wanted["value"], rel=0.015)


def test_every_quantity_is_covered_or_has_its_reason() -> None:
    """Of the published examples' quantities, all but the listed few have a result name."""
    published = {c: q["quantities"] for c, q in list(EXPECTED.items())[:OPEN_CASES]}
    mapped = [(c, q) for c, quantities in published.items() for q, wanted in quantities.items() if "name" in wanted]
    without = {
        (c, q): wanted["reason"]
        for c, quantities in published.items()
        for q, wanted in quantities.items()
        if "name" not in wanted
    }
    print(f"{len(mapped)} quantities of {len(published)} cases have a result name; without: {without}")
    assert len(mapped) == MAPPED
    assert len(mapped) + len(without) == 87
    assert all(len(reason) > 20 for reason in without.values())


def test_every_brief_has_expectations() -> None:
    """No brief stands in this folder without a quantity that is checked."""
    assert {said.get("brief", case) for case, said in EXPECTED.items()} == set(BRIEFS)

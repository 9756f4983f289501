"""Whatever can be said in the language gives a whole document: all sections, both forms, all artifacts, every number finite."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import load, loads
from workbook.brief.load import Brief
from workbook.catalog import loader
from workbook.document import build
from workbook.document.blocks import Diagram
from workbook.document.show import ascii, section_html, section_markdown
from workbook.document.show.ascii_diagram import parse
from workbook.plan import Plan, derive
from workbook.review import review

HERE = Path(__file__).parent
EDGES = yaml.safe_load((HERE / "briefs.yaml").read_text(encoding="utf-8"))
CASES = sorted(p.stem for p in (HERE.parent / "cases").glob("*.yaml") if p.stem != "expected")


def _briefs() -> Iterator[Any]:
    yield from (pytest.param(("edge", n), id=n.replace(" ", "_")) for n in EDGES)
    yield from (pytest.param(("archetype", n), id=f"archetype-{n}") for n in loader.archetypes())
    yield from (pytest.param(("case", n), id=f"case-{n}") for n in CASES)
    yield from (pytest.param(("example", n), id=n) for n in ("chat", "feed", "music", "clinic"))


def _read(kind: str, name: str) -> Brief:
    if kind == "edge":
        return loads(yaml.safe_dump({"system": name, **EDGES[name]}))
    if kind == "archetype":
        return loads(f"system: {name}\narchetypes: [{name}]")
    return load(name if kind == "example" else HERE.parent / "cases" / f"{name}.yaml")


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_finite(v) for v in value.values())
    return not isinstance(value, float) or math.isfinite(value)


@pytest.mark.parametrize("which", list(_briefs()))
def test_a_whole_document(which: tuple[str, str]) -> None:
    """Fourteen sections draw without error, estimates are finite, every decision is answered, and the picture can be read back."""
    plan = derive(_read(*which))
    sections = build(plan)
    assert [s.number for s in sections] == list(range(14))
    for section in sections:
        assert section.subsections
        assert section_markdown(section).startswith("## ")
        assert section_html(section)
    assert _finite(plan.estimate())
    assert plan.decisions
    assert all(r.state in ("holds", "fails", "does not apply", "waiting") for r in review(plan))
    _picture_reads_back(plan, [b for s in sections for b in s.walk() if isinstance(b, Diagram)])


def _picture_reads_back(plan: Plan, diagrams: list[Diagram]) -> None:
    assert len(diagrams) == 1
    text = ascii(diagrams[0])
    assert max(len(line) for line in text.splitlines()) <= 110
    nodes, edges = parse(text)
    assert len(nodes) == len(plan.design.components)
    assert len(edges) == len(plan.design.calls)

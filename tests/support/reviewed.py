"""What the tests of the first review read: reports, artifacts and plans of the examples."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from workbook.artifacts import build
from workbook.brief import load
from workbook.document import section
from workbook.document.show import section_markdown
from workbook.plan import Plan, derive


@cache
def plan(brief: str, *sets: tuple[str, object]) -> Plan:
    """The plan of an example, with parts of its brief replaced."""
    return derive(load(brief, dict(sets)))


@cache
def artifacts(brief: str, *sets: tuple[str, object]) -> Mapping[str, str]:
    """Path -> text."""
    return {a.path: a.text for a in build(plan(brief, *sets))}


def under(brief: str, folder: str, *sets: tuple[str, object]) -> str:
    """All artifacts of a folder, one after the other."""
    return "\n".join(text for path, text in artifacts(brief, *sets).items() if path.startswith(folder))


def page(brief: str, number: int, *sets: tuple[str, object]) -> str:
    """A section as Markdown."""
    return section_markdown(section(plan(brief, *sets), number))


def steps(brief: str, operation: str, *sets: tuple[str, object]) -> list[str]:
    """The steps of an operation, as a person reads them."""
    return [step.text for step, _ in plan(brief, *sets).world.programs[operation].steps()]

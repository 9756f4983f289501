"""Artifacts and diagrams of a run, each in a file of its own; they need no notebook, and one that fails costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.run.machine import is_hopeless
from workbook.run.writing import put

if TYPE_CHECKING:
    from workbook.artifacts import Artifact
    from workbook.document.blocks import Diagram
    from workbook.plan import Plan


@dataclass(frozen=True)
class Unmade:
    """What could not be made, and why."""

    name: str
    error: str


def write_designs(plan: Plan, stage: Path) -> tuple[Unmade, ...]:
    """Write them all; returns what could not be made."""
    made, unmade = artifacts_of(plan)
    for artifact in made:
        with _noted(f"artifacts/{artifact.path}", unmade.append):
            put(stage, f"artifacts/{artifact.path}", artifact.text)
    for diagram in _diagrams(plan):
        with _noted(f"The diagram {diagram.id}", unmade.append):
            _draw(diagram, stage)
    return tuple(unmade)


def artifacts_of(plan: Plan) -> tuple[list[Artifact], list[Unmade]]:
    """The artifacts that there is a text for, and the kinds that could not be made."""
    from workbook import artifacts

    made: list[Artifact] = []
    unmade: list[Unmade] = []
    for kind in artifacts.kinds():
        with _noted(f"The artifact {kind}", unmade.append):
            made += [one for one in artifacts.build_kind(plan, kind) if one.text]
    return made, unmade


def _diagrams(plan: Plan) -> Iterator[Diagram]:
    """Those of every section that can be built: the notebook of one that can't says why."""
    from workbook import document
    from workbook.document.blocks import Diagram
    from workbook.document.page import Page

    page = Page(plan, {}, False)
    for number in document.numbers():
        try:
            section = document.section(plan, number, page=page)
        except Exception:  # noqa: BLE001 (its notebook fails in the same way, and that is in the report)
            continue
        yield from (block for block in section.walk() if isinstance(block, Diagram))


def _draw(diagram: Diagram, stage: Path) -> None:
    from workbook.document import show

    try:
        put(stage, f"artifacts/diagrams/{diagram.id}.svg", show.svg(diagram))
    except show.Missing:
        put(stage, f"artifacts/diagrams/{diagram.id}.txt", show.ascii(diagram))


@contextmanager
def _noted(name: str, note: Callable[[Unmade], None]) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if is_hopeless(error):
            raise
        note(Unmade(name, f"{type(error).__name__}: {error}"))

"""The document of a plan, block by block, made when somebody asks for it; and plans with one value changed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from readings import bare

from workbook.artifacts import build
from workbook.document import section
from workbook.document.blocks import Block, Checklist, Code, Matrix, Note, Steps, Subsection, Table
from workbook.document.show import section_markdown
from workbook.plan import Plan
from workbook.plan.fold.design import Design

PathPart = str | int


class Document:
    """What is written for a plan."""

    def __init__(self, plan: Plan, proofs: Mapping[str, str] | None = None) -> None:
        self.plan = plan
        self.proofs = proofs or {}
        self._sections: dict[int, tuple[Block, ...]] = {}

    def blocks(self, number: int) -> tuple[Block, ...]:
        """The blocks of a section, subsections left out."""
        if number not in self._sections:
            found = section(self.plan, number, self.proofs).walk()
            self._sections[number] = tuple(b for b in found if not isinstance(b, Subsection))
        return self._sections[number]

    def block(self, identifier: str) -> Block | None:
        """A block by its id."""
        found = self.blocks(int(identifier.partition(".")[0]))
        return next((b for b in found if b.id == identifier), None)

    def has_subsection(self, identifier: str) -> bool:
        """Whether there is a subsection of that number."""
        number = int(identifier.partition(".")[0])
        return any(s.id == identifier for s in section(self.plan, number, self.proofs).subsections)

    def like(self, prefix: str) -> tuple[Block, ...]:
        """The blocks whose id begins so."""
        return tuple(b for b in self.blocks(int(prefix.partition(".")[0])) if b.id.startswith(prefix))

    def rows(self, identifier: str) -> list[dict[str, str]]:
        """The rows of a table by their columns, without marks; none where there is no such table."""
        table = self.block(identifier)
        if not isinstance(table, Table):
            return []
        return [dict(zip(table.columns, map(bare, row), strict=True)) for row in table.rows]

    def row(self, identifier: str, **wanted: str) -> dict[str, str]:
        """The first row with these cells; a row of empty cells where there is none."""
        rows = self.rows(identifier)
        fitting = (r for r in rows if all(r.get(column) == cell for column, cell in wanted.items()))
        return next(fitting, dict.fromkeys((c for r in rows[:1] for c in r), ""))

    def title(self, identifier: str) -> str:
        """The title of a block."""
        block = self.block(identifier)
        return block.title if block else ""

    def note(self, identifier: str) -> str:
        """What stands under a table, or in a note."""
        block = self.block(identifier)
        if isinstance(block, Note):
            return bare(block.text)
        return bare(block.note) if isinstance(block, Table | Steps) else ""

    def code(self, identifier: str) -> str:
        """The text of a block of code."""
        block = self.block(identifier)
        return block.text if isinstance(block, Code) else ""

    def steps(self, identifier: str) -> Steps | None:
        """A flow."""
        block = self.block(identifier)
        return block if isinstance(block, Steps) else None

    def matrices(self) -> tuple[Matrix, ...]:
        """Every choice that is shown with its scores."""
        return tuple(b for n in range(14) for b in self.blocks(n) if isinstance(b, Matrix))

    def items(self, identifier: str) -> dict[str, tuple[str, str, str]]:
        """The lines of a checklist: text to state, detail and link."""
        block = self.block(identifier)
        if not isinstance(block, Checklist):
            return {}
        return {bare(i.text): (i.state, bare(i.detail), i.link) for i in block.items}

    def markdown(self, number: int) -> str:
        """A section as Markdown."""
        return section_markdown(section(self.plan, number))

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Path to text of everything that can be copied."""
        return {a.path: a.text for a in build(self.plan)}


def changed(whole: Any, path: tuple[PathPart, ...], value: Any) -> Any:
    """A copy in which the value at the end of a path is another; a function is given the old one. Numbers count keys, too."""
    if not path:
        return value(whole) if callable(value) else value
    first, *rest = path
    if isinstance(whole, Mapping):
        key = list(whole)[first] if isinstance(first, int) else first
        return {**whole, key: changed(whole[key], tuple(rest), value)}
    if isinstance(whole, tuple):
        assert isinstance(first, int)
        return (*whole[:first], changed(whole[first], tuple(rest), value), *whole[first + 1 :])
    assert isinstance(first, str)
    if not hasattr(whole, "__dict__"):
        return replace(whole, **{first: changed(getattr(whole, first), tuple(rest), value)})
    made = copy.copy(whole)
    kept = {n for kind in type(whole).__mro__ for n, v in vars(kind).items() if isinstance(v, cached_property)}
    for name in kept & set(made.__dict__):
        del made.__dict__[name]
    part = changed(getattr(whole, first), tuple(rest), value)
    made.__dict__[first] = part
    return made


def put(*path: PathPart, to: Any) -> Callable[[Plan], Plan]:
    """Plants a value in a plan; what holds the changed part is tied together anew."""

    def planted(plan: Plan) -> Plan:
        made: Plan = changed(plan, path, to)
        if path[0] not in ("complete", "demand", "world"):
            return made
        demand = replace(made.demand, complete=made.complete) if path[0] == "complete" else made.demand
        world = replace(made.world, complete=made.complete, demand=demand, memo={}, known={}, base=None)
        design = Design(world)
        return Plan(plan.brief, made.complete, demand, world, design, made.sizing)

    return planted


def array(formula: str, times: float = 3.0) -> Callable[[Plan], Plan]:
    """Plants a result of the demand that is so many times too large."""
    return put("demand", "arrays", formula, to=lambda values: values * times)

"""A dialect of SQL: by verb and shape, the statements that do a step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workbook.artifacts.dialects import reads, starts
from workbook.artifacts.dialects.rows import Rows
from workbook.artifacts.dialects.spelling import Spelling
from workbook.artifacts.dialects.statement import Slot, Statement
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.layout import Table
from workbook.plan.form.model import Program, Step
from workbook.plan.form.terms import Root, Value

Builder = Callable[[Step, Any], tuple[Statement, ...]]
"""Makes the statements of a step from it and the rows that it is about, in the class of its dialect."""
READS: Mapping[Verb, Builder] = {
    Verb.GET: reads.get,
    Verb.COUNT: reads.count,
    Verb.RANK: reads.rank,
    Verb.SUMMARISE: reads.summarise,
}
"""What every dialect asks alike."""

SHAPES = frozenset(
    {
        Shape.ROWS,
        Shape.LOG,
        Shape.SERIES,
        Shape.OBJECT,
        Shape.COUNTER,
        Shape.SORTED_SET,
        Shape.SET,
        Shape.QUEUE,
        Shape.REGISTRY,
        Shape.TOPIC,
        Shape.SEARCH,
        Shape.ROLLUP,
    }
)
"""Shapes whose statements are written in every dialect."""


class NoStatement(Exception):
    """The dialect has no statement for a verb on a shape yet."""


@dataclass(frozen=True)
class SqlDialect(ABC):
    """The statements of one layout."""

    tables: dict[str, Table]
    rows: ClassVar[type[Rows]]
    begin: ClassVar[str]
    """How a transaction begins."""
    remark: ClassVar[str] = ""
    """What whoever sends the statements has to know, above each script."""
    several: ClassVar[bool] = False
    """Whether statements of one step belong into one transaction."""

    @property
    def calls(self) -> Mapping[Root, str]:
        """Values that the engine works out itself."""
        return {Root.NOW: self.sql.now, Root.NEW: self.sql.new}

    @property
    def sql(self) -> Spelling:
        """How it spells."""
        return self.rows.sql

    @abstractmethod
    def builder(self, verb: Verb, shape: Shape) -> Builder | None:
        """What makes the statements of a verb on a shape; None where nothing does."""

    @abstractmethod
    def create(self, tunables: Mapping[str, object]) -> str:
        """Tables, constraints and indexes."""

    @abstractmethod
    def literal(self, value: Any, slot: Slot) -> str:
        """A JSON value as a literal of a slot's type."""

    @abstractmethod
    def sample_row(self, table: Table, columns: Iterable[str], values: Iterable[Any]) -> str:
        """A row that is put in; a repeat changes nothing."""

    def of(self, table: str) -> Rows:
        """The rows of a table."""
        return self.rows(self.tables[table], self.tables)

    def statements(self, step: Step) -> tuple[Statement, ...]:
        """What a step sends, in order. Raises NoStatement."""
        table = self.tables.get(step.target)
        if table is None:
            raise NoStatement(f"{step.text} works on no table")
        shape = table.structure.shape
        build = self.builder(step.verb, shape)
        if build is None:
            raise NoStatement(f"{self.sql.title} has no statement for {step.verb} on a {shape.value} yet")
        return build(step, self.of(step.target))

    def first_page(self, step: Step) -> Step:
        """The page that a step gives to whoever comes without a cursor: as long, and in the same order, as those behind it."""
        table = self.tables.get(step.target)
        return step if table is None else reads.first_page(step, table)

    def due(self, program: Program, late: Value | None = None) -> Statement:
        """The rows whose time has come."""
        return starts.due(program, self.of(program.operation.starts.on), late)

    def dead(self, structure: str) -> Statement:
        """The items that were given up."""
        return starts.dead(self.of(structure))

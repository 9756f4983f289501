"""One step in PostgreSQL: by verb and shape, the statement that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workbook._plugins import modules
from workbook.artifacts.dialects.postgresql import queues, reads, starts, writes
from workbook.artifacts.dialects.postgresql.expressions import Rows
from workbook.artifacts.dialects.statement import Statement
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.layout import Table
from workbook.plan.form.model import Step

Builder = Callable[[Step, Rows], tuple[Statement, ...]]

_ANY: Mapping[Verb, Builder] = {
    Verb.GET: reads.get,
    Verb.LIST: reads.list_rows,
    Verb.SCAN: reads.list_rows,
    Verb.COUNT: reads.count,
    Verb.RANK: reads.rank,
    Verb.SUMMARISE: reads.summarise,
    Verb.SEARCH: reads.search,
    Verb.PUT: writes.put,
    Verb.APPEND: writes.append,
    Verb.CHANGE: writes.change,
    Verb.MOVE: writes.move,
    Verb.ADD: writes.add,
    Verb.REMOVE: writes.remove,
    Verb.NEXT: writes.following,
    Verb.CLAIM: writes.claim,
    Verb.TAKE: writes.take,
    Verb.RELEASE: writes.release,
    Verb.PUBLISH: writes.publish,
}
_OF_SHAPE: Mapping[tuple[Verb, Shape], Builder] = {
    (Verb.ADD, Shape.COUNTER): writes.count_up,
    (Verb.ADD, Shape.ROLLUP): writes.count_up,
    (Verb.ADD, Shape.SORTED_SET): writes.count_up,
    (Verb.NEXT, Shape.COUNTER): writes.count_on,
    (Verb.TAKE, Shape.COUNTER): writes.take_number,
    (Verb.TAKE, Shape.QUEUE): queues.take,
    (Verb.RELEASE, Shape.QUEUE): queues.release,
    (Verb.RELEASE, Shape.TOPIC): starts.release,
    (Verb.PUT, Shape.QUEUE): queues.put,
    (Verb.APPEND, Shape.QUEUE): queues.put,
}
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
"""Shapes that have statements here."""


@cache
def more() -> Mapping[Shape, Mapping[Verb, Builder]]:
    """Builders of further shapes: each a module of `shapes/` with SHAPE and BUILDERS, what it leaves out is as everywhere."""
    found: dict[Shape, Mapping[Verb, Builder]] = {}
    for module in modules(f"{__package__}.shapes", Path(__file__).parent / "shapes", "postgresql_shapes"):
        if module.SHAPE in found or module.SHAPE in SHAPES:
            raise RuntimeError(f"{module.SHAPE} has statements already")
        found[module.SHAPE] = module.BUILDERS
    return found


class NoStatement(Exception):
    """The dialect has no statement for a verb on a shape yet."""


@dataclass(frozen=True)
class PostgreSQL:
    """The statements of one layout."""

    tables: dict[str, Table]

    def statements(self, step: Step) -> tuple[Statement, ...]:
        """What a step sends, in order. Raises NoStatement."""
        table = self.tables.get(step.target)
        if table is None:
            raise NoStatement(f"{step.text} works on no table")
        shape = table.structure.shape
        build = more().get(shape, {}).get(step.verb) or _OF_SHAPE.get((step.verb, shape)) or _ANY.get(step.verb)
        if build is None or shape not in SHAPES | more().keys():
            raise NoStatement(f"PostgreSQL has no statement for {step.verb} on a {shape.value} yet")
        return build(step, Rows(table, self.tables))

    def first_page(self, step: Step) -> Step:
        """The page that a step gives to whoever comes without a cursor: as long, and in the same order, as those behind it."""
        table = self.tables.get(step.target)
        return step if table is None else reads.first_page(step, table)

"""One step in PostgreSQL: by verb and shape, the statement that does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from workbook._plugins import modules
from workbook.artifacts.dialects.dialect import READS, SHAPES, Builder, NoStatement, SqlDialect
from workbook.artifacts.dialects.postgresql import literals, queues, reads, starts, tables, writes
from workbook.artifacts.dialects.postgresql.expressions import Rows
from workbook.artifacts.dialects.statement import Slot
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.layout import Table

_ANY: Mapping[Verb, Builder] = {
    **READS,
    Verb.LIST: reads.list_rows,
    Verb.SCAN: reads.list_rows,
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


@cache
def more() -> Mapping[Shape, Mapping[Verb, Builder]]:
    """Builders of further shapes: each a module of `shapes/` with SHAPE and BUILDERS, what it leaves out is as everywhere."""
    found: dict[Shape, Mapping[Verb, Builder]] = {}
    for module in modules(f"{__package__}.shapes", Path(__file__).parent / "shapes", "postgresql_shapes"):
        if module.SHAPE in found or module.SHAPE in SHAPES:
            raise RuntimeError(f"{module.SHAPE} has statements already")
        found[module.SHAPE] = module.BUILDERS
    return found


class PostgreSQL(SqlDialect):
    """The statements of one layout."""

    rows = Rows
    begin = "BEGIN;"

    def builder(self, verb: Verb, shape: Shape) -> Builder | None:
        """What makes the statements of a verb on a shape; None where nothing does."""
        if shape not in SHAPES | more().keys():
            return None
        return more().get(shape, {}).get(verb) or _OF_SHAPE.get((verb, shape)) or _ANY.get(verb)

    def create(self, tunables: Mapping[str, object]) -> str:
        """Tables, constraints and indexes."""
        return tables.create(self.tables, tunables)

    def literal(self, value: Any, slot: Slot) -> str:
        """A JSON value as a literal of a slot's type."""
        if slot.many and not isinstance(value, list):
            value = [value]
        return literals.literal(value, f"{slot.type}[]" if slot.many and not slot.type.endswith("[]") else slot.type)

    def sample_row(self, table: Table, columns: Iterable[str], values: Iterable[Any]) -> str:
        """A row that is put in; a repeat changes nothing."""
        rows = Rows(table, self.tables)
        shown = ", ".join(literals.literal(v, rows.type(c)) for c, v in zip(columns, values, strict=True))
        return f"INSERT INTO {rows.name} ({rows.list(columns)})\nVALUES ({shown})\nON CONFLICT DO NOTHING;"


__all__ = ["SHAPES", "NoStatement", "PostgreSQL", "more"]

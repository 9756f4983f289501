"""One step in MySQL: by verb and shape, the statements that do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.dialects import starts
from workbook.artifacts.dialects.dialect import READS, SHAPES, Builder, SqlDialect
from workbook.artifacts.dialects.mysql import literals, queues, reads, tables, writes
from workbook.artifacts.dialects.mysql.expressions import Rows
from workbook.artifacts.dialects.statement import Slot
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.layout import Table
from workbook.plan.form.terms import Root

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


class MySQL(SqlDialect):
    """The statements of one layout."""

    rows = Rows
    begin = "START TRANSACTION;"
    several = True
    remark = "MySQL: in UTC, in strict mode, as REPEATABLE READ, and connected without CLIENT_FOUND_ROWS"

    @property
    def calls(self) -> Mapping[Root, str]:
        """Values that the engine works out itself. A new identifier is made by whoever writes, who reads the row again by it."""
        return {Root.NOW: self.sql.now}

    def builder(self, verb: Verb, shape: Shape) -> Builder | None:
        """What makes the statements of a verb on a shape; None where nothing does."""
        return (_OF_SHAPE.get((verb, shape)) or _ANY.get(verb)) if shape in SHAPES else None

    def create(self, tunables: Mapping[str, object]) -> str:
        """Tables, constraints and indexes."""
        return tables.create(self.tables, tunables)

    def literal(self, value: Any, slot: Slot) -> str:
        """A JSON value as a literal of a slot's type."""
        return literals.literal(value, slot.type, slot.many)

    def sample_row(self, table: Table, columns: Iterable[str], values: Iterable[Any]) -> str:
        """A row that is put in; a repeat changes nothing."""
        rows = Rows(table, self.tables)
        named = tuple(columns)
        shown = ", ".join(literals.literal(v, rows.type(c)) for c, v in zip(named, values, strict=True))
        first = rows.bare(table.key[0])
        return f"INSERT INTO {rows.name} ({rows.list(named)})\nVALUES ({shown})\nON DUPLICATE KEY UPDATE {first} = {rows.name}.{first};"

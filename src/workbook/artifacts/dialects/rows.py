"""Values and conditions in SQL: what the row has stays a column, everything else is a slot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from workbook.artifacts.dialects.spelling import Spelling
from workbook.artifacts.dialects.statement import Part, Slot, flat, joined
from workbook.brief.steps.syntax import Amount, Chance
from workbook.plan.fold.layout import Table
from workbook.plan.form.terms import Applied, Compared, Every, Ref, Root, Sum, Test, Value

_COMPARE = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class Rows:
    """The table that a statement is about, under the name that its columns have there."""

    table: Table
    tables: dict[str, Table]
    alias: str = ""
    sql: ClassVar[Spelling]

    @property
    def name(self) -> str:
        """The table's name as it stands in a statement."""
        return self.sql.name(self.table.name)

    def column(self, field: str) -> str:
        """A column, with the table's name where that is needed."""
        return f"{self.sql.name(self.alias)}.{self.bare(field)}" if self.alias else self.bare(field)

    def bare(self, field: str) -> str:
        """A column's name by itself."""
        return self.sql.name(field)

    def list(self, fields: Iterable[str]) -> str:
        """Names of columns with commas."""
        return ", ".join(self.bare(f) for f in fields)

    def type(self, field: str) -> str:
        """The engine's type of a column."""
        return self.sql.type_of(self.table.column(field).type)

    def called(self, alias: str) -> Self:
        """The same table under another name."""
        return replace(self, alias=alias)


def speaks_of_row(value: Value) -> bool:
    """Whether a value needs the row it is compared or stored with."""
    if isinstance(value, Ref):
        return value.root is Root.OWN
    if isinstance(value, Sum):
        return speaks_of_row(value.left) or speaks_of_row(value.right)
    if isinstance(value, Applied):
        return speaks_of_row(value.value)
    return isinstance(value, Every) and speaks_of_row(value.of)


def expression(value: Value, rows: Rows, type_: str) -> tuple[Part, ...]:
    """A value as SQL: a slot, or columns and arithmetic with slots inside."""
    if not speaks_of_row(value):
        return (Slot(value, type_),)
    if isinstance(value, Ref):
        return own(value, rows)
    if isinstance(value, Sum):
        return _arithmetic(value, rows, type_)
    return (Slot(value, type_),)


def own(value: Ref, rows: Rows) -> tuple[Part, ...]:
    """A field of the row; behind a reference it is looked up in the table that it leads to."""
    first, *rest = value.fields
    if not rest:
        return (rows.column(first),)
    return flat("(", _looked_up(rows, first, tuple(rest)), ")")


def _looked_up(rows: Rows, first: str, rest: tuple[str, ...]) -> tuple[Part, ...]:
    target = rows.tables[rows.table.column(first).type.ref]
    inner = type(rows)(target, rows.tables, f"{target.name}_of_{first}")
    wanted = own(Ref(Root.OWN, "", rest), inner)
    outer = rows.column(first) if rows.alias else f"{rows.name}.{rows.bare(first)}"
    return flat(
        "SELECT ",
        wanted,
        f" FROM {inner.name} AS {rows.sql.name(inner.alias)} WHERE {inner.column(target.key[0])} = {outer}",
    )


def _arithmetic(value: Sum, rows: Rows, type_: str) -> tuple[Part, ...]:
    side = _side(value, rows.sql, type_)
    left, right = expression(value.left, rows, side), expression(value.right, rows, side)
    if value.operator == "//" and side == rows.sql.span:
        return rows.sql.window(left, right)
    if value.operator == "//":
        return flat("floor(", left, " / ", right, ") * ", right)
    if side == rows.sql.span:
        return rows.sql.shifted(left, value.operator, right)
    return flat("(", left, f" {value.operator} ", right, ")")


def _side(value: Sum, sql: Spelling, type_: str) -> str:
    """A time and a span: the span is an interval. Products are reckoned in numbers."""
    if type_ in (sql.time, "date"):
        return sql.span if value.operator in ("+", "-", "//") else sql.number
    return sql.number if value.operator in ("*", "/") else type_


def equalities(pairs: Iterable[tuple[str, Value]], rows: Rows) -> list[tuple[Part, ...]]:
    """`column = value` for each pair."""
    return [flat(f"{rows.column(f)} = ", expression(v, rows, rows.type(f))) for f, v in pairs]


def conditions(tests: Iterable[Test], rows: Rows) -> list[tuple[Part, ...]]:
    """Conditions on the row."""
    return [_condition(t, rows) for t in tests]


def _condition(test: Test, rows: Rows) -> tuple[Part, ...]:
    if isinstance(test, Chance):
        return (rows.sql.chance(test.share.best),)
    assert isinstance(test, Compared), test
    type_ = _type_of(test.left, rows) or _type_of(test.right[0], rows) or rows.sql.text
    left = expression(test.left, rows, type_)
    if test.operator == "has":
        return rows.sql.holds(expression(test.right[0], rows, rows.sql.element(type_)), left)
    if len(test.right) == 1:
        return flat(left, f" {_COMPARE[test.operator]} ", expression(test.right[0], rows, type_))
    values = list(joined((expression(v, rows, type_) for v in test.right), ", "))
    word = "IN" if test.operator == "=" else "NOT IN"
    return flat(left, f" {word} (", values, ")")


def _type_of(value: Value, rows: Rows) -> str:
    if isinstance(value, Ref):
        if value.root is Root.OWN and len(value.fields) == 1 and rows.table.has(value.fields[0]):
            return rows.type(value.fields[0])
        return rows.sql.type_of(value.type) if value.type is not None else ""
    if isinstance(value, Sum):
        return _type_of(value.left, rows) or _type_of(value.right, rows)
    return rows.sql.number if isinstance(value, Amount) and value.quantity.kind == "number" else ""


def where(tests: list[tuple[Part, ...]], before: str = "\nWHERE ") -> tuple[Part, ...]:
    """All conditions, each on a line of its own."""
    return flat(before, list(joined(tests, "\n  AND "))) if tests else ()

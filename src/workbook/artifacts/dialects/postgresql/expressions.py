"""Values and conditions in PostgreSQL: what the row has stays a column, everything else is a slot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbook.artifacts.dialects.statement import Part, Slot, flat, joined
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import string as quoted
from workbook.brief.fields import FieldType
from workbook.brief.steps.syntax import Amount, Chance
from workbook.plan.fold.layout import Table
from workbook.plan.form.terms import Applied, Compared, Every, Ref, Root, Sum, Test, Value

TYPES = {
    "id": "uuid",
    "ref": "uuid",
    "text": "text",
    "int": "bigint",
    "count": "bigint",
    "decimal": "numeric(18,4)",
    "money": "numeric(14,2)",
    "bool": "boolean",
    "time": "timestamptz",
    "date": "date",
    "json": "jsonb",
    "blob": "bytea",
    "geo": "point",
    "enum": "text",
    "code": "text",
    "string": "text",
}
_COMPARE = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def type_of(type_: FieldType | None) -> str:
    """The engine's type of a field."""
    if type_ is None:
        return "text"
    kind = TYPES[type_.kind]
    return f"{kind}[]" if type_.many else kind


@dataclass(frozen=True)
class Rows:
    """The table that a statement is about, under the name that its columns have there."""

    table: Table
    tables: dict[str, Table]
    alias: str = ""

    def column(self, field: str) -> str:
        """A column, with the table's name where that is needed."""
        return f"{name(self.alias)}.{name(field)}" if self.alias else name(field)

    def type(self, field: str) -> str:
        """The engine's type of a column."""
        return type_of(self.table.column(field).type)


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
    inner = Rows(target, rows.tables, f"{target.name}_of_{first}")
    wanted = own(Ref(Root.OWN, "", rest), inner)
    outer = rows.column(first) if rows.alias else f"{name(rows.table.name)}.{name(first)}"
    return flat(
        "SELECT ",
        wanted,
        f" FROM {name(target.name)} AS {name(inner.alias)} WHERE {inner.column(target.key[0])} = {outer}",
    )


def _arithmetic(value: Sum, rows: Rows, type_: str) -> tuple[Part, ...]:
    left, right = expression(value.left, rows, _side(value, type_)), expression(value.right, rows, _side(value, type_))
    if value.operator == "//":
        if type_ in ("timestamptz", "date"):
            return flat("date_bin(", right, ", ", left, ", TIMESTAMPTZ 'epoch')")
        return flat("floor(", left, " / ", right, ") * ", right)
    return flat("(", left, f" {value.operator} ", right, ")")


def _side(value: Sum, type_: str) -> str:
    """A time and a span: the span is an interval. Products are reckoned in numbers."""
    if type_ in ("timestamptz", "date"):
        return "interval" if value.operator in ("+", "-", "//") else "numeric"
    return "numeric" if value.operator in ("*", "/") else type_


def equalities(pairs: Iterable[tuple[str, Value]], rows: Rows) -> list[tuple[Part, ...]]:
    """`column = value` for each pair."""
    return [flat(f"{rows.column(f)} = ", expression(v, rows, rows.type(f))) for f, v in pairs]


def conditions(tests: Iterable[Test], rows: Rows) -> list[tuple[Part, ...]]:
    """Conditions on the row."""
    return [_condition(t, rows) for t in tests]


def _condition(test: Test, rows: Rows) -> tuple[Part, ...]:
    if isinstance(test, Chance):
        return (f"random() < {test.share.best:g}",)
    assert isinstance(test, Compared), test
    type_ = _type_of(test.left, rows) or _type_of(test.right[0], rows) or "text"
    left = expression(test.left, rows, type_)
    if test.operator == "has":
        return flat(expression(test.right[0], rows, type_.removesuffix("[]")), " = ANY (", left, ")")
    if len(test.right) == 1:
        return flat(left, f" {_COMPARE[test.operator]} ", expression(test.right[0], rows, type_))
    values = list(joined((expression(v, rows, type_) for v in test.right), ", "))
    word = "IN" if test.operator == "=" else "NOT IN"
    return flat(left, f" {word} (", values, ")")


def _type_of(value: Value, rows: Rows) -> str:
    if isinstance(value, Ref):
        if value.root is Root.OWN and len(value.fields) == 1 and rows.table.has(value.fields[0]):
            return rows.type(value.fields[0])
        return type_of(value.type) if value.type is not None else ""
    if isinstance(value, Sum):
        return _type_of(value.left, rows) or _type_of(value.right, rows)
    return "numeric" if isinstance(value, Amount) and value.quantity.kind == "number" else ""


def where(tests: list[tuple[Part, ...]], before: str = "\nWHERE ") -> tuple[Part, ...]:
    """All conditions, each on a line of its own."""
    return flat(before, list(joined(tests, "\n  AND "))) if tests else ()


def word(value: str) -> str:
    """A value of an enumeration as a literal."""
    return quoted(value)

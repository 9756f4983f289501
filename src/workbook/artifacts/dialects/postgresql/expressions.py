"""Values and conditions in PostgreSQL: what is spelt there as nowhere else."""

from __future__ import annotations

from typing import ClassVar

from workbook.artifacts.dialects import rows
from workbook.artifacts.dialects.rows import conditions, equalities, expression, own, speaks_of_row, where
from workbook.artifacts.dialects.spelling import Spelling
from workbook.artifacts.dialects.statement import Part, Slot, flat, joined
from workbook.artifacts.writing.sql import Dialect
from workbook.brief.fields import FieldType

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


def type_of(type_: FieldType | None) -> str:
    """The engine's type of a field."""
    if type_ is None:
        return "text"
    kind = TYPES[type_.kind]
    return f"{kind}[]" if type_.many else kind


class PostgresqlSpelling(Spelling):
    """Arrays, intervals and windows."""

    id: ClassVar[Dialect] = "postgresql"
    title = "PostgreSQL"
    time, whole, number, text = "timestamptz", "bigint", "numeric", "text"
    now, new = "now()", "gen_random_uuid()"

    def type_of(self, type_: FieldType | None) -> str:
        """The engine's type of a field."""
        return type_of(type_)

    def element(self, type_: str) -> str:
        """The type of what an array holds."""
        return type_.removesuffix("[]")

    def chance(self, share: float) -> str:
        """True in this share of all cases."""
        return f"random() < {share:g}"

    def shifted(self, left: tuple[Part, ...], operator: str, right: tuple[Part, ...]) -> tuple[Part, ...]:
        """A moment and an interval."""
        return flat("(", left, f" {operator} ", right, ")")

    def window(self, moment: tuple[Part, ...], span: tuple[Part, ...]) -> tuple[Part, ...]:
        """The begin of the window in which a moment lies."""
        return flat("date_bin(", span, ", ", moment, ", TIMESTAMPTZ 'epoch')")

    def within(self, columns: tuple[str, ...], slots: tuple[Slot, ...]) -> tuple[Part, ...]:
        """Whether columns are those of one element of arrays."""
        if len(columns) == 1:
            return flat(f"{columns[0]} = ANY (", slots[0], ")")
        arrays = list(joined(((s,) for s in slots), ", "))
        return flat(f"({', '.join(columns)}) IN (SELECT * FROM unnest(", arrays, "))")

    def holds(self, element: tuple[Part, ...], many: tuple[Part, ...]) -> tuple[Part, ...]:
        """Whether an array has an element."""
        return flat(element, " = ANY (", many, ")")

    def seconds(self, number: float) -> str:
        """An interval in a constraint."""
        return f"interval '{number:.15g} seconds'"


SQL = PostgresqlSpelling()


class Rows(rows.Rows):
    """A table in PostgreSQL."""

    sql = SQL


__all__ = [
    "SQL", "TYPES", "Rows", "conditions", "equalities", "expression", "own", "speaks_of_row", "type_of", "where",
]  # fmt: skip

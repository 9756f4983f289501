"""Values and conditions in MySQL: what is spelt there as nowhere else."""

from __future__ import annotations

from typing import ClassVar

from workbook.artifacts.dialects import rows
from workbook.artifacts.dialects.spelling import Spelling
from workbook.artifacts.dialects.statement import Part, Slot, flat, joined
from workbook.artifacts.writing.sql import Dialect, identifier
from workbook.brief.fields import FieldType
from workbook.catalog import loader
from workbook.plan.fold.layout import Table
from workbook.plan.naming import Space

TYPES = {
    "id": "char(36)",
    "ref": "char(36)",
    "text": "text",
    "int": "bigint",
    "count": "bigint",
    "decimal": "decimal(18,4)",
    "money": "decimal(14,2)",
    "bool": "boolean",
    "time": "datetime(6)",
    "date": "date",
    "json": "json",
    "blob": "longblob",
    "geo": "point",
    "enum": "text",
    "code": "text",
    "string": "text",
}
"""Identifiers are written out, 36 bytes for 16: what turns them into BINARY(16) has another name in each engine and version, and a
person who looks into a table reads them. Moments are in UTC, since `timestamp` ends in 2038. Lists are JSON."""
LIST = "json"
EPOCH = "'1970-01-01'"
WALKED = "walked "
"""Before the type of a slot that holds a list as one JSON text."""


class MysqlSpelling(Spelling):
    """Lists as JSON, spans in seconds."""

    id: ClassVar[Dialect] = "mysql"
    title = "MySQL"
    time, whole, number, text = "datetime(6)", "bigint", "decimal(18,4)", "text"
    now, new = "utc_timestamp(6)", "uuid()"

    def type_of(self, type_: FieldType | None) -> str:
        """The engine's type of a field, as it stands beside no key."""
        if type_ is None:
            return self.text
        return LIST if type_.many else TYPES[type_.kind]

    def element(self, type_: str) -> str:
        """The type of what a list holds: JSON does not say."""
        return self.text if type_ == LIST else type_

    def chance(self, share: float) -> str:
        """True in this share of all cases."""
        return f"rand() < {share:g}"

    def shifted(self, left: tuple[Part, ...], operator: str, right: tuple[Part, ...]) -> tuple[Part, ...]:
        """A moment and seconds from it, on whichever side the span stands."""
        if operator == "+" and self._is_span(left) and not self._is_span(right):
            left, right = right, left
        return flat("(", left, f" {operator} INTERVAL ", right, " SECOND)")

    def _is_span(self, parts: tuple[Part, ...]) -> bool:
        return len(parts) == 1 and isinstance(parts[0], Slot) and parts[0].type == self.span

    def window(self, moment: tuple[Part, ...], span: tuple[Part, ...]) -> tuple[Part, ...]:
        """The begin of the window in which a moment lies."""
        passed = flat("timestampdiff(SECOND, ", EPOCH, ", ", moment, ")")
        return flat("timestampadd(SECOND, floor(", passed, " / ", span, ") * ", span, ", ", EPOCH, ")")

    def within(self, columns: tuple[str, ...], slots: tuple[Slot, ...]) -> tuple[Part, ...]:
        """Whether columns are those of one element of lists; several lists are walked together."""
        if len(columns) == 1:
            return flat(f"{columns[0]} IN (", slots[0], ")")
        names = tuple(f"part_{i}" for i in range(len(slots)))
        walked = batch(list(zip(names, slots, strict=True)))
        return flat(f"({', '.join(columns)}) IN (SELECT {', '.join(names)} FROM ", walked, ")")

    def holds(self, element: tuple[Part, ...], many: tuple[Part, ...]) -> tuple[Part, ...]:
        """Whether a JSON list has an element."""
        return flat("JSON_CONTAINS(", many, ", JSON_ARRAY(", element, "))")

    def seconds(self, number: float) -> str:
        """Seconds in a constraint."""
        return f"{number:.15g}"


SQL = MysqlSpelling()
IDENTIFIER = "char(36) CHARACTER SET ascii COLLATE ascii_bin"


def batch(lists: list[tuple[str, Slot]]) -> tuple[Part, ...]:
    """Lists that are walked together, as a table: each is one JSON text, its elements are told apart by their place."""
    tables = [
        flat(
            "JSON_TABLE(",
            Slot(slot.value, f"{WALKED}{slot.type}", many=True),
            f", '$[*]' COLUMNS (place FOR ORDINALITY, {name} {walked_type(slot.type)} PATH '$')) AS list_{number}",
        )
        for number, (name, slot) in enumerate(lists, start=1)
    ]
    first, *rest = tables
    return flat(first, *(flat("\nJOIN ", t, " USING (place)") for t in rest))


def walked_type(type_: str) -> str:
    """A type as it stands in the columns of a JSON table."""
    return IDENTIFIER if type_ == "char(36)" else {"text": "longtext", "boolean": "tinyint"}.get(type_, type_)


class Rows(rows.Rows):
    """A table in MySQL, whose columns differ by more than their case."""

    sql = SQL

    def bare(self, field: str) -> str:
        """A column's name by itself."""
        return columns(self.table).get(field) or super().bare(field)


def columns(table: Table) -> dict[str, str]:
    """Columns that the engine would take for another of the table (it reads no case in them), and how they are called instead."""
    known = [c.name for c in table.columns]
    if len({n.lower() for n in known}) == len(known):
        return {}
    taken = Space(longest=loader.name_rules()["mysql"].longest, end="", alike=str.lower).take_all(known)
    return {n: identifier(t, "mysql") for n, t in taken.items() if n != t}


__all__ = ["IDENTIFIER", "SQL", "WALKED", "MysqlSpelling", "Rows", "batch", "columns", "joined"]

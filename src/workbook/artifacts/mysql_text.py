"""Names and literals of MySQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.writing import sql
from workbook.plan.design.model import Column, Table


def name(identifier: str) -> str:
    """An identifier, in backticks where it needs them."""
    return sql.identifier(identifier, "mysql")


def names(identifiers: Iterable[str]) -> str:
    """Identifiers with commas."""
    return sql.identifiers(identifiers, "mysql")


def quoted(value: str) -> str:
    """A string literal."""
    return sql.string(value, "mysql")


def literals(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """The sample values of a table."""
    return {c.name: literal(c, row.get(c.name)) for c in table.columns}


def literal(column: Column, value: Any) -> str:
    """A JSON value as a literal of the column's type; times are UTC."""
    if value is None:
        return "NULL"
    if column.kind == "blob":
        return "X'01020304'"
    if column.kind == "geo":
        return f"ST_GeomFromText('POINT({value['lat']} {value['lon']})', 4326)"
    if column.kind == "json":
        return sql.literal(value, "mysql")
    if column.kind in ("int", "decimal", "money", "bool"):
        return sql.literal(value, "mysql")
    if column.kind in ("time", "timestamp"):
        return quoted(str(value).replace("T", " ").removesuffix("Z"))
    return quoted(str(value))


def after(columns: tuple[str, ...], values: Mapping[str, str], descending: bool) -> str:
    """The rows after a cursor, spelt so that the optimizer reads a range: it does not for `(a, b) < (x, y)`."""
    sign = "<" if descending else ">"
    first, *rest = columns
    if not rest:
        return f"{name(first)} {sign} {values[first]}"
    return f"{name(first)} {sign}= {values[first]} AND ({name(first)} {sign} {values[first]} OR {after(tuple(rest), values, descending)})"

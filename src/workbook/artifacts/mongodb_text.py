"""Values and documents of MongoDB's shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.writing import mongodb as js
from workbook.plan.design.model import Column, Store, Table


def database(store: Store) -> str:
    """The database of a store."""
    return store.space


def field(table: Table, column: str) -> str:
    """A column's field: the key of one column is `_id`."""
    return "_id" if table.key == (column,) else column


def literals(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """The sample values of a table by column."""
    return {c.name: literal(c, row.get(c.name)) for c in table.columns}


def literal(column: Column, value: Any) -> str:
    """A JSON value as the shell writes it."""
    if value is None:
        return "null"
    kind = column.kind
    if kind in ("id", "ref"):
        return f"UUID({js.string(str(value))})"
    if kind in ("time", "timestamp", "date"):
        return f"ISODate({js.string(str(value))})"
    if kind == "int":
        return f'NumberLong("{value}")'
    if kind in ("decimal", "money"):
        return f'NumberDecimal("{value}")'
    if kind == "blob":
        return 'BinData(0, "AQIDBA==")'
    if kind == "geo":
        return f'{{ type: "Point", coordinates: [{value["lon"]}, {value["lat"]}] }}'
    return js.literal(value)


def document(table: Table, values: Mapping[str, str], columns: Iterable[str]) -> str:
    """Some fields with their values."""
    inside = ", ".join(f"{field(table, c)}: {values[c]}" for c in columns)
    return f"{{ {inside} }}" if inside else "{}"


def after(table: Table, columns: tuple[str, ...], values: Mapping[str, str], descending: bool) -> str:
    """The condition of the page after a row: less in the first field, or equal in it and less in the next."""
    sign = "$lt" if descending else "$gt"
    cases = []
    for number, column in enumerate(columns):
        same = [f"{field(table, c)}: {values[c]}" for c in columns[:number]]
        cases.append("{ " + ", ".join([*same, f"{field(table, column)}: {{ {sign}: {values[column]} }}"]) + " }")
    return cases[0][2:-2] if len(cases) == 1 else f"$or: [{', '.join(cases)}]"

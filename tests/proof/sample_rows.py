"""Rows for tests: the sample row of a table with its identifiers, numbers and times changed."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from workbook.plan.design.model import Query, Table

# row_of
from workbook.plan import Plan

START = datetime.datetime(2026, 1, 15, 9, 30, tzinfo=datetime.UTC)


def other(plan: Plan, table: Table, number: int, fixed: Iterable[str] = (), step: int = 1) -> dict[str, Any]:
    """Row `number`, equal to the sample in the columns of `fixed`; `step` rows share a time."""
    row = dict(row_of(plan, table))
    for column in table.columns:
        if column.name in fixed:
            continue
        kind = column.kind
        if kind in ("id", "ref"):
            row[column.name] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{table.name}.{column.name}.{number}"))
        elif kind == "time":
            row[column.name] = (START + datetime.timedelta(seconds=number // step + 1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        elif kind == "date":
            row[column.name] = (START.date() + datetime.timedelta(days=number // step + 1)).isoformat()
        elif kind in ("int", "decimal", "money"):
            row[column.name] = number // step + 2
        elif kind in ("string", "text", "code") and not column.values:
            row[column.name] = f"n{number:06d}"[: column.length or None] if column.length != 1 else "n"
        elif kind == "geo":
            row[column.name] = {"lat": -40.0, "lon": -100.0 + number / 1000}
    return row


def may_tie(table: Table, query: Query) -> bool:
    """Whether two rows of one list may share the value that orders it first."""
    first = {*query.equals, query.order[0]}
    return not any(set(key) <= first for key in [table.key, *(i.columns for i in table.indexes if i.unique)])


def plain(value: Any) -> Any:
    """A database's value as the JSON value that was put in."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value


def place(row: Mapping[str, Any], columns: Iterable[str]) -> tuple[Any, ...]:
    """What a cursor says of a row."""
    return tuple(plain(row[c]) for c in columns)

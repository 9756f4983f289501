"""Names and literals of SQL, shared by the dialects that speak it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workbook.plan import Plan
from workbook.plan.design.model import Column, Query, Table

RESERVED = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "asymmetric",
        "authorization",
        "binary",
        "both",
        "case",
        "cast",
        "check",
        "collate",
        "collation",
        "column",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_date",
        "current_role",
        "current_time",
        "current_user",
        "default",
        "deferrable",
        "desc",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "false",
        "fetch",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "grant",
        "group",
        "having",
        "ilike",
        "in",
        "initially",
        "inner",
        "intersect",
        "into",
        "is",
        "isnull",
        "join",
        "key",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "localtime",
        "natural",
        "not",
        "notnull",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "overlaps",
        "placing",
        "primary",
        "references",
        "returning",
        "right",
        "select",
        "session_user",
        "similar",
        "some",
        "symmetric",
        "table",
        "tablesample",
        "then",
        "to",
        "trailing",
        "true",
        "union",
        "unique",
        "user",
        "using",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
        "rank",
        "row",
        "rows",
        "system",
        "interval",
        "condition",
        "values",
        "index",
        "range",
        "read",
        "write",
        "release",
        "repeat",
        "replace",
        "schema",
        "show",
        "signal",
        "sql",
        "starting",
        "status",
    ]
)
PROCESSED = "(now() AT TIME ZONE 'utc')"


def name(identifier: str) -> str:
    """An identifier, quoted where it is a word of the language."""
    return f'"{identifier}"' if identifier.lower() in RESERVED or not identifier.islower() else identifier


def names(identifiers: tuple[str, ...]) -> str:
    """Identifiers with commas."""
    return ", ".join(name(i) for i in identifiers)


def quoted(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


def row_of(plan: Plan, table: Table) -> Mapping[str, Any]:
    """The sample row of a table: that of its entity, with what copies and system tables add."""
    sample = dict(plan.design.samples.get(table.entity, {}))
    for column in table.columns:
        if column.name not in sample:
            short = column.name.removeprefix(f"{table.entity}_")
            sample[column.name] = sample.get(short, _system_value(plan, table, column))
    return sample


def _system_value(plan: Plan, table: Table, column: Column) -> Any:
    topic = plan.design.topics[0] if plan.design.topics else None
    known: dict[str, Any] = {
        "key": "5f0c2a1e-8f7b-4d38-9a55-1f6f0f4b7c11",
        "operation": plan.design.critical_write,
        "response": {"status": 201},
        "consumer": topic.groups[0][0] if topic else "group",
        "event_id": topic.payload["event_id"] if topic else "00000000-0000-0000-0000-000000000001",
        "topic": topic.name if topic else "topic",
        "partition_key": "5f0c2a1e",
        "payload": dict(topic.payload) if topic else {},
    }
    if column.name in known:
        return known[column.name]
    if column.name == "published_at":
        return None
    if column.kind in ("id", "ref"):
        return "0f8fad5b-d9cb-469f-a165-70867728950e"
    return "2026-01-15T09:30:00Z"


def next_value(column: Column, operation: str) -> str:
    """The value of an enumeration that an operation sets: the one its name speaks of, else the last."""
    spoken = [v for v in column.values if any(v[:4] == w[:4] for w in operation.split("_"))]
    return spoken[0] if spoken else column.values[-1]


def tuple_after(query: Query, literals: Mapping[str, str]) -> str:
    """The condition that begins the page after the sample row."""
    sign = "<" if query.descending else ">"
    if len(query.order) == 1:
        return f"{name(query.order[0])} {sign} {literals[query.order[0]]}"
    return f"({names(query.order)}) {sign} ({', '.join(literals[c] for c in query.order)})"


def compact(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))

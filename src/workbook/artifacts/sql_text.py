"""What the statements of all dialects share: sample rows, the next value of a state, the condition of a next page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.plan import Plan
from workbook.plan.design.model import Column, Query, Table


def row_of(plan: Plan, table: Table) -> Mapping[str, Any]:
    """The sample row of a table: that of its entity, with what copies and system tables add."""
    sample = dict(plan.design.samples.get(table.entity, {}))
    for column in table.columns:
        if column.name not in sample:
            copied = sample.get(column.copies) if column.copies else None
            sample[column.name] = copied if copied is not None else _system_value(plan, table, column)
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


def version_of(table: Table, query: Query) -> str:
    """The column that an update counts versions in, so that one made from an old version meets no row; empty where it has none."""
    found = table.of_role("version")
    return found.name if found and found.name in query.sets else ""

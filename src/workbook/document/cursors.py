"""The opaque cursor of a list: what it holds, how it travels, how the next page follows from it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbook.plan import Plan
from workbook.plan.design.model import Query, Table


@dataclass(frozen=True)
class Cursor:
    """A cursor with its payload (JSON values) and its encoding (base64url of compact JSON, no padding)."""

    operation: str
    table: str
    columns: tuple[str, ...]
    payload: Mapping[str, Any]
    encoded: str
    condition: str


def encode(payload: Mapping[str, Any]) -> str:
    """base64url of compact JSON, without padding."""
    return base64.urlsafe_b64encode(json.dumps(payload, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(text: str) -> dict[str, Any]:
    """The payload of a cursor. Raises ValueError where it is none."""
    found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(found, dict):
        raise ValueError("not a cursor")
    return found


def paged(plan: Plan) -> tuple[Table, Query] | None:
    """The list that the deep dive pages through: the critical read where it is a list, else the busiest."""
    found = [(t, q) for t in plan.design.tables for q in t.queries if q.access == "range" and q.order]
    if not found:
        return None
    own = [f for f in found if f[1].operation == plan.design.critical_read]
    return own[0] if own else max(found, key=lambda f: plan.demand.of_operation("peak_qps", f[1].operation))


def cursor_example(plan: Plan) -> Cursor | None:
    """The cursor after the sample row; None where nothing is listed."""
    found = paged(plan)
    if found is None:
        return None
    table, query = found
    row = plan.design.samples.get(table.entity, {})
    values = {c: _value(row, c, table) for c in query.order}
    payload = {"v": 1, "op": query.operation, "after": values}
    sign = "<" if query.descending else ">"
    shown = ", ".join(query.order)
    return Cursor(
        query.operation,
        table.name,
        query.order,
        payload,
        encode(payload),
        f"({shown}) {sign} ({', '.join(json.dumps(v) for v in values.values())})",
    )


def _value(row: Mapping[str, Any], column: str, table: Table) -> Any:
    if column in row:
        return row[column]
    return row.get(table.column(column).copies, "2026-01-15T09:30:00Z")

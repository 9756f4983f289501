"""What the caches' dialects share: keys with the sample's values put in, the query a page answers, the members of a ranking."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from workbook.artifacts.sql_text import row_of
from workbook.artifacts.writing.text import compact
from workbook.plan import Plan
from workbook.plan.design.model import CacheEntry, Query, Table
from workbook.plan.names import slot

TOKEN = "7d1c1f5e-2f64-4b57-9a0e-3c5b0a9d8e21"
EVENT = "0f8fad5b-d9cb-469f-a165-70867728950e"
LOCK_MS = 3000
VERSION = 1


@dataclass(frozen=True)
class Entry:
    """A kind of key with what its commands need: the sample row, and the query it answers (None for state without a table)."""

    entry: CacheEntry
    row: Mapping[str, Any]
    table: Table | None
    query: Query | None

    @property
    def key(self) -> str:
        """The key of the sample row; a page key is that of the first page."""
        return self.page_key("first")

    def page_key(self, cursor: str) -> str:
        """The key with a page's cursor put in."""
        return filled(self.entry.key, self.row, {"version": VERSION, "cursor": cursor, "hash": hashed("sample")})

    @property
    def version_key(self) -> str:
        """The key that counts the writes to a list, so that one increment makes all its pages unreachable."""
        head, _, rest = self.entry.key.partition(":page:")
        return filled(f"{head}:version:{rest.split(':v{version}')[0]}", self.row)

    @property
    def cursor(self) -> str:
        """The cursor after the sample row."""
        if self.query is None:
            return "first"
        payload = compact({"v": 1, "op": self.query.operation, "after": {c: self.row.get(c) for c in self.query.order}})
        return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")

    @property
    def page(self) -> int:
        """Rows a page."""
        return max(self.query.limit, 1) if self.query else 1

    @property
    def shown(self) -> dict[str, Any]:
        """The row as it is cached: what is null is left out."""
        return {k: v for k, v in self.row.items() if v is not None}

    @property
    def body(self) -> str:
        """The cached value as JSON: the row, or the page of rows."""
        if self.entry.shape == "list_page" or "{hash}" in self.entry.key:
            return compact(
                {"data": [self.shown], "end_cursor": self.cursor if self.query and self.query.order else None}
            )
        return compact(self.shown)

    @property
    def counts(self) -> tuple[str, ...]:
        """The counters of an aggregate: rows, and the sums it is asked for."""
        if self.table is None or self.query is None:
            return ("rows",)
        left = [c for c in self.table.columns if c.name not in self.query.equals]
        return (
            "rows",
            *(f"{c.name}_sum" for c in left if c.kind in ("int", "decimal", "money") and c.role != "version"),
        )


def entries(plan: Plan) -> list[Entry]:
    """Every kind of key with its sample."""
    made = []
    for entry in plan.design.caches:
        found = [
            (t, q)
            for t in plan.design.tables
            if t.entity == entry.entity
            for q in t.queries
            if q.operation in entry.operations and q.access != "insert"
        ]
        table, query = found[0] if found else (None, None)
        row = row_of(plan, table) if table else plan.design.samples.get(entry.entity, {})
        if table and not table.purpose:
            row = {c.name: row.get(c.name) for c in table.columns}
        made.append(Entry(entry, row, table, query))
    return made


def critical(plan: Plan, found: list[Entry]) -> Entry | None:
    """The entry that many callers would rebuild at once: that of the critical read, else the first."""
    own = [e for e in found if plan.design.critical_read in e.entry.operations]
    return (own or found or [None])[0]  # type: ignore[list-item]


def filled(pattern: str, row: Mapping[str, Any], own: Mapping[str, Any] = MappingProxyType({})) -> str:
    """A key pattern with the values of a row and the key's own put in, quoted so that a key never holds a blank."""
    values = {**{slot(name): value for name, value in row.items()}, **own}
    return re.sub(r"\{(\w+)\}", lambda m: quote(str(values.get(m[1], m[0])), safe=":-_.~{}"), pattern)


def hashed(words: str) -> str:
    """A short stable hash of a search's words and filters."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def score(value: Any, kind: str) -> float | int | None:
    """The score of a value: milliseconds since 1970 for times, the number itself for numbers, None for words."""
    if kind in ("time", "date", "timestamp"):
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    if kind in ("int", "decimal", "money"):
        return value  # type: ignore[no-any-return]
    return None


def member(entry: Entry) -> str:
    """What names a row in its ranking: the rest of the page's order, else what is left of the key, else the ordering value."""
    assert entry.table is not None
    assert entry.query is not None
    first, *rest = entry.query.order
    names = rest or [k for k in entry.table.key if k not in entry.query.equals] or [first]
    return ":".join(quote(str(entry.row.get(n)), safe=":-_.~") for n in names)

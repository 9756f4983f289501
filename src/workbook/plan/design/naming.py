"""Tables and indexes of a store under names of their own, none longer than its engine takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workbook.catalog import loader
from workbook.plan.design.model import Table
from workbook.plan.naming import SYSTEM_TABLES, Space

PARTS = ("_2026_01", "_default", "_pkey")
"""What an engine or a schema adds to a table's name for a table or index of its own."""
SYSTEM_INDEXES = ("outbox_waiting_idx",)


def settled(tables: tuple[Table, ...], dialects: Mapping[str, str]) -> tuple[Table, ...]:
    """The tables, each with a name that no other table, index or partition of its store has. `dialects` is by store."""
    spaces = {store: _space(dialect) for store, dialect in dialects.items()}
    named = [
        replace(t, name=spaces[t.store].take(t.name, room=max(map(len, PARTS)))) if t.entity else t for t in tables
    ]
    for table in named:
        for part in PARTS:
            spaces[table.store].reserve(table.name + part)
    return tuple(_indexed(t, spaces[t.store]) for t in named)


def _space(dialect: str) -> Space:
    rules = loader.name_rules().get(dialect) or loader.name_rules()["postgresql"]
    return Space((*SYSTEM_TABLES, *SYSTEM_INDEXES), longest=rules.longest, end="_table", alike=str.lower)


def _indexed(table: Table, space: Space) -> Table:
    names = {i.name: space.take(i.name) for i in table.indexes}
    return replace(
        table,
        indexes=tuple(replace(i, name=names[i.name]) for i in table.indexes),
        queries=tuple(replace(q, index=names.get(q.index, q.index)) for q in table.queries),
    )

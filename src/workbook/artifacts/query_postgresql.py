"""One statement for each operation on each table, with the sample row's values put in, so that it runs as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.outbox_text import emptied
from workbook.artifacts.schema_postgresql import primary_key, words_of
from workbook.artifacts.sql_text import next_value, row_of, tuple_after, version_of
from workbook.artifacts.writing.files import identifier as file
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.artifacts.writing.sql import literal as written
from workbook.artifacts.writing.sql import string as quoted
from workbook.plan import Plan
from workbook.plan.design.model import Column, Query, Table

KIND = "query"
DIALECTS = ("postgresql",)


def make(plan: Plan) -> Iterable[Artifact]:
    """Reads and writes of every table; pages also with the query of page two."""
    for store in plan.design.stores:
        if store.role != "database" or store.technology.dialect not in DIALECTS:
            continue
        for table in (t for t in plan.design.tables if t.store == store.id):
            row = row_of(plan, table)
            values = literals(table, row)
            seen: set[str] = set()
            for query in table.queries:
                text = statement(table, query, values)
                if text in seen:
                    continue
                seen.add(text)
                yield Artifact(
                    kind=KIND,
                    subject=f"{table.name}.{query.operation}",
                    title=f"{query.operation.replace('_', ' ').capitalize()}: {query.access} on {table.name}",
                    path=f"queries/{file(store.id)}/{file(table.name)}.{file(plan.complete.names.operation(query.operation))}.sql",
                    language="sql",
                    text=text,
                    dialect="postgresql",
                )
            if not table.queries:
                yield Artifact(
                    kind=KIND,
                    subject=f"{table.name}.insert",
                    title=f"Write and read of {table.name}",
                    path=f"queries/{file(store.id)}/{file(table.name)}.insert.sql",
                    language="sql",
                    text=insert(table, values)
                    + "\n"
                    + (emptied("postgresql") if table.name == "outbox" else _by_key(table, values)),
                    dialect="postgresql",
                )


def literals(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """The sample values of a table as SQL."""
    return {c.name: literal(c, row.get(c.name)) for c in table.columns}


def literal(column: Column, value: Any) -> str:
    """A JSON value as a literal of the column's type."""
    if value is None:
        return "NULL"
    if column.kind == "blob":
        return "'\\x01020304'::bytea"
    if column.kind == "geo":
        return f"point({value['lon']}, {value['lat']})"
    if column.kind == "json":
        return f"{written(value)}::jsonb"
    if column.kind in ("int", "decimal", "money", "bool"):
        return written(value)
    casts = {"id": "::uuid", "ref": "::uuid", "time": "::timestamptz", "date": "::date"}
    return quoted(str(value)) + casts.get(column.kind, "")


def statement(table: Table, query: Query, values: Mapping[str, str]) -> str:
    """The statement of one access."""
    where = " AND ".join(f"{name(c)} = {values[c]}" for c in query.equals)
    columns = names(tuple(c.name for c in table.columns))
    if query.access == "insert":
        return insert(table, values)
    if query.access == "update":
        return _update(table, query, values, where)
    if query.access == "delete":
        return f"DELETE FROM {name(table.name)}\nWHERE {where};"
    if query.access == "point":
        return f"SELECT {columns}\nFROM {name(table.name)}\nWHERE {where};"
    if query.access == "aggregate":
        group = f"\nWHERE {where}" if where else ""
        return f"SELECT count(*) AS rows{_sum(table, query)}\nFROM {name(table.name)}{group};"
    if query.access == "search":
        words = words_of(query.text)
        also = f"\n  AND {where}" if where else ""
        return f"SELECT {columns}\nFROM {name(table.name)}\nWHERE {words} @@ plainto_tsquery('simple', 'sample'){also}\nLIMIT {query.limit};"
    if query.access == "near":
        place = query.text[0]
        point = values[place]
        return f"SELECT {columns}\nFROM {name(table.name)}\nWHERE {name(place)} <@ circle({point}, 0.05)\nORDER BY {name(place)} <-> {point}\nLIMIT {query.limit};"
    direction = " DESC" if query.descending else ""
    order = ", ".join(f"{name(c)}{direction}" for c in query.order)
    first = (
        f"SELECT {columns}\nFROM {name(table.name)}"
        + (f"\nWHERE {where}" if where else "")
        + f"\nORDER BY {order}\nLIMIT {query.limit};"
    )
    joined = f"\nWHERE {where}\n  AND " if where else "\nWHERE "
    second = f"-- page two: after the last row of page one\nSELECT {columns}\nFROM {name(table.name)}{joined}{tuple_after(query, values)}\nORDER BY {order}\nLIMIT {query.limit};"
    return f"{first}\n{second}"


def insert(table: Table, values: Mapping[str, str]) -> str:
    """The sample row; a repeat changes nothing."""
    columns = tuple(c.name for c in table.columns)
    return f"INSERT INTO {name(table.name)} ({names(columns)})\nVALUES ({', '.join(values[c] for c in columns)})\nON CONFLICT ({names(primary_key(table))}) DO NOTHING;"


def _update(table: Table, query: Query, values: Mapping[str, str], where: str) -> str:
    parts = []
    for column in query.sets:
        kind = table.column(column).kind
        if table.column(column).role == "changed":
            parts.append(f"{name(column)} = now()")
        elif kind in ("int", "decimal", "money"):
            parts.append(f"{name(column)} = {name(column)} + 1")
        elif table.column(column).values:
            parts.append(f"{name(column)} = {quoted(next_value(table.column(column), query.operation))}")
        elif kind == "bool":
            parts.append(f"{name(column)} = NOT {name(column)}")
        else:
            parts.append(f"{name(column)} = {values[column]}")
    version = version_of(table, query)
    locked = f" AND {name(version)} = {values[version]}" if version else ""
    return f"UPDATE {name(table.name)}\nSET {', '.join(parts)}\nWHERE {where}{locked};"


def _sum(table: Table, query: Query) -> str:
    numeric = [
        c.name
        for c in table.columns
        if c.kind in ("int", "decimal", "money") and c.name not in query.equals and c.role != "version"
    ]
    latest = next((c for c in query.order if c not in query.equals), "")
    return "".join(f", sum({name(c)}) AS {name(c + '_sum')}" for c in numeric[:2]) + (
        f", max({name(latest)}) AS {name('latest_' + latest)}" if latest else ""
    )


def _by_key(table: Table, values: Mapping[str, str]) -> str:
    where = " AND ".join(f"{name(c)} = {values[c]}" for c in table.key)
    return f"SELECT {names(tuple(c.name for c in table.columns))}\nFROM {name(table.name)}\nWHERE {where};"

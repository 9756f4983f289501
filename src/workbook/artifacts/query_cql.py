"""One CQL statement for each operation on each table, with the sample row's values put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.schema_cql import bucket_of, keyspace
from workbook.artifacts.sql_text import next_value, row_of
from workbook.artifacts.writing.cql import identifier as name
from workbook.artifacts.writing.cql import literal as written
from workbook.artifacts.writing.cql import string as quoted
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.design.model import Column, Query, Store, Table

KIND = "query"
DIALECTS = ("cql",)


def make(plan: Plan) -> Iterable[Artifact]:
    """Reads and writes of every table; pages also with the query of page two."""
    for store in plan.design.stores:
        if store.role != "database" or store.technology.dialect not in DIALECTS:
            continue
        for table in (t for t in plan.design.tables if t.store == store.id):
            values = literals(table, row_of(plan, table))
            seen: set[str] = set()
            for query in table.queries:
                text = statement(table, store, query, values)
                if text and text not in seen:
                    seen.add(text)
                    yield Artifact(
                        kind=KIND,
                        subject=f"{table.name}.{query.operation}",
                        title=f"{query.operation.replace('_', ' ').capitalize()}: {query.access} on {table.name}",
                        path=f"queries/{file(store.id)}/{file(table.name)}.{file(plan.complete.names.operation(query.operation))}.cql",
                        language="cql",
                        text=text,
                        dialect="cql",
                    )
            if not table.queries:
                text = f"{insert(table, store, values)}\n{_select(table, store, tuple(table.key), values, '')}"
                yield Artifact(
                    kind=KIND,
                    subject=f"{table.name}.insert",
                    title=f"Write and read of {table.name}",
                    path=f"queries/{file(store.id)}/{file(table.name)}.insert.cql",
                    language="cql",
                    text=text,
                    dialect="cql",
                )


def literals(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """The sample values of a table as CQL, the bucket among them."""
    made = {c.name: literal(c, row.get(c.name)) for c in table.columns}
    if table.bucket:
        made[bucket_of(table)] = quoted(str(row.get(table.bucket, "2026-01"))[:7])
    return made


def literal(column: Column, value: Any) -> str:
    """A JSON value as a CQL literal of the column's type."""
    if value is None:
        return "null"
    if column.kind == "blob":
        return "0x01020304"
    if column.kind in ("id", "ref"):
        return str(value)
    if column.kind in ("int", "decimal", "money", "bool"):
        return written(value)
    if column.kind in ("time", "date"):
        text = str(value)
        return quoted(text.replace("T", " ").replace("Z", "+0000") if "T" in text else text)
    if column.kind in ("json", "geo"):
        return written(value)
    return quoted(str(value))


def _where(columns: tuple[str, ...], values: Mapping[str, str]) -> str:
    return " AND ".join(f"{name(c)} = {values[c]}" for c in columns)


def _select(table: Table, store: Store, given: tuple[str, ...], values: Mapping[str, str], tail: str) -> str:
    columns = ", ".join(name(c.name) for c in table.columns)
    whole = (*given, bucket_of(table)) if table.bucket and bucket_of(table) not in given else given
    ordered = sorted(
        dict.fromkeys(whole),
        key=lambda c: (
            [*table.partition, bucket_of(table), *(s.lstrip("-") for s in table.sort)].index(c)
            if c in [*table.partition, bucket_of(table), *(s.lstrip("-") for s in table.sort)]
            else 99
        ),
    )
    return f"SELECT {columns}\nFROM {keyspace(store)}.{name(table.name)}\nWHERE {_where(tuple(ordered), values)}{tail};"


def statement(table: Table, store: Store, query: Query, values: Mapping[str, str]) -> str:
    """The statement of one access; empty where another system answers it."""
    if query.access == "insert":
        return insert(table, store, values)
    if query.access in ("search", "near"):
        return ""
    if query.access == "point":
        return _select(table, store, query.equals, values, "")
    if query.access == "delete":
        return f"DELETE FROM {keyspace(store)}.{name(table.name)}\nWHERE {_where(_full(table), values)};"
    if query.access == "update":
        changed = [c for c in query.sets if c not in table.key]
        sets = ", ".join(f"{name(c)} = {_changed(table, c, values, query.operation)}" for c in changed)
        return (
            f"UPDATE {keyspace(store)}.{name(table.name)}\nSET {sets}\nWHERE {_where(_full(table), values)};"
            if sets
            else ""
        )
    if query.access == "aggregate":
        return f"SELECT count(*)\nFROM {keyspace(store)}.{name(table.name)}\nWHERE {_where((*query.equals, *((bucket_of(table),) if table.bucket else ())), values)};"
    first = _select(table, store, query.equals, values, f"\nLIMIT {query.limit}")
    sort = [s for s in table.sort if s.lstrip("-") in query.order]
    if not sort:
        return first
    sign = "<" if sort[0].startswith("-") else ">"
    names = ", ".join(name(s.lstrip("-")) for s in sort)
    same = all(s.startswith("-") == sort[0].startswith("-") for s in sort)
    after = (
        f"({names}) {sign} ({', '.join(values[s.lstrip('-')] for s in sort)})"
        if same and len(sort) > 1
        else f"{name(sort[0].lstrip('-'))} {sign} {values[sort[0].lstrip('-')]}"
    )
    note = "-- page two: after the last row of page one" + (
        "" if same else f"; rows of the same {sort[0].lstrip('-')} follow by the driver's paging state"
    )
    return f"{first}\n{note}\n{_select(table, store, query.equals, values, chr(10) + '  AND ' + after + chr(10) + f'LIMIT {query.limit}')}"


def _full(table: Table) -> tuple[str, ...]:
    return (*table.partition, *((bucket_of(table),) if table.bucket else ()), *(s.lstrip("-") for s in table.sort))


def _changed(table: Table, column: str, values: Mapping[str, str], operation: str) -> str:
    found = table.column(column)
    if found.values:
        return quoted(next_value(found, operation))
    if found.kind == "int":
        return str(int(values[column]) + 1) if values[column].isdigit() else values[column]
    return values[column]


def insert(table: Table, store: Store, values: Mapping[str, str]) -> str:
    """The sample row. Written again it is the same row; where only the first may win, with IF NOT EXISTS."""
    columns = [*(c.name for c in table.columns), *((bucket_of(table),) if table.bucket else ())]
    once = "\nIF NOT EXISTS" if table.first_wins else ""
    return f"INSERT INTO {keyspace(store)}.{name(table.name)} ({', '.join(name(c) for c in columns)})\nVALUES ({', '.join(values[c] for c in columns)}){once};"

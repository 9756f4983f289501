"""The statements of generated code: the same as the document's queries, with a parameter in the place of each value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from workbook.artifacts import schema_cql as cql
from workbook.artifacts.schema_postgresql import words_of
from workbook.artifacts.writing.cql import identifier as cql_name
from workbook.artifacts.writing.sql import identifier as sql_name
from workbook.plan.design.model import Column, Query, Store, Table

Family = Literal["sql", "cql", "store"]
Marks = Callable[[int, str], str]
"""The text of the n-th parameter (from 1) of a column's kind."""
CLAIM_SECONDS = 5
CLAIMED_SECONDS = 7 * 86_400


@dataclass(frozen=True)
class Value:
    """Where a parameter comes from: a field of the event, the recipient, the time of the event, its day or month, the number one."""

    source: Literal["data", "recipient", "occurred", "day", "month", "one"]
    column: Column


@dataclass(frozen=True)
class Statement:
    """A statement and its parameters in order."""

    text: str
    values: tuple[Value, ...] = ()


def family(dialect: str) -> Family:
    """How a database is spoken to: by SQL, by CQL, or through an interface of its own."""
    return "sql" if dialect in ("postgresql", "mysql") else "cql" if dialect == "cql" else "store"


def quoted(dialect: str) -> Callable[[str], str]:
    """How a dialect writes a name."""
    if dialect == "cql":
        return cql_name
    return lambda n: sql_name(n, dialect if dialect == "mysql" else "postgresql")


def _place(table: Table | str, store: Store, dialect: str) -> str:
    name = table if isinstance(table, str) else table.name
    return f"{cql.keyspace(store)}.{cql_name(name)}" if dialect == "cql" else quoted(dialect)(name)


def insert(
    table: Table, store: Store, values: tuple[Value, ...], dialect: str, mark: Marks, columns: tuple[str, ...] = ()
) -> Statement:
    """A row; a repeat changes nothing."""
    names = columns or tuple(c.name for c in table.columns)[: len(values)]
    if not columns and len(values) < len(table.columns):
        names = tuple(v.column.name for v in values)
    given = list(values)
    if dialect == "cql" and table.bucket:
        names = (*names, cql.bucket_of(table))
        given.append(Value("month", table.column(table.bucket)))
    q = quoted(dialect)
    kinds = [table.column(n).kind if n != cql.bucket_of(table) else "string" for n in names]
    marks = ", ".join(mark(i, k) for i, k in enumerate(kinds, start=1))
    verb = "INSERT IGNORE INTO" if dialect == "mysql" else "INSERT INTO"
    once = " ON CONFLICT DO NOTHING" if dialect == "postgresql" else ""
    return Statement(
        f"{verb} {_place(table, store, dialect)} ({', '.join(q(n) for n in names)}) VALUES ({marks}){once}",
        tuple(given),
    )


def claims(store: Store | None, dialect: str, mark: Marks) -> tuple[Statement, Statement | None, Statement | None]:
    """How an event is taken: claimed, and where the store has no transactions also marked as done, or given back."""
    if store is None or family(dialect) == "store":
        return Statement(""), None, None
    place = _place("processed_event", store, dialect)
    if dialect != "cql":
        verb, once = ("INSERT IGNORE INTO", "") if dialect == "mysql" else ("INSERT INTO", " ON CONFLICT DO NOTHING")
        now = "CURRENT_TIMESTAMP"
        return (
            Statement(
                f"{verb} {place} (consumer, event_id, processed_at) VALUES ({mark(1, 'string')}, {mark(2, 'id')}, {now}){once}"
            ),
            None,
            None,
        )
    claim = f"INSERT INTO {place} (consumer, event_id) VALUES ({mark(1, 'string')}, {mark(2, 'id')}) IF NOT EXISTS USING TTL {CLAIM_SECONDS}"
    done = f"UPDATE {place} USING TTL {CLAIMED_SECONDS} SET processed_at = toTimestamp(now()) WHERE consumer = {mark(1, 'string')} AND event_id = {mark(2, 'id')} IF EXISTS"
    release = f"DELETE FROM {place} WHERE consumer = {mark(1, 'string')} AND event_id = {mark(2, 'id')} IF EXISTS"
    return Statement(claim), Statement(done), Statement(release)


def count_up(table: Table, values: tuple[Value, ...], counted: str, dialect: str, mark: Marks) -> Statement:
    """One more in a row that may not be there yet."""
    q = quoted(dialect)
    names: list[str] = []
    marks: list[str] = []
    given: list[Value] = []
    left = iter(c for c in table.columns)
    for value in values:
        column = next(c for c in left if c.name == value.column.name or value.source in ("day", "occurred", "one"))
        names.append(q(column.name))
        if value.source == "one":
            marks.append("1")
            continue
        given.append(value)
        marks.append(mark(len(given), column.kind))
    old = f"{q(table.name)}.{q(counted)}"
    more = (
        f"ON DUPLICATE KEY UPDATE {q(counted)} = {q(counted)} + 1"
        if dialect == "mysql"
        else f"ON CONFLICT ({', '.join(q(k) for k in table.key)}) DO UPDATE SET {q(counted)} = {old} + 1"
    )
    return Statement(
        f"INSERT INTO {q(table.name)} ({', '.join(names)}) VALUES ({', '.join(marks)}) {more}", tuple(given)
    )


def point(table: Table, store: Store, key: tuple[str, ...], dialect: str, mark: Marks) -> Statement:
    """One row by its key."""
    q = quoted(dialect)
    where = " AND ".join(f"{q(k)} = {mark(i, table.column(k).kind)}" for i, k in enumerate(key, start=1))
    return Statement(
        f"SELECT {', '.join(q(c.name) for c in table.columns)} FROM {_place(table, store, dialect)} WHERE {where}",
        tuple(Value("data", table.column(k)) for k in key),
    )


def page(
    table: Table,
    query: Query,
    store: Store,
    columns: tuple[Column, ...],
    dialect: str,
    mark: Marks,
    *,
    joined: Table | None = None,
    pairs: Mapping[str, Column] | None = None,
    keys_only: bool = False,
) -> tuple[Statement, Statement]:
    """The first page and any that follows: parameters are what is given, (its month,) the place in the order, the number of rows."""
    if family(dialect) == "store":
        return Statement(""), Statement("")
    q = quoted(dialect)
    at = "i." if joined else ""
    chosen = ", ".join(f"{'e.' if joined else ''}{q(c.name)}" for c in (table.columns if keys_only else columns))
    source = _place(table, store, dialect)
    if joined:
        shared = [(n, c) for n, c in (pairs or {}).items() if n in table.key and c.name in joined.key]
        source += f" AS i JOIN {q(joined.name)} AS e ON " + " AND ".join(f"e.{q(c.name)} = i.{q(n)}" for n, c in shared)
    given = [(c, table.column(c).kind) for c in query.equals]
    if dialect == "cql" and table.bucket:
        given.append((cql.bucket_of(table), "string"))
    where = [f"{at}{q(c)} = {mark(i, k)}" for i, (c, k) in enumerate(given, start=1)]
    sign = "<" if query.descending else ">"
    start = len(given) + 1
    marks = [mark(start + i, table.column(c).kind) for i, c in enumerate(query.order)]
    names = [f"{at}{q(c)}" for c in query.order]
    after = f"{names[0]} {sign} {marks[0]}" if len(names) == 1 else f"({', '.join(names)}) {sign} ({', '.join(marks)})"
    down = " DESC" if query.descending else ""
    order = "" if dialect == "cql" else f" ORDER BY {', '.join(n + down for n in names)}"

    def text(conditions: list[str], count: int) -> str:
        held = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {chosen} FROM {source}{held}{order} LIMIT {mark(count, 'limit')}"

    return Statement(text(where, start)), Statement(text([*where, after], start + len(names)))


def single(
    table: Table, query: Query, store: Store, dialect: str, mark: Marks
) -> tuple[Statement | None, tuple[Column, ...], tuple[Column, ...]]:
    """One read: its statement (None where another system answers), what it is given, and the columns of its rows."""
    given = [table.column(c) for c in query.equals]
    columns = table.columns
    extra: list[Column] = []
    if query.access == "search":
        extra = [Column(name="text", kind="string", bytes=0)]
    elif query.access == "near":
        extra = [Column(name=n, kind="decimal", bytes=8) for n in ("lon", "lat", "degrees")]
    if query.access == "aggregate":
        numeric = [
            c
            for c in table.columns
            if c.kind in ("int", "decimal", "money") and c.name not in query.equals and c.role != "version"
        ][:2]
        columns = (
            Column(name="rows", kind="int", bytes=8),
            *(Column(name=f"{c.name}_sum", kind=c.kind, bytes=8, optional=True) for c in numeric),
        )
    if family(dialect) == "store" or (dialect == "cql" and query.access in ("search", "near")):
        return None, (*given, *extra), columns
    q = quoted(dialect)
    place = _place(table, store, dialect)
    where = [f"{q(c.name)} = {mark(i, c.kind)}" for i, c in enumerate(given, start=1)]
    start = len(given) + 1
    names = ", ".join(q(c.name) for c in table.columns)
    held = f" WHERE {' AND '.join(where)}" if where else ""
    if query.access == "point":
        text = f"SELECT {names} FROM {place}{held}"
    elif query.access == "aggregate":
        sums = "".join(f", sum({q(c.name.removesuffix('_sum'))}) AS {q(c.name)}" for c in columns[1:])
        text = f"SELECT count(*) AS {q('rows')}{sums} FROM {place}{held}"
    elif query.access == "search":
        told = mark(start, "string")
        match = (
            f"MATCH ({', '.join(q(c) for c in query.text)}) AGAINST ({told})"
            if dialect == "mysql"
            else f"{words_of(query.text)} @@ plainto_tsquery('simple', {told})"
        )
        text = f"SELECT {names} FROM {place} WHERE {' AND '.join([*where, match])} LIMIT {mark(start + 1, 'limit')}"
    else:
        lon, lat, degrees = (mark(start + i, "decimal") for i in range(3))
        place_column = q(query.text[0])
        near = (
            f"ST_Distance_Sphere({place_column}, point({lon}, {lat})) <= {degrees} * 111000"
            if dialect == "mysql"
            else f"{place_column} <@ circle(point({lon}, {lat}), {degrees})"
        )
        text = f"SELECT {names} FROM {place} WHERE {' AND '.join([*where, near])} LIMIT {mark(start + 3, 'limit')}"
    return Statement(text), (*given, *extra), columns

"""One MySQL statement for each operation on each table, with the sample row's values put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.artifacts.base import Artifact
from workbook.artifacts.mysql_text import after, literals, name, names, quoted
from workbook.artifacts.outbox_text import emptied
from workbook.artifacts.sql_text import next_value, row_of, version_of
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.design.model import Query, Table

KIND = "query"
DIALECTS = ("mysql",)
NEAR_DEGREES = 0.05


def make(plan: Plan) -> Iterable[Artifact]:
    """Reads and writes of every table; pages also with the query of page two."""
    for store in plan.design.stores:
        if store.role != "database" or store.technology.dialect not in DIALECTS:
            continue
        for table in (t for t in plan.design.tables if t.store == store.id):
            values = literals(table, row_of(plan, table))
            made: dict[str, tuple[str, str]] = {}
            for query in table.queries:
                title = f"{query.operation.replace('_', ' ').capitalize()}: {query.access} on {table.name}"
                made.setdefault(statement(table, query, values), (query.operation, title))
            if not table.queries:
                read = emptied("mysql") if table.name == "outbox" else f"{_select(table, _where(table.key, values))};"
                made[f"{insert(table, values)}\n{read}"] = ("insert", f"Write and read of {table.name}")
            for text, (subject, title) in made.items():
                path = f"queries/{file(store.id)}/{file(table.name)}.{file(plan.complete.names.operation(subject))}.sql"
                yield Artifact(
                    kind=KIND,
                    subject=f"{table.name}.{subject}",
                    title=title,
                    path=path,
                    language="sql",
                    text=text,
                    dialect="mysql",
                )


def _where(columns: Iterable[str], values: Mapping[str, str]) -> str:
    return " AND ".join(f"{name(c)} = {values[c]}" for c in columns)


def _select(table: Table, where: str) -> str:
    return f"SELECT {names(c.name for c in table.columns)}\nFROM {name(table.name)}" + (
        f"\nWHERE {where}" if where else ""
    )


def statement(table: Table, query: Query, values: Mapping[str, str]) -> str:
    """The statement of one access."""
    where = _where(query.equals, values)
    if query.access == "insert":
        return insert(table, values)
    if query.access == "update":
        return _update(table, query, values, where)
    if query.access == "delete":
        return f"DELETE FROM {name(table.name)}\nWHERE {where};"
    if query.access == "point":
        return f"{_select(table, where)};"
    if query.access == "aggregate":
        return (
            f"SELECT count(*) AS row_count{_sums(table, query)}\nFROM {name(table.name)}"
            + (f"\nWHERE {where}" if where else "")
            + ";"
        )
    if query.access == "search":
        words = f"MATCH ({names(query.text)}) AGAINST ('sample' IN NATURAL LANGUAGE MODE)"
        return f"{_select(table, ' AND '.join(filter(None, (words, where))))}\nLIMIT {query.limit};"
    if query.access == "near":
        place, point = name(query.text[0]), values[query.text[0]]
        area = f"MBRContains(ST_Buffer({point}, {round(NEAR_DEGREES * 111_000)}), {place})"
        return f"{_select(table, ' AND '.join(filter(None, (area, where))))}\nORDER BY ST_Distance_Sphere({place}, {point})\nLIMIT {query.limit};"
    direction = " DESC" if query.descending else ""
    tail = f"\nORDER BY {', '.join(name(c) + direction for c in query.order)}\nLIMIT {query.limit};"
    next_page = " AND ".join(filter(None, (where, after(query.order, values, query.descending))))
    return (
        f"{_select(table, where)}{tail}\n-- page two: after the last row of page one\n{_select(table, next_page)}{tail}"
    )


def insert(table: Table, values: Mapping[str, str]) -> str:
    """The sample row; a repeat changes nothing, while another row that breaks a unique index is still refused."""
    columns = [c.name for c in table.columns]
    head = f"INSERT INTO {name(table.name)} ({names(columns)})"
    if any(i.unique for i in table.indexes):
        there = f"SELECT 1 FROM {name(table.name)} WHERE {_where(table.key, values)}"
        return f"{head}\nSELECT {', '.join(values[c] for c in columns)}\nFROM DUAL\nWHERE NOT EXISTS ({there});"
    first = name(table.key[0])
    return f"{head}\nVALUES ({', '.join(values[c] for c in columns)})\nON DUPLICATE KEY UPDATE {first} = {name(table.name)}.{first};"


def _update(table: Table, query: Query, values: Mapping[str, str], where: str) -> str:
    parts = []
    for column in query.sets:
        found = table.column(column)
        if found.role == "changed":
            parts.append(f"{name(column)} = utc_timestamp(6)")
        elif found.kind in ("int", "decimal", "money"):
            parts.append(f"{name(column)} = {name(column)} + 1")
        elif found.values:
            parts.append(f"{name(column)} = {quoted(next_value(found, query.operation))}")
        elif found.kind == "bool":
            parts.append(f"{name(column)} = NOT {name(column)}")
        else:
            parts.append(f"{name(column)} = {values[column]}")
    version = version_of(table, query)
    locked = f" AND {name(version)} = {values[version]}" if version else ""
    return f"UPDATE {name(table.name)}\nSET {', '.join(parts)}\nWHERE {where}{locked};"


def _sums(table: Table, query: Query) -> str:
    numeric = [
        c.name
        for c in table.columns
        if c.kind in ("int", "decimal", "money") and c.name not in query.equals and c.role != "version"
    ]
    latest = next((c for c in query.order if c not in query.equals), "")
    return "".join(f", sum({name(c)}) AS {name(c + '_sum')}" for c in numeric[:2]) + (
        f", max({name(latest)}) AS {name('latest_' + latest)}" if latest else ""
    )

"""Tables of a store in MySQL's SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.mysql_text import name, names, quoted
from workbook.artifacts.schema_postgresql import ordered, primary_key
from workbook.artifacts.writing.files import identifier as file
from workbook.artifacts.writing.sql import comment
from workbook.catalog import loader
from workbook.plan import Plan
from workbook.plan.design.model import Column, Index, Table
from workbook.plan.naming import Space

KIND = "schema"
DIALECTS = ("mysql",)
_TYPES = {
    "id": "char(36) CHARACTER SET ascii", "ref": "char(36) CHARACTER SET ascii", "text": "text", "int": "bigint", "decimal": "decimal(18,4)", "money": "decimal(14,2)",
    "bool": "boolean", "time": "datetime(6)", "timestamp": "datetime(6)", "date": "date", "json": "json", "geo": "point",
}  # fmt: skip
SHORTEST_STATE = 40
LONGEST_KEY = 255


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a store: tables in the order of their references."""
    for store in plan.design.stores:
        if store.role == "database" and store.technology.dialect in DIALECTS:
            tables = ordered([t for t in plan.design.tables if t.store == store.id])
            taken = Space(longest=loader.name_rules()["mysql"].longest, end="_of", alike=str.lower)
            text = "\n\n".join(_table(t, tables, taken) for t in tables) + "\n"
            title = f"Schema of {store.name}: {', '.join(store.contexts)}"
            yield Artifact(
                kind=KIND,
                subject=store.id,
                title=title,
                path=f"schema/{file(store.id)}.sql",
                language="sql",
                text=text,
                dialect="mysql",
            )


def partitioned(table: Table) -> bool:
    """Whether the table is cut by time: not where it has a word or place index, which partitions do not allow."""
    return table.time_partitioned and not any(i.kind != "btree" for i in table.indexes)


def key(table: Table) -> tuple[str, ...]:
    """The primary key, with the column that cuts by time."""
    return primary_key(table) if partitioned(table) else table.key


def _table(table: Table, tables: list[Table], constraints: Space) -> str:
    before = {t.entity for t in tables[: tables.index(table)]} | {table.entity}
    lines = [_column(c, table) for c in table.columns]
    lines.append(f"    PRIMARY KEY ({names(key(table))})")
    lines += list(_indexes(table))
    lines += [
        f"    CONSTRAINT {name(constraints.take(f'{table.name}_{c.name}_known'))} CHECK ({name(c.name)} IN ({', '.join(quoted(v) for v in c.values)}))"
        for c in table.columns
        if c.values
    ]
    lines += list(_references(table, tables, before, constraints))
    tail = ") ENGINE = InnoDB DEFAULT CHARSET = utf8mb4"
    if partitioned(table):
        parts = (
            "    PARTITION p2026_01 VALUES LESS THAN ('2026-02-01'),\n    PARTITION p_later VALUES LESS THAN (MAXVALUE)"
        )
        tail += f"\nPARTITION BY RANGE COLUMNS ({name(table.bucket)}) (\n{parts}\n)"
    return (
        f"{comment(table.purpose or 'home of ' + table.entity)}\nCREATE TABLE {name(table.name)} (\n"
        + ",\n".join(lines)
        + f"\n{tail};"
    )


def _kind(column: Column, table: Table) -> str:
    if column.kind == "enum":
        return f"varchar({max(SHORTEST_STATE, *map(len, column.values))})"
    if column.kind == "text" and column.name in key(table):
        return f"varchar({LONGEST_KEY})"  # a key takes no text without end
    if column.kind == "blob":
        return f"varbinary({int(column.bytes)})" if column.bytes <= 4000 else "longblob"
    if column.kind in ("string", "code"):
        return f"varchar({column.length or 255})"
    return _TYPES[column.kind]


def _column(column: Column, table: Table) -> str:
    parts = [f"    {name(column.name)} {_kind(column, table)}"]
    if column.kind == "geo":
        parts.append("NOT NULL SRID 4326")
        return " ".join(parts)
    if not column.optional:
        parts.append("NOT NULL")
    if column.name == "id" and column.kind == "id":
        parts.append("DEFAULT (uuid())")
    elif column.role in ("created", "changed"):
        parts.append("DEFAULT (utc_timestamp(6))")
    elif column.role == "version":
        parts.append("DEFAULT 1")
    return " ".join(parts)


def _references(table: Table, tables: list[Table], before: set[str], constraints: Space) -> Iterator[str]:
    if partitioned(table):
        return  # InnoDB allows no references to or from partitioned tables
    for column in table.columns:
        target = (
            next((t for t in tables if t.entity == column.ref and not t.purpose), None)
            if column.ref in before
            else None
        )
        if target and not partitioned(target) and len(target.key) == 1:
            own = name(constraints.take(f"{table.name}_{column.name}_fk"))
            there = f"{name(target.name)} ({names(target.key)})"
            yield f"    CONSTRAINT {own} FOREIGN KEY ({name(column.name)}) REFERENCES {there}"


def _indexes(table: Table) -> Iterator[str]:
    for index in table.indexes:
        columns = ", ".join(_indexed(table, index, c) for c in _whole(table, index))
        kind = {"full_text": "FULLTEXT INDEX", "geo": "SPATIAL INDEX"}.get(
            index.kind, "UNIQUE INDEX" if index.unique else "INDEX"
        )
        yield f"    {kind} {name(index.name)} ({columns})"
    if table.name == "outbox":
        yield "    INDEX outbox_waiting_idx (published_at, created_at)"


def _whole(table: Table, index: Index) -> tuple[str, ...]:
    return (
        (*index.columns, table.bucket)
        if index.unique and partitioned(table) and table.bucket not in index.columns
        else index.columns
    )


def _indexed(table: Table, index: Index, column: str) -> str:
    prefix = "(64)" if table.column(column).kind in ("text",) and index.kind == "btree" else ""
    return f"{name(column)}{prefix}{' DESC' if column in index.descending else ''}"

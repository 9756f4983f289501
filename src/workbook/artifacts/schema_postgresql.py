"""Tables of a store in PostgreSQL's SQL, and of everything that speaks its dialect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.writing.files import identifier as file
from workbook.artifacts.writing.sql import comment
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.artifacts.writing.sql import string as quoted
from workbook.plan import Plan
from workbook.plan.design.model import Column, Index, Table

KIND = "schema"
DIALECTS = ("postgresql",)
TYPES = {
    "id": "uuid",
    "ref": "uuid",
    "text": "text",
    "int": "bigint",
    "decimal": "numeric(18,4)",
    "money": "numeric(14,2)",
    "bool": "boolean",
    "time": "timestamptz",
    "date": "date",
    "json": "jsonb",
    "blob": "bytea",
    "geo": "point",
    "enum": "text",
    "code": "text",
    "string": "text",
}


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a store: tables in the order of their references, then indexes."""
    for store in plan.design.stores:
        if store.role == "database" and store.technology.dialect in DIALECTS:
            tables = ordered([t for t in plan.design.tables if t.store == store.id])
            text = "\n\n".join(_table(t, tables) for t in tables) + "\n"
            yield Artifact(
                kind=KIND,
                subject=store.id,
                title=f"Schema of {store.name}: {', '.join(store.contexts)}",
                path=f"schema/{file(store.id)}.sql",
                language="sql",
                text=text,
                dialect="postgresql",
            )


def ordered(tables: list[Table]) -> list[Table]:
    """Tables after those they refer to; a reference in a circle stays a plain identifier."""
    placed: list[Table] = []
    left = list(tables)
    while left:
        ready = next(
            (
                t
                for t in left
                if all(c.ref in {p.entity for p in placed} or c.ref == t.entity or not c.ref for c in t.columns)
            ),
            left[0],
        )
        placed.append(ready)
        left.remove(ready)
    return placed


def _table(table: Table, tables: list[Table]) -> str:
    before = {t.entity for t in tables[: tables.index(table)]} | {table.entity}
    lines = [_column(c, table, tables, c.ref in before) for c in table.columns]
    lines.append(f"    PRIMARY KEY ({names(primary_key(table))})")
    lines += [f"    CONSTRAINT {name(i.name)} UNIQUE ({names(_unique(i, table))})" for i in table.indexes if i.unique]
    if table.row_bytes and any(c.values for c in table.columns):
        lines += [
            f"    CONSTRAINT {name(f'{table.name}_{c.name}_known')} CHECK ({name(c.name)} IN ({', '.join(quoted(v) for v in c.values)}))"
            for c in table.columns
            if c.values
        ]
    partitioned = f" PARTITION BY RANGE ({name(table.bucket)})" if table.time_partitioned else ""
    made = [
        comment(table.purpose or f"home of {table.entity}"),
        f"CREATE TABLE {name(table.name)} (\n" + ",\n".join(lines) + f"\n){partitioned};",
    ]
    if table.time_partitioned:
        made += [
            f"CREATE TABLE {name(table.name + '_2026_01')} PARTITION OF {name(table.name)} FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');",
            f"CREATE TABLE {name(table.name + '_default')} PARTITION OF {name(table.name)} DEFAULT;",
        ]
    made += list(_indexes(table))
    if table.name == "outbox":
        made.append("CREATE INDEX outbox_waiting_idx ON outbox (created_at) WHERE published_at IS NULL;")
    return "\n".join(made)


def primary_key(table: Table) -> tuple[str, ...]:
    """The key, with the column that partitions by time, which PostgreSQL wants in it."""
    return table.key if not table.time_partitioned or table.bucket in table.key else (*table.key, table.bucket)


def _unique(index: Index, table: Table) -> tuple[str, ...]:
    return (
        index.columns if not table.time_partitioned or table.bucket in index.columns else (*index.columns, table.bucket)
    )


def _column(column: Column, table: Table, tables: list[Table], known: bool) -> str:
    kind = TYPES[column.kind]
    parts = [f"    {name(column.name)} {kind}"]
    if column.name == "id" and column.kind == "id":
        parts.append("DEFAULT gen_random_uuid()")
    elif column.role in ("created", "changed"):
        parts.append("DEFAULT now()")
    elif column.role == "version":
        parts.append("DEFAULT 1")
    if not column.optional:
        parts.append("NOT NULL")
    target = next((t for t in tables if t.entity == column.ref and not t.purpose), None) if column.ref else None
    if target and known and not target.time_partitioned:
        parts.append(f"REFERENCES {name(target.name)} ({names(target.key)})")
    return " ".join(parts)


def _indexes(table: Table) -> Iterator[str]:
    for index in table.indexes:
        if index.unique:
            continue
        if index.kind == "full_text":
            yield f"CREATE INDEX {name(index.name)} ON {name(table.name)} USING gin ({words_of(index.columns)});"
        elif index.kind == "geo":
            yield f"CREATE INDEX {name(index.name)} ON {name(table.name)} USING gist ({names(index.columns)});"
        else:
            columns = ", ".join(f"{name(c)} DESC" if c in index.descending else name(c) for c in index.columns)
            yield f"CREATE INDEX {name(index.name)} ON {name(table.name)} ({columns});"


def words_of(columns: tuple[str, ...]) -> str:
    """The words of several columns as one text-search vector."""
    text = " || ' ' || ".join(f"coalesce({name(c)}, '')" for c in columns)
    return f"to_tsvector('simple', {text})"

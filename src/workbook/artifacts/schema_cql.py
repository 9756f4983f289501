"""Tables of a store in CQL, one for each way the rows are asked for."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.writing.cql import comment
from workbook.artifacts.writing.cql import identifier as name
from workbook.artifacts.writing.cql import string as quoted
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.design.model import Store, Table

KIND = "schema"
DIALECTS = ("cql",)
TYPES = {
    "id": "uuid",
    "ref": "uuid",
    "text": "text",
    "int": "bigint",
    "decimal": "decimal",
    "money": "decimal",
    "bool": "boolean",
    "time": "timestamp",
    "date": "timestamp",
    "json": "text",
    "blob": "blob",
    "geo": "text",
    "enum": "text",
    "code": "text",
    "string": "text",
}


def bucket_of(table: Table) -> str:
    """The column that joins the partition key where partitions would grow too large."""
    return table.bucket_column


def partition(table: Table) -> tuple[str, ...]:
    """The partition key, with its bucket."""
    return (*table.partition, bucket_of(table)) if table.bucket else table.partition


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a store."""
    for store in plan.design.stores:
        if store.role == "database" and store.technology.dialect in DIALECTS:
            tables = [t for t in plan.design.tables if t.store == store.id]
            text = "\n\n".join([_keyspace(store, plan), *(_table(t, store) for t in tables)]) + "\n"
            yield Artifact(
                kind=KIND,
                subject=store.id,
                title=f"Schema of {store.name}: {', '.join(store.contexts)}",
                path=f"schema/{file(store.id)}.cql",
                language="cql",
                text=text,
                dialect="cql",
            )


def keyspace(store: Store) -> str:
    """The keyspace of a store."""
    return name(store.space)


def _keyspace(store: Store, plan: Plan) -> str:
    regions = (
        [r.lower() for r in plan.complete.model.constraints.regions]
        if plan.decisions["regions"].chosen.source.abilities.get("write_local")
        else []
    )
    centres = ", ".join(f"{quoted(r)}: 3" for r in regions) or "'dc1': 3"
    return f"CREATE KEYSPACE IF NOT EXISTS {keyspace(store)}\nWITH replication = {{'class': 'NetworkTopologyStrategy', {centres}}};"


def _table(table: Table, store: Store) -> str:
    lines = [f"    {name(c.name)} {TYPES[c.kind]}" for c in table.columns]
    if table.bucket:
        lines.append(f"    {bucket_of(table)} text")
    own = partition(table)
    key = f"({', '.join(name(p) for p in own)})" if len(own) > 1 else name(own[0])
    sort = [s.lstrip("-") for s in table.sort]
    lines.append(
        f"    PRIMARY KEY ({', '.join([f'({key[1:-1]})' if len(own) > 1 else key, *(name(s) for s in sort)])})"
    )
    options = []
    if any(s.startswith("-") for s in table.sort):
        options.append(
            "CLUSTERING ORDER BY ("
            + ", ".join(f"{name(s.lstrip('-'))} {'DESC' if s.startswith('-') else 'ASC'}" for s in table.sort)
            + ")"
        )
    if table.retention_days is not None:
        options.append(f"default_time_to_live = {min(int(table.retention_days * 86_400), 630_720_000)}")
    tail = ("\nWITH " + "\n  AND ".join(options)) if options else ""
    return (
        f"{comment(table.purpose or 'home of ' + table.entity)}\nCREATE TABLE {keyspace(store)}.{name(table.name)} (\n"
        + ",\n".join(lines)
        + f"\n){tail};"
    )

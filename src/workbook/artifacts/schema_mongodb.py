"""Collections of a store with their validators and indexes, for MongoDB's shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.mongodb_text import database, field
from workbook.artifacts.writing import mongodb as js
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.design.model import Column, Table

KIND = "schema"
DIALECTS = ("mongodb",)
_TYPES = {
    "id": "binData", "ref": "binData", "text": "string", "int": "long", "decimal": "decimal", "money": "decimal", "bool": "bool", "time": "date", "timestamp": "date",
    "date": "date", "json": "object", "blob": "binData", "geo": "object", "enum": "string", "code": "string", "string": "string",
}  # fmt: skip


def make(plan: Plan) -> Iterable[Artifact]:
    """One script a store."""
    for store in plan.design.stores:
        if store.role == "database" and store.technology.dialect in DIALECTS:
            tables = [t for t in plan.design.tables if t.store == store.id]
            sharded = plan.sizing.shards.get(store.id, 1) > 1
            head = f"db = db.getSiblingDB({js.string(database(store))});"
            text = "\n\n".join([head, *("\n".join(_collection(t, database(store), sharded)) for t in tables)]) + "\n"
            title = f"Schema of {store.name}: {', '.join(store.contexts)}"
            yield Artifact(
                kind=KIND,
                subject=store.id,
                title=title,
                path=f"schema/{file(store.id)}.mongodb.js",
                language="javascript",
                text=text,
                dialect="mongodb",
            )


def _collection(table: Table, home: str, sharded: bool) -> Iterator[str]:
    yield js.comment(table.purpose or f"home of {table.entity}")
    required = [field(table, c.name) for c in table.columns if not c.optional]
    schema = {
        "bsonType": "object",
        "required": required,
        "properties": {field(table, c.name): _property(c) for c in table.columns},
    }
    validator = f"{{ validator: {{ $jsonSchema: {js.literal(schema, indent=2)} }} }}"
    yield f"db.createCollection({js.string(table.name)}, {validator});"
    made = f"db.getCollection({js.string(table.name)}).createIndex"
    if len(table.key) > 1:
        keys = ", ".join(f"{k}: {-1 if f'-{k}' in table.sort else 1}" for k in table.key)
        yield f'{made}({{ {keys} }}, {{ name: "{table.name}_key", unique: {"true" if not sharded or _shard(table)[0] == table.key[0] else "false"} }});'
    for index in table.indexes:
        if index.kind == "full_text":
            texts = ", ".join(f'{field(table, c)}: "text"' for c in index.columns)
            yield f'{made}({{ {texts} }}, {{ name: "{index.name}" }});'
        elif index.kind == "geo":
            yield f'{made}({{ {index.columns[0]}: "2dsphere" }}, {{ name: "{index.name}" }});'
        else:
            keys = ", ".join(f"{field(table, c)}: {-1 if c in index.descending else 1}" for c in index.columns)
            yield f'{made}({{ {keys} }}, {{ name: "{index.name}", unique: {"true" if index.unique else "false"} }});'
    moment = next((c.name for c in table.columns if c.kind == "time" and not c.optional), "")
    if table.retention_days is not None and moment:
        yield f'{made}({{ {field(table, moment)}: 1 }}, {{ name: "{table.name}_expiry_idx", expireAfterSeconds: {min(int(table.retention_days * 86_400), 2_147_483_647)} }});'
    if sharded:
        keys = ", ".join(f"{field(table, k)}: 1" for k in _shard(table))
        yield f'sh.shardCollection("{home}.{table.name}", {{ {keys} }});'


def _shard(table: Table) -> tuple[str, ...]:
    first = table.partition or table.key[:1]
    return (*first, *(k for k in table.key if k not in first))


def _property(column: Column) -> dict[str, object]:
    kind = _TYPES[column.kind]
    made: dict[str, object] = {"bsonType": [kind, "null"] if column.optional else kind}
    if column.values:
        made["enum"] = [*column.values, *([None] if column.optional else [])]
    if column.length and column.kind in ("string", "code"):
        made["maxLength"] = column.length
    return made

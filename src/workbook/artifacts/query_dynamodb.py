"""One call of DynamoDB for each operation on each table, with the sample row's values put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.dynamodb_text import command, expiry, key, key_attributes, table_name, value
from workbook.artifacts.sql_text import next_value, row_of, version_of
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.design.model import Query, Store, Table

KIND = "query"
DIALECTS = ("dynamodb",)


def make(plan: Plan) -> Iterable[Artifact]:
    """Reads and writes of every table; pages also with the call of page two."""
    for store in plan.design.stores:
        if store.role != "database" or store.technology.dialect not in DIALECTS:
            continue
        for table in (t for t in plan.design.tables if t.store == store.id):
            row = row_of(plan, table)
            made: dict[str, tuple[str, str]] = {}
            for query in table.queries:
                text = statement(store, table, query, row)
                title = f"{query.operation.replace('_', ' ').capitalize()}: {query.access} on {table.name}"
                if text:
                    made.setdefault(text, (query.operation, title))
            if not table.queries:
                made[f"{put(store, table, row)}\n{_get(store, table, row)}"] = (
                    "insert",
                    f"Write and read of {table.name}",
                )
            for text, (subject, title) in made.items():
                path = f"queries/{file(store.id)}/{file(table.name)}.{file(plan.complete.names.operation(subject))}.sh"
                yield Artifact(
                    kind=KIND,
                    subject=f"{table.name}.{subject}",
                    title=title,
                    path=path,
                    language="bash",
                    text=text,
                    dialect="dynamodb",
                )


def statement(store: Store, table: Table, query: Query, row: Mapping[str, Any]) -> str:
    """The call of one access; empty where another system answers it."""
    if query.access == "insert":
        return put(store, table, row)
    if query.access in ("search", "near"):
        return ""
    if query.access == "delete":
        return command("delete-item", {"TableName": table_name(store, table), "Key": key(table, row)})
    if query.access == "update":
        return _update(store, table, query, row)
    if query.access == "point" and len(key_attributes(table)) == 1:
        return _get(store, table, row)
    first = next(iter(key_attributes(table)))
    asked: dict[str, Any] = {
        "TableName": table_name(store, table),
        "KeyConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": first},
        "ExpressionAttributeValues": {":p": key(table, row)[first]},
    }
    if query.access == "aggregate":
        return command("query", {**asked, "Select": "COUNT"})
    if query.access == "point":
        return command("query", asked)
    page = {**asked, "ScanIndexForward": not any(s.startswith("-") for s in table.sort), "Limit": query.limit}
    return f"{command('query', page)}\n# page two: after the last item of page one\n{command('query', {**page, 'ExclusiveStartKey': key(table, row)})}"


def put(store: Store, table: Table, row: Mapping[str, Any]) -> str:
    """The sample item; a repeat is refused and changes nothing."""
    item = {c.name: value(c, row.get(c.name)) for c in table.columns if row.get(c.name) is not None}
    if table.retention_days is not None:
        item[expiry(table)] = {
            "N": str(int(datetime(2026, 1, 15, 9, 30, tzinfo=UTC).timestamp() + table.retention_days * 86_400))
        }
    first = next(iter(key_attributes(table)))
    return command(
        "put-item",
        {
            "TableName": table_name(store, table),
            "Item": {**item, **key(table, row)},
            "ConditionExpression": "attribute_not_exists(#p)",
            "ExpressionAttributeNames": {"#p": first},
        },
    )


def _get(store: Store, table: Table, row: Mapping[str, Any]) -> str:
    return command("get-item", {"TableName": table_name(store, table), "Key": key(table, row)})


def _update(store: Store, table: Table, query: Query, row: Mapping[str, Any]) -> str:
    used = {c for columns in key_attributes(table).values() for c in columns}
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    parts = []
    for number, column in enumerate(c for c in query.sets if c not in used):
        found = table.column(column)
        names[f"#c{number}"] = column
        if found.kind in ("int", "decimal", "money"):
            values[f":c{number}"] = {"N": "1"}
            parts.append(f"#c{number} = #c{number} + :c{number}")
        else:
            values[f":c{number}"] = value(
                found, next_value(found, query.operation) if found.values else row.get(column)
            )
            parts.append(f"#c{number} = :c{number}")
    if not parts:
        return ""
    arguments: dict[str, Any] = {
        "TableName": table_name(store, table),
        "Key": key(table, row),
        "UpdateExpression": f"SET {', '.join(parts)}",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
    version = version_of(table, query)
    if version and version not in used:
        arguments["ConditionExpression"] = "#version = :version"
        names["#version"], values[":version"] = version, {"N": str(row.get(version))}
    return command("update-item", arguments)

"""Keys and values of DynamoDB: two key attributes a table, joined where the design has more columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workbook.artifacts.writing import shell
from workbook.artifacts.writing.text import compact
from workbook.plan.design.model import Column, Store, Table


def table_name(store: Store, table: Table) -> str:
    """A table's name, unique in the account."""
    return f"{store.space}.{table.name}"


def key_attributes(table: Table) -> dict[str, tuple[str, ...]]:
    """The one or two key attributes and the columns that each joins."""
    bucket = (table.bucket_column,) if table.bucket else ()
    partition = (*(table.partition or table.key[:1]), *bucket)
    sort = tuple(s.lstrip("-") for s in table.sort) or tuple(k for k in table.key if k not in partition)
    made = {"#".join(partition): partition}
    if sort:
        made["#".join(sort)] = sort
    return made


def value(column: Column | None, given: Any) -> dict[str, Any]:
    """A JSON value with its type mark."""
    if given is None:
        return {"NULL": True}
    kind = column.kind if column else "string"
    if kind in ("int", "decimal", "money"):
        return {"N": str(given)}
    if kind == "bool":
        return {"BOOL": bool(given)}
    if kind == "blob":
        return {"B": "AQIDBA=="}
    if kind in ("json", "geo"):
        return {"S": compact(given)}
    return {"S": str(given)}


def kind_of(table: Table, columns: tuple[str, ...]) -> str:
    """The type of a key attribute: a number only where it is one column that is."""
    found = next((c for c in table.columns if c.name == columns[0]), None)
    return "N" if len(columns) == 1 and found and found.kind in ("int", "decimal", "money") else "S"


def key(table: Table, row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The key attributes of a row."""
    made = {}
    whole = {**row, **({table.bucket_column: str(row.get(table.bucket))[:7]} if table.bucket else {})}
    for attribute, columns in key_attributes(table).items():
        text = (
            "#".join(_sortable(table, c, whole.get(c)) for c in columns)
            if len(columns) > 1
            else str(whole.get(columns[0]))
        )
        made[attribute] = {kind_of(table, columns): text}
    return made


def _sortable(table: Table, column: str, given: Any) -> str:
    found = next((c for c in table.columns if c.name == column), None)
    return f"{given:020d}" if found and found.kind == "int" and isinstance(given, int) else str(given)


def command(verb: str, arguments: Mapping[str, Any]) -> str:
    """A call of the AWS command line."""
    return f"aws dynamodb {verb} --cli-input-json {shell.string(json.dumps(arguments, indent=2))}"


def expiry(table: Table) -> str:
    """The attribute that says when an item goes, under a name that no column has."""
    names = {c.name for c in table.columns}
    return next(n for n in ("expires_at", "item_expires_at", "item_expires_at_of_row") if n not in names)

"""Tables of a store in DynamoDB, created by the AWS command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.dynamodb_text import command, expiry, key_attributes, kind_of, table_name
from workbook.artifacts.writing import shell
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.design.model import Store, Table

KIND = "schema"
DIALECTS = ("dynamodb",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One script a store."""
    for store in plan.design.stores:
        if store.role == "database" and store.technology.dialect in DIALECTS:
            tables = [t for t in plan.design.tables if t.store == store.id]
            text = "\n\n".join(["#!/bin/sh\nset -eu", *("\n".join(_table(store, t)) for t in tables)]) + "\n"
            title = f"Schema of {store.name}: {', '.join(store.contexts)}"
            yield Artifact(
                kind=KIND,
                subject=store.id,
                title=title,
                path=f"schema/{file(store.id)}.dynamodb.sh",
                language="bash",
                text=text,
                dialect="dynamodb",
            )


def _table(store: Store, table: Table) -> Iterator[str]:
    keys = key_attributes(table)
    own = table_name(store, table)
    arguments: dict[str, Any] = {
        "TableName": own,
        "KeySchema": [{"AttributeName": a, "KeyType": k} for a, k in zip(keys, ("HASH", "RANGE"), strict=False)],
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": kind_of(table, c)} for a, c in keys.items()],
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"Enabled": True},
    }
    yield shell.comment(table.purpose or f"home of {table.entity}")
    yield command("create-table", arguments)
    yield f"aws dynamodb wait table-exists --table-name {own}"
    yield f"aws dynamodb update-continuous-backups --table-name {own} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
    if table.retention_days is not None:
        yield f"aws dynamodb update-time-to-live --table-name {own} --time-to-live-specification Enabled=true,AttributeName={expiry(table)}"

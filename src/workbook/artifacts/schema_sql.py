"""Tables of a store in SQL: that of its product, or of the one whose dialect it speaks."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.dialects import sql
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan

KIND = "schema"
DIALECTS = sql.NAMES


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a store: tables in the order of their references, then indexes."""
    for store, dialect in sql.stores(plan):
        yield Artifact(
            kind=KIND,
            subject=store.id,
            title=f"Schema of {plan.design.title(store.id)}: {', '.join(store.contexts)}",
            path=f"schema/{file(store.id)}.sql",
            language="sql",
            text=dialect.create(plan.world.form.tunables),
            dialect=dialect.sql.id,
        )

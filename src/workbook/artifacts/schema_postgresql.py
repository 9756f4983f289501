"""Tables of a store in PostgreSQL's SQL, and of everything that speaks its dialect."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact, databases
from workbook.artifacts.dialects.postgresql.tables import create
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan

KIND = "schema"
DIALECTS = ("postgresql",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a store: tables in the order of their references, then indexes."""
    for store, tables in databases(plan, DIALECTS):
        yield Artifact(
            kind=KIND,
            subject=store.id,
            title=f"Schema of {plan.design.title(store.id)}: {', '.join(store.contexts)}",
            path=f"schema/{file(store.id)}.sql",
            language="sql",
            text=create(tables, plan.world.form.tunables),
            dialect="postgresql",
        )

"""What each operation sends to a database, with the sample row's values put in, so that it runs as it stands."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.dialects import sql
from workbook.artifacts.dialects.script import script
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan

KIND = "query"
DIALECTS = sql.NAMES


def make(plan: Plan) -> Iterable[Artifact]:
    """One file an operation: its statements in order, a transaction between its begin and COMMIT."""
    for store, dialect in sql.stores(plan):
        for name, program in plan.world.programs.items():
            text = script(program, dialect, plan.world.form)
            if text:
                yield Artifact(
                    kind=KIND,
                    subject=name,
                    title=f"{name.replace('_', ' ').capitalize()} in {plan.design.title(store.id)}",
                    path=f"queries/{file(store.id)}/{file(name)}.sql",
                    language="sql",
                    text=text,
                    dialect=dialect.sql.id,
                )

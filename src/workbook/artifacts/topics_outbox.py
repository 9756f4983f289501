"""The outbox as the queue: workers poll the table in which the transaction left its event."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.outbox_text import KNOWN, relay
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan

KIND = "topics"
DIALECTS = ("outbox",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One SQL file for each store that has an outbox."""
    for table in (t for t in plan.design.tables if t.name == "outbox"):
        store = plan.design.store(table.store)
        dialect = store.technology.dialect
        topics = [t for t in plan.design.topics if plan.complete.contexts[t.entity] in store.contexts]
        title = f"Outbox of {store.name}: poll, mark, retry, dead letters"
        if dialect not in KNOWN:
            yield Artifact(
                kind=KIND,
                subject=store.id,
                title=title,
                path="",
                language="text",
                text="",
                dialect="outbox",
                missing=f"no generator for an outbox on {store.technology.name}",
            )
        elif topics:
            yield Artifact(
                kind=KIND,
                subject=store.id,
                title=title,
                path=f"topics/{file(store.id)}.outbox.sql",
                language="sql",
                text=relay(plan, topics, dialect),
                dialect="outbox",
            )

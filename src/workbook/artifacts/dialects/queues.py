"""Queues as tables: what may be taken, and for how long."""

from __future__ import annotations

from workbook.artifacts.dialects.reads import NOW
from workbook.artifacts.dialects.rows import Rows, equalities, where
from workbook.artifacts.dialects.statement import Part, Slot, Statement, flat
from workbook.brief.quantities import parse
from workbook.brief.steps.syntax import Amount
from workbook.plan.fold.layout import DEAD, LEASE, due_of
from workbook.plan.form.model import Step
from workbook.plan.form.terms import Ref, Root, Sum, Value

LEASED_FOR = parse("30 s", "time")
"""How long an item is held where the structure does not say (our assumption)."""


def lease_of(rows: Rows) -> Value:
    """How long a worker holds an item."""
    said = rows.table.structure.settings.get("lease") or LEASED_FOR
    return Ref(Root.TUNABLE, said) if isinstance(said, str) else Amount(said)


def waiting(rows: Rows) -> list[tuple[Part, ...]]:
    """What may be taken: due, not given up, and held by nobody whose time is not up."""
    due = rows.column(due_of(rows.table.structure))
    now = Slot(NOW, rows.sql.time)
    return [
        flat(f"{due} <= ", now),
        (f"NOT {DEAD}",),
        flat(f"({LEASE} IS NULL OR {LEASE} <= ", now, ")"),
    ]


def release(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """An item back in the queue, at once or after a while."""
    when: Value = NOW if step.lasting is None else Sum("+", NOW, step.lasting)
    tests = equalities([(g.field, g.value) for g in step.by], rows)
    due = rows.bare(due_of(rows.table.structure))
    parts = flat(f"UPDATE {rows.name}\nSET {LEASE} = NULL, {due} = ", Slot(when, rows.sql.time), where(tests))
    return (Statement(parts, table=rows.table.name),)

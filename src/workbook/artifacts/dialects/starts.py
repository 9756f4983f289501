"""What starts operations that nobody calls, in SQL: rows become due, items are given up."""

from __future__ import annotations

from workbook.artifacts.dialects.reads import NOW, selected
from workbook.artifacts.dialects.rows import Rows, conditions, where
from workbook.artifacts.dialects.statement import Gives, Refusal, Slot, Statement, flat
from workbook.plan.fold.layout import COMMITTED, DEAD, PUBLISHED
from workbook.plan.form.model import Program, Step
from workbook.plan.form.terms import Sum, Value

READERS = "topic_reader"
HORIZON = "horizon"
"""The table that says how far each consumer has read each topic, and its column: all turns before it."""


def due(program: Program, rows: Rows, late: Value | None = None) -> Statement:
    """The rows whose time has come and whose condition still holds; those that are more than `late` are left."""
    starts = program.operation.starts
    reached: Value = Sum("-", NOW, program.offset) if program.offset is not None else NOW
    column = rows.column(starts.field)
    tests = [flat(f"{column} <= ", Slot(reached, rows.type(starts.field))), *conditions(program.condition, rows)]
    if late is not None:
        tests.append(flat(f"{column} >= ", Slot(Sum("-", reached, late), rows.type(starts.field))))
    columns = selected(rows.table)
    parts = flat(f"SELECT {rows.list(columns)}\nFROM {rows.name}", where(tests), f"\nORDER BY {column}")
    return Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name)


def dead(rows: Rows) -> Statement:
    """The items that were given up."""
    columns = selected(rows.table)
    parts = flat(f"SELECT {rows.list(columns)}\nFROM {rows.name}\nWHERE {DEAD}")
    return Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name)


def release(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Events go when they are old enough and every consumer has handled them; without a consumer all stay."""
    topic = rows.sql.string(rows.table.name)
    old: Value = Sum("-", NOW, step.lasting) if step.lasting is not None else NOW
    parts = flat(
        f"DELETE FROM {rows.name}\nWHERE {PUBLISHED} < ",
        Slot(old, rows.sql.time),
        f"\n  AND {COMMITTED} < (SELECT min({HORIZON}) FROM {READERS} WHERE topic = {topic})",
    )
    return (Statement(parts, table=rows.table.name),)

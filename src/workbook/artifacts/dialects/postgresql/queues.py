"""Queues as tables of PostgreSQL: an item is taken under a lease, and comes back when that ends."""

from __future__ import annotations

from workbook.artifacts.dialects.postgresql.expressions import Rows, equalities, where
from workbook.artifacts.dialects.postgresql.writes import source
from workbook.artifacts.dialects.queues import lease_of, release, waiting
from workbook.artifacts.dialects.reads import NOW, selected
from workbook.artifacts.dialects.statement import Gives, Refusal, Slot, Statement, flat
from workbook.artifacts.dialects.writes import ONE, values_of
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.plan.fold.layout import ATTEMPTS, DEAD, DUE, FENCE, LEASE, due_of
from workbook.plan.form.model import Step
from workbook.plan.form.terms import Sum


def put(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """An item, or the same item with another time: whoever held it is too late."""
    given = values_of(step, rows)
    if rows.table.has(DUE) and DUE not in {f for f, _ in given}:
        given.append((DUE, NOW))
    columns = selected(rows.table)
    sets = [f"{name(f)} = EXCLUDED.{name(f)}" for f, _ in given if f not in rows.table.key]
    sets += [f"{LEASE} = NULL", f"{ATTEMPTS} = 0", f"{DEAD} = false", f"{FENCE} = {name(rows.table.name)}.{FENCE} + 1"]
    parts = flat(
        f"INSERT INTO {name(rows.table.name)}",
        source(given, rows),
        f"\nON CONFLICT ({names(rows.table.key)}) DO UPDATE SET {', '.join(sets)}",
        f"\nRETURNING {names(columns)}",
    )
    return (Statement(parts, Gives.ROW, columns, Refusal.NEVER, rows.table.name),)


def take(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The items that are due, each under a lease and a new fence."""
    key = names(rows.table.key)
    columns = selected(rows.table)
    priority = rows.table.structure.settings.get("priority")
    order = f"{name(priority)} DESC, " if priority else ""
    due = name(due_of(rows.table.structure))
    held = Sum("+", NOW, step.lasting or lease_of(rows))
    chosen = flat(
        f"SELECT {key}\nFROM {name(rows.table.name)}",
        where([*equalities([(g.field, g.value) for g in step.by], rows), *waiting(rows)]),
        f"\nORDER BY {order}{due}",
        flat("\nLIMIT ", Slot(step.amount or ONE, "bigint")),
        "\nFOR UPDATE SKIP LOCKED",
    )
    parts = flat(
        f"UPDATE {name(rows.table.name)}\nSET {LEASE} = ",
        Slot(held, "timestamptz"),
        f", {FENCE} = {FENCE} + 1, {ATTEMPTS} = {ATTEMPTS} + 1\nWHERE ({key}) IN (",
        chosen,
        f")\nRETURNING {names(columns)}",
    )
    return (Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name),)


__all__ = ["put", "release", "take"]

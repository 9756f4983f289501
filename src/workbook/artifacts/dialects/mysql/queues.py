"""Queues as tables of MySQL: items are locked, passed over by others, leased and read again."""

from __future__ import annotations

from workbook.artifacts.dialects.mysql.assigning import Assigned
from workbook.artifacts.dialects.mysql.expressions import Rows
from workbook.artifacts.dialects.mysql.writes import again, inserted, offered, taken
from workbook.artifacts.dialects.queues import lease_of, release, waiting
from workbook.artifacts.dialects.reads import NOW, selected
from workbook.artifacts.dialects.rows import equalities, where
from workbook.artifacts.dialects.statement import Gives, Refusal, Slot, Statement, flat
from workbook.artifacts.dialects.writes import ONE, values_of
from workbook.plan.fold.layout import ATTEMPTS, DEAD, DUE, FENCE, LEASE, due_of
from workbook.plan.form.model import Step
from workbook.plan.form.terms import Sum


def put(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """An item, or the same item with another time: whoever held it is too late."""
    given = values_of(step, rows)
    if rows.table.has(DUE) and DUE not in {f for f, _ in given}:
        given.append((DUE, NOW))
    over = [Assigned(f, (offered(f, rows),)) for f, _ in given if f not in rows.table.key]
    over += [Assigned(LEASE, ("NULL",)), Assigned(ATTEMPTS, ("0",)), Assigned(DEAD, ("false",))]
    over.append(Assigned(FENCE, (f"{rows.name}.{FENCE} + 1",)))
    return (inserted(given, rows, over), again(given, rows, [], Refusal.NEVER))


def take(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The items that are due, each under a lease and a new fence."""
    key, columns = rows.list(rows.table.key), selected(rows.table)
    priority = rows.table.structure.settings.get("priority")
    order = f"{rows.bare(priority)} DESC, " if priority else ""
    chosen = flat(
        f"SELECT {key}\nFROM {rows.name}",
        where([*equalities([(g.field, g.value) for g in step.by], rows), *waiting(rows)]),
        f"\nORDER BY {order}{rows.bare(due_of(rows.table.structure))}",
        flat("\nLIMIT ", Slot(step.amount or ONE, rows.sql.whole)),
        "\nFOR UPDATE SKIP LOCKED",
    )
    held, mine = Sum("+", NOW, step.lasting or lease_of(rows)), where([taken(step, rows)])
    leased = flat(
        f"UPDATE {rows.name}\nSET {LEASE} = ",
        Slot(held, rows.sql.time),
        f", {FENCE} = {FENCE} + 1, {ATTEMPTS} = {ATTEMPTS} + 1",
        mine,
    )
    return (
        Statement(chosen, Gives.ROWS, rows.table.key, Refusal.NEVER, rows.table.name),
        Statement(leased, table=rows.table.name),
        Statement(
            flat(f"SELECT {rows.list(columns)}\nFROM {rows.name}", mine),
            Gives.ROWS,
            columns,
            Refusal.NEVER,
            rows.table.name,
        ),
    )


__all__ = ["put", "release", "take"]

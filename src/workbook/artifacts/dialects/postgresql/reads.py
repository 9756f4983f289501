"""Steps that read, as only PostgreSQL does it: a walk along the index of each key, and its text search."""

from __future__ import annotations

from dataclasses import replace

from workbook.artifacts.dialects.postgresql.expressions import Rows, where
from workbook.artifacts.dialects.postgresql.tables import vector_of
from workbook.artifacts.dialects.reads import (
    NOW,
    PAGE,
    alive,
    behind,
    chosen,
    in_order,
    limited,
    many,
    merged,
    of_each,
    order_of,
    page,
    selected,
)
from workbook.artifacts.dialects.statement import Gives, Part, Refusal, Slot, Statement, flat, joined
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.plan.form.model import Step
from workbook.plan.form.terms import Every


def list_rows(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows of a key in an order, after a cursor, at most so many. Of a list of keys: so many of all where an order is said, else of each."""
    return _of_each(step, rows) if of_each(step) else page(step, rows)


def _of_each(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """So many rows of every key: each is walked by itself, along the index."""
    lists = [(g.field, g.value) for g in many(step)]
    inner = replace(step, by=tuple(g for g in step.by if not isinstance(g.value, Every)))
    tests: list[tuple[Part, ...]] = [(f"{rows.column(f)} = batch.{name(f)}",) for f, _ in lists]
    tests += chosen(inner, rows)
    order = order_of(step, rows.table)
    walked = [(f, v, rows.type(f)) for f, v in lists]
    if isinstance(step.after, Every):
        column = order[0][0]
        sign = "<" if order[0][1] else ">"
        tests.append((f"{rows.column(column)} {sign} batch.behind",))
        walked.append(("behind", step.after, rows.type(column)))
    elif step.after is not None and order:
        tests.append(behind(step.after, order, rows))
    columns = selected(rows.table)
    arrays = list(joined(((Slot(v, t, many=True),) for _, v, t in walked), ", "))
    parts = flat(
        f"SELECT {', '.join(f'found.{name(c)}' for c in columns)}\nFROM unnest(",
        arrays,
        f") AS batch ({names(tuple(f for f, _, _ in walked))})\nCROSS JOIN LATERAL (",
        f"\nSELECT {names(columns)}\nFROM {name(rows.table.name)}",
        where(tests),
        in_order(order, rows),
        limited(step, rows),
        "\n) AS found",
        merged(step, rows, order),
    )
    return (Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name),)


def search(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows that hold the words, the best first."""
    texts = tuple(rows.table.structure.settings.get("text", ()))
    assert step.lasting is not None
    words = Slot(step.lasting, "text")
    vector = vector_of(texts)
    columns = selected(rows.table)
    tests = [flat(f"{vector} @@ plainto_tsquery('simple', ", words, ")"), *chosen(step, rows)]
    parts = flat(
        f"SELECT {names(columns)}\nFROM {name(rows.table.name)}",
        where(tests),
        flat(f"\nORDER BY ts_rank({vector}, plainto_tsquery('simple', ", words, ")) DESC"),
        flat("\nLIMIT ", Slot(step.limit or PAGE, "bigint")),
    )
    return (Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name),)


__all__ = ["NOW", "alive", "list_rows", "search", "selected"]

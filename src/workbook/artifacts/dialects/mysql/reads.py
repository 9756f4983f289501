"""Steps that read, as MySQL does it: so many rows of each key by their numbers, and its own search for words."""

from __future__ import annotations

from dataclasses import replace

from workbook.artifacts.dialects.mysql.expressions import Rows, batch
from workbook.artifacts.dialects.reads import (
    PAGE,
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
from workbook.artifacts.dialects.rows import where
from workbook.artifacts.dialects.statement import Gives, Part, Refusal, Slot, Statement, flat
from workbook.plan.form.model import Step
from workbook.plan.form.terms import Every


def list_rows(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows of a key in an order, after a cursor, at most so many. Of a list of keys: so many of all where an order is said, else of each."""
    return _of_each(step, rows) if of_each(step) else page(step, rows)


def _of_each(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """So many rows of every key: all of them are numbered, since only newer versions walk an index for each (`LATERAL`)."""
    columns, keys = selected(rows.table), [g.field for g in many(step)]
    order = order_of(step, rows.table) or [(k, False) for k in rows.table.key]
    own = rows.called(rows.table.name)
    tests, walked = _begun(step, own, order)
    place = _free("place", rows)
    numbered = ", ".join(f"{own.column(c)}{' DESC' if down else ''}" for c, down in order)
    parts = flat(
        f"SELECT {', '.join(f'found.{rows.bare(c)}' for c in columns)}\nFROM (",
        f"\nSELECT {', '.join(own.column(c) for c in columns)}, ROW_NUMBER() OVER (",
        f"PARTITION BY {', '.join(own.column(k) for k in keys)} ORDER BY {numbered}) AS {place}",
        f"\nFROM {rows.name}",
        walked,
        where(tests),
        "\n) AS found",
        flat(f"\nWHERE found.{place} <= ", Slot(step.limit or step.rows or PAGE, rows.sql.whole)),
        merged(step, rows, order),
    )
    return (Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name),)


def _begun(step: Step, rows: Rows, order: list[tuple[str, bool]]) -> tuple[list[tuple[Part, ...]], tuple[Part, ...]]:
    """Which rows, and the lists they are walked along: where each key has its own cursor, both are."""
    if not isinstance(step.after, Every):
        tests = chosen(step, rows)
        return ([*tests, behind(step.after, order, rows)] if step.after is not None else tests), ()
    lists = [(g.field, Slot(g.value, rows.type(g.field), many=True)) for g in many(step)]
    column, down = order[0]
    named = [(f"part_{i}", slot) for i, (_, slot) in enumerate(lists)]
    named.append(("behind", Slot(step.after, rows.type(column), many=True)))
    inner = replace(step, by=tuple(g for g in step.by if not isinstance(g.value, Every)))
    joined = " AND ".join(f"{rows.column(f)} = part_{i}" for i, (f, _) in enumerate(lists))
    sign = "<" if down else ">"
    walked = flat("\nJOIN (", batch(named), f") ON {joined} AND {rows.column(column)} {sign} behind")
    return chosen(inner, rows), walked


def _free(name: str, rows: Rows) -> str:
    """A name that no column has."""
    while rows.table.has(name):
        name += "_"
    return name


def search(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows that hold any of the words, those with most of them first."""
    assert step.lasting is not None
    texts = rows.list(rows.table.structure.settings.get("text", ()))
    found = flat(f"MATCH ({texts}) AGAINST (", Slot(step.lasting, rows.sql.text), " IN NATURAL LANGUAGE MODE)")
    columns = selected(rows.table)
    parts = flat(
        f"SELECT {rows.list(columns)}\nFROM {rows.name}",
        where([found, *chosen(step, rows)]),
        flat("\nORDER BY ", found, " DESC"),
        flat("\nLIMIT ", Slot(step.limit or PAGE, rows.sql.whole)),
    )
    return (Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name),)


__all__ = ["in_order", "limited", "list_rows", "search"]

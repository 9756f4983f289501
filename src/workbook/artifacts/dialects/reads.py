"""Steps that read, in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbook.artifacts.dialects.rows import Rows, conditions, equalities, expression, where
from workbook.artifacts.dialects.statement import Gives, Part, Refusal, Slot, Statement, flat, joined
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount
from workbook.plan.fold.layout import DEAD, ENTRY, UNTIL, Table
from workbook.plan.form.model import Step, is_merged
from workbook.plan.form.terms import Every, Given, Ref, Root, Value

PAGE = Amount(quantity("20"))
NOW = Ref(Root.NOW)


def selected(table: Table) -> tuple[str, ...]:
    """The columns that a step gives: the fields, and what a later step needs of the others."""
    hidden = {UNTIL, DEAD, ENTRY}
    return tuple(c.name for c in table.columns if not (c.system and c.name in hidden))


def alive(rows: Rows) -> list[tuple[Part, ...]]:
    """What has expired is not there, and what is given up is not waiting."""
    tests: list[tuple[Part, ...]] = []
    if rows.table.ends:
        column = rows.column(UNTIL)
        tests.append(flat(f"({column} IS NULL OR {column} > ", Slot(NOW, rows.sql.time), ")"))
    return tests


def many(step: Step) -> tuple[Given, ...]:
    """The fields of a step that are given a list."""
    return tuple(g for g in step.by if isinstance(g.value, Every))


def chosen(step: Step, rows: Rows) -> list[tuple[Part, ...]]:
    """Which rows: keys given one by one or as lists, then `where`, then those that are still there."""
    single = [(g.field, g.value) for g in step.by if not isinstance(g.value, Every)]
    tests = equalities(single, rows)
    lists = many(step)
    if lists:
        slots = tuple(Slot(g.value, rows.type(g.field), many=True) for g in lists)
        tests.append(rows.sql.within(tuple(rows.column(g.field) for g in lists), slots))
    return [*tests, *conditions(step.where, rows), *alive(rows)]


def get(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """A row by its key, or several by a list of keys."""
    columns = selected(rows.table)
    parts = flat(f"SELECT {rows.list(columns)}\nFROM {rows.name}", where(chosen(step, rows)))
    if many(step):
        return (Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name),)
    refusal = Refusal.NEVER if step.found is not None else Refusal.NO_ROW
    return (Statement(parts, Gives.ROW, columns, refusal, rows.table.name),)


def of_each(step: Step) -> bool:
    """Whether rows of each of several keys are asked for, so many of each: a dialect's own."""
    return bool(many(step)) and (step.limit is not None or step.after is not None)


def page(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows of a key in an order, after a cursor, at most so many."""
    columns = selected(rows.table)
    tests = chosen(step, rows)
    order = order_of(step, rows.table)
    if step.after is not None and order:
        tests.append(behind(step.after, order, rows))
    parts = flat(
        f"SELECT {rows.list(columns)}\nFROM {rows.name}",
        where(tests),
        in_order(order, rows),
        limited(step, rows),
    )
    return (Statement(parts, Gives.ROWS, columns, Refusal.NEVER, rows.table.name),)


def first_page(step: Step, table: Table) -> Step:
    """The same page without a cursor."""
    order = order_of(step, table)
    return replace(step, after=None, limit=step.limit or step.rows, order=order[0] if order else None)


def merged(step: Step, rows: Rows, order: list[tuple[str, bool]]) -> tuple[Part, ...]:
    """One page of all keys together: the first of those that each key gives."""
    if not is_merged(step):
        return ()
    shown = ", ".join(f"found.{rows.bare(c)}{' DESC' if down else ''}" for c, down in order)
    return flat(f"\nORDER BY {shown}", limited(step, rows))


def order_of(step: Step, table: Table) -> list[tuple[str, bool]]:
    """The order said, made total by the key; what lies in a log is read by its number."""
    if step.order is None:
        if step.after is None:
            return []
        first = table.key[-1]
        return [(first, False)]
    given = {g.field for g in step.by if not isinstance(g.value, Every)}
    rest = [(k, step.order[1]) for k in table.key if k != step.order[0] and k not in given]
    return [step.order, *rest]


def behind(value: Value, order: list[tuple[str, bool]], rows: Rows) -> tuple[Part, ...]:
    """Behind a cursor: the fields of the order together, so that ties neither repeat nor vanish."""
    sign = "<" if order[0][1] else ">"
    if len(order) == 1 or not _is_cursor(value):
        column = order[0][0]
        return flat(f"{rows.column(column)} {sign} ", expression(value, rows, rows.type(column)))
    columns = ", ".join(rows.column(c) for c, _ in order)
    slots = list(joined(((_of_cursor(value, c, rows),) for c, _ in order), ", "))
    return flat(f"({columns}) {sign} (", slots, ")")


def _is_cursor(value: Value) -> bool:
    return isinstance(value, Ref) and value.root is Root.BODY and value.fields == ("cursor",)


def _of_cursor(value: Value, column: str, rows: Rows) -> Slot:
    return Slot(Ref(Root.BODY, "", ("cursor", column)), rows.type(column), name=f"cursor.{column}")


def in_order(order: list[tuple[str, bool]], rows: Rows) -> tuple[Part, ...]:
    if not order:
        return ()
    return ("\nORDER BY " + ", ".join(f"{rows.column(c)}{' DESC' if down else ''}" for c, down in order),)


def limited(step: Step, rows: Rows) -> tuple[Part, ...]:
    if step.limit is not None:
        return flat("\nLIMIT ", Slot(step.limit, rows.sql.whole))
    if step.rows is not None and step.after is not None:
        return flat("\nLIMIT ", Slot(step.rows, rows.sql.whole))
    return ()


def count(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """How many rows there are."""
    parts = flat(f"SELECT count(*) AS number\nFROM {rows.name}", where(chosen(step, rows)))
    return (Statement(parts, Gives.NUMBER, ("number",), Refusal.NEVER, rows.table.name),)


def rank(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """How many lie before a member."""
    score = str(rows.table.structure.settings.get("score") or (step.order[0] if step.order else rows.table.key[-1]))
    group = [(g.field, g.value) for g in step.by[:-1]]
    member = step.by[-1]
    own = flat(
        f"SELECT {rows.bare(score)} FROM {rows.name}",
        where(equalities([*group, (member.field, member.value)], rows), " WHERE "),
    )
    tests = [*equalities(group, rows), flat(f"{rows.column(score)} > (", own, ")")]
    parts = flat(f"SELECT count(*) + 1 AS number\nFROM {rows.name}", where(tests))
    return (Statement(parts, Gives.NUMBER, ("number",), Refusal.NEVER, rows.table.name),)


def summarise(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Groups with their sums; a group's name may be worked out from the row."""
    groups = [(g.field, expression(g.value, rows, _group_type(g, rows))) for g in step.by]
    sums = [(g.field, flat("sum(", expression(g.value, rows, rows.sql.number), ")")) for g in step.plus] or [
        ("number", flat("count(*)"))
    ]
    shown = list(joined((flat(value, f" AS {rows.bare(n)}") for n, value in (*groups, *sums)), ", "))
    by = ", ".join(_grouped(value, place) for place, (_, value) in enumerate(groups, 1))
    parts = flat(
        "SELECT ",
        shown,
        f"\nFROM {rows.name}",
        where([*conditions(step.where, rows), *alive(rows)]),
        (f"\nGROUP BY {by}",) if groups else (),
    )
    return (Statement(parts, Gives.ROWS, tuple(n for n, _ in (*groups, *sums)), Refusal.NEVER, rows.table.name),)


def _grouped(value: tuple[Part, ...], place: int) -> str:
    """What is grouped by: a column, or what is worked out, by its place, since it must not be said twice."""
    return value[0] if len(value) == 1 and isinstance(value[0], str) else str(place)


def _group_type(given: Given, rows: Rows) -> str:
    if isinstance(given.value, Ref) and rows.table.has(given.value.fields[0]):
        return rows.type(given.value.fields[0])
    return rows.sql.time if any(_is_time(v, rows) for v in _leaves(given.value)) else rows.sql.number


def _leaves(value: Value) -> Iterator[Value]:
    for part in (getattr(value, "left", None), getattr(value, "right", None)):
        if part is not None:
            yield from _leaves(part)
    yield value


def _is_time(value: Value, rows: Rows) -> bool:
    return isinstance(value, Ref) and rows.sql.type_of(value.type) == rows.sql.time

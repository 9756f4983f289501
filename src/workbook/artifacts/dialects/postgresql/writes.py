"""Steps that write, in PostgreSQL. What may be refused gives a row back when it was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbook.artifacts.dialects.postgresql.expressions import Rows, conditions, equalities, expression, where
from workbook.artifacts.dialects.reads import NOW, alive, selected
from workbook.artifacts.dialects.statement import Gives, Part, Refusal, Slot, Statement, flat, joined
from workbook.artifacts.dialects.writes import ONE, assigned, has_lists, keyed, leads, moved, of_file, values_of
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount
from workbook.plan.fold.layout import FENCE, UNTIL
from workbook.plan.form.model import Step, most_kept, names_one
from workbook.plan.form.terms import Given, Ref, Root, Value, is_list


def source(given: list[tuple[str, Value]], rows: Rows) -> tuple[Part, ...]:
    """The row, or the rows of a batch: columns that are lists are walked together, the others are the same in each."""
    columns = names(tuple(f for f, _ in given))
    if not has_lists(given):
        slots = list(joined((expression(v, rows, rows.type(f)) for f, v in given), ", "))
        return flat(f" ({columns})\nVALUES (", slots, ")")
    shown: list[tuple[Part, ...]] = []
    arrays: list[tuple[Part, ...]] = []
    for field, value in given:
        if is_list(value):
            shown.append((f"batch.{name(field)}",))
            arrays.append((Slot(value, rows.type(field), many=True),))
        elif isinstance(value, Ref) and value.root is Root.NEW:
            shown.append(("gen_random_uuid()",))
        else:
            shown.append(expression(value, rows, rows.type(field)))
    batch = names(tuple(f for f, v in given if is_list(v)))
    return flat(
        f" ({columns})\nSELECT ",
        list(joined(shown, ", ")),
        "\nFROM unnest(",
        list(joined(arrays, ", ")),
        f") AS batch ({batch})",
    )


def append(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """A new row; refused where the key, a unique index or an exclusion stands against it."""
    given = values_of(step, rows) + of_file(rows)
    columns = selected(rows.table)
    parts = flat(
        f"INSERT INTO {name(rows.table.name)}",
        source(given, rows),
        "\nON CONFLICT DO NOTHING",
        f"\nRETURNING {names(columns)}",
    )
    many = has_lists(given)
    refusal = Refusal.FEWER if many else Refusal.NO_ROW
    return (Statement(parts, Gives.ROWS if many else Gives.ROW, columns, refusal, rows.table.name),)


def put(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The row as given, whether it was there or not; with `if` only over a row that meets it."""
    given = values_of(step, rows) + of_file(rows)
    columns = selected(rows.table)
    changed = [f for f, _ in given if f not in rows.table.key]
    inner = Rows(rows.table, rows.tables, rows.table.name)
    sets = ", ".join(f"{name(f)} = EXCLUDED.{name(f)}" for f in changed)
    over = (
        f"\nON CONFLICT ({names(rows.table.key)}) DO UPDATE SET {sets}"
        if sets
        else f"\nON CONFLICT ({names(rows.table.key)}) DO NOTHING"
    )
    asked = where(conditions(step.only_if, inner), "\nWHERE ") if sets else ()
    parts = flat(
        f"INSERT INTO {name(rows.table.name)}", source(given, rows), over, asked, f"\nRETURNING {names(columns)}"
    )
    refusal = Refusal.NO_ROW if step.only_if and not has_lists(given) else Refusal.NEVER
    made = Statement(parts, Gives.ROWS if has_lists(given) else Gives.ROW, columns, refusal, rows.table.name)
    return (made, *_trimmed(given, rows))


def _trimmed(given: list[tuple[str, Value]], rows: Rows) -> Iterator[Statement]:
    """Of each list that was put into only so many stay: the largest by score."""
    most = most_kept(rows.table.structure)
    if most is None:
        return
    *groups, member = rows.table.key
    owned = [(f, v) for f, v in given if f in groups]
    score = str(rows.table.structure.settings.get("score") or member)
    order = ", ".join(f"{rows.column(f)} DESC" for f in dict.fromkeys((score, member)))
    behind = flat(f"\nORDER BY {order}\nOFFSET ", Slot(most, "bigint"))
    key = names(rows.table.key)
    if not has_lists(owned):
        chosen = flat(f"SELECT {key}\nFROM {name(rows.table.name)}", where(equalities(owned, rows)), behind)
    else:
        batch = names(tuple(f for f, _ in owned))
        shown = list(joined((_element(v, rows.type(f)) for f, v in owned), ", "))
        same: list[tuple[Part, ...]] = [(f"{rows.column(f)} = batch.{name(f)}",) for f, _ in owned]
        chosen = flat(
            f"SELECT {', '.join(f'kept.{name(k)}' for k in rows.table.key)}\nFROM (SELECT DISTINCT ",
            shown,
            f") AS batch ({batch})\nCROSS JOIN LATERAL (SELECT {key}\nFROM {name(rows.table.name)}",
            where(same),
            behind,
            ") AS kept",
        )
    yield Statement(
        flat(f"DELETE FROM {name(rows.table.name)}\nWHERE ({key}) IN (", chosen, ")"), table=rows.table.name
    )


def _element(value: Value, type_: str) -> tuple[Part, ...]:
    """Each element of a list, or the one value."""
    return flat("unnest(", Slot(value, type_, many=True), ")") if is_list(value) else (Slot(value, type_),)


def _updated(
    step: Step, rows: Rows, sets: list[tuple[Part, ...]], tests: list[tuple[Part, ...]]
) -> tuple[Statement, ...]:
    columns = selected(rows.table)
    every = [*keyed(step, rows), *tests, *alive(rows)]
    parts = flat(
        f"UPDATE {name(rows.table.name)}\nSET ", list(joined(sets, ", ")), where(every), f"\nRETURNING {names(columns)}"
    )
    many = any(is_list(g.value) for g in step.by)
    refusal = Refusal.FEWER if many else Refusal.NO_ROW
    return (Statement(parts, Gives.ROWS if many else Gives.ROW, columns, refusal, rows.table.name),)


def change(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Fields of a row that is there; refused where it is not, or where `if` does not hold."""
    sets = assigned(step.sets, rows) or [flat(f"{name(rows.table.key[0])} = {name(rows.table.key[0])}")]
    return _updated(step, rows, sets, conditions(step.only_if, rows))


def move(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The next state; refused unless the present one leads there."""
    field = moved(rows)
    assert step.to is not None
    moves = rows.table.structure.moves.get(field, {})
    type_ = rows.type(field)
    sets = [flat(f"{name(field)} = ", expression(step.to, rows, type_)), *assigned(step.sets, rows)]
    return _updated(step, rows, sets, [leads(step.to, field, moves, rows), *conditions(step.only_if, rows)])


def add(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """More or less of a field of a row that is there; refused where `if` does not hold."""
    sets = [
        flat(f"{name(g.field)} = {rows.column(g.field)} + ", expression(g.value, rows, rows.type(g.field)))
        for g in step.plus
    ]
    return _updated(step, rows, sets, conditions(step.only_if, rows))


def count_up(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """More or less of a number that begins at nothing. With `if` the row is made first, so that the test has one to look at."""
    columns = selected(rows.table)
    given = [(g.field, g.value) for g in step.by]
    key = names(rows.table.key)
    inner = Rows(rows.table, rows.tables, rows.table.name)
    if step.only_if:
        zero = [(g.field, Amount(quantity("0"))) for g in step.plus]
        parts = flat(
            f"INSERT INTO {name(rows.table.name)}", source([*given, *zero], rows), f"\nON CONFLICT ({key}) DO NOTHING"
        )
        return (Statement(parts, table=rows.table.name), *add(step, rows))
    first = [*given, *((g.field, g.value) for g in step.plus)]
    sets = [f"{name(g.field)} = {inner.column(g.field)} + EXCLUDED.{name(g.field)}" for g in step.plus]
    parts = flat(
        f"INSERT INTO {name(rows.table.name)}",
        source(first, rows),
        f"\nON CONFLICT ({key}) DO UPDATE SET {', '.join(sets)}",
        f"\nRETURNING {names(columns)}",
    )
    many = has_lists(first)
    return (Statement(parts, Gives.ROWS if many else Gives.ROW, columns, Refusal.NEVER, rows.table.name),)


def count_on(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The next number of a counter, which begins at nothing: whoever comes second waits until the first has committed."""
    return count_up(replace(step, plus=(Given(step.field, ONE),)), rows)


def take_number(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Units of a counter; refused where there are fewer."""
    number = next(c.name for c in rows.table.columns if c.name not in rows.table.key and not c.system)
    amount = step.amount or ONE
    sets = [flat(f"{name(number)} = {rows.column(number)} - ", expression(amount, rows, rows.type(number)))]
    enough = flat(f"{rows.column(number)} >= ", expression(amount, rows, rows.type(number)))
    return _updated(step, rows, sets, [enough, *conditions(step.where, rows)])


def remove(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows away; refused only by `if`. By its whole key it is one row, or none."""
    columns = selected(rows.table)
    tests = [*keyed(step, rows), *conditions(step.where, rows), *conditions(step.only_if, rows)]
    parts = flat(f"DELETE FROM {name(rows.table.name)}", where(tests), f"\nRETURNING {names(columns)}")
    refusal = Refusal.NO_ROW if step.only_if else Refusal.NEVER
    gives = Gives.ROW if names_one(step, rows.table.key) else Gives.ROWS
    return (Statement(parts, gives, columns, refusal, rows.table.name),)


def following(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The next number of a row: whoever comes second waits until the first has committed."""
    return _updated(
        step, rows, [flat(f"{name(step.field)} = {rows.column(step.field)} + 1")], conditions(step.only_if, rows)
    )


def claim(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """A row that only one may make, or take over when the other's time is up. Its fence tells an old holder from the new."""
    given = values_of(step, rows)
    columns = selected(rows.table)
    inner = Rows(rows.table, rows.tables, rows.table.name)
    sets = [f"{name(f)} = EXCLUDED.{name(f)}" for f, _ in given if f not in rows.table.key]
    fenced = f"{name(FENCE)} = {inner.column(FENCE)} + 1"
    parts = flat(
        f"INSERT INTO {name(rows.table.name)}",
        source(given, rows),
        f"\nON CONFLICT ({names(rows.table.key)}) DO UPDATE SET {', '.join([*sets, fenced])}",
        flat(f"\nWHERE {inner.column(UNTIL)} <= ", Slot(NOW, "timestamptz")),
        f"\nRETURNING {names(columns)}",
    )
    return (Statement(parts, Gives.ROW, columns, Refusal.NO_ROW, rows.table.name),)


def take(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows that nobody else gets: those that another is taking are passed over."""
    columns = selected(rows.table)
    key = names(rows.table.key)
    tests = [*keyed(step, rows), *conditions(step.where, rows), *alive(rows)]
    field, falling = step.order or ("", False)
    order = f"\nORDER BY {name(field) if field else key}{' DESC' if falling else ''}"
    chosen = flat(
        f"SELECT {key}\nFROM {name(rows.table.name)}",
        where(tests),
        order,
        flat("\nLIMIT ", Slot(step.amount or ONE, "bigint")),
        "\nFOR UPDATE SKIP LOCKED",
    )
    parts = flat(f"DELETE FROM {name(rows.table.name)}\nWHERE ({key}) IN (", chosen, f")\nRETURNING {names(columns)}")
    several = step.amount is not None
    refusal = Refusal.FEWER if several else Refusal.NO_ROW
    return (Statement(parts, Gives.ROWS if several else Gives.ROW, columns, refusal, rows.table.name),)


def release(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """A claim given back."""
    sets = [flat(f"{name(UNTIL)} = ", Slot(NOW, "timestamptz"))]
    return _updated(step, rows, sets, [])


def publish(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """An event behind all others."""
    given = [(g.field, g.value) for g in (*step.by, *step.sets) if rows.table.has(g.field)]
    parts = flat(f"INSERT INTO {name(rows.table.name)}", source(given, rows))
    return (Statement(parts, table=rows.table.name),)

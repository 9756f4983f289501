"""What steps that write are made of, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.artifacts.dialects.reads import NOW
from workbook.artifacts.dialects.rows import Rows, equalities, expression
from workbook.artifacts.dialects.statement import Part, Slot, flat
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount
from workbook.plan.fold.layout import CHECKSUM, CONTENT, SIZE, UNTIL
from workbook.plan.form.model import Step
from workbook.plan.form.terms import Given, Ref, Root, Sum, Value, is_list

ONE = Amount(quantity("1"))
_OF_FILES = {CONTENT: "text", SIZE: "bigint", CHECKSUM: "text"}


def values_of(step: Step, rows: Rows) -> list[tuple[str, Value]]:
    """Every column that a new row is given, keys first."""
    made = [(g.field, g.value) for g in (*step.by, *step.sets) if rows.table.has(g.field)]
    kept = rows.table.structure.ttl
    if rows.table.has(UNTIL) and step.lasting is not None:
        made.append((UNTIL, Sum("+", NOW, step.lasting)))
    elif rows.table.has(UNTIL) and kept is not None:
        span: Value = Ref(Root.TUNABLE, kept) if isinstance(kept, str) else Amount(kept)
        made.append((UNTIL, Sum("+", NOW, span)))
    return made


def has_lists(given: Iterable[tuple[str, Value]]) -> bool:
    """Whether anything that is given is a list."""
    return any(is_list(v) for _, v in given)


def of_file(rows: Rows) -> list[tuple[str, Value]]:
    """What a row keeps of a file whose bytes lie elsewhere: told by whoever uploads it."""
    return [(c, Ref(Root.BODY, "", (c,))) for c in _OF_FILES if rows.table.has(c)]


def keyed(step: Step, rows: Rows) -> list[tuple[Part, ...]]:
    """The row, or the rows, by key."""
    single = [(g.field, g.value) for g in step.by if not is_list(g.value)]
    lists = [(g.field, g.value) for g in step.by if is_list(g.value)]
    tests = equalities(single, rows)
    tests += [rows.sql.within((rows.column(f),), (Slot(v, rows.type(f), many=True),)) for f, v in lists]
    return tests


def assigned(given: Iterable[Given], rows: Rows) -> list[tuple[Part, ...]]:
    """`column = value` of each field."""
    return [flat(f"{rows.bare(g.field)} = ", expression(g.value, rows, rows.type(g.field))) for g in given]


def moved(rows: Rows) -> str:
    """The field that has states."""
    known = [f for f in rows.table.structure.moves if rows.table.has(f)]
    return known[0] if known else next(c.name for c in rows.table.columns if c.type.values)


def leads(to: Value, field: str, known: Mapping[str, tuple[str, ...]], rows: Rows) -> tuple[Part, ...]:
    """Whether the present state leads to the next."""
    if isinstance(to, Ref) and to.root is Root.WORD:
        before = [state for state, after in known.items() if to.name in after]
        listed = ", ".join(rows.sql.string(s) for s in before) or "NULL"
        return (f"{rows.column(field)} IN ({listed})",)
    pairs = ", ".join(f"({rows.sql.string(a)}, {rows.sql.string(b)})" for a, after in known.items() for b in after)
    return flat(f"({rows.column(field)}, ", expression(to, rows, rows.type(field)), f") IN ({pairs})")

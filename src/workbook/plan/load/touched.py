"""How many rows one run of a step reads or writes, by its verb, what selects them, and what bounds their time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import ENDS, Verb
from workbook.plan.form.model import Step, Structure
from workbook.plan.form.terms import Compared, Ref, Root, Sum, Test, Value
from workbook.plan.load.measures import Measures
from workbook.plan.load.walk import Walk, World, length
from workbook.plan.units import Array

PAGE_ROWS = 20.0
"""Rows of a search where nothing limits it (our assumption, as of a page)."""


def rows_of(step: Step, structure: Structure | None, keys: Array, world: World, walk: Walk) -> Array:
    """Rows of one run by the verb. Source: BRIEF.md, "Verbs"."""
    measures = walk.measures
    if step.verb is Verb.PUSH:
        return length(step.to, world, measures)
    if step.verb in (Verb.TAKE, Verb.RUN):
        amount = measures.value(step.amount, f"{step.id}.amount")
        return keys if amount is None else keys * amount
    if structure is None or step.verb in ENDS:
        return keys
    by = tuple(dict.fromkeys((*_selecting(step), *_equalities(step))))
    if step.verb is Verb.LIST:
        return keys * limited(step, measures.group(structure, by, world.bounds) * _within(step, structure, walk), walk)
    if step.verb in (Verb.SEARCH, Verb.NEAR, Verb.SIMILAR, Verb.COMPLETE):
        return keys * limited(step, measures.constant(PAGE_ROWS), walk)
    if step.verb in (Verb.COUNT, Verb.SUMMARISE):
        return keys * measures.group(structure, by, world.bounds) * _within(step, structure, walk)
    if step.verb is Verb.RANK:
        return keys if structure.shape is Shape.SORTED_SET else measures.group(structure, by[:-1], world.bounds) / 2
    if step.verb is Verb.SCAN:
        return measures.group(structure, by, world.bounds) * _within(step, structure, walk)
    if step.verb is Verb.REMOVE and not step.by:
        return _ended(structure, walk)
    if step.verb is Verb.REMOVE and not set(by) >= set(structure.key):
        return keys * measures.group(structure, by, world.bounds)
    return keys


def _ended(structure: Structure, walk: Walk) -> Array:
    """What has come to its end since the last run: as much as came in."""
    measures = walk.measures
    period = measures.value(walk.program.every, f"{walk.program.id}.every")
    inflow = measures.per_day(structure)
    return inflow * (measures.constant(86_400.0) if period is None else period) / 86_400


def _selecting(step: Step) -> tuple[str, ...]:
    """Fields by which rows are chosen; those of a summary only group."""
    return () if step.verb is Verb.SUMMARISE else tuple(g.field for g in step.by)


def _equalities(step: Step) -> Iterator[str]:
    """Fields of the target that `where` compares with one value."""
    for test in step.where:
        if not isinstance(test, Compared) or test.operator != "=" or len(test.right) != 1:
            continue
        left = test.left
        if isinstance(left, Ref) and left.root is Root.OWN and len(left.fields) == 1:
            yield left.fields[0]


def limited(step: Step, rows: Array, walk: Walk) -> Array:
    limit = walk.measures.value(step.limit, f"{step.id}.limit")
    return rows if limit is None else np.minimum(rows, limit)


def _within(step: Step, structure: Structure, walk: Walk) -> Array:
    """The share of the rows that a bound on time leaves: `where at >= now - 1 day`, or from one time to another a day later."""
    measures = walk.measures
    share = measures.constant(1.0)
    days = np.maximum(measures.kept_days(structure), 1e-9)
    for span in _spans(step.where, measures):
        share = share * np.minimum(1.0, span / 86_400 / days)
    return share


def _spans(tests: tuple[Test, ...], measures: Measures) -> Iterator[Array]:
    """Seconds that comparisons of a time leave open."""
    compared = [t for t in tests if isinstance(t, Compared)]
    for test in compared:
        right = test.right[0]
        if test.operator in (">", ">=") and isinstance(right, Sum) and _ago(right, measures) is not None:
            span = _ago(right, measures)
        else:
            span = next((s for other in compared if (s := _window(test, other, measures)) is not None), None)
        if span is not None:
            yield span


def _ago(value: Value, measures: Measures) -> Array | None:
    """How many seconds before now a time is: `now - 1 day`, also rounded down to a window. None for other times."""
    if isinstance(value, Ref):
        return measures.constant(0.0) if value.root is Root.NOW else None
    if not isinstance(value, Sum):
        return None
    before, span = _ago(value.left, measures), measures.value(value.right)
    if before is None or span is None:
        return None
    return {"-": before + span, "//": before}.get(value.operator)


def _window(low: Compared, high: Compared, measures: Measures) -> Array | None:
    """Seconds between `F >= A` and `F < A + T`."""
    end = high.right[0]
    same = low.left == high.left and low.operator in (">", ">=") and high.operator in ("<", "<=")
    if same and isinstance(end, Sum) and end.operator == "+" and end.left == low.right[0]:
        return measures.value(end.right)
    return None

"""How often each step of a program runs when its operation is called once, and how many rows it touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import ENDS, Chance, Verb
from workbook.plan.form.model import (
    Applied,
    Compared,
    Every,
    Found,
    Group,
    GroupKind,
    Part,
    Program,
    Ref,
    Root,
    Step,
    Structure,
    Sum,
    Test,
    Value,
    is_merged,
)
from workbook.plan.form.verbs import READS
from workbook.plan.load.measures import Measures
from workbook.plan.units import Array

PAGE_ROWS = 20.0
"""Rows of a search where nothing limits it (our assumption, as of a page)."""


@dataclass(frozen=True, eq=False)
class Run:
    """One step of one program: per call of the operation, before replication."""

    program: Program
    step: Step
    groups: tuple[Group, ...]
    runs: Array
    """How often it is sent."""
    keys: Array
    """Keys, events, messages or items of one run."""
    rows: Array
    """Rows that one run reads or writes."""
    awaited: bool
    unknown: str = ""
    """Why its share is a guess, where it is one."""
    longest: Longest | None = None
    """Of the largest group that a call may have to do with, where a loop walks one."""


@dataclass(frozen=True)
class Longest:
    """The largest group that a loop walks."""

    members: float
    batch: float = 1.0
    width: float = 1.0
    """Parts at the same time."""

    @property
    def rounds(self) -> float:
        """Parts one after the other."""
        return max(1.0, self.members / self.batch / self.width)


@dataclass(frozen=True)
class _World:
    """What is known at one place of a program: lengths of lists, shares of presence, which part of a spread is left."""

    lengths: Mapping[str, Array] = field(default_factory=dict)
    present: Mapping[str, Array] = field(default_factory=dict)
    bounds: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    longest: Longest | None = None

    def with_length(self, name: str, length: Array) -> _World:
        return replace(self, lengths={**self.lengths, name: length})

    def with_presence(self, name: str, share: Array) -> _World:
        return replace(self, present={**self.present, name: share})

    def with_bound(self, key: tuple[str, str], bound: tuple[float, float]) -> _World:
        return replace(self, bounds={**self.bounds, key: bound})


@dataclass
class _Walk:
    program: Program
    measures: Measures
    made: list[Run] = field(default_factory=list)
    answered: bool = False
    unknown: str = ""


def runs_of(program: Program, measures: Measures) -> tuple[Run, ...]:
    """Every step with its multiplicity, in the order written."""
    walk = _Walk(program, measures)
    _parts(program.parts, measures.constant(1.0), _World(), (), walk)
    return tuple(walk.made)


def _parts(
    parts: tuple[Part, ...], runs: Array, world: _World, around: tuple[Group, ...], walk: _Walk
) -> tuple[Array, _World]:
    """The runs that are left behind these parts, and what is known there."""
    position = 0
    while position < len(parts):
        part = parts[position]
        if isinstance(part, Step):
            world = _step(part, runs, world, around, walk)
            if part.verb in ENDS:
                walk.answered = walk.answered or (part.verb is Verb.ANSWER and not around)
                return walk.measures.constant(0.0), world
            position += 1
            continue
        siblings = [p for p in parts[position + 1 : position + 3] if isinstance(p, Group) and p.id == part.id]
        runs, world = _group(part, tuple(siblings), runs, world, around, walk)
        position += 1 + len(siblings)
    return runs, world


def _group(
    group: Group, siblings: tuple[Group, ...], runs: Array, world: _World, around: tuple[Group, ...], walk: _Walk
) -> tuple[Array, _World]:
    if group.kind is GroupKind.EACH:
        return runs, _loop(group, runs, world, around, walk)
    if group.kind is GroupKind.WHEN:
        return _branch(group, siblings, runs, world, around, walk)
    if group.kind is GroupKind.TRY:
        return _attempt(group, siblings, runs, world, around, walk)
    left, after = _parts(group.steps, runs, world, (*around, group), walk)
    return left, after


def _loop(group: Group, runs: Array, world: _World, around: tuple[Group, ...], walk: _Walk) -> _World:
    """What is bound inside is a list behind it: so many of each round."""
    measures = walk.measures
    if group.read is not None:
        world = _step(group.read, runs, world, around, walk)
        elements = world.lengths[group.name]
    else:
        elements = length(group.listed, world, measures)
    if group.less is not None:
        elements = np.maximum(elements - length(group.less, world, measures), 0.0)
    rounds = elements
    inside = world
    if group.batch is not None:
        size = measures.value(group.batch)
        size = measures.constant(1.0) if size is None else size
        rounds = np.where(elements <= 1, elements, np.maximum(1.0, elements / size))
        inside = world.with_length(group.name, elements / np.maximum(rounds, 1e-12))
    if group.about is not None:
        about = measures.value(group.about)
        rounds = elements if about is None else about
    inside = replace(inside, longest=_longest(group, world, walk) or world.longest)
    _, behind = _parts(group.steps, runs * rounds, inside, (*around, group), walk)
    gathered = {n: length * rounds for n, length in behind.lengths.items() if n not in inside.lengths}
    return replace(world, lengths={**gathered, **world.lengths})


def _longest(group: Group, world: _World, walk: _Walk) -> Longest | None:
    """The largest group that a loop walks, where the form says how large groups are."""
    structure = walk.measures.form.structures.get(group.read.target) if group.read is not None else None
    if structure is None or group.read is None:
        return None
    known = [g.field for g in group.read.by if g.field in structure.largest]
    if not known:
        return None
    field_name = known[0]
    most = min(structure.largest[field_name].best, world.bounds.get((structure.id, field_name), (0, np.inf))[1])
    batch, width = walk.measures.value(group.batch), walk.measures.value(group.width)
    return Longest(most, 1.0 if batch is None else float(batch[0]), 1.0 if width is None else float(width[0]))


def _branch(
    group: Group, siblings: tuple[Group, ...], runs: Array, world: _World, around: tuple[Group, ...], walk: _Walk
) -> tuple[Array, _World]:
    share, bound = _share(group, world, walk)
    then = other = walk.measures.constant(1.0)
    before = walk.unknown
    if share is not None:
        then, other = share, 1 - share
    else:
        walk.unknown = f"nobody says how often {' and '.join(str(t) for t in group.tests)}"
    inside = world.with_bound(*_side(bound, True)) if bound else world
    outside = world.with_bound(*_side(bound, False)) if bound else world
    left, _ = _parts(group.steps, runs * then, inside, (*around, group), walk)
    right = runs * other
    if siblings:
        right, _ = _parts(siblings[0].steps, runs * other, outside, (*around, siblings[0]), walk)
    walk.unknown = before
    ended = bool((left == 0).all()) and bool((runs > 0).any())
    behind = outside if ended else world
    return np.minimum(left + right, runs), _merged(behind, walk)


def _merged(world: _World, walk: _Walk) -> _World:
    """What branches bound is known behind them with the lengths that were last seen."""
    lengths = {run.step.name: run.rows for run in walk.made if run.step.name and run.step.name not in world.lengths}
    return replace(world, lengths={**lengths, **world.lengths})


_Bound = tuple[tuple[str, str], str, float]


def _side(bound: _Bound, holds: bool) -> tuple[tuple[str, str], tuple[float, float]]:
    """Which sizes of a group are left where a comparison holds, or where it does not."""
    key, operator, value = bound
    above = (operator in (">", ">=")) == holds
    return key, ((value, np.inf) if above else (1.0, value))


def _attempt(
    group: Group, siblings: tuple[Group, ...], runs: Array, world: _World, around: tuple[Group, ...], walk: _Walk
) -> tuple[Array, _World]:
    _, world = _parts(group.steps, runs, world, (*around, group), walk)
    left = runs
    for branch in siblings:
        share = walk.measures.draw(branch.share, f"{branch.id}.share") if branch.share else walk.measures.constant(0.0)
        behind, _ = _parts(branch.steps, runs * share, world, (*around, branch), walk)
        left = left - runs * share + behind
    return np.maximum(left, 0.0), _merged(world, walk)


# Shares ---------------------------------------------------------------------------------------------------------------


def _share(group: Group, world: _World, walk: _Walk) -> tuple[Array | None, _Bound | None]:
    """In which share of the runs the tests hold, and which spread that cuts in two."""
    measures = walk.measures
    if group.share is not None:
        return measures.draw(group.share, f"{group.id}.share"), _cut(group.tests, walk)
    product = measures.constant(1.0)
    for test in group.tests:
        share = _share_of(test, world, walk)
        if share is None:
            return None, None
        product = product * share
    return product, _cut(group.tests, walk)


def _share_of(test: Test, world: _World, walk: _Walk) -> Array | None:
    measures = walk.measures
    if isinstance(test, Chance):
        return measures.draw(test.share, "chance")
    if isinstance(test, Found):
        share = world.present.get(test.name)
        if share is None:
            return None
        return share if test.present else 1 - share
    cut = _cut((test,), walk)
    if cut is None:
        return None
    (structure, by), operator, bound = cut
    found = measures.spread_of(measures.form.structures[structure], by)
    if found is None:
        return None
    above = found.above(bound)
    return measures.constant(above if operator in (">", ">=") else 1 - above)


def _cut(tests: tuple[Test, ...], walk: _Walk) -> _Bound | None:
    """A comparison of a counting field with a known bound: which groups it is about."""
    for test in tests:
        if isinstance(test, Compared) and isinstance(test.left, Ref) and test.left.type and test.left.type.counted:
            bound = walk.measures.value(test.right[0])
            if bound is not None and test.operator in ("<", "<=", ">", ">="):
                return (test.left.type.counted, test.left.type.by), test.operator, float(np.median(bound))
    return None


def _chosen(step: Step, walk: _Walk) -> float:
    """The share of the rows read that belong to groups of the size asked for: most rows belong to few, large groups."""
    cut = _cut(step.where, walk)
    if cut is None or cut[0][0] != step.target:
        return 1.0
    (structure, by), operator, bound = cut
    found = walk.measures.spread_of(walk.measures.form.structures[structure], by)
    if found is None or found.mean <= 0:
        return 1.0
    above = found.above(bound) * found.mean_above(bound) / found.mean
    return min(1.0, above if operator in (">", ">=") else 1 - above)


# Lengths --------------------------------------------------------------------------------------------------------------


def length(value: Value | None, world: _World, measures: Measures) -> Array:
    """How many elements a list has."""
    if isinstance(value, Every):
        return length(value.of, world, measures)
    if isinstance(value, Ref):
        if value.root is Root.BOUND and value.name in world.lengths:
            return world.lengths[value.name]
        if value.type is not None and value.type.many:
            return measures.constant(value.type.many)
    return measures.constant(1.0)


def _lists(value: Value) -> Iterator[Ref]:
    if isinstance(value, Every):
        yield value.of
    elif isinstance(value, Sum):
        yield from _lists(value.left)
        yield from _lists(value.right)
    elif isinstance(value, Applied):
        yield from _lists(value.value)


def _keys(step: Step, world: _World, measures: Measures) -> Array:
    """Keys of one run: the length of the list that an `each` walks."""
    for value in step.values:
        for ref in _lists(value):
            return length(ref, world, measures)
    return measures.constant(1.0)


# One step -------------------------------------------------------------------------------------------------------------


def _step(step: Step, runs: Array, world: _World, around: tuple[Group, ...], walk: _Walk) -> _World:
    measures = walk.measures
    keys = _keys(step, world, measures)
    structure = measures.form.structures.get(step.target)
    said = measures.value(step.rows, f"{step.id}.rows")
    found = measures.value(step.found, f"{step.id}.found")
    rows = said if said is not None else _rows(step, structure, keys, world, walk)
    if found is not None:
        rows = rows * found
    if said is not None and step.verb not in READS and step.verb is not Verb.REMOVE:
        keys = np.maximum(keys, said)
    walk.made.append(
        Run(
            program=walk.program,
            step=step,
            groups=around,
            runs=runs,
            keys=keys,
            rows=rows,
            awaited=not walk.answered,
            unknown=walk.unknown,
            longest=world.longest,
        )
    )
    if not step.name:
        return world
    given = _limited(step, rows, walk) if is_merged(step) else rows * _chosen(step, walk)
    known = world.with_length(step.name, given)
    return known.with_presence(step.name, found) if found is not None else known


def _rows(step: Step, structure: Structure | None, keys: Array, world: _World, walk: _Walk) -> Array:
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
        return keys * _limited(step, measures.group(structure, by, world.bounds) * _within(step, structure, walk), walk)
    if step.verb in (Verb.SEARCH, Verb.NEAR, Verb.SIMILAR, Verb.COMPLETE):
        return keys * _limited(step, measures.constant(PAGE_ROWS), walk)
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


def _ended(structure: Structure, walk: _Walk) -> Array:
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


def _limited(step: Step, rows: Array, walk: _Walk) -> Array:
    limit = walk.measures.value(step.limit, f"{step.id}.limit")
    return rows if limit is None else np.minimum(rows, limit)


def _within(step: Step, structure: Structure, walk: _Walk) -> Array:
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

"""How often each step of a program runs when its operation is called once, and how many rows it touches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workbook.brief.steps.syntax import ENDS, Chance, Verb
from workbook.plan.form.model import Group, GroupKind, Part, Program, Step, is_merged
from workbook.plan.form.terms import Compared, Found, Ref, Test, lists
from workbook.plan.form.verbs import READS
from workbook.plan.load.measures import Measures
from workbook.plan.load.touched import limited, rows_of
from workbook.plan.load.walk import Longest, Run, Walk, World, length
from workbook.plan.units import Array


def runs_of(program: Program, measures: Measures) -> tuple[Run, ...]:
    """Every step with its multiplicity, in the order written."""
    walk = Walk(program, measures)
    _parts(program.parts, measures.constant(1.0), World(), (), walk)
    return tuple(walk.made)


def _parts(
    parts: tuple[Part, ...], runs: Array, world: World, around: tuple[Group, ...], walk: Walk
) -> tuple[Array, World]:
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
    group: Group, siblings: tuple[Group, ...], runs: Array, world: World, around: tuple[Group, ...], walk: Walk
) -> tuple[Array, World]:
    if group.kind is GroupKind.EACH:
        return runs, _loop(group, runs, world, around, walk)
    if group.kind is GroupKind.WHEN:
        return _branch(group, siblings, runs, world, around, walk)
    if group.kind is GroupKind.TRY:
        return _attempt(group, siblings, runs, world, around, walk)
    left, after = _parts(group.steps, runs, world, (*around, group), walk)
    return left, after


def _loop(group: Group, runs: Array, world: World, around: tuple[Group, ...], walk: Walk) -> World:
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


def _longest(group: Group, world: World, walk: Walk) -> Longest | None:
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
    group: Group, siblings: tuple[Group, ...], runs: Array, world: World, around: tuple[Group, ...], walk: Walk
) -> tuple[Array, World]:
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


def _merged(world: World, walk: Walk) -> World:
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
    group: Group, siblings: tuple[Group, ...], runs: Array, world: World, around: tuple[Group, ...], walk: Walk
) -> tuple[Array, World]:
    _, world = _parts(group.steps, runs, world, (*around, group), walk)
    left = runs
    for branch in siblings:
        share = walk.measures.draw(branch.share, f"{branch.id}.share") if branch.share else walk.measures.constant(0.0)
        behind, _ = _parts(branch.steps, runs * share, world, (*around, branch), walk)
        left = left - runs * share + behind
    return np.maximum(left, 0.0), _merged(world, walk)


# Shares ---------------------------------------------------------------------------------------------------------------


def _share(group: Group, world: World, walk: Walk) -> tuple[Array | None, _Bound | None]:
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


def _share_of(test: Test, world: World, walk: Walk) -> Array | None:
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


def _cut(tests: tuple[Test, ...], walk: Walk) -> _Bound | None:
    """A comparison of a counting field with a known bound: which groups it is about."""
    for test in tests:
        if isinstance(test, Compared) and isinstance(test.left, Ref) and test.left.type and test.left.type.counted:
            bound = walk.measures.value(test.right[0])
            if bound is not None and test.operator in ("<", "<=", ">", ">="):
                return (test.left.type.counted, test.left.type.by), test.operator, float(np.median(bound))
    return None


def _chosen(step: Step, walk: Walk) -> float:
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


def _keys(step: Step, world: World, measures: Measures) -> Array:
    """Keys of one run: the length of the list that an `each` walks."""
    for value in step.values:
        for ref in lists(value):
            return length(ref, world, measures)
    return measures.constant(1.0)


# One step -------------------------------------------------------------------------------------------------------------


def _step(step: Step, runs: Array, world: World, around: tuple[Group, ...], walk: Walk) -> World:
    measures = walk.measures
    keys = _keys(step, world, measures)
    structure = measures.form.structures.get(step.target)
    said = measures.value(step.rows, f"{step.id}.rows")
    found = measures.value(step.found, f"{step.id}.found")
    rows = said if said is not None else rows_of(step, structure, keys, world, walk)
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
    given = limited(step, rows, walk) if is_merged(step) else rows * _chosen(step, walk)
    known = world.with_length(step.name, given)
    return known.with_presence(step.name, found) if found is not None else known

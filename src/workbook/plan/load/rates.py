"""How often each operation of a form is called: as the demand says, or as often as what starts it happens.

The rates of operations that others start are linear in those of the others: r = said + A r. A loop whose gain is one or more has no
answer; it is an error that names the loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbook.brief.rates import Rate
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.model import Form, Program, Step
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.plan.load.measures import Measures
from workbook.plan.load.walk import Run
from workbook.plan.units import Array


class FeedsItself(ValueError):
    """Operations start each other without end. `loop` names them."""

    def __init__(self, loop: Sequence[str]) -> None:
        self.loop = tuple(loop)
        super().__init__(f"goes round without end: {' -> '.join(loop)}")


@dataclass(frozen=True)
class Rates:
    """Calls a second of every operation, on average and at peak."""

    average: Mapping[str, Array]
    peak: Mapping[str, Array]


def rates(
    form: Form, programs: Mapping[str, Program], runs: Mapping[str, tuple[Run, ...]], measures: Measures
) -> Rates:
    """Solve for all operations. Raises FeedsItself."""
    own = frozenset(n for n in form.operations if _by_the_clock(n, programs[n], measures))
    asked = [n for n in form.operations if n in measures.demand.row and n not in measures.demand.open and n not in own]
    others = [n for n in form.operations if n not in measures.demand.row or n in own]
    gains = {n: _gains(programs[n], form, runs, measures) for n in others}
    average = {n: measures.demand.samples_of_operation("average_qps", n) for n in asked}
    peak = {n: measures.demand.samples_of_operation("peak_qps", n) for n in asked}
    steady = {n: _steady(programs[n], measures) for n in others}
    return Rates(_solved(others, gains, steady, average, measures), _solved(others, gains, steady, peak, measures))


def _by_the_clock(name: str, program: Program, measures: Measures) -> bool:
    """Whether a design lets the clock, or a loss, start what the brief asks for by a rate: then that says how often it runs."""
    said = measures.demand.complete.operations.get(name)
    return said is not None and said.starts is None and program.starts in (Start.EVERY, Start.LOST)


def _solved(
    others: list[str],
    gains: Mapping[str, Mapping[str, Array]],
    steady: Mapping[str, Array],
    known: Mapping[str, Array],
    measures: Measures,
) -> dict[str, Array]:
    made, left = _in_turn(others, gains, steady, known)
    if not left:
        return made
    samples, place = measures.samples, {n: i for i, n in enumerate(left)}
    base = np.zeros((samples, len(left), 1))
    matrix = np.zeros((samples, len(left), len(left)))
    for name in left:
        base[:, place[name], 0] += steady[name]
        for cause, gain in gains[name].items():
            if cause in place:
                matrix[:, place[name], place[cause]] += gain
            elif cause in made:
                base[:, place[name], 0] += gain * made[cause]
    identity = np.eye(len(left))[None]
    _check(matrix, left, identity)
    solved = np.linalg.solve(identity - matrix, base)
    return {**made, **{n: np.maximum(solved[:, i, 0], 0.0) for n, i in place.items()}}


def _in_turn(
    others: list[str], gains: Mapping[str, Mapping[str, Array]], steady: Mapping[str, Array], known: Mapping[str, Array]
) -> tuple[dict[str, Array], list[str]]:
    """Each after what causes it; and the names that are left, which are in a loop or behind one."""
    made, left = dict(known), list(others)
    while True:
        waiting = set(left)
        ready = [n for n in left if not waiting & gains[n].keys()]
        if not ready:
            return made, left
        for name in ready:
            caused = sum((gain * made[cause] for cause, gain in gains[name].items() if cause in made), steady[name])
            made[name] = np.maximum(caused, 0.0)
        done = set(ready)
        left = [n for n in left if n not in done]


def _check(matrix: Array, names: list[str], identity: Array) -> None:
    """A loop has an answer only if its gain is below one: then (I - A)^-1 has no negative entry."""
    if not matrix.any():
        return
    try:
        inverse = np.linalg.inv(identity - matrix)
        fine = bool((inverse >= -1e-9).all())
    except np.linalg.LinAlgError:
        fine = False
    if not fine:
        raise FeedsItself(_loop(matrix.max(axis=0), names))


def _loop(matrix: Array, names: list[str]) -> list[str]:
    """One loop of operations that start each other."""
    caused_by = {i: [j for j in range(len(names)) if matrix[i, j] > 0] for i in range(len(names))}
    for first in range(len(names)):
        path, seen = [first], {first}
        while True:
            following = [j for j in caused_by[path[-1]] if j == first or j not in seen]
            if not following:
                break
            if first in following:
                return [names[i] for i in reversed([first, *path[1:], first])]
            path.append(following[0])
            seen.add(following[0])
    return names


def _steady(program: Program, measures: Measures) -> Array:
    """Calls a second that follow from no other operation."""
    operation, start = program.operation, program.operation.starts
    total = measures.constant(0.0)
    if start.kind is Start.EVERY:
        every = measures.value(program.every)
        times = measures.rows(start.each) if start.each else measures.constant(1.0)
        return total if every is None else times / every
    for i, rate in enumerate(operation.rate or ()):
        if rate.kind in ("members", "total"):
            total = total + _direct(rate, f"operations.{operation.id}.rate.{i}", measures)
    return total


def _direct(rate: Rate, place: str, measures: Measures) -> Array:
    amount = measures.draw(rate.amount, place)
    if rate.kind == "total":
        return amount / rate.seconds * measures.reader.scale
    return amount * measures.reader.size(rate.of, rate.attribute) / rate.per / rate.seconds


def _gains(program: Program, form: Form, runs: Mapping[str, tuple[Run, ...]], measures: Measures) -> dict[str, Array]:
    """How often one call of another operation starts this one."""
    operation, start = program.operation, program.operation.starts
    made: dict[str, Array] = {}
    share = (
        measures.draw(operation.share, f"operations.{operation.id}.share")
        if operation.share
        else measures.constant(1.0)
    )

    def count(cause: str, times: Array) -> None:
        made[cause] = made.get(cause, measures.constant(0.0)) + times

    for i, rate in enumerate(operation.rate or ()):
        if rate.kind == "funnel":
            count(rate.of, measures.draw(rate.amount, f"operations.{operation.id}.rate.{i}") / rate.per)
    if start.kind in (Start.OPENS, Start.CLOSES):
        count(start.on, measures.constant(1.0))
    elif start.kind is Start.BEATS:
        every = measures.value(program.every)
        lasts = form.operations[start.on].lasts if start.on in form.operations else None
        if every is not None and lasts is not None:
            count(start.on, measures.draw(lasts, f"operations.{start.on}.lasts") / every)
    elif start.kind in (Start.EVENT, Start.QUEUE, Start.DUE) and not operation.rate:
        batch = measures.value(program.batch)
        for name, steps in runs.items():
            for run in steps:
                if _feeds(run.step, start.kind, start.on, form):
                    times = run.runs * run.keys * share
                    count(name, times if batch is None else times / np.maximum(batch, 1.0))
    return made


def _feeds(step: Step, kind: Start, on: str, form: Form) -> bool:
    """Whether a step makes something that starts an operation: an event, an item, a row that will be due."""
    if step.target != on:
        return False
    if kind is Start.EVENT:
        return step.verb is Verb.PUBLISH
    if kind is Start.QUEUE:
        return step.verb in MAKES_ROWS
    structure = form.structures.get(on)
    return structure is not None and step.verb in MAKES_ROWS and structure.shape is not Shape.TOPIC

"""The load of a form: what every step, structure, topic, integration and processor bears."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.demand import Demand
from workbook.plan.form.model import Form, Program, most_kept
from workbook.plan.form.verbs import MAKES_ROWS, READS, WRITES
from workbook.plan.load import formulas
from workbook.plan.load.measures import Measures
from workbook.plan.load.rates import Rates, rates
from workbook.plan.load.runs import runs_of
from workbook.plan.load.walk import Run
from workbook.plan.units import Array

LOOKS, MARKS = 1.0, 2.0
"""An item of a queue is looked up once, and written twice besides being put there: leased, and done with."""
NEAR, NOTHING = 1e-5, 1e-8
"""A round whose rows a day differ by no more than that share, or number, is the last."""
REMEMBERED = 4
"""Answers that are kept for a program: worlds on trial ask in turn, each with sizes of its own."""
ROUNDS = 3
"""Structures that grow by what steps add are sized by rates that need their size: so often it is worked out again."""


@dataclass(frozen=True)
class Load:
    """What a form bears in one world. `runs` are per call; rates are per second."""

    form: Form
    demand: Demand
    measures: Measures
    runs: Mapping[str, tuple[Run, ...]]
    rates: Rates

    @cached_property
    def steps(self) -> tuple[Run, ...]:
        """Every step of every operation that is called."""
        return tuple(run for name, runs in self.runs.items() if name in self.rates.average for run in runs)

    @cached_property
    def places(self) -> Mapping[str, tuple[int, ...]]:
        """Structure or topic -> where its steps stand in `steps`."""
        found: dict[str, list[int]] = {}
        for position, run in enumerate(self.steps):
            found.setdefault(run.step.target, []).append(position)
        return {name: tuple(positions) for name, positions in found.items()}

    @cached_property
    def _place(self) -> Mapping[str, int]:
        targets = (*self.form.structures, *self.form.topics)
        return {name: i for i, name in enumerate(dict.fromkeys(targets))}

    @cached_property
    def _matrix(self) -> Array:
        matrix = np.zeros((len(self._place), len(self.steps)))
        for column, run in enumerate(self.steps):
            if run.step.target in self._place:
                matrix[self._place[run.step.target], column] = 1.0
        return matrix

    def _stack(self, of: Iterable[Array]) -> Array:
        found = list(of)
        return np.stack(found) if found else np.zeros((0, self.measures.samples))

    @cached_property
    def _queues(self) -> tuple[tuple[str, ...], Array]:
        """Operations that start by items of a queue, and which queue each works off."""
        names = tuple(n for n, p in self._programs.items() if p.starts in (Start.QUEUE, Start.DEAD))
        matrix = np.zeros((len(self._place), len(names)))
        for column, name in enumerate(names):
            queue = self.form.operations[name].starts.on
            if queue in self._place:
                matrix[self._place[queue], column] = 1.0
        return names, matrix

    @cached_property
    def _programs(self) -> Mapping[str, Program]:
        return {
            runs[0].program.id: runs[0].program for n, runs in self.runs.items() if runs and n in self.rates.average
        }

    def _arrays(self, called: Mapping[str, Array]) -> dict[str, Array]:
        steps = self.steps
        sent = formulas.sent_per_second(
            self._stack(called[r.program.id] for r in steps), self._stack(r.runs for r in steps)
        )
        keys = formulas.keys_per_second(sent, self._stack(r.keys for r in steps))
        rows = formulas.rows_per_second(sent, self._stack(r.rows for r in steps))
        reads = np.array([[float(r.step.verb in READS)] for r in steps]).reshape(len(steps), 1)
        writes = np.array([[self._writes(r)] for r in steps]).reshape(len(steps), 1)
        names, queues = self._queues
        items = self._stack(called[n] for n in names)
        return {
            "sent": sent,
            "keys": keys,
            "rows": rows,
            "lookups": formulas.lookups(self._matrix, reads, keys) + formulas.taken(queues, items, LOOKS),
            "rows_read": formulas.rows_read(self._matrix, reads, rows) + formulas.taken(queues, items, LOOKS),
            "rows_written": formulas.rows_written(self._matrix, writes, rows) + formulas.taken(queues, items, MARKS),
        }

    def _writes(self, run: Run) -> float:
        """Rows written for each row of a step: none by a read; two where one that comes pushes another out."""
        if run.step.verb not in WRITES and run.step.verb is not Verb.PUBLISH:
            return 0.0
        structure = self.form.structures.get(run.step.target)
        trimmed = structure is not None and most_kept(structure) is not None and run.step.verb in MAKES_ROWS
        return 2.0 if trimmed else 1.0

    @cached_property
    def peak(self) -> Mapping[str, Array]:
        """Arrays at peak: of steps `sent`, `keys`, `rows`; of structures `lookups`, `rows_read`, `rows_written`."""
        return self._arrays(self.rates.peak)

    @cached_property
    def average(self) -> Mapping[str, Array]:
        """The same on average."""
        return self._arrays(self.rates.average)

    def of_structure(self, what: str, name: str, *, average: bool = False) -> float:
        """The best guess of `lookups`, `rows_read` or `rows_written` for a structure or topic."""
        arrays = self.average if average else self.peak
        return float(arrays[what][self._place[name], 0]) if name in self._place else 0.0

    @cached_property
    def inflow(self) -> Mapping[str, Array]:
        """Rows a day that steps add to each structure."""
        return inflow(self.form, self.runs, self.rates, self.measures)

    def rows(self, name: str) -> float:
        """Rows that rest in a structure."""
        return float(self.measures.rows(name)[0])

    def peak_of(self, operation: str) -> float:
        """Calls a second of an operation at peak."""
        return float(self.rates.peak[operation][0]) if operation in self.rates.peak else 0.0

    def average_of(self, operation: str) -> float:
        """Calls a second of an operation on average."""
        return float(self.rates.average[operation][0]) if operation in self.rates.average else 0.0


def inflow(form: Form, runs: Mapping[str, tuple[Run, ...]], found: Rates, measures: Measures) -> dict[str, Array]:
    """Rows a day that append, put and claim add; what is put again under the same key counts anew."""
    made: dict[str, Array] = {}
    for name, steps in runs.items():
        if name not in found.average:
            continue
        for run in steps:
            structure = form.structures.get(run.step.target)
            if structure is not None and run.step.verb in MAKES_ROWS and structure.shape is not Shape.TOPIC:
                rows = found.average[name] * run.runs * run.rows * 86_400
                made[structure.id] = made.get(structure.id, measures.constant(0.0)) + rows
    return made


def load(form: Form, programs: Mapping[str, Program], demand: Demand, guess: Mapping[str, Array] | None = None) -> Load:
    """What the form bears under this demand. `guess` are rows a day that a form much like it takes in: a place to begin.

    Raises FeedsItself where operations start each other without end.
    """
    measures = Measures(form, demand, {n: a for n, a in (guess or {}).items() if n in form.structures})
    for _ in range(ROUNDS):
        runs = {name: _runs(program, measures) for name, program in programs.items()}
        found = rates(form, programs, runs, measures)
        added = inflow(form, runs, found, measures)
        if not _unsized(form, added) or _same(added, measures):
            break
        measures = Measures(form, demand, added)
    return Load(form, demand, measures, runs, found)


@dataclass(frozen=True)
class _Known:
    """The runs of a program, and all that they rest on besides the program and the demand."""

    program: Program
    tunables: Mapping[str, object]
    read: Mapping[tuple[str, str], Array]
    runs: tuple[Run, ...]


def _runs(program: Program, measures: Measures) -> tuple[Run, ...]:
    """The runs of a program: those found before where everything that was asked for then is as it was."""
    tunables = measures.form.tunables
    known: list[_Known] = measures.demand.memo.setdefault(("runs", id(program)), [])
    for one in known:
        if one.program is program and one.tunables == tunables and measures.says(one.read):
            return one.runs
    measures.read.clear()
    runs = runs_of(program, measures)
    known.insert(0, _Known(program, tunables, dict(measures.read), runs))
    del known[REMEMBERED:]
    return runs


def _unsized(form: Form, added: Mapping[str, Array]) -> bool:
    """Whether some structure has no size but what flows into it."""
    return any(form.structures[n].count is None for n in added)


def _same(added: Mapping[str, Array], measures: Measures) -> bool:
    before = measures.inflow
    return set(added) == set(before) and all(_near(rows, before[name]) for name, rows in added.items())


def _near(a: Array, b: Array) -> bool:
    """As numpy's allclose for finite numbers, in a third of its time."""
    return bool((np.abs(a - b) <= NEAR * np.abs(b) + NOTHING).all())

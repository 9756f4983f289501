"""How long a worker waits for stores while it handles one event: what comes behind it on the same partition waits as well."""

from __future__ import annotations

from workbook.brief.shapes import Shape
from workbook.plan.form.verbs import READS, WRITES
from workbook.plan.load.load import Load
from workbook.plan.load.walk import Run

ROUND_TRIP = 0.001
"""Seconds of one request to a store in the same region (our assumption)."""
PER_ROW = 20e-6
"""Seconds of one row in a batch: 50,000 a second by one worker (our assumption)."""


def handling(load: Load, operation: str) -> float:
    """Seconds that one run waits for stores on the mean, step after step. Other systems are called side by side, and not counted."""
    return sum(
        _rounds(r, load) * ROUND_TRIP + float(r.runs[0] * r.rows[0]) * PER_ROW
        for r in load.runs.get(operation, ())
        if _stored(r)
    )


def longest(load: Load, operation: str) -> float:
    """Seconds that the longest run waits: its loop over the largest group, part after part. 0 where no loop walks a group of a known size."""
    return sum(
        r.longest.rounds * (ROUND_TRIP + PER_ROW * r.longest.batch)
        for r in load.runs.get(operation, ())
        if r.longest is not None
    )


def _rounds(run: Run, load: Load) -> float:
    """Requests one after the other: a loop of some width makes that many at a time."""
    sent = float(run.runs[0])
    widths = [load.measures.value(g.width) for g in run.groups if g.width is not None]
    side_by_side = max((float(w[0]) for w in widths if w is not None), default=1.0)
    return max(sent / side_by_side, min(sent, 1.0))


def _stored(run: Run) -> bool:
    step = run.step
    return (step.verb in READS or step.verb in WRITES) and step.shape is not None and step.shape is not Shape.TOPIC

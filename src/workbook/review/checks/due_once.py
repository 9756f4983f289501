"""Work that is said to be done more often than anything becomes due."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.steps.syntax import Start, Verb
from workbook.plan import Plan
from workbook.plan.names import words
from workbook.plan.texts import brief_number
from workbook.review.base import DoesNotApply, Fails

title = "Due times: as many as the work that waits for them"
why = "A row becomes due once for each time that is written into it: where nobody writes the next one, what should recur runs once."
remedy = "Set the next time in its steps, as in `change JOB by id = item.id set next_at = item.next_at + 1 day`; or mend the rate."
source = "our own: what starts and what is started have to agree"
TOLERANCE = 1.5
"""So many times the due times that are written may be said before it is remarked on (our assumption)."""
DAY = 86_400.0


def check(plan: Plan) -> Iterator[Fails | DoesNotApply]:
    """No operation that waits for a time is said to run more often than times are written."""
    due = {
        n: o
        for n, o in plan.complete.operations.items()
        if n in plan.world.programs and plan.world.programs[n].starts is Start.DUE
    }
    if not due:
        yield DoesNotApply("nothing starts when its time comes")
        return
    for name in due:
        starts = plan.world.programs[name].operation.starts
        written = _written(plan, starts.on, starts.field)
        said = plan.world.load.average_of(name) * DAY
        if said > TOLERANCE * written:
            yield Fails(
                name,
                f"is said to run {brief_number(said)} times a day, and {brief_number(written)} times a day "
                f"{words(starts.field)} of {words(starts.on)} is written",
            )


def _written(plan: Plan, structure: str, field: str) -> float:
    """How often a day a step makes a row with that time, or sets it anew."""
    load = plan.world.load
    makes = (Verb.APPEND, Verb.PUT, Verb.CLAIM)
    return sum(
        load.average_of(run.program.id) * DAY * float((run.runs * run.rows)[0])
        for run in load.steps
        if run.step.target == structure and (run.step.verb in makes or field in {one.field for one in run.step.sets})
    )

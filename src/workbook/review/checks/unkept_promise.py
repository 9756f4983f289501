"""A promise that nothing keeps."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.plan.form.keeping import KeptBy
from workbook.review.base import DoesNotApply, Fails

title = "A promise that nothing keeps"
why = "What the brief says must never break would break."
remedy = "Change the steps, pin another approach or product, or take the promise back."
source = "the promises of the brief and of its mechanisms"


def check(plan: Plan) -> Iterator[Fails | DoesNotApply]:
    """Every promise is kept by a constraint, a transaction, a condition or the order of steps."""
    if not plan.world.kept:
        yield DoesNotApply("nothing is promised")
        return
    for keeping in plan.world.kept:
        if keeping.by is KeptBy.NOTHING:
            yield Fails(keeping.pledge.id, keeping.lacks)

"""Rows that are read, and that nothing in the design makes."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.plan.form.verbs import MAKES_ROWS, READS
from workbook.plan.names import words
from workbook.review.base import Fails

title = "Rows that are read come from somewhere"
why = "What is read and never written is filled by hand, by another system, or not at all: whoever runs it has to know which."
remedy = "Add the operation that makes them, or name the integration that sends them."
source = "our own: every row that is answered was made by somebody"


def check(plan: Plan) -> Iterator[Fails]:
    """Every structure of the brief that some step reads has a step that makes its rows, or is only changed in place."""
    for name, verbs in plan.world.touched.items():
        structure = plan.world.form.structures.get(name)
        if structure is None or structure.added_by or not verbs & READS:
            continue
        if not verbs & MAKES_ROWS and not verbs - READS:
            yield Fails(f"entities.{name}", f"{words(name)} is read, and no step makes or changes a row of it")

"""No security: a role reads every row of what is marked as sensitive."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.plan.names import words
from workbook.plan.operate.privacy import wide
from workbook.review.base import DoesNotApply, Fails

title = "No security: rows of others"
why = "Where no step asks whose rows they are, any caller with the role can read everybody's by trying identifiers."
remedy = "Say the way from the caller to the row (`where`, or a promise `private`), or accept it for this role."
source = "System Design Agent, red flags; OWASP API Security Top 10 2023, API1"


def check(plan: Plan) -> Iterator[Fails | DoesNotApply]:
    """Whoever reads sensitive rows reaches them by a path from themselves."""
    structures = plan.world.form.structures
    if not any(s.sensitive for s in structures.values()):
        yield DoesNotApply("nothing is marked as sensitive")
        return
    for rule in wide(plan.design):
        if structures[rule.structure].sensitive:
            yield Fails(
                rule.structure,
                f"{words(rule.persona)} sees all rows, by {', '.join(words(o) for o in rule.operations[:3])}",
            )

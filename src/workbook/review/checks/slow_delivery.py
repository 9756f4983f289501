"""A delivery that the largest audience makes late: what is promised within seconds takes minutes for whoever has most followers."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Start
from workbook.plan import Plan
from workbook.plan.form.keeping import heard_from
from workbook.plan.form.lateness import said_time
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.plan.load.waiting import longest
from workbook.plan.names import words
from workbook.plan.texts import brief_number
from workbook.review.base import DoesNotApply, Fails

title = "Deliveries: the largest audience"
why = "A fan-out that walks an audience takes as long as the largest one is; what waits behind it waits as long."
remedy = "Another approach for the largest, more parts at a time, or a longer time in the promise."
source = "R. Krikorian, Timelines at Scale, QCon San Francisco 2012: minutes for the largest accounts"


def check(plan: Plan) -> Iterator[Fails | DoesNotApply]:
    """No event is handled longer, for the largest group, than the promise that rests on it allows."""
    delivered = [p for p in plan.world.pledges if p.kind is PromiseKind.DELIVERED]
    promised = [(p, within) for p in delivered if (within := _within(plan, p)) is not None]
    walked = {name: taken for name in plan.world.programs if (taken := longest(plan.world.load, name)) > 0}
    if not promised or not walked:
        yield DoesNotApply(
            "no delivery is promised in a time" if not promised else "no loop walks an audience of a known size"
        )
        return
    for pledge, within in promised:
        for name in _behind(plan, pledge):
            taken = walked.get(name, 0.0)
            if taken > within:
                most = max(r.longest.members for r in plan.world.load.runs[name] if r.longest is not None)
                yield Fails(
                    name,
                    f"reaches the largest audience of {brief_number(most)} in about {brief_number(taken)} s, "
                    f"and {words(pledge.structure)} is promised within {brief_number(within)} s",
                )


def _within(plan: Plan, pledge: Pledge) -> float | None:
    """Seconds, of the promise or of the tunable that it names."""
    said = plan.world.load.measures.value(said_time(pledge.said.get("within")))
    return None if said is None else float(said[0])


def _behind(plan: Plan, pledge: Pledge) -> list[str]:
    """What starts by the events of those who make its rows."""
    programs = plan.world.programs
    writers = {
        n
        for n, p in programs.items()
        if any(s.target == pledge.structure and s.verb in MAKES_ROWS for s, _ in p.steps())
    }
    told = heard_from(writers, programs)
    return [n for n, p in programs.items() if p.starts is Start.EVENT and p.operation.starts.on in told]

"""The one criterion of a product that moves with the load: what it costs to own.

For choosing, the cost of a product is a line over the load: what it costs to run at all, and what each further unit costs. Set against
the mean of the options, and weighed against scores that do not move, every option's total is a line, too, once multiplied by that
mean. Of lines the highest changes at most once for each: along rising load no option wins twice. Sizing rounds to machines afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.capacity import HOURS_A_MONTH, Fleet, Load
from workbook.plan.passes.model import Score
from workbook.plan.texts import brief_number
from workbook.prose import say

ENGINEER_USD = 12_000.0
"""What an engineer costs a month, all in (our assumption; the catalog's `engineer_month` is shown beside it)."""
ATTENTION = 0.04
"""Share of an engineer that one point of complexity takes (our assumption: 5 points, a product with a team of its own part-time)."""
HAND = 0.2
"""Share of an engineer that one more shard with a leader of its own takes: splitting, moving, failing over (our assumption)."""


@dataclass(frozen=True)
class Line:
    """Dollars a month over the load: at none of it, and at the load asked."""

    base: float
    moving: float

    @property
    def total(self) -> float:
        """At the load asked."""
        return self.base + self.moving


def owned(
    technology: Technology, asked: Load, fleet: Callable[[Load, Technology], Fleet], by_hand: bool = False
) -> Line:
    """What a product costs to own: its least fleet and the people it takes at all, and what the load adds to both."""
    least = fleet(Load(copies=asked.copies, headroom=asked.headroom), technology)
    people = technology.complexity * ATTENTION * ENGINEER_USD
    if capacity.is_elastic(technology):
        return Line(people, fleet(asked, technology).monthly_usd)
    machines = capacity.sizes(technology)
    if not machines:
        return Line(people, 0.0)
    largest = machines[-1]
    need = _need(asked, technology, fleet)
    copies = max(1, least.copies)
    price = largest.hourly_usd * HOURS_A_MONTH * need * (1 if least.ring else copies)
    hand = HAND * ENGINEER_USD * need if by_hand else 0.0
    storage = fleet(asked, technology).storage_usd
    return Line(people + least.monthly_usd, price + hand + storage)


def _need(asked: Load, technology: Technology, fleet: Callable[[Load, Technology], Fleet]) -> float:
    """How many of the largest machines the load fills, in fractions: the dimension that binds stays the same as the load grows."""
    found = fleet(asked, technology)
    machines = {s.instance: s for s in capacity.sizes(technology)}
    own = machines.get(found.instance)
    largest = capacity.sizes(technology)[-1]
    share = own.share / largest.share if own else 1.0
    return max((n.nodes for n in found.needs), default=0.0) * share


def scores(
    lines: Mapping[str, Line], complexities: Mapping[str, float], fitting: Collection[str] = ()
) -> dict[str, Score]:
    """The cost of owning each as a score: its share of the mean of those that fit. What fits must not depend on the load."""
    compared = [line.total for name, line in lines.items() if name in fitting] or [x.total for x in lines.values()]
    mean = sum(compared) / max(1, len(compared))
    made = {}
    for name, line in lines.items():
        value = 1 - line.total / mean / SPREAD if mean > 0 else 1.0
        people = complexities[name] * ATTENTION
        evidence = say(f"{brief_number(line.total)} USD/month with {people:.2g} of an engineer")
        made[name] = Score(value, evidence, moves=True)
    return made


SPREAD = 3.0
"""An option that costs three times the mean scores nothing, one of thrice that scores below: lines are not cut off."""

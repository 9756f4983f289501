"""Where an answer changes: the demand, or the weight of a criterion. Computed when asked, not in `derive`."""

from __future__ import annotations

import math
from collections.abc import Callable

from workbook.plan.passes.model import Decided
from workbook.plan.passes.world import World
from workbook.plan.texts import brief_number

STEPS_A_DECADE = 4
DECADES = 3
"""Looked at are a thousandth to a thousand times today's demand."""
PLAUSIBLE = 2.0
"""Somebody else might weigh a criterion half or twice as much; that one counts for nothing, or alone, nobody means (our assumption)."""
UNFIT = ""
"""What is chosen where every option has an excuse, in place of its id."""


def factor_at(step: int) -> float:
    """Times today's demand at a step of the grid: 0 is today."""
    return float(10 ** (step / STEPS_A_DECADE))


class Probes:
    """What all choices of a plan share when they look for where they change: each demand is worked out once."""

    def __init__(self, at: Callable[[float], World]) -> None:
        self._decided = at
        self._at: dict[float, World] = {}

    def at(self, factor: float) -> World:
        """The system at so many times today's demand."""
        if factor not in self._at:
            self._at[factor] = self._decided(factor)
        return self._at[factor]

    def chosen(self, step: int, decision: str) -> str | None:
        """What would be chosen there: an option, UNFIT, or None where the question would not be asked."""
        decided = self.at(factor_at(step)).decided.get(decision)
        return None if decided is None else _fitting(decided)


def _fitting(decided: Decided) -> str:
    return UNFIT if decided.of(decided.chosen.id).excuses else decided.chosen.id


def flip_point(probes: Probes, decided: Decided) -> str:
    """In words: from how many times today's demand another option wins, and which weight would have to change for the runner-up."""
    if decided.pinned:
        return "pinned by the brief: no demand changes it"
    parts = [p for p in (_by_demand(probes, decided), _by_weight(decided)) if p]
    return (
        "; ".join(parts)
        if parts
        else "nothing between a thousandth and a thousand times today's demand, nor a weight halved or doubled, changes it"
    )


def _by_demand(probes: Probes, decided: Decided) -> str:
    """Up and down from today: the first decade at whose end the answer is another, and the step within it where it becomes so."""
    today = _fitting(decided)

    def other(step: int) -> bool:
        return probes.chosen(step, decided.id) not in (today, None)

    said = []
    for sign in (1, -1):
        ends = (sign * STEPS_A_DECADE * k for k in range(1, DECADES + 1))
        changed = next((end for end in ends if other(end)), None)
        if changed is None:
            continue
        same = changed - sign * STEPS_A_DECADE
        while abs(changed - same) > 1:
            middle = (same + changed) // 2
            same, changed = (same, middle) if other(middle) else (middle, changed)
        said.append(_said(probes, decided, same, changed))
    return "; ".join(said)


def _crossing(decided: Decided, before: Decided | None, after: Decided, same: float, changed: float) -> float:
    """Between two points of the grid: where the line of the difference crosses, or where the limit is met exactly."""
    ends = [_distance(found, decided.chosen.id, after.chosen.id) if found else None for found in (before, after)]
    if None in ends:
        return math.sqrt(same * changed)
    first, last = ends[0] or 0.0, ends[1] or 0.0
    if first * last >= 0:
        return math.sqrt(same * changed)
    return same + (changed - same) * first / (first - last)


def _distance(found: Decided, mine: str, other: str) -> float | None:
    """How far one option is ahead of another: what its closest limit leaves, else the difference of totals. None where neither says it."""
    judged = {j.option.id: j for j in found.judged}
    if mine not in judged or other not in judged:
        return None
    numbers = [x for x in judged[mine].limits if not x.yes_or_no and x.have > 0]
    if any(not x.met for x in numbers):
        return min(1 - x.need / x.have for x in numbers)
    return judged[mine].total - judged[other].total


def _said(probes: Probes, decided: Decided, same: int, changed: int) -> str:
    before, after = (probes.at(factor_at(step)).decided.get(decided.id) for step in (same, changed))
    assert after is not None
    factor = _crossing(decided, before, after, factor_at(same), factor_at(changed))
    peak = probes.at(1.0).demand.total("total_peak_qps") * factor
    word = "from" if factor > 1 else "below"
    name = "nothing known fits" if _fitting(after) == UNFIT else after.chosen.name
    return f"{name} {word} {brief_number(factor)} times today's demand ({brief_number(peak)} requests/s at peak)"


def _by_weight(decided: Decided) -> str:
    """The criterion whose weight needs the smallest change for the runner-up to draw level."""
    rival = decided.runner_up
    if rival is None:
        return ""
    mine, theirs = decided.of(decided.chosen.id), decided.of(rival.id)
    if theirs.excuses:
        return ""
    best: tuple[float, str, float] | None = None
    gap = mine.total - theirs.total
    for name, weight in decided.weights.items():
        difference = mine.scores[name].value - theirs.scores[name].value
        slope = difference - gap
        if abs(slope) < 1e-9:
            continue
        wanted = weight - gap * (1 - weight) / slope if slope else weight
        if weight / PLAUSIBLE <= wanted <= min(1.0, weight * PLAUSIBLE) and (
            best is None or abs(wanted - weight) < abs(best[2] - decided.weights[best[1]])
        ):
            best = (abs(wanted - weight), name, wanted)
    if best is None:
        return ""
    return f"{rival.name} if {best[1]} weighed {best[2]:.0%} instead of {decided.weights[best[1]]:.0%}"

"""Where an answer changes: the demand, or the weight of a criterion. Computed when asked, not in `derive`."""

from __future__ import annotations

import math
from collections.abc import Callable

from workbook.plan.passes.model import Decided, Option
from workbook.plan.passes.world import World
from workbook.plan.texts import brief_number

FACTORS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
REFINE = 6


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

    def chosen(self, factor: float, decision: str) -> Option | None:
        """What would be chosen there; None where the question would not be asked."""
        decided = self.at(factor).decided.get(decision)
        return decided.chosen if decided else None


def flip_point(probes: Probes, decided: Decided) -> str:
    """In words: from how many times today's demand another option wins, and which weight would have to change for the runner-up."""
    if decided.pinned:
        return "pinned by the brief: no demand changes it"
    parts = [p for p in (_by_demand(probes, decided), _by_weight(decided)) if p]
    return (
        "; ".join(parts)
        if parts
        else "nothing between a thousandth and a thousand times today's demand, nor any weight, changes it"
    )


def _by_demand(probes: Probes, decided: Decided) -> str:
    said = []
    for factors in (tuple(f for f in FACTORS if f > 1), tuple(reversed([f for f in FACTORS if f < 1]))):
        same = 1.0
        for factor in factors:
            other = probes.chosen(factor, decided.id)
            if other and other.id != decided.chosen.id:
                said.append(_refined(probes, decided, same, factor))
                break
            same = factor
    return "; ".join(said)


def _refined(probes: Probes, decided: Decided, same: float, changed: float) -> str:
    for _ in range(REFINE):
        middle = math.sqrt(same * changed)
        other = probes.chosen(middle, decided.id)
        if other and other.id == decided.chosen.id:
            same = middle
        else:
            changed = middle
    found, peak = probes.chosen(changed, decided.id), probes.at(changed).demand.total("total_peak_qps")
    word = "from" if changed > 1 else "below"
    return f"{found.name if found else ''} {word} {brief_number(changed)} times today's demand ({brief_number(peak)} requests/s at peak)"


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
        if 0 <= wanted <= 1 and (best is None or abs(wanted - weight) < abs(best[2] - decided.weights[best[1]])):
            best = (abs(wanted - weight), name, wanted)
    if best is None:
        return ""
    return f"{rival.name} if {best[1]} weighed {best[2]:.0%} instead of {decided.weights[best[1]]:.0%}"

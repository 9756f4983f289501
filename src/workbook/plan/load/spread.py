"""How unequal the members of a group are: a bounded Pareto distribution on [1, largest] with a given mean.

`per: {author: {largest: 10M}}` says that authors differ; it is not uncertainty. The distribution gives the share of members above
a bound, and the mean left on either side of it. Source: bounded Pareto as in M. Harchol-Balter, "Performance Modeling and Design
of Computer Systems", 2013, ch. 20; that audiences follow it is our assumption.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

STEPS = 60
"""Halvings of the interval in which the exponent is sought."""
FLATTEST, STEEPEST = 1e-3, 20.0


def _mean(alpha: float, largest: float, least: float = 1.0) -> float:
    """The mean of a bounded Pareto distribution with that exponent on [least, largest]."""
    if abs(alpha - 1) < 1e-9:
        return math.log(largest / least) * least / (1 - least / largest)
    ratio: float = (least / largest) ** alpha
    scale: float = least**alpha / (1 - ratio)
    return float(scale * alpha / (alpha - 1) * (least ** (1 - alpha) - largest ** (1 - alpha)))


@dataclass(frozen=True, slots=True)
class Spread:
    """Members of a group with a mean size [1] and a largest one [1]."""

    alpha: float
    largest: float
    mean: float

    def above(self, bound: float) -> float:
        """The share of members that are larger than a bound [1]."""
        if bound <= 1:
            return 1.0
        if bound >= self.largest:
            return 0.0
        tail = (1 / self.largest) ** self.alpha
        return float(((1 / bound) ** self.alpha - tail) / (1 - tail))

    def mean_below(self, bound: float) -> float:
        """The mean size of the members below a bound."""
        if bound >= self.largest:
            return self.mean
        return _mean(self.alpha, bound) if bound > 1 else 1.0

    def mean_above(self, bound: float) -> float:
        """The mean size of the members above a bound."""
        if bound <= 1:
            return self.mean
        if bound >= self.largest:
            return self.largest
        return _mean(self.alpha, self.largest, bound)


@lru_cache(maxsize=1024)
def spread(mean: float, largest: float) -> Spread:
    """The distribution with that mean and largest member. A mean at or above the largest, or below one, is all alike."""
    if not 1 < mean < largest:
        return Spread(STEEPEST, max(largest, mean, 1.0), mean)
    low, high = FLATTEST, STEEPEST
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _mean(middle, largest) > mean else (low, middle)
    return Spread((low + high) / 2, largest, mean)

"""What drives load: populations, the shape of the day, and the user's own rules of capacity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from workbook.brief.quantities import DAY, NotAQuantity, Quantity, parse, shown
from workbook.brief.rates import parse_rate
from workbook.brief.values import Active, Factor, Growth, Number, PartOf, Product, ShareOf1, Strict, Time, listed


class Population(Strict):
    """What drives load. `count` is how many there are (registered); the others are of people or devices that come and go.

    A bare share is of the count for the active, and of the daily active for the concurrent.
    """

    count: Active | None = None
    daily_active: Active | None = None
    monthly_active: Active | None = None
    concurrent: Product | None = None
    growth: Growth | None = None

    @model_validator(mode="after")
    def _shares(self) -> Population:
        for name in ("daily_active", "monthly_active"):
            if relative(getattr(self, name)) and self.count is None:
                raise ValueError(f"{name} is a share of a count that is not said. Write a number, or add a count.")
        if relative(self.count):
            raise ValueError("count is a share of nothing. Write whose, as in 10 % of rooms.")
        return self


def relative(parts: tuple[PartOf, ...] | None) -> bool:
    """Whether a product is a bare share, of something that goes without saying."""
    return bool(parts) and not any(p.of or p.amount.kind != "share" for p in parts or ())


def population(value: object) -> object:
    """The short form is a count."""
    return value if isinstance(value, Mapping | Population) else {"count": value}


class Surge(Strict):
    """A burst beyond the daily peak: so many times the average, for so long."""

    factor: Factor
    lasts: Time | None = None

    @model_validator(mode="after")
    def _above(self) -> Surge:
        if self.factor.best < 1:
            raise ValueError(f"a surge of {self.factor} is below the average. Write a factor of 1x or more.")
        return self


def _surge(value: object) -> object:
    return value if isinstance(value, Mapping | Surge) else {"factor": value}


class ActiveHours(Strict):
    """The hours in which the calls come: all of them, or a share of the day's."""

    hours: Time
    share: ShareOf1 = Field(default_factory=lambda: parse(1, "share"))

    @model_validator(mode="after")
    def _in_a_day(self) -> ActiveHours:
        if not (self.hours.low > 0 and self.hours.high <= DAY):
            raise ValueError(
                f"{self.hours} is not a part of a day. Write more than nothing and at most 24 h, as in 6.5 h or 80 % in 14 h."
            )
        return self


_A_DAY = re.compile(r"\s*(/|\bper\s|\ba\s)\s*day\s*$")
"""What people add to active hours, which are of a day anyhow."""


def _active_hours(value: object) -> object:
    if isinstance(value, str):
        share, separator, hours = _A_DAY.sub("", value).partition(" in ")
        if separator:
            return {"share": share, "hours": hours}
        return {"hours": share}
    if isinstance(value, Mapping | ActiveHours):
        return value
    return {"hours": value}


class Peak(Strict):
    """Busiest minute of a normal day: a factor on the average of the active hours, or calls per second as they are."""

    factor: Factor | None = None
    per_second: Number | None = None

    @model_validator(mode="after")
    def _above(self) -> Peak:
        if self.factor is not None and self.factor.best < 1:
            raise ValueError(f"a peak of {self.factor} is below the average. Write a factor of 1x or more.")
        return self


def _peak(value: object) -> object:
    if isinstance(value, str) and "/" in value:
        rate = parse_rate(value)
        if rate.kind != "total":
            raise NotAQuantity(f'"{shown(value)}" is not a peak. Write a factor or calls per time, as in 3x or 2.5M/s.')
        a = rate.amount
        return {
            "per_second": Quantity(a.best / rate.seconds, a.low / rate.seconds, a.high / rate.seconds, "number", value)
        }
    return value if isinstance(value, Mapping | Peak) else {"factor": value}


PeakOf = Annotated[Peak, BeforeValidator(_peak)]
ActiveHoursOf = Annotated[ActiveHours, BeforeValidator(_active_hours)]
SurgeOf = Annotated[Surge, BeforeValidator(_surge)]


class Load(Strict):
    """The shape of the day, and the years to plan for."""

    peak: PeakOf | None = None
    active_hours: ActiveHoursOf | None = None
    surge: SurgeOf | None = None
    horizon: Time | None = None
    headroom: ShareOf1 | None = None

    @model_validator(mode="after")
    def _room(self) -> Load:
        if self.headroom and self.headroom.high >= 1:
            raise ValueError("headroom must be less than 100 %: nothing would be left to use. Write as in 30 %.")
        if self.peak and self.peak.per_second is not None:
            raise ValueError(
                "the peak of the whole load is a factor. Write as in 3x, and calls per second at the operation they are of."
            )
        if self.horizon and self.horizon.low <= 0:
            raise ValueError("horizon must be longer than nothing. Write as in 5 years.")
        return self


def _holds(value: object) -> Quantity:
    for kind in ("number", "size"):
        try:
            return parse(value, kind)
        except NotAQuantity:
            continue
    return parse(value, "number")


def _above_zero(value: Quantity) -> Quantity:
    if value.low <= 0:
        raise ValueError(f"a unit that holds {value} holds nothing. Write a number above zero.")
    return value


class CapacityRule(Strict):
    """The user's own rule of thumb: how much of a result one unit holds. A list of results is summed."""

    holds: Annotated[Quantity, BeforeValidator(_holds), AfterValidator(_above_zero)]
    of: Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(listed)]

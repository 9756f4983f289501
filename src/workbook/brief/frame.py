"""What holds for the whole system: how often callers may call, how good it has to be, what limits it, and what people decided."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from workbook.brief.quantities import shown
from workbook.brief.rates import Rate
from workbook.brief.values import Consistency, Id, Money, Number, ShareOf1, Strict, Time, Words, rates


def in_order(said: Strict) -> None:
    """Raises ValueError where a percentile is slower than a higher one."""
    targets = [(n, getattr(said, n)) for n in ("p50", "p95", "p99") if getattr(said, n) is not None]
    for (lower, a), (upper, b) in pairwise(targets):
        if a.best > b.best:
            raise ValueError(
                f"{lower} ({a}) is above {upper} ({b}): a percentile cannot be slower than a higher one. Swap them or mend one."
            )


class Tier(Strict):
    """A class of callers and how often they may call."""

    limit: Annotated[tuple[Rate, ...], BeforeValidator(rates)]


class Quality(Strict):
    """How good it has to be."""

    availability: ShareOf1 | None = None
    p50: Time | None = None
    p95: Time | None = None
    p99: Time | None = None
    rpo: Time | None = None
    rto: Time | None = None
    staleness: Time | None = None
    read_write: Number | None = None
    durability: ShareOf1 | None = None
    consistency: Consistency | None = None
    compliance: Words = ()
    scanning: Words = ()

    @model_validator(mode="after")
    def _percentiles(self) -> Quality:
        in_order(self)
        return self


class Team(Strict):
    """Who builds and runs it."""

    size: int | None = Field(default=None, gt=0)
    skills: Words = ()


def _regions(value: object) -> object:
    if isinstance(value, str):
        return {value: "100 %"}
    if isinstance(value, list | tuple):
        return {v: f"{100 / len(value)} %" for v in value} if value else {}
    return value


class Constraints(Strict):
    """What limits the choice."""

    budget: Money | None = None
    cloud: str | None = None
    regions: Annotated[dict[Id, ShareOf1], BeforeValidator(_regions)] = {}
    team: Team = Team()
    launch: Time | None = None
    must_use: Words = ()
    avoid: Words = ()
    existing: Words = ()

    @model_validator(mode="after")
    def _agrees(self) -> Constraints:
        both = sorted(set(self.must_use) & set(self.avoid))
        if both:
            raise ValueError(f"must_use and avoid both name {', '.join(both)}. Take it out of one of them.")
        total = sum(r.best for r in self.regions.values())
        if self.regions and not 0.98 <= total <= 1.02:
            raise ValueError(
                f"the shares of the regions add up to {total:.0%}, not 100 %. Mend them, or leave them out."
            )
        return self


class Choice(Strict):
    """A decision taken by the user."""

    use: str
    why: str = ""
    owner: str = ""


def choice(value: object) -> object:
    return value if isinstance(value, Mapping | Choice) else {"use": value}


def _date(value: object) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f'"{shown(value)}" is not a date. Write year, month and day, as in 2027-01-31.') from None


Day = Annotated[date, BeforeValidator(_date)]


class Accepted(Strict):
    """A finding that is knowingly accepted, for good or up to a day."""

    finding: str = Field(min_length=1)
    why: str = Field(min_length=1)
    until: Day | None = None


STAGES = MappingProxyType(
    {
        1: "requirements and scale",
        2: "high-level architecture",
        3: "data",
        4: "performance",
        5: "reliability",
        6: "technology and plan",
    }
)
"""The stages of the guide."""


def _stage(value: object) -> int:
    if str(value) in map(str, STAGES) and not isinstance(value, bool):
        return int(str(value))
    known = ", ".join(f"{number} ({what})" for number, what in STAGES.items())
    raise ValueError(f'"{shown(value)}" is not a stage of the guide. Write {known}.')


def _revision(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{12}", value):
        return value
    raise ValueError(
        f'"{shown(value)}" is not a revision. Write the twelve letters and digits that `workbook check` shows, in quotes.'
    )


class Confirmed(Strict):
    """A stage of the guide that somebody confirmed."""

    stage: Annotated[int, BeforeValidator(_stage)]
    by: str = Field(min_length=1)
    date: Day
    revision: Annotated[str, BeforeValidator(_revision)] = ""

"""The strict model of a brief: what may be written, and what each value is read as.

Quantities arrive as written and leave as `Quantity` in base units. Errors are pydantic's, turned into messages with
file and line by `load`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from workbook.brief.fields import FieldType, parse_field
from workbook.brief.problems import nearest
from workbook.brief.quantities import DAY, NotAQuantity, Quantity, parse, shown
from workbook.brief.rates import Rate, Share, parse_rate, parse_share_of

READ_VERBS = ("read", "list", "search", "download", "stream", "subscribe", "aggregate")
WRITE_VERBS = ("create", "upload", "update", "delete", "notify", "compute")
VERBS = (*WRITE_VERBS, *READ_VERBS)
ENTITY_KINDS = ("record", "event", "object", "edge", "counter", "series", "memory")
SENSITIVITIES = ("personal", "health", "payment", "secret")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[a-z_]+)?")


def _of(kind: str) -> BeforeValidator:
    return BeforeValidator(lambda value: parse(value, kind))


Number = Annotated[Quantity, _of("number")]
Size = Annotated[Quantity, _of("size")]
Time = Annotated[Quantity, _of("time")]
ShareOf1 = Annotated[Quantity, _of("share")]
Factor = Annotated[Quantity, _of("factor")]
Money = Annotated[Quantity, _of("money")]
Growth = Annotated[Quantity, _of("growth")]
PriceOf = Annotated[Quantity, _of("price")]


def _known(names: tuple[str, ...], what: str) -> BeforeValidator:
    def check(value: object) -> str:
        if isinstance(value, str) and value in names:
            return value
        raise ValueError(
            f'"{shown(value)}" is not {what}. {nearest(str(value), names)} Known are {", ".join(names)}.'.replace(
                "  ", " "
            )
        )

    return BeforeValidator(check)


def _identifier(value: object) -> str:
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError(f'"{shown(value)}" is not a name. Write letters, digits and underscores, beginning with a letter.')


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Id = Annotated[str, BeforeValidator(_identifier)]
Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Priority = Annotated[str, _known(("P0", "P1", "P2"), "a priority")]
Consistency = Annotated[str, _known(("strong", "eventual"), "a consistency")]


class PartOf(BaseModel):
    """A factor of a product: a quantity, or the size of a population (or of an entity with a count)."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)
    amount: Quantity
    of: str = ""
    attribute: str = ""


def _factor(value: object, kinds: tuple[str, ...]) -> PartOf:
    if isinstance(value, PartOf):
        return value
    if isinstance(value, str) and "%" in value and " of " in value:
        share: Share = parse_share_of(value)
        return PartOf(amount=share.amount, of=share.of, attribute=share.attribute)
    for kind in kinds:
        try:
            return PartOf(amount=parse(value, kind))
        except NotAQuantity:
            continue
    if isinstance(value, str) and _REFERENCE.fullmatch(value.strip()) and "number" in kinds:
        name, _, attribute = value.strip().partition(".")
        return PartOf(amount=parse(1, "number"), of=name, attribute=attribute)
    parse(value, kinds[0])
    raise AssertionError("unreachable: parse raises")


def _product(*kinds: str) -> Callable[[object], tuple[PartOf, ...]]:
    def read(value: object) -> tuple[PartOf, ...]:
        parts = value if isinstance(value, list | tuple) else [value]
        if not parts:
            raise NotAQuantity("an empty product. Write a number, or a list of factors.")
        return tuple(_factor(p, kinds) for p in parts)

    return read


Product = Annotated[tuple[PartOf, ...], BeforeValidator(_product("number", "share"))]


def _active(value: object) -> tuple[PartOf, ...]:
    parts = _product("number", "share")(value)
    if isinstance(value, str) and _REFERENCE.fullmatch(value.strip()):
        parse(value, "number")
    return parts


Active = Annotated[tuple[PartOf, ...], BeforeValidator(_active)]


def _size_product(value: object) -> tuple[PartOf, ...]:
    parts = _product("size", "number", "share")(value)
    if sum(p.amount.kind == "size" for p in parts) != 1:
        if not isinstance(value, list | tuple):
            parse(value, "size")
        raise NotAQuantity(
            f'"{shown(value)}" is not a size. Write one size, and numbers it is taken times, as in [200, 50 B].'
        )
    return parts


SizeProduct = Annotated[tuple[PartOf, ...], BeforeValidator(_size_product)]


def _rates(value: object) -> tuple[Rate, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise NotAQuantity("an empty list is not a rate. Write a rate, or leave it out.")
    for item in items:
        if not isinstance(item, str | Rate):
            raise NotAQuantity(
                f'"{shown(item)}" is not a rate: it says neither per what time nor per whom. As in 40 per users per day.'
            )
    return tuple(i if isinstance(i, Rate) else parse_rate(i) for i in items)


class Strict(BaseModel):
    """Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


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


def _population(value: object) -> object:
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


def _active_hours(value: object) -> object:
    if isinstance(value, str):
        share, separator, hours = value.partition(" in ")
        if separator:
            return {"share": share, "hours": hours}
        return {"hours": value}
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
    of: Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_listed)]


class Replicas(Strict):
    """Copies, or an erasure code of data and parity parts."""

    factor: float
    text: str


def _replicas(value: object) -> object:
    if isinstance(value, Mapping | Replicas):
        return value
    text = str(value).strip()
    coded = re.fullmatch(r"([0-9]{1,6})\s*\+\s*([0-9]{1,6})", text)
    if coded and int(coded[1]) > 0:
        return {"factor": (int(coded[1]) + int(coded[2])) / int(coded[1]), "text": text}
    if re.fullmatch(r"[0-9]{1,6}", text) and int(text) > 0:
        return {"factor": float(text), "text": text}
    raise ValueError(f'"{shown(value)}" is not a number of copies. Write as in 3, or 8+4 for an erasure code.')


def _retention(value: object) -> object:
    return None if value in ("forever", "for ever") else parse(value, "time")


class Entity(Strict):
    """A kind of thing that is kept, or held in memory."""

    fields: dict[
        Id, Annotated[FieldType, BeforeValidator(lambda v: v if isinstance(v, FieldType) else parse_field(str(v)))]
    ] = {}
    size: SizeProduct | None = None
    kind: Annotated[str, _known(ENTITY_KINDS, "a kind of entity")] | None = None
    key: Words = ()
    unique: tuple[Words, ...] = ()
    count: Product | None = None
    retention: Annotated[Quantity | None, BeforeValidator(_retention)] = None
    compression: Factor | None = None
    dedup: Factor | None = None
    replicas: Annotated[Replicas, BeforeValidator(_replicas)] | None = None
    hot: ShareOf1 | None = None
    consistency: Consistency | None = None
    sensitive: Annotated[str, _known(SENSITIVITIES, "a sensitivity")] | None = None
    context: Id | None = None

    @model_validator(mode="after")
    def _whole(self) -> Entity:
        for name in ("compression", "dedup"):
            factor = getattr(self, name)
            if factor is not None and factor.low <= 0:
                raise ValueError(f"{name} must be above zero. Write as in 2x.")
        if self.fields:
            for column in (*self.key, *(c for u in self.unique for c in u)):
                if column not in self.fields:
                    raise ValueError(
                        f'key names "{column}", which is not among the fields. {nearest(column, self.fields)}'.strip()
                    )
        return self


def _does(value: object) -> tuple[str, str]:
    if isinstance(value, tuple) and len(value) == 2:
        return value[0], value[1]
    words = str(value).split()
    if len(words) != 2:
        raise ValueError(
            f'"{shown(value)}" does not say what is done to which entity. Write a verb and an entity, as in create reservation.'
        )
    if words[0] not in VERBS:
        known = f"{nearest(words[0], VERBS)} Known are {', '.join(VERBS)}.".lstrip()
        raise ValueError(f'"{shown(words[0])}" is not a verb of the language. {known}')
    return words[0], words[1]


class Operation(Strict):
    """Something that callers or the system itself do to an entity."""

    does: Annotated[tuple[str, str], BeforeValidator(_does)]
    rate: Annotated[tuple[Rate, ...], BeforeValidator(_rates)] | None = None
    peak: PeakOf | None = None
    active_hours: ActiveHoursOf | None = None
    surge: SurgeOf | None = None
    items: Product | None = None
    request: SizeProduct | None = None
    response: SizeProduct | None = None
    creates: dict[Id, Product] = {}
    fan_out: Product | None = None
    delivers: SizeProduct | None = None
    lasts: Time | None = None
    hit_ratio: ShareOf1 | None = None
    p50: Time | None = None
    p95: Time | None = None
    p99: Time | None = None
    priority: Priority | None = None
    by: str | None = None
    mode: Annotated[str, _known(("sync", "async"), "a mode")] | None = None
    idempotent: bool | None = None
    skew: ShareOf1 | None = None
    where: Words = ()
    order: str | None = None

    @property
    def verb(self) -> str:
        """What is done."""
        return self.does[0]

    @property
    def entity(self) -> str:
        """To what."""
        return self.does[1]

    @property
    def reads(self) -> bool:
        """Whether the verb is one of the reads."""
        return self.verb in READ_VERBS

    @model_validator(mode="after")
    def _percentiles(self) -> Operation:
        said = [(n, getattr(self, n)) for n in ("p50", "p95", "p99") if getattr(self, n) is not None]
        for (lower, a), (upper, b) in pairwise(said):
            if a.best > b.best:
                raise ValueError(
                    f"{lower} ({a}) is above {upper} ({b}): a percentile cannot be slower than a higher one. Swap them or mend one."
                )
        if self.lasts is not None and self.lasts.best <= 0:
            raise ValueError("lasts must be longer than nothing. Write as in 30 min.")
        return self


class Feature(Strict):
    """What a user would call a feature: operations under one name."""

    title: str | None = None
    priority: Priority | None = None
    operations: Words = ()
    personas: Words = ()
    journey: str | None = None
    capabilities: Words = ()
    complexities: Words = ()
    edge_cases: Words = ()


class Integration(Strict):
    """A system of somebody else that ours calls."""

    does: str
    availability: ShareOf1 | None = None
    p99: Time | None = None
    operations: Words = ()


def _integration(value: object) -> object:
    return value if isinstance(value, Mapping | Integration) else {"does": str(value)}


class Tier(Strict):
    """A class of callers and how often they may call."""

    limit: Annotated[tuple[Rate, ...], BeforeValidator(_rates)]


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


def _choice(value: object) -> object:
    return value if isinstance(value, Mapping | Choice) else {"use": value}


class Accepted(Strict):
    """A finding that is knowingly accepted."""

    finding: str
    why: str
    until: Any = None


class Confirmed(Strict):
    """A stage of the guide that somebody confirmed."""

    stage: str | int
    by: str = ""
    date: Any = None
    revision: str = ""


class Model(Strict):
    """The whole brief, with everything it may say."""

    workbook: Literal[1] = 1
    system: str = Field(min_length=1, max_length=200)
    statement: str = ""
    archetypes: Words = ()
    capabilities: Words = ()
    goals: Words = ()
    non_goals: Words = ()
    populations: dict[Id, Annotated[Population, BeforeValidator(_population)]] = {}
    load: Load = Load()
    capacity: dict[Id, CapacityRule] = {}
    prices: dict[Id, PriceOf] = {}
    entities: dict[Id, Entity] = {}
    operations: dict[Id, Operation] = {}
    features: dict[Id, Feature] = {}
    personas: dict[Id, str] = {}
    integrations: dict[Id, Annotated[Integration, BeforeValidator(_integration)]] = {}
    tiers: dict[Id, Tier] = {}
    future: Words = ()
    quality: Quality = Quality()
    constraints: Constraints = Constraints()
    choices: dict[str, Annotated[Choice, BeforeValidator(_choice)]] = {}
    tunables: dict[Id, str | int | float | bool] = {}
    document: dict[Id, str] = {}
    accepted: tuple[Accepted, ...] = ()
    confirmed: tuple[Confirmed, ...] = ()

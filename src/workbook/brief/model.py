"""The strict model of a brief: what may be written, and what each value is read as.

Quantities arrive as written and leave as `Quantity` in base units. Errors are pydantic's, turned into messages with
file and line by `load`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from workbook.brief.frame import Accepted, Choice, Confirmed, Constraints, Quality, Tier, choice, in_order
from workbook.brief.problems import nearest
from workbook.brief.quantities import Quantity, parse, shown
from workbook.brief.rates import Rate
from workbook.brief.steps.syntax import Node, Start, Verb, lines
from workbook.brief.structures import (
    INTEGRATION_KINDS,
    Calls,
    Capabilities,
    Fields,
    Goals,
    Moves,
    Persona,
    Processor,
    Promises,
    Spread,
    StartsOf,
    Steps,
    Structure,
    Topic,
    persona,
)
from workbook.brief.traffic import (
    ActiveHoursOf,
    CapacityRule,
    Load,
    Peak,
    PeakOf,
    Population,
    SurgeOf,
    population,
    relative,
)
from workbook.brief.values import (
    Consistency,
    Factor,
    Id,
    PartOf,
    Price,
    Priority,
    Product,
    Sensitivity,
    ShareOf1,
    SizeProduct,
    Strict,
    Time,
    Words,
    known,
    rates,
)

__all__ = ["PartOf", "Peak", "Population", "relative"]

READ_VERBS = ("read", "list", "search", "download", "stream", "subscribe", "aggregate")
WRITE_VERBS = ("create", "upload", "update", "delete", "notify", "compute")
VERBS = (*WRITE_VERBS, *READ_VERBS)
ENTITY_KINDS = ("record", "event", "object", "edge", "counter", "series", "memory")


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

    fields: Fields = {}
    size: SizeProduct | None = None
    kind: Annotated[str, known(ENTITY_KINDS, "a kind of entity")] | None = None
    key: Words = ()
    unique: tuple[Words, ...] = ()
    count: Product | None = None
    retention: Annotated[Quantity | None, BeforeValidator(_retention)] = None
    compression: Factor | None = None
    dedup: Factor | None = None
    replicas: Annotated[Replicas, BeforeValidator(_replicas)] | None = None
    hot: ShareOf1 | None = None
    consistency: Consistency | None = None
    sensitive: Sensitivity | None = None
    context: Id | None = None
    moves: Moves = {}
    per: dict[Id, Spread] = {}

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
                        f'key names "{column}", which is not among the fields. '
                        f"{nearest(column, self.fields) or 'Known are ' + ', '.join(self.fields) + '.'}"
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


_GIST = {
    Verb.APPEND: "create",
    Verb.PUT: "create",
    Verb.CLAIM: "create",
    Verb.CHANGE: "update",
    Verb.MOVE: "update",
    Verb.ADD: "update",
    Verb.TAKE: "update",
    Verb.NEXT: "update",
    Verb.REMOVE: "delete",
    Verb.PUBLISH: "notify",
    Verb.CALL: "notify",
    Verb.RUN: "compute",
    Verb.GET: "read",
    Verb.LIST: "list",
    Verb.SCAN: "list",
    Verb.SEARCH: "search",
    Verb.NEAR: "search",
    Verb.SIMILAR: "search",
    Verb.COMPLETE: "search",
    Verb.COUNT: "aggregate",
    Verb.RANK: "aggregate",
    Verb.SUMMARISE: "aggregate",
}


def gist(said: tuple[Node, ...]) -> tuple[str, str]:
    """What steps come to in one verb and its object: the first write, else what is read last."""
    told = [(one, _GIST[one.verb]) for one in lines(said) if one.verb in _GIST]
    writes = [(one, verb) for one, verb in told if verb in WRITE_VERBS]
    reads = [(one, verb) for one, verb in told if verb in READ_VERBS]
    if not told:
        return "compute", ""
    one, verb = writes[0] if writes else reads[-1]
    return verb, one.target.parts[0] if one.target.parts else ""


class Operation(Strict):
    """Something that callers or the system itself do to an entity."""

    does: Annotated[tuple[str, str], BeforeValidator(_does)] | None = None
    starts: StartsOf | None = None
    steps: Steps | None = None
    over: str | None = None
    share: ShareOf1 | None = None
    rate: Annotated[tuple[Rate, ...], BeforeValidator(rates)] | None = None
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
    mode: Annotated[str, known(("sync", "async"), "a mode")] | None = None
    idempotent: bool | None = None
    skew: ShareOf1 | None = None
    where: Words = ()
    order: str | None = None

    @property
    def verb(self) -> str:
        """What is done: said, else what its steps come to."""
        return self.does[0] if self.does else gist(self.steps or ())[0]

    @property
    def entity(self) -> str:
        """To what."""
        return self.does[1] if self.does else gist(self.steps or ())[1]

    @property
    def asked(self) -> bool:
        """Whether it counts as asked of the system: somebody calls it, or the brief says what it does or how often."""
        called = self.starts is None or self.starts.kind in (Start.CALLER, Start.WEBHOOK)
        return called or self.does is not None or self.rate is not None

    @property
    def reads(self) -> bool:
        """Whether the verb is one of the reads."""
        return self.verb in READ_VERBS

    @model_validator(mode="after")
    def _says_what(self) -> Operation:
        if self.does is None and self.steps is None:
            raise ValueError("an operation says what it does. Write does: VERB ENTITY, or steps.")
        return self

    @model_validator(mode="after")
    def _percentiles(self) -> Operation:
        in_order(self)
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
    capabilities: Capabilities = ()
    complexities: Words = ()
    edge_cases: Words = ()


class Integration(Strict):
    """A system of somebody else that ours calls."""

    does: str = ""
    kind: Annotated[str, known(INTEGRATION_KINDS, "a kind of integration")] | None = None
    over: str | None = None
    calls: Calls = {}
    availability: ShareOf1 | None = None
    p99: Time | None = None
    operations: Words = ()


def _integration(value: object) -> object:
    return value if isinstance(value, Mapping | Integration) else {"does": str(value)}


class Model(Strict):
    """The whole brief, with everything it may say."""

    workbook: Literal[1] = 1
    system: str = Field(min_length=1, max_length=200)
    statement: str = ""
    archetypes: Words = ()
    capabilities: Capabilities = ()
    goals: Goals = ()
    non_goals: Words = ()
    populations: dict[Id, Annotated[Population, BeforeValidator(population)]] = {}
    load: Load = Load()
    capacity: dict[Id, CapacityRule] = {}
    prices: dict[Id, Price] = {}
    entities: dict[Id, Entity] = {}
    structures: dict[Id, Structure] = {}
    topics: dict[Id, Topic] = {}
    types: dict[Id, Fields] = {}
    processors: dict[Id, Processor] = {}
    tenant: Id | None = None
    operations: dict[Id, Operation] = {}
    promises: Promises = ()
    features: dict[Id, Feature] = {}
    personas: dict[Id, Annotated[Persona, BeforeValidator(persona)]] = {}
    integrations: dict[Id, Annotated[Integration, BeforeValidator(_integration)]] = {}
    tiers: dict[Id, Tier] = {}
    future: Words = ()
    quality: Quality = Quality()
    constraints: Constraints = Constraints()
    choices: dict[str, Annotated[Choice, BeforeValidator(choice)]] = {}
    tunables: dict[Id, str | int | float | bool] = {}
    document: dict[str, str] = {}
    accepted: tuple[Accepted, ...] = ()
    confirmed: tuple[Confirmed, ...] = ()

"""What a brief says of structures, topics, processors, calls, personas, capabilities and promises. BRIEF.md, "Structures"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from workbook.brief.fields import FieldType, parse_field
from workbook.brief.problems import nearest
from workbook.brief.promises import PromiseKind, split
from workbook.brief.quantities import NotAQuantity, Quantity, parse, shown
from workbook.brief.shapes import PARAMETERS, Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.reader import NotAStep
from workbook.brief.steps.syntax import Condition, Node, Starts, Value
from workbook.brief.values import (
    Consistency,
    Id,
    Number,
    Price,
    Product,
    Sensitivity,
    ShareOf1,
    Size,
    Strict,
    Time,
    Words,
    known,
)

FieldOf = Annotated[FieldType, BeforeValidator(lambda v: v if isinstance(v, FieldType) else parse_field(str(v)))]
Fields = dict[Id, FieldOf]


def _nodes(said: object) -> tuple[Node, ...]:
    steps.short(said)
    return steps.nodes(said)


def _starts(said: object) -> Starts:
    steps.short(said)
    return said if isinstance(said, Starts) else steps.starts(str(said))


def _conditions(said: object) -> tuple[Condition, ...]:
    steps.short(said)
    return said if isinstance(said, tuple) else steps.conditions(str(said))


def _value(said: object) -> Value:
    steps.short(said)
    return steps.value(str(said))


Steps = Annotated[tuple[Node, ...], BeforeValidator(_nodes)]
StartsOf = Annotated[Starts, BeforeValidator(_starts)]
Conditions = Annotated[tuple[Condition, ...], BeforeValidator(_conditions)]
ValueOf = Annotated[Value, BeforeValidator(_value)]


class Spread(Strict):
    """How unequal the members of a field are: the largest of them has so many."""

    largest: Number


def lifetime(said: object) -> Quantity | str:
    """A time, or the name of a tunable that holds one."""
    if isinstance(said, str) and said.isidentifier() and said.isupper():
        return said
    return said if isinstance(said, Quantity) else parse(said, "time")


Lifetime = Annotated[Quantity | str, BeforeValidator(lifetime)]


class Retry(Strict):
    """How a queue tries again: after `first`, growing up to `longest`, until `lasting` has passed; then the item is dead."""

    first: Time
    longest: Time
    lasting: Time


def _retry(said: object) -> object:
    if not isinstance(said, str):
        return said
    first, to, rest = said.partition(" to ")
    longest, lasts, lasting = rest.partition(" for ")
    if not to or not lasts:
        raise ValueError(f'"{shown(said)}" does not say how to try again. Write as in 10 s to 5 min for 1 h.')
    return {"first": first, "longest": longest, "lasting": lasting}


Moves = dict[Id, dict[Id, Words]]


def moves_of(said: Moves, fields: Mapping[str, FieldType]) -> Moves:
    """The state machines, checked against the values of their fields. Raises ValueError."""
    for field, states in said.items():
        type_ = fields.get(field)
        if type_ is None or not type_.values:
            hint = nearest(field, [n for n, t in fields.items() if t.values])
            raise ValueError(f'moves names "{field}", which is not an enum among the fields. {hint}'.strip())
        for state in (*states, *(n for after in states.values() for n in after)):
            if state not in type_.values:
                hint = nearest(state, type_.values) or f"Known are {', '.join(type_.values)}."
                raise ValueError(f'moves names "{state}", which is not a value of {field}. {hint}')
        lost = [v for v in type_.values if v not in states]
        if lost:
            raise ValueError(f"moves says nothing of {field} {lost[0]}. Write {lost[0]}: [] where it is final.")
    return said


class Structure(Strict):
    """Where something rests, besides the entities: an index, a queue, a registry of connections, a counter."""

    shape: Annotated[str, known(tuple(Shape), "a shape")]
    key: Words = ()
    fields: Fields = {}
    unique: tuple[Words, ...] = ()
    count: Product | None = None
    ttl: Lifetime | None = None
    retention: Lifetime | None = None
    of: Words = ()
    rebuild: Id | None = None
    loss: Annotated[str, known(tuple(Loss), "a loss")] | None = None
    moves: Moves = {}
    per: dict[Id, Spread] = {}
    context: Id | None = None
    sensitive: Sensitivity | None = None
    consistency: Consistency | None = None
    number: Id | None = None
    time: Id | None = None
    content: Id | None = None
    size: Number | None = None
    refill: str | None = None
    window: Time | None = None
    score: Id | None = None
    keep: ValueOf | None = None
    wrong: ShareOf1 | None = None
    due: Id | None = None
    priority: Id | None = None
    lane: Id | None = None
    gap: Time | None = None
    in_flight: int | None = None
    lease: Lifetime | None = None
    retry: Annotated[Retry, BeforeValidator(_retry)] | None = None
    numbered: bool | None = None
    owner: Id | None = None
    text: Words = ()
    scope: Id | None = None
    place: Id | None = None
    vector: Id | None = None
    weight: Id | None = None
    top: int | None = None

    @model_validator(mode="after")
    def _whole(self) -> Structure:
        _names_fields(self.key, self.fields, "key")
        for columns in self.unique:
            _names_fields(columns, self.fields, "unique")
        moves_of(self.moves, self.fields)
        for other in Shape:
            for name in PARAMETERS[other]:
                if getattr(self, name, None) not in (None, ()) and name not in PARAMETERS[Shape(self.shape)]:
                    raise ValueError(f"{self.shape} has no {name}; {other} has. Leave it out, or change the shape.")
        if self.loss == Loss.REBUILT and self.rebuild is None and not self.of:
            raise ValueError("loss: rebuilt needs rebuild, the operation that makes it again. Name it.")
        return self


def _names_fields(names: tuple[str, ...], fields: Mapping[str, FieldType], what: str) -> None:
    for name in names:
        if name not in fields:
            raise ValueError(f'{what} names "{name}", which is not among the fields. {nearest(name, fields)}'.strip())


class Topic(Strict):
    """A kind of event: what it is ordered by, what it carries, how long it is kept."""

    key: Words
    fields: Fields = {}
    like: Id | None = None
    """The entity whose fields it carries besides."""
    retention: Time | None = None

    @model_validator(mode="after")
    def _whole(self) -> Topic:
        if self.like is None:
            _names_fields(self.key, self.fields, "key")
        return self


class Processor(Strict):
    """Work that is more than looking up: `work` is what it is sized by, `wait` and `pace` what the caller waits for."""

    kind: Annotated[str, known(("cpu", "gpu"), "a kind of processor")] = "cpu"
    work: str
    wait: Time | None = None
    pace: str | None = None
    gives: Fields = {}
    pure: bool = False
    commutes: bool = False
    streams: bool = False


INTEGRATION_KINDS = ("payment", "push", "sms", "mail", "map", "web", "llm", "identity", "pager", "other")


class Call(Strict):
    """One thing that an integration does for us."""

    p99: Time | None = None
    changes: bool = False
    keyed: bool = False
    bytes: Size | None = None
    price: Price | None = None
    gives: Fields = {}


def _calls(said: object) -> object:
    return {name: {} for name in said} if isinstance(said, list | tuple) else said


Calls = Annotated[dict[Id, Call], BeforeValidator(_calls)]


class Persona(Strict):
    """Somebody who calls: what they want, which entity they are a row of, and what their token says besides."""

    wants: str = ""
    is_: str | None = None
    token: Words = ()


def persona(said: object) -> object:
    """The short form is what they want."""
    if isinstance(said, Mapping):
        return {("is_" if k == "is" else k): v for k, v in said.items()}
    return said if isinstance(said, Persona) else {"wants": str(said)}


class Promise(Strict):
    """What must never be broken."""

    kind: PromiseKind
    about: str
    said: dict[str, Any] = {}
    goals: tuple[str, ...] = ()


class Goal(Strict):
    """What the system is for, and the promise that stands for it where one does."""

    text: str
    promise: Promise | None = None


def goal(said: object) -> object:
    """The short form is the text; a promise in it is read as those that stand alone."""
    if isinstance(said, Mapping) and said.get("promise") is not None:
        return {**said, "promise": promise(said["promise"])}
    return said if isinstance(said, Mapping | Goal) else {"text": str(said)}


class CapabilityUse(Strict):
    """A capability of the catalog and what its roles are bound to here."""

    name: str
    roles: dict[Id, str] = {}


def capability(said: object) -> object:
    """`search`, or `{reminders: {subject: appointment, channel: sms}}`."""
    if isinstance(said, str):
        return {"name": said}
    if isinstance(said, Mapping) and "name" not in said:
        if len(said) != 1:
            names = ", ".join(str(k) for k in said)
            raise ValueError(
                f'"{shown(names)}" are several capabilities in one entry. Write each as an entry of its own.'
            )
        name, roles = next(iter(said.items()))
        return {"name": str(name), "roles": dict(roles or {})}
    return said


def _listed(said: object) -> object:
    return [said] if isinstance(said, str) else said


Capabilities = Annotated[tuple[Annotated[CapabilityUse, BeforeValidator(capability)], ...], BeforeValidator(_listed)]
Goals = Annotated[tuple[Annotated[Goal, BeforeValidator(goal)], ...], BeforeValidator(_listed)]


def promise(said: object) -> object:
    """`{unique: appointment, by: [doctor, starts_at]}` as kind, subject and parameters."""
    if isinstance(said, Promise):
        return said
    if not isinstance(said, Mapping):
        raise ValueError(
            f'"{shown(said)}" is not a promise. Write {{KIND: WHAT}}, as in {{unique: account, by: [email]}}.'
        )
    kind, about, rest, goals = split(said)
    read = {name: _parameter(kind, name, value) for name, value in rest.items()}
    return {"kind": kind, "about": about, "said": read, "goals": goals}


_TIMES = {"within", "late", "early", "lease", "per"}
_LISTS = {"by", "with", "fields", "sealed"}
_VALUES = {"min", "max", "at", "amount"}


def _parameter(kind: PromiseKind, name: str, said: Any) -> Any:
    try:
        steps.short(said)
        if name == "while" or (name == "through" and kind is not PromiseKind.AGREES):
            return steps.conditions(str(said))
        if name == "for" and kind is PromiseKind.REPEATABLE:
            return parse(said, "time")
        if name in _TIMES and not (name == "within" and said == "own"):
            return lifetime(said)
        if name in _VALUES:
            return steps.value(str(said))
        if name in _LISTS:
            return tuple(str(v) for v in ([said] if isinstance(said, str) else said))
    except (NotAStep, NotAQuantity) as error:
        raise ValueError(f"{name}: {error}") from None
    return said


PromiseOf = Annotated[Promise, BeforeValidator(promise)]
Promises = tuple[PromiseOf, ...]

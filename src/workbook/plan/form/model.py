"""The form: what is done, with what. Structures, operations as steps on them, promises. No numbers of load, no products.

Everything that the design shows is read off this value. Passes make new forms from old ones; untouched parts are shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from workbook.brief.fields import FieldType
from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps.syntax import Amount, Node, Path, Start, Starts, Verb
from workbook.plan.form.terms import Compared, Every, Given, Ref, Root, Test, Value, is_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens: to a structure, a topic, an integration, a client or a processor."""

    id: str
    verb: Verb
    target: str = ""
    """A structure, topic, `integration.call`, processor, or the name of what is pushed, answered or released."""
    shape: Shape | None = None
    field: str = ""
    """`next S.F`."""
    amount: Value | None = None
    by: tuple[Given, ...] = ()
    sets: tuple[Given, ...] = ()
    plus: tuple[Given, ...] = ()
    to: Value | None = None
    source: Value | None = None
    lasting: Value | None = None
    on: tuple[Value, ...] = ()
    where: tuple[Test, ...] = ()
    only_if: tuple[Test, ...] = ()
    order: tuple[str, bool] | None = None
    limit: Value | None = None
    after: Value | None = None
    within: Value | None = None
    rows: Value | None = None
    found: Value | None = None
    size: Value | None = None
    direct: bool = False
    alone: bool = False
    place: str = ""
    name: str = ""
    """Under which its result is bound."""
    answers: tuple[Value, ...] = ()
    text: str = ""
    added_by: str = ""

    @property
    def values(self) -> Iterator[Value]:
        """Every value that the step uses, in the order written."""
        for one in (*self.by, *self.sets, *self.plus):
            yield one.value
        singles = (self.to, self.source, self.lasting, self.limit, self.after, self.within, self.amount)
        yield from (v for v in (*singles, *self.on, *self.answers) if v is not None)
        for test in (*self.where, *self.only_if):
            if isinstance(test, Compared):
                yield test.left
                yield from test.right


def names_one(step: Step, key: tuple[str, ...]) -> bool:
    """Whether a step is about one row at most: it gives a single value for every field of the key."""
    return {g.field for g in step.by if not is_list(g.value)} >= set(key)


def is_merged(step: Step) -> bool:
    """Whether a page of several keys is one in the order said; with a place `after` for each key, or no order, each key has its own."""
    listed = any(isinstance(g.value, Every) for g in step.by)
    return listed and step.limit is not None and step.order is not None and not isinstance(step.after, Every)


def most_kept(structure: Structure) -> Value | None:
    """How many members of a list stay, where only so many do: a number or a tunable."""
    said = structure.settings.get("keep")
    if isinstance(said, Path):
        return Ref(Root.TUNABLE, said.parts[0])
    return said if isinstance(said, Amount) else None


class GroupKind(StrEnum):
    """Around which kind of group a step stands."""

    TOGETHER = "together"
    AT_ONCE = "at_once"
    EACH = "each"
    WHEN = "when"
    ELSE = "else"
    TRY = "try"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Steps that belong together. A `when` is followed by its `else`, a `try` by `refused` and `unknown`, of the same id."""

    id: str
    kind: GroupKind
    steps: tuple[Part, ...]
    tests: tuple[Test, ...] = ()
    share: Quantity | None = None
    name: str = ""
    listed: Value | None = None
    less: Value | None = None
    read: Step | None = None
    batch: Value | None = None
    width: Value | None = None
    until: tuple[Test, ...] = ()
    about: Value | None = None


Part = Step | Group


def walk(parts: tuple[Part, ...], around: tuple[Group, ...] = ()) -> Iterator[tuple[Step, tuple[Group, ...]]]:
    """Every step with the groups around it, outermost first. The reading of an `each` stands outside of it."""
    for part in parts:
        if isinstance(part, Step):
            yield part, around
        else:
            if part.read is not None:
                yield part.read, around
            yield from walk(part.steps, (*around, part))


@dataclass(frozen=True, kw_only=True)
class Structure:
    """Where something rests. An entity is one; a capability or a pass adds others."""

    id: str
    shape: Shape
    entity: str = ""
    kind: str = ""
    """Of an entity: record, event, edge …"""
    context: str = ""
    key: tuple[str, ...] = ()
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    count: Any = None
    """A product as the brief writes it, or nothing."""
    ttl: Quantity | str | None = None
    retention: Quantity | str | None = None
    of: tuple[str, ...] = ()
    rebuild: str = ""
    loss: Loss = Loss.NEVER
    moves: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    largest: Mapping[str, Quantity] = field(default_factory=dict)
    """Field -> the size of its largest group."""
    sensitive: str = ""
    consistency: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What only its shape has: score, keep, lease, due …"""
    added_by: str = ""
    stands_for: str = ""
    """The operation that it was added for by default: it goes when that gets other steps."""

    @property
    def together(self) -> str:
        """The field whose rows lie together."""
        return self.key[0] if self.key else ""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A kind of event. One partition keeps the order of one key."""

    id: str
    key: tuple[str, ...]
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    retention: Quantity | None = None
    like: str = ""
    """The structure whose rows it tells of: fields of that name fill themselves from the row."""
    context: str = ""
    added_by: str = ""
    stands_for: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What happens when something starts it: its steps as written, and who or what starts it."""

    id: str
    starts: Starts
    nodes: tuple[Node, ...]
    context: str
    caller: str = ""
    """A persona, or the integration that calls a webhook."""
    over: str = ""
    share: Quantity | None = None
    rate: Any = None
    """Rates that the form itself carries: those of operations that demand does not know."""
    lasts: Quantity | None = None
    added_by: str = ""
    stands_for: str = ""
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Program:
    """An operation with every name resolved."""

    operation: Operation
    parts: tuple[Part, ...]
    request: Mapping[str, FieldType]
    """What the caller sends: every `body.F`."""
    bound: Mapping[str, str]
    """Name -> the structure of its rows, for what steps bind."""
    every: Value | None = None
    """Between two runs of what starts by the clock or by a heartbeat."""
    batch: Value | None = None
    offset: Value | None = None
    condition: tuple[Test, ...] = ()
    """Asked again when a due row starts it."""
    problems: tuple[str, ...] = ()
    environment: tuple[tuple[str, object], ...] = field(default=(), repr=False, compare=False)
    """The structures and topics that it was read with."""

    def holds_in(self, form: Form) -> bool:
        """Whether it would be read the same there: everything that it touches is the same thing."""
        return all(form.structures.get(n, form.topics.get(n)) is thing for n, thing in self.environment)

    @property
    def id(self) -> str:
        """The operation's."""
        return self.operation.id

    @property
    def starts(self) -> Start:
        """What kind of thing starts it."""
        return self.operation.starts.kind

    def steps(self) -> Iterator[tuple[Step, tuple[Group, ...]]]:
        """Every step with the groups around it."""
        return walk(self.parts)

    def tests(self) -> Iterator[Test]:
        """Every condition: of steps, and of the groups around them."""
        for step, around in self.steps():
            yield from (*step.where, *step.only_if)
            yield from (test for group in around for test in group.tests)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What must never be broken, and where it comes from: brief, archetype, capability, entity."""

    id: str
    kind: PromiseKind
    about: str
    said: Mapping[str, Any] = field(default_factory=dict)
    goals: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """What the form does not know, with the lines that would say it."""

    about: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Who calls: which entity they are a row of, and what their token says besides."""

    id: str
    entity: str = ""
    token: tuple[str, ...] = ()
    said: bool = True
    """Whether the brief says what they are."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Form:
    """The system as structures and operations. Compared by identity: an option's form is another value."""

    structures: Mapping[str, Structure]
    topics: Mapping[str, Topic]
    operations: Mapping[str, Operation]
    promises: tuple[Promise, ...]
    personas: Mapping[str, Persona]
    integrations: Mapping[str, Any]
    processors: Mapping[str, Any]
    tunables: Mapping[str, Any]
    tenant: str = ""
    open: tuple[Open, ...] = ()

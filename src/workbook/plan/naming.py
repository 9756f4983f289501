"""Names that every language and engine can tell apart: of entities, operations, contexts and fields.

Engines and languages compare names differently: without case, without underscores, only the first 63 bytes. So names that differ in
nothing else are kept apart once, here, and a language only has to spell them. `same` is what stays of a name whatever the spelling.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count

from workbook.brief.model import Entity, Model, Operation
from workbook.catalog import loader

SYSTEM_TABLES = ("outbox", "outbox_failure", "processed_event", "idempotency_key")
"""What a database needs for itself: an entity of that name has another table."""
SYSTEM_PARTS = (
    *("client", "cdn", "gateway", "application", "worker", "realtime_gateway", "messaging"),
    *("database", "cache", "object_store", "search_index"),
)
"""Parts that a design calls so itself: an integration of that name has another box."""
ENTITY_END, OPERATION_END, CONTEXT_END, FIELD_END = "_record", "_operation", "_context", "_field"
INTEGRATION_END = "_integration"
LONGEST_OPERATION = 60
ROOM = 12
"""What a language or table adds to a name at most, as in `_month`, `Connection` or `_inbox`."""
HASH = 6


def same(name: str) -> str:
    """What is left of a name in every spelling: `userName`, `user_name` and `UserName` are one."""
    return name.replace("_", "").lower()


def shortened(name: str, longest: int) -> str:
    """A name of at most so many letters: a longer one keeps its beginning, a short hash of the whole, and its last word."""
    if len(name) <= longest:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:HASH]
    stem, _, end = name.rpartition("_")
    if not stem or len(end) > longest // 2:
        return f"{name[: longest - HASH - 1].rstrip('_')}_{mark}"
    return f"{stem[: longest - HASH - len(end) - 2].rstrip('_')}_{mark}_{end}"


class Space:
    """A space of names in which no two are alike. What is taken or reserved gets an end of its own, then a number."""

    def __init__(
        self, reserved: Iterable[str] = (), *, longest: int, end: str, alike: Callable[[str], str] = same
    ) -> None:
        self._alike, self._longest, self._end = alike, longest, end
        self._reserved = {r.lower() for r in reserved}
        self._taken: set[str] = set()

    def take(self, wanted: str, room: int = 0) -> str:
        """The name itself where it is free and leaves room for what is added to it."""
        return next(n for n in self._tries(wanted, self._longest - room) if self._claimed(n))

    def take_all(self, wanted: Iterable[str]) -> dict[str, str]:
        """A name for each: first all that can stay as they are, so that a clash changes only those that come later."""
        names = list(wanted)
        made = {n: n for n in names if len(n) <= self._longest and self._claimed(n)}
        return {n: made.get(n) or self.take(n) for n in names}

    def reserve(self, name: str) -> None:
        """Keeps a name from being given."""
        self._reserved.add(name.lower())

    def _tries(self, wanted: str, longest: int) -> Iterable[str]:
        yield shortened(wanted, longest)
        if self._end:
            yield shortened(f"{wanted}{self._end}", longest)
        yield from (shortened(f"{wanted}_{n}", longest) for n in count(2))

    def _claimed(self, name: str) -> bool:
        if name.lower() in self._reserved or self._alike(name) in self._taken:
            return False
        self._taken.add(self._alike(name))
        return True


@dataclass(frozen=True)
class Names:
    """What entities, operations and contexts are called in everything that is generated. What is not known is called as it is."""

    entities: Mapping[str, str] = field(default_factory=dict)
    operations: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    integrations: Mapping[str, str] = field(default_factory=dict)

    def entity(self, name: str) -> str:
        """The entity's table, type, path and topic are called after this."""
        return self.entities.get(name, name)

    def operation(self, name: str) -> str:
        """The operation's method, consumer and files are called after this."""
        return self.operations.get(name, name)

    def context(self, name: str) -> str:
        """The context's service, store, keyspace and topics are called after this."""
        return self.contexts.get(name, name)

    def integration(self, name: str) -> str:
        """The integration's box in pictures and flows is called after this."""
        return self.integrations.get(name, name)


def names_of(model: Model, contexts: Iterable[str]) -> Names:
    """The names of a system, the same for the same brief; those of the examples are the brief's own."""
    inboxes = [f"{o.entity}_inbox" for o in model.operations.values() if o.fan_out is not None]
    databases = [d for rules in loader.name_rules().values() for d in rules.databases]
    entities = Space([*SYSTEM_TABLES, *inboxes], longest=longest_name(), end=ENTITY_END)
    operations = Space(longest=LONGEST_OPERATION, end=OPERATION_END)
    spaces = Space(databases, longest=longest_name(), end=CONTEXT_END)
    owners = spaces.take_all(dict.fromkeys(contexts))
    parts = [f"{o}_{part}" for o in owners.values() for part in ("service", "worker", "database")]
    boxes = Space([*SYSTEM_PARTS, *parts], longest=LONGEST_OPERATION, end=INTEGRATION_END)
    return Names(
        entities=entities.take_all(model.entities),
        operations=operations.take_all(model.operations),
        contexts=owners,
        integrations=boxes.take_all(model.integrations),
    )


@cache
def longest_name() -> int:
    """The longest name that fits everywhere with what is added to it."""
    return min(rules.longest for rules in loader.name_rules().values()) - ROOM


@cache
def longest_field() -> int:
    """The longest name of a column that fits in every table, with what is added to it."""
    return min(rules.longest for rules in loader.name_rules().values() if rules.most_columns) - ROOM


@cache
def _columns_taken() -> frozenset[str]:
    return frozenset(c for rules in loader.name_rules().values() for c in rules.columns)


def fields_of(entity: Entity) -> dict[str, str]:
    """What each field of an entity is called as a column, in every store and interface."""
    space = Space(_columns_taken(), longest=longest_field(), end=FIELD_END)
    return space.take_all(entity.fields)


def with_columns(model: Model) -> Model:
    """The model with each field under its column's name, and whatever speaks of it; the same model where all names can stay."""
    changed = {
        e: f for e, f in ((e, fields_of(v)) for e, v in model.entities.items()) if any(a != b for a, b in f.items())
    }
    if not changed:
        return model
    entities = {e: _renamed(v, changed[e]) if e in changed else v for e, v in model.entities.items()}
    operations = {o: _asked(v, changed.get(v.entity, {})) for o, v in model.operations.items()}
    return model.model_copy(update={"entities": entities, "operations": operations})


def _renamed(entity: Entity, names: Mapping[str, str]) -> Entity:
    return entity.model_copy(
        update={
            "fields": {names[n]: t for n, t in entity.fields.items()},
            "key": tuple(names.get(n, n) for n in entity.key),
            "unique": tuple(tuple(names.get(n, n) for n in u) for u in entity.unique),
        }
    )


def _asked(operation: Operation, names: Mapping[str, str]) -> Operation:
    order = operation.order
    if order:
        sign = "-" if order.startswith("-") else ""
        order = sign + names.get(order.removeprefix("-"), order.removeprefix("-"))
    return operation.model_copy(update={"where": tuple(names.get(n, n) for n in operation.where), "order": order})


def renamed(model: Model, contexts: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Path in the brief and name in the design, of what could not keep its own."""
    names = names_of(model, contexts)
    parts = {"entities": names.entities, "operations": names.operations}
    for part, given in parts.items():
        yield from ((f"{part}.{said}", called) for said, called in given.items() if said != called)
    for entity, said in model.entities.items():
        for column, called in fields_of(said).items():
            if column != called:
                yield f"entities.{entity}.fields.{column}", called

"""Boxes and arrows: every component, and who calls whom, read off the hops of all operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workbook.catalog.model import Technology
from workbook.plan.fold.hops import CDN, CLIENT, GATEWAY, Hop, HopKind, Places
from workbook.plan.fold.services import Role
from workbook.plan.names import words
from workbook.plan.passes.world import DATABASE, MEMORY, MESSAGING, OBJECTS, SEARCH


class Kind(StrEnum):
    """What a component is."""

    CLIENT = "client"
    CDN = "cdn"
    GATEWAY = "gateway"
    SERVICE = "service"
    BROKER = "broker"
    DATABASE = "database"
    MEMORY = "memory"
    OBJECTS = "object_store"
    SEARCH = "search"
    INTEGRATION = "integration"


_OF_ROLE = {
    DATABASE: Kind.DATABASE,
    MEMORY: Kind.MEMORY,
    MESSAGING: Kind.BROKER,
    OBJECTS: Kind.OBJECTS,
    SEARCH: Kind.SEARCH,
}


@dataclass(frozen=True, kw_only=True)
class Component:
    """A box of the picture."""

    id: str
    kind: Kind
    technology: Technology | None = None
    contexts: tuple[str, ...] = ()
    role: Role | None = None
    integration: str = ""
    """What the brief calls it, if it is one."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """An arrow: who calls whom, for which operations, and whether somebody waits for it."""

    source: str
    target: str
    awaited: bool
    operations: tuple[str, ...]
    kinds: frozenset[HopKind] = field(default_factory=frozenset)


def components(places: Places, hops: Mapping[str, tuple[Hop, ...]]) -> tuple[Component, ...]:
    """Every component that some hop passes, from the callers down."""
    world, services = places.world, places.services
    passed = {name for found in hops.values() for hop in found for name in hop.way}
    language = world.product("language")
    made = [Component(id=CLIENT, kind=Kind.CLIENT)]
    made += [
        Component(id=name, kind=kind, technology=world.product(name))
        for name, kind in ((CDN, Kind.CDN), (GATEWAY, Kind.GATEWAY))
    ]
    made += [
        Component(id=s.id, kind=Kind.SERVICE, technology=language, contexts=s.contexts, role=s.role) for s in services
    ]
    order = [MESSAGING, DATABASE, MEMORY, OBJECTS, SEARCH]
    stores = sorted(world.stores.values(), key=lambda s: order.index(s.role))
    made += [Component(id=s.id, kind=_OF_ROLE[s.role], technology=s.technology, contexts=s.contexts) for s in stores]
    made += [
        Component(id=places.outside(name), kind=Kind.INTEGRATION, integration=name) for name in world.form.integrations
    ]
    return tuple(c for c in made if c.id in passed)


def calls(hops: Mapping[str, tuple[Hop, ...]]) -> tuple[Call, ...]:
    """Every arrow once, in the order in which operations use them."""
    used: dict[tuple[str, str], list[tuple[str, Hop]]] = {}
    for operation, found in hops.items():
        for hop in found:
            if hop.kind is HopKind.ANSWER:
                continue
            for source, target in _arrows(hop):
                used.setdefault((source, target), []).append((operation, hop))
    return tuple(
        Call(
            source=source,
            target=target,
            awaited=any(h.awaited for _, h in uses),
            operations=tuple(dict.fromkeys(o for o, _ in uses)),
            kinds=frozenset(h.kind for _, h in uses),
        )
        for (source, target), uses in used.items()
    )


def _arrows(hop: Hop) -> list[tuple[str, str]]:
    """From each component of the way to the next; a look-up asks the copy, then the database, from the same service."""
    if hop.kind is HopKind.LOOKED_UP:
        return [(hop.source, target) for target in hop.way[1:]]
    return list(zip(hop.way, hop.way[1:], strict=False))


def titles(every: Iterable[Component]) -> dict[str, str]:
    """Names for people: products by their own, ours by their id; two of one product by what they keep."""
    made = {}
    listed = list(every)
    for one in listed:
        own = one.technology is None or one.kind in (Kind.SERVICE, Kind.CLIENT, Kind.INTEGRATION)
        if own:
            made[one.id] = "Clients" if one.kind is Kind.CLIENT else words(one.id).capitalize()
            continue
        assert one.technology is not None
        same = [c for c in listed if c.technology is one.technology and c.kind is one.kind]
        kept = ", ".join(words(c) for c in one.contexts[:2])
        made[one.id] = one.technology.name if len(same) == 1 or not kept else f"{one.technology.name} ({kept})"
    return made

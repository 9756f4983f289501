"""Boxes and arrows: every component with its role and reason, and who calls whom by what protocol."""

from __future__ import annotations

from workbook.catalog.model import Technology
from workbook.plan import vocabulary
from workbook.plan.decisions.base import World, ability, brief_number, bytes_text
from workbook.plan.design.model import CacheEntry, Component, Flow, Link, Service, Store, Table, Topic
from workbook.plan.names import words

CLIENT, EDGE, GATEWAY, SERVICES, STREAM, STORES, OUTSIDE = range(7)


def gateway(world: World) -> Technology:
    """What receives the calls: what the team has, else the cloud's own, else the simplest."""
    constraints = world.complete.model.constraints
    offers = vocabulary.offers("gateway", constraints.avoid)
    named = [t for t in offers if t.id in (*constraints.must_use, *constraints.existing)]
    at_home = [t for t in offers if t.id.startswith(world.complete.cloud)]
    return (named or at_home or sorted(offers, key=lambda t: t.complexity))[0]


def edge(world: World) -> Technology:
    """The CDN: what the brief names, else the cloud's own, else the first."""
    constraints = world.complete.model.constraints
    offers = vocabulary.offers("cdn", constraints.avoid)
    named = [t for t in offers if t.id in (*constraints.must_use, *constraints.existing)]
    at_home = sorted((t for t in offers if world.complete.cloud in t.offered), key=lambda t: len(t.offered))
    return (named or at_home or offers)[0]


def components(
    world: World,
    services: tuple[Service, ...],
    stores: tuple[Store, ...],
    topics: tuple[Topic, ...],
    language: Technology,
) -> tuple[Component, ...]:
    """Every box, from the callers down."""
    complete, demand = world.complete, world.demand
    people = ", ".join(words(p) for p in complete.model.personas) or "callers"
    made = [
        Component(
            id="client",
            name="Clients",
            layer=CLIENT,
            role=f"apps and browsers of {people}",
            technology="HTTPS" + (", WebSocket" if any(s.role == "realtime" for s in services) else ""),
            why="they hold no truth: every state can be fetched again",
            icon="onprem.client.Users",
        )
    ]
    downloads = [n for n, o in complete.operations.items() if o.verb == "download"]
    cdn = edge(world)
    if downloads:
        out = sum(demand.of_operation("egress", n) for n in downloads)
        made.append(
            Component(
                id="cdn",
                name=cdn.name,
                layer=EDGE,
                role=f"delivers files of {', '.join(words(n) for n in downloads)}",
                technology=cdn.name,
                why=f"{bytes_text(out / 8)} of files a second need not pass the services",
                icon=cdn.icon,
            )
        )
    front = gateway(world)
    made.append(
        Component(
            id="gateway",
            name=front.name,
            layer=GATEWAY,
            role="ends TLS, checks tokens and limits, spreads calls over healthy instances (layer 7, least connections)",
            technology=front.name,
            why=f"one way in for {brief_number(demand.total('total_peak_qps'))} requests/s at peak",
            icon=front.icon,
        )
    )
    for service in services:
        calls = sum(demand.of_operation("peak_qps", n) for n in service.operations)
        events = sum(t.per_second for t in topics if complete.contexts[t.entity] in service.contexts) + (
            calls if service.role == "worker" else 0.0
        )
        why = {
            "api": f"{brief_number(calls)} calls/s at peak; stateless, so instances come and go",
            "realtime": f"{demand.total('concurrent_connections'):,.0f} open connections scale by memory, not by calls",
            "worker": f"{brief_number(events)} events/s at peak need not keep callers waiting",
        }[service.role]
        made.append(
            Component(
                id=service.id,
                name=service.name,
                layer=SERVICES,
                role=service.purpose,
                technology=f"{language.name}, {language.details.get('framework', '')}".rstrip(", "),
                why=why,
                icon=language.icon,
                group="services",
            )
        )
    messaging = world.chosen("messaging")
    if not ability(messaging, "transactional_with_database") and isinstance(messaging.source, Technology):
        made.append(
            Component(
                id="messaging",
                name=messaging.name,
                layer=STREAM,
                role=f"carries {len(topics)} kinds of events",
                technology=messaging.name,
                why=world.decided["messaging"].reason,
                icon=messaging.source.icon,
                group="data",
            )
        )
    for store in stores:
        if store.role == "cache" and not store.technology.port:
            continue
        made.append(
            Component(
                id=store.id,
                name=_store_name(store, stores),
                layer=STORES,
                role=_store_role(store, world),
                technology=store.technology.name,
                why=_store_why(store, world),
                icon=store.technology.icon,
                group="data",
            )
        )
    for name, integration in complete.model.integrations.items():
        made.append(
            Component(
                id=complete.names.integration(name),
                name=words(name).capitalize(),
                layer=OUTSIDE,
                role=integration.does,
                technology="HTTPS API of a third party",
                why="bought, not built: reached by one client with its own timeout and breaker",
                icon="",
                group="outside",
            )
        )
    return tuple(made)


def _store_name(store: Store, stores: tuple[Store, ...]) -> str:
    same = [s for s in stores if s.technology.id == store.technology.id]
    return store.name if len(same) == 1 else f"{words(store.contexts[0]).capitalize()} store"


def _store_role(store: Store, world: World) -> str:
    if store.role == "cache":
        return "answers hot reads; holds nothing that cannot be made again" + (
            ", and what lives only in memory"
            if any(world.complete.kind(e) == "memory" for e in world.complete.entities)
            else ""
        )
    if store.role == "object_store":
        return (
            f"keeps files: {', '.join(words(e) for e in world.complete.entities if world.complete.kind(e) == 'object')}"
        )
    if store.role == "search":
        return f"answers searches of {', '.join(words(c) for c in store.contexts)}"
    owned = [
        words(e)
        for e, c in world.complete.contexts.items()
        if c in store.contexts and world.complete.kind(e) != "memory"
    ]
    return f"home of {', '.join(owned)}"


def _store_why(store: Store, world: World) -> str:
    if store.role == "database":
        return world.decided[f"database.{store.contexts[0]}"].reason
    if store.role == "cache":
        return world.decided["cache"].reason
    if store.role == "search":
        return f"{', '.join(world.chosen('database', c).name for c in store.contexts)} cannot search words"
    size = sum(world.contexts[c].object_bytes for c in store.contexts)
    return f"{size / 1e12:,.3g} TB of files at the horizon cost less here than in a database"


def links(
    world: World,
    services: tuple[Service, ...],
    stores: tuple[Store, ...],
    tables: tuple[Table, ...],
    topics: tuple[Topic, ...],
    caches: tuple[CacheEntry, ...],
    flows: tuple[Flow, ...],
    known: frozenset[str],
) -> tuple[Link, ...]:
    """Every arrow that a flow uses, once, named by what it is used for."""
    made: dict[tuple[str, str], Link] = {}
    purposes: dict[tuple[str, str], list[str]] = {}
    for flow in flows:
        for i, hop in enumerate(flow.hops, start=1):
            source, target, protocol = hop.source, hop.target, hop.protocol
            if target == "client" or source == target or source not in known or target not in known:
                continue
            late = (
                bool(flow.asynchronous_from and i >= flow.asynchronous_from)
                or source == "messaging"
                or target == "messaging"
            )
            if source in {s.id for s in stores if s.role == "database"}:
                source, target = target, source
            made.setdefault(
                (source, target), Link(source=source, target=target, protocol=protocol, purpose="", asynchronous=late)
            )
            purposes.setdefault((source, target), []).append(words(flow.operation))
    downloads = [n for n, o in world.complete.operations.items() if o.verb == "download"]
    if downloads and "cdn" in known and "object_store" in known:
        made[("cdn", "object_store")] = Link(source="cdn", target="object_store", protocol="HTTPS", purpose="")
        purposes[("cdn", "object_store")] = [f"fills on a miss of {words(downloads[0])}"]
    for store in stores:
        if store.role == "search" and services:
            worker = next(
                (s.id for s in services if s.role == "worker" and set(s.contexts) & set(store.contexts)), services[0].id
            )
            made[(worker, store.id)] = Link(
                source=worker, target=store.id, protocol="HTTPS", purpose="", asynchronous=True
            )
            purposes[(worker, store.id)] = ["keeps the index up to date"]
    for integration, said in world.complete.model.integrations.items():
        box = world.complete.names.integration(integration)
        if not any(target == box for _, target in made):
            callers = [s.id for s in services if s.role == "api"] or [s.id for s in services]
            if not callers:
                continue
            caller = callers[0]
            made[(caller, box)] = Link(source=caller, target=box, protocol="HTTPS", purpose="")
            purposes[(caller, box)] = [said.does]
    return tuple(
        Link(source=k[0], target=k[1], protocol=v.protocol, purpose=_joined(purposes[k]), asynchronous=v.asynchronous)
        for k, v in made.items()
    )


def _joined(purposes: list[str]) -> str:
    distinct = list(dict.fromkeys(purposes))
    return ", ".join(distinct[:2]) + (f" and {len(distinct) - 2} more" if len(distinct) > 2 else "")

"""Events and the topics that carry them: who tells, who listens, by what key, for how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbook.plan.complete import Complete
from workbook.plan.decisions.base import World, ability
from workbook.plan.decisions.fan_out import widest
from workbook.plan.decisions.messaging import ENVELOPE_BYTES, RETAINED_DAYS, emits
from workbook.plan.design.model import CacheEntry, Service, Store, Table, Topic
from workbook.plan.names import SAMPLE_TIME, event, identifier, kebab, past, plural, type_name


def topics(
    world: World,
    services: tuple[Service, ...],
    stores: tuple[Store, ...],
    tables: tuple[Table, ...],
    caches: tuple[CacheEntry, ...],
    critical_write: str,
    samples: Mapping[str, Mapping[str, Any]],
) -> tuple[Topic, ...]:
    """One topic for each kind of event; the critical write always tells of itself."""
    complete = world.complete
    made: dict[str, Topic] = {}
    follows = {
        n
        for n, o in complete.operations.items()
        if o.verb in ("notify", "compute")
        and any(
            (r.kind == "funnel" and complete.operations.get(r.of) and emits(complete.operations[r.of]))
            or r.of == critical_write
            for r in o.rate or ()
        )
    }
    telling = [n for n, o in complete.operations.items() if (emits(o) and n not in follows) or n == critical_write]
    for name in sorted(telling, key=lambda n: (n != critical_write, -world.demand.of_operation("peak_qps", n))):
        operation = complete.operations[name]
        if complete.kind(operation.entity) == "memory" and name != critical_write:
            continue
        topic = _topic(name, world, services, stores, tables, caches, samples, critical_write)
        if topic.name not in made:
            made[topic.name] = topic
    return tuple(made.values())


def _topic(
    name: str,
    world: World,
    services: tuple[Service, ...],
    stores: tuple[Store, ...],
    tables: tuple[Table, ...],
    caches: tuple[CacheEntry, ...],
    samples: Mapping[str, Mapping[str, Any]],
    critical_write: str,
) -> Topic:
    complete = world.complete
    operation = complete.operations[name]
    entity = operation.entity
    table = next((t for t in tables if t.entity == entity), None)
    columns = [c for c in table.columns if c.kind != "blob" or c.bytes <= 200] if table else []
    key = (table.partition or _owner(table) or table.key)[0] if table else "id"
    called = complete.names.entity(entity)
    titled = event(called, operation.verb)
    if name == critical_write:
        said = type_name(complete.model.document.get("EVENT_NAME", ""))
        others = {event(complete.names.entity(o.entity), o.verb) for o in complete.operations.values()}
        titled = said if said and said not in others else titled
    data = {c.name: samples.get(entity, {}).get(c.name) for c in columns}
    payload = {
        "event_id": identifier(f"event.{titled}"),
        "type": titled,
        "version": 1,
        "occurred_at": SAMPLE_TIME,
        "trace_id": identifier(f"trace.{titled}").replace("-", ""),
        "data": data,
    }
    producer = next((s.id for s in services if name in s.operations), services[0].id)
    full = f"{kebab(complete.names.context(complete.contexts[entity]))}.{kebab(called)}.{past(operation.verb)}"
    size = ENVELOPE_BYTES + min(world.demand.of_operation("request_bytes", name), 10_000.0)
    return Topic(
        name=full,
        event=titled,
        operation=name,
        entity=entity,
        key=key,
        retention_days=RETAINED_DAYS,
        producers=(producer,),
        groups=tuple(_groups(name, world, stores, caches)),
        payload=payload,
        fields=tuple((c.name, c.kind) for c in columns),
        dead_letter=f"{full}.dead-letter",
        per_second=world.demand.of_operation("peak_qps", name),
        bytes=size,
    )


def _owner(table: Table) -> tuple[str, ...]:
    asked = [q.equals[0] for q in table.queries if q.access == "range" and q.equals]
    return (asked[0],) if asked else ()


def _groups(
    name: str, world: World, stores: tuple[Store, ...], caches: tuple[CacheEntry, ...]
) -> list[tuple[str, str]]:
    """Consumer groups of an operation's events, and what each does."""
    complete = world.complete
    operation = complete.operations[name]
    entity = operation.entity
    called = complete.names.entity(entity)
    made: list[tuple[str, str]] = []
    if operation.fan_out is not None and world.has("fan_out"):
        copies = ability(world.chosen("fan_out"), "copies_per_recipient")
        what = (
            f"writes a row of {called}_inbox for each recipient"
            if copies and name == widest(world)
            else "pushes to the recipients that are connected"
        )
        made.append((f"{kebab(called)}-fan-out", what))
    followers = [
        n
        for n, o in complete.operations.items()
        if any(r.kind == "funnel" and r.of == name for r in o.rate or ()) and o.verb in ("notify", "compute")
    ]
    for follower in followers:
        made.append((kebab(complete.names.operation(follower)), _does(complete, follower)))
    if operation.verb in ("notify", "compute"):
        made.append((kebab(complete.names.operation(name)), _does(complete, name)))
    if operation.verb == "upload":
        made.append((f"{kebab(called)}-inspect", "checks type, size and content of the file, then releases it"))
    if any(s.role == "search" and complete.contexts[entity] in s.contexts for s in stores) and any(
        o.verb == "search" and o.entity == entity for o in complete.operations.values()
    ):
        made.append((f"{kebab(called)}-search-index", "keeps the search index up to date"))
    if operation.mode == "async" and operation.verb in ("create", "update") and operation.fan_out is None:
        made.append(
            (f"{kebab(called)}-store", f"writes the {entity.replace('_', ' ')} that the caller did not wait for")
        )
    shared = any(s.role == "cache" and s.technology.port for s in stores)
    held = [c for c in caches if c.entity == entity and shared]
    if held or not made:
        keys = ", ".join(f"`{c.key}`" for c in held[:3])
        made.append(
            (
                f"{kebab(called)}-{'cache' if held else 'derived'}",
                f"brings {keys} up to date" if held else "keeps what is derived from it up to date",
            )
        )
    return list(dict(made).items())


def _does(complete: Complete, name: str) -> str:
    operation = complete.operations[name]
    called = [i for i, v in complete.model.integrations.items() if name in v.operations]
    if operation.verb == "notify":
        return f"notifies through {called[0].replace('_', ' ')}" if called else "notifies the recipients"
    return f"brings {plural(operation.entity).replace('_', ' ')} up to date"

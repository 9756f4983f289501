"""From decisions to design: each part built once, in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbook.catalog.model import Technology
from workbook.plan.complete import Complete
from workbook.plan.decisions.base import World
from workbook.plan.design import access, api, caches, picture, services, tables, topics
from workbook.plan.design.flows import Flows
from workbook.plan.design.focus import focus
from workbook.plan.design.model import Column, Design, Store, Table
from workbook.plan.names import SAMPLE_TIME, identifier, sample, words
from workbook.plan.naming import shortened


def design(world: World) -> Design:
    """What is built for a world in which every question is answered."""
    complete = world.complete
    parts = services.services(world)
    stores = services.stores(world)
    databases = {c: s for s in stores if s.role == "database" for c in s.contexts}
    built = tables.all_tables(world, databases)
    samples = _samples(complete, built)
    said = focus(world)
    write, read = said.critical_write, said.critical_read
    entries = caches.caches(world, stores, built)
    told = topics.topics(world, parts, stores, built, entries, write, samples) if write else ()
    maker = Flows(world, parts, stores, built, told, entries)
    flows = tuple(maker.flow(n) for n in complete.operations)
    language, cache, messaging = (world.chosen(n).source for n in ("language", "cache", "messaging"))
    assert isinstance(language, Technology)
    assert isinstance(cache, Technology)
    assert isinstance(messaging, Technology)
    boxes = picture.components(world, parts, stores, told, language)
    return Design(
        language=language,
        cache=cache,
        messaging=messaging,
        services=parts,
        stores=stores,
        tables=built,
        topics=told,
        caches=entries,
        endpoints=api.endpoints(world, parts, built, samples),
        flows=flows,
        components=boxes,
        links=picture.links(world, parts, stores, built, told, entries, flows, frozenset(b.id for b in boxes)),
        access=access.access_rules(complete, built),
        critical_write=write,
        critical_read=read,
        primary_write=said.primary_write,
        primary_read=said.primary_read,
        structures=said.structures,
        jobs=_jobs(world, built, stores),
        samples=samples,
        demand=world.demand,
    )


def _samples(complete: Complete, built: tuple[Table, ...]) -> Mapping[str, Mapping[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for entity, said in complete.entities.items():
        own = next((t for t in built if t.entity == entity and not t.inbox), None)
        columns = (
            own.columns if own else tuple(Column(name=n, kind=f.kind, bytes=f.bytes) for n, f in said.fields.items())
        )
        made[entity] = {
            c.name: sample(entity, c.name, said.fields[c.name]) if c.name in said.fields else _added(entity, c)
            for c in columns
        }
    return made


def _added(entity: str, column: Column) -> Any:
    values: dict[str, Any] = {
        "id": identifier(entity),
        "object_key": f"{shortened(entity, column.length - len(identifier(entity)) - 1)}/{identifier(entity)}",
        "byte_size": 204_800,
        "checksum": "9f" * 32,
        "version": 1,
        "created": SAMPLE_TIME,
        "changed": SAMPLE_TIME,
        "body": {"note": f"sample {words(entity)}"},
    }
    return values.get(column.role, SAMPLE_TIME if column.kind == "time" else f"sample {words(column.name)}")


def _jobs(world: World, built: tuple[Table, ...], stores: tuple[Store, ...]) -> tuple[tuple[str, str], ...]:
    """Work that time starts: removing what is too old, and the brief's own scheduled operations."""
    made: list[tuple[str, str]] = []
    for table in built:
        if table.retention_days is not None and not table.purpose:
            store = next(s for s in stores if s.id == table.store)
            if table.time_partitioned:
                how = "drops whole partitions"
            elif store.technology.abilities.get("ttl"):
                continue
            else:
                how = "deletes in batches of 1,000 at night"
            made.append(
                (f"expire_{table.name}", f"{how} of {words(table.name)} older than {table.retention_days:g} days")
            )
    return tuple(made)

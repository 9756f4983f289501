"""From decisions to design: each part built once, in the order in which they need each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbook.catalog.model import Technology
from workbook.plan.complete import Complete
from workbook.plan.decisions.base import World
from workbook.plan.decisions.messaging import emits
from workbook.plan.design import access, api, caches, picture, services, tables, topics
from workbook.plan.design.flows import Flows
from workbook.plan.design.model import Column, Design, Store, Table
from workbook.plan.design.names import SAMPLE_TIME, identifier, sample, words


def design(world: World) -> Design:
    """What is built for a world in which every question is answered."""
    complete = world.complete
    parts = services.services(world)
    stores = services.stores(world)
    databases = {c: s for s in stores if s.role == "database" for c in s.contexts}
    built = tables.all_tables(world, databases)
    samples = _samples(complete, built)
    write = critical(complete, world, reads=False)
    read = critical(complete, world, reads=True)
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
        "object_key": f"{entity}/{identifier(entity)}",
        "byte_size": 204_800,
        "checksum": "9f" * 32,
        "version": 1,
        "created": SAMPLE_TIME,
        "changed": SAMPLE_TIME,
        "body": {"note": f"sample {words(entity)}"},
    }
    return values.get(column.role, SAMPLE_TIME if column.kind == "time" else f"sample {words(column.name)}")


def _tokens(text: str) -> set[str]:
    return {t.rstrip("s") for t in re.split(r"[^a-z0-9]+", text.lower()) if len(t) > 2}


def critical(complete: Complete, world: World, *, reads: bool) -> str:
    """The operation that the deep dive follows: the one the document's variables mean, else the busiest P0."""
    candidates = [
        n
        for n, o in complete.operations.items()
        if o.reads == reads and not (o.verb in services.INTERNAL_VERBS and o.by is None)
    ] or [n for n, o in complete.operations.items() if o.reads == reads]
    if not candidates:
        return next(iter(complete.operations), "")
    for variable in (
        ("CRITICAL_READ_OPERATION", "PRIMARY_READ_OPERATION")
        if reads
        else ("CRITICAL_WRITE_OPERATION", "PRIMARY_WRITE_OPERATION")
    ):
        said = complete.model.document.get(variable)
        if said:
            found = _meant(said, candidates, complete)
            if found:
                return found
    stored = [
        n
        for n in candidates
        if complete.kind(complete.operations[n].entity) != "memory" and complete.operations[n].verb != "download"
    ] or candidates
    first = [n for n in stored if complete.priority(n) == "P0"] or stored
    paged = (
        [n for n in first if complete.operations[n].verb == "list"]
        if reads
        else [n for n in first if emits(complete.operations[n])]
    )
    return max(paged or first, key=lambda n: world.demand.of_operation("peak_qps", n))


def _meant(said: str, candidates: list[str], complete: Complete) -> str:
    """The operation a title means: its own name, the words of its feature, or most words in common."""
    normal = said.lower().replace(" ", "_")
    if normal in candidates:
        return normal
    wanted = _tokens(said)

    def likeness(name: str) -> float:
        own = _tokens(name.replace("_", " ")) | _tokens(complete.operations[name].entity.replace("_", " "))
        of_features = [
            f
            for i, f in complete.model.features.items()
            if name in f.operations and normal in (i, (f.title or "").lower().replace(" ", "_"))
        ]
        place = 1 - candidates.index(name) / 100
        return len(wanted & own) + (2 if of_features else 0) + 0.01 * place

    best = max(candidates, key=likeness)
    return best if likeness(best) >= 1 else ""


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

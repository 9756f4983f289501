"""What is kept in the cache: keys, shapes, lifetimes, and what makes an entry old."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from workbook.catalog.model import Technology
from workbook.plan.decisions.base import World
from workbook.plan.design.model import CacheEntry, Query, Store, Table
from workbook.plan.names import slot
from workbook.plan.naming import Space

LONGEST_ID = 80
PAGES_KEPT = 10
HOUR = 3600


def caches(world: World, stores: tuple[Store, ...], tables: tuple[Table, ...]) -> tuple[CacheEntry, ...]:
    """An entry for each read that may be a little old, and for what lives only in memory."""
    complete = world.complete
    technology = world.chosen("cache").source
    assert isinstance(technology, Technology)
    made: dict[str, CacheEntry] = {}
    for name, operation in complete.operations.items():
        if not operation.reads:
            continue
        entity = operation.entity
        if complete.kind(entity) == "memory":
            entry = _state(entity, world)
        else:
            found = [(t, q) for t in tables if t.entity == entity for q in t.queries if q.operation == name]
            if not found or complete.consistency(entity) == "strong":
                continue
            entry = _entry(name, *found[0], world, technology)
        if entry.key in made:
            made[entry.key] = replace(made[entry.key], operations=(*made[entry.key].operations, name))
        else:
            made[entry.key] = entry
    for entity in complete.entities:
        if complete.kind(entity) == "memory" and not any(e.entity == entity for e in made.values()):
            entry = _state(entity, world)
            made[entry.key] = entry
    space = Space(longest=LONGEST_ID, end="_entry")
    own = [replace(e, id=space.take(e.id)) for e in made.values()]
    return tuple(_fitted(e, tuple(own), world) for e in own)


def _fitted(entry: CacheEntry, entries: tuple[CacheEntry, ...], world: World) -> CacheEntry:
    """As many items as the hot bytes of the entity hold, shared out over its entries. A state is held whole."""
    if entry.pattern == "write_through":
        return entry
    sharing = sum(e.entity == entry.entity for e in entries)
    room = world.demand.of_entity("cache_bytes", entry.entity) / sharing
    row = world.demand.of_entity("row_bytes", entry.entity)
    if world.complete.kind(entry.entity) == "object" and row > 0:
        room *= entry.item_bytes / row
    return replace(entry, items=room / max(entry.item_bytes, 1.0))


def _writers(entity: str, world: World) -> tuple[str, ...]:
    operations = world.complete.operations
    return tuple(n for n, o in operations.items() if not o.reads and (o.entity == entity or entity in o.creates))


def _items(entity: str, world: World) -> float:
    row = max(world.demand.of_entity("row_bytes", entity), 1.0)
    return world.demand.of_entity("cache_bytes", entity) / row


def _ttl(entity: str, world: World, shared: bool) -> int:
    """An hour where writes invalidate; else as old as a read may be. What each server keeps for itself hears of no write of another."""
    staleness = int(world.complete.quality("staleness").best)
    if not shared:
        return max(1, staleness)
    return HOUR if _writers(entity, world) else max(60, staleness * 10)


def _entry(name: str, table: Table, query: Query, world: World, technology: Technology) -> CacheEntry:
    entity = table.entity
    prefix = world.complete.names.entity(entity)
    by = ":".join(f"{{{slot(c)}}}" for c in query.equals)
    ranked = bool(technology.abilities.get("sorted_sets"))
    shared = bool(technology.port)
    common: dict[str, Any] = {
        "entity": entity,
        "operations": (name,),
        "invalidated_by": _writers(entity, world) if shared else (),
        "ttl_seconds": _ttl(entity, world, shared),
    }
    row = world.demand.of_entity("row_bytes", entity) if world.complete.kind(entity) != "object" else 200.0
    if query.access in ("range",) and ranked:
        score = query.order[0] if query.order else "id"
        length = max(PAGES_KEPT * max(query.limit, 1), 100)
        return CacheEntry(
            id=f"{prefix}_pages_{'_'.join(query.equals) or 'all'}",
            key=f"{prefix}:by:{'_'.join(query.equals) or 'all'}:{by or 'all'}",
            shape="sorted_set",
            holds=f"keys of the {'latest' if query.descending else 'first'} {length} rows, ordered by `{score}`",
            pattern="cache_aside",
            item_bytes=64.0 * length,
            items=_items(entity, world) / max(query.limit, 1),
            score=score,
            length=length,
            **common,
        )
    if query.access == "range":
        return CacheEntry(
            id=f"{prefix}_page_{'_'.join(query.equals) or 'all'}",
            key=f"{prefix}:page:{by or 'all'}:v{{version}}:{{cursor}}",
            shape="list_page",
            holds=f"one page of {max(query.limit, 1)} rows as JSON; a write raises `{prefix}:version:{by or 'all'}`",
            pattern="cache_aside",
            item_bytes=row * max(query.limit, 1),
            items=_items(entity, world) / max(query.limit, 1),
            length=query.limit,
            **common,
        )
    if query.access == "aggregate":
        return CacheEntry(
            id=f"{prefix}_count",
            key=f"{prefix}:count:{by or 'all'}",
            shape="counter",
            holds="the aggregate, brought up to date by events",
            pattern="write_behind",
            item_bytes=64.0,
            items=_items(entity, world),
            **common,
        )
    if query.access in ("search", "near"):
        return CacheEntry(
            id=f"{prefix}_search",
            key=f"{prefix}:search:{{hash}}",
            shape="string",
            holds="the first page of a search, keyed by the hash of its words and filters",
            pattern="cache_aside",
            item_bytes=row * max(query.limit, 1),
            items=_items(entity, world) / max(query.limit, 1),
            **{**common, "ttl_seconds": max(30, int(world.complete.quality("staleness").best)), "invalidated_by": ()},
        )
    shape: Literal["hash", "string"] = "hash" if technology.abilities.get("hashes") else "string"
    return CacheEntry(
        id=f"{prefix}_row",
        key=f"{prefix}:{by}",
        shape=shape,
        holds="the row" + (" as a hash" if shape == "hash" else " as JSON"),
        pattern="cache_aside",
        item_bytes=row,
        items=_items(entity, world),
        **common,
    )


def _state_ttl(entity: str, world: World, retention: float) -> int:
    """How long a state holds without news: the parameter of the brief that says so, else twice the beat of its updates, else its retention."""
    stem = entity.split("_")[0].upper()
    for name, said in world.complete.model.tunables.items():
        if name.upper().startswith(stem) and "TTL" in name.upper() and isinstance(said, int | float):
            return int(said)
    beats = [
        world.demand.of_entity("rows_retained", entity) / world.demand.of_operation("active_qps", n)
        for n, o in world.complete.operations.items()
        if o.entity == entity and not o.reads and world.demand.of_operation("active_qps", n) > 0
    ]
    beat = 2 * min(beats) if beats else 120.0
    return max(1, int(min(beat, retention * 86_400 if retention < 1e6 else beat)))


def _state(entity: str, world: World) -> CacheEntry:
    """What is never stored: its only home is the cache, and its lifetime is what keeps it true."""
    said = world.complete.entities[entity]
    called = world.complete.names.entity(entity)
    first = next(iter(said.key or said.fields), "id")
    retention = world.demand.of_entity("retention", entity)
    reads = tuple(n for n, o in world.complete.operations.items() if o.entity == entity)
    return CacheEntry(
        id=f"{called}_state",
        key=f"{called}:{{{slot(first)}}}",
        shape="hash",
        holds="the state itself; it is stored nowhere else",
        entity=entity,
        operations=reads,
        pattern="write_through",
        ttl_seconds=_state_ttl(entity, world, retention),
        item_bytes=world.demand.of_entity("row_bytes", entity),
        items=world.demand.of_entity("rows_retained", entity),
        invalidated_by=_writers(entity, world),
    )

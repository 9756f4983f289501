"""The timeline: what grows, what it will cost, and when the review marks of the source documents are reached."""

from __future__ import annotations

from workbook.plan.complete import Complete
from workbook.plan.decisions.base import World
from workbook.plan.design.model import Design
from workbook.plan.sizing.model import CostItem, Month, Threshold, Tier

DATABASE_QPS, DATABASE_BYTES, SERVER_CONNECTIONS, CACHE_SHARE, BROKER_EVENTS = 10_000.0, 1e12, 1_000.0, 0.8, 50_000.0
"""Marks of the workflows, "Scaling Thresholds"."""


def growth_per_year(complete: Complete) -> float:
    """The growth of what drives the load: of `users`, else the fastest said; 1 where nobody says any."""
    populations = complete.model.populations
    said = [p.growth.best for n, p in populations.items() if p.growth and n == "users"] or [
        p.growth.best for p in populations.values() if p.growth
    ]
    return max(said, default=1.0)


def timeline(world: World, costs: tuple[CostItem, ...]) -> tuple[Month, ...]:
    """Every quarter to the horizon. Traffic grows as the users do; storage adds up what the grown traffic writes."""
    demand = world.demand
    growth = growth_per_year(world.complete)
    storage_ids = ("object_storage", "database")
    by_storage = sum(c.monthly_usd for c in costs if c.id in storage_ids)
    by_traffic = sum(c.monthly_usd for c in costs) - by_storage
    start, per_day = demand.total("storage_bytes_initial"), demand.total("storage_bytes_per_day")
    entities = [e for e in world.complete.entities if world.complete.kind(e) != "memory"]
    made = []
    base = max(_stored(world, entities, 12, growth, start, per_day), 1.0)
    for month in range(0, int(demand.total("horizon") / 30.4) + 1, 3):
        factor = growth ** (month / 12)
        stored = _stored(world, entities, month, growth, start, per_day)
        made.append(
            Month(
                month=month,
                peak_qps=demand.total("total_peak_qps") * factor,
                storage_bytes=stored,
                monthly_usd=by_traffic * factor + by_storage * max(factor, stored / base)
                if by_storage
                else by_traffic * factor,
                connections=demand.total("concurrent_connections") * factor,
                messages_per_second=demand.total("messages_per_second") * factor,
            )
        )
    return tuple(made)


def _stored(world: World, entities: list[str], month: int, growth: float, start: float, per_day: float) -> float:
    """Bytes after so many months: each entity keeps the days of its retention, written at the grown rate."""
    total = start
    for entity in entities:
        daily = world.demand.of_entity("bytes_per_day", entity)
        days = min(month * 30.4, world.demand.of_entity("kept", entity))
        first = month * 30.4 - days
        middle = (first + days / 2) / 365
        total += daily * days * growth**middle
    return total


def thresholds(
    world: World, design: Design, tiers: dict[str, Tier], months: tuple[Month, ...]
) -> tuple[Threshold, ...]:
    """The marks and the month in which growth reaches each."""
    demand = world.demand
    growth = growth_per_year(world.complete)
    made = []
    for store in design.stores:
        if store.role == "database":
            loads = [world.contexts[c] for c in store.contexts]
            leaders = max(
                1, tiers[store.id].fleet.nodes if tiers[store.id].fleet.ring else tiers[store.id].fleet.shards
            )
            rate = sum(x.reads + x.writes for x in loads) / leaders
            made.append(
                _mark(design.label(store), "requests per second on one node", rate, DATABASE_QPS, "1/s", growth, months)
            )
            stored = sum(x.bytes_year for x in loads) / leaders
            made.append(
                _mark(design.label(store), "bytes on one node in a year", stored, DATABASE_BYTES, "B", growth, months)
            )
    connections = demand.total("concurrent_connections")
    held = next(
        (
            t
            for t in tiers.values()
            if t.kind == "compute" and any(s.id == t.id and s.role == "realtime" for s in design.services)
        ),
        None,
    )
    servers = held or next((t for t in tiers.values() if t.kind == "compute"), None)
    if connections and servers:
        holds = (
            next((n.have for n in servers.fleet.needs if n.what == "open connections"), SERVER_CONNECTIONS)
            if held
            else SERVER_CONNECTIONS
        )
        made.append(
            _mark(
                servers.name,
                "open connections per server",
                connections / max(1, servers.nodes),
                holds,
                "1",
                growth,
                months,
            )
        )
    cache = tiers.get("cache")
    if cache and cache.fleet.needs:
        memory = cache.fleet.needs[0]
        made.append(
            _mark(
                cache.name,
                "memory in use per node",
                memory.need / max(1, cache.fleet.shards) / (memory.have / (1 - world.headroom)),
                CACHE_SHARE,
                "share",
                growth,
                months,
            )
        )
    if "messaging" in tiers:
        events = sum(t.per_second for t in design.topics)
        made.append(
            _mark(
                design.messaging.name,
                "events per second per broker",
                events / max(1, tiers["messaging"].fleet.nodes),
                BROKER_EVENTS,
                "1/s",
                growth,
                months,
            )
        )
    return tuple(made)


def _mark(
    component: str, mark: str, now: float, limit: float, unit: str, growth: float, months: tuple[Month, ...]
) -> Threshold:
    reached = next((m.month for m in months if now * growth ** (m.month / 12) >= limit), None)
    return Threshold(component=component, mark=mark, now=now, limit=limit, unit=unit, month=reached)

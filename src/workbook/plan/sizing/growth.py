"""The timeline: what grows, what it will cost, and when the review marks of the source documents are reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook.brief.quantities import YEAR_DAYS
from workbook.plan.complete import Complete
from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import Role
from workbook.plan.passes import asked
from workbook.plan.passes.world import DATABASE, MESSAGING, World
from workbook.plan.sizing.model import CostItem, Item, Mark, Month, Threshold, Tier

MARKS: Mapping[Mark, tuple[float, str]] = {
    Mark.REQUESTS: (10_000.0, "1/s"),
    Mark.BYTES: (1e12, "B"),
    Mark.CONNECTIONS: (1_000.0, "1"),
    Mark.MEMORY: (0.8, "share"),
    Mark.EVENTS: (50_000.0, "1/s"),
}
"""Marks of the workflows, "Scaling Thresholds"."""
MONTH_DAYS = 30.4
QUARTER = 3
_BY_STORAGE = (Item.OBJECTS, Item.DATABASE)


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
    by_storage = sum(c.monthly_usd for c in costs if c.id in _BY_STORAGE)
    by_traffic = sum(c.monthly_usd for c in costs) - by_storage
    base = max(_stored(world, 12, growth), 1.0)
    made = []
    for month in range(0, int(demand.total("horizon") / MONTH_DAYS) + 1, QUARTER):
        factor = growth ** (month / 12)
        stored = _stored(world, month, growth)
        made.append(
            Month(
                month=month,
                peak_qps=demand.total("total_peak_qps") * factor,
                storage_bytes=stored,
                monthly_usd=by_traffic * factor + by_storage * max(factor, stored / base),
                connections=demand.total("concurrent_connections") * factor,
                messages_per_second=demand.total("messages_per_second") * factor,
            )
        )
    return tuple(made)


def _stored(world: World, month: int, growth: float) -> float:
    """Bytes after so many months: each entity keeps the days of its retention, written at the grown rate."""
    demand = world.demand
    total = demand.total("storage_bytes_initial")
    for entity in (e for e in world.complete.entities if world.complete.kind(e) != "memory"):
        days = min(month * MONTH_DAYS, demand.of_entity("kept", entity))
        middle = (month * MONTH_DAYS - days / 2) / YEAR_DAYS
        total += demand.of_entity("bytes_per_day", entity) * days * growth**middle
    return total


def reach_their_end(world: World, months: tuple[Month, ...]) -> tuple[str, ...]:
    """Entities whose first rows go again before the last month."""
    last = months[-1].month * MONTH_DAYS if months else 0.0
    return tuple(e for e in world.complete.entities if world.demand.of_entity("kept", e) < last)


def thresholds(design: Design, tiers: Mapping[str, Tier], months: tuple[Month, ...]) -> tuple[Threshold, ...]:
    """The marks and the month in which growth reaches each."""
    growth = growth_per_year(design.world.complete)
    return tuple(_mark(name, mark, now, growth, months) for name, mark, now in _watched(design, tiers))


def _watched(design: Design, tiers: Mapping[str, Tier]) -> Iterator[tuple[str, Mark, float]]:
    """Component, mark, and where it stands today."""
    world = design.world
    for store in design.stores:
        tier = tiers.get(store.id)
        if store.role != DATABASE or tier is None:
            continue
        load = asked.of_home(world, store)
        leaders = max(1, tier.fleet.nodes if tier.fleet.ring else tier.fleet.shards)
        yield store.id, Mark.REQUESTS, (load.reads + load.writes) / leaders
        yield store.id, Mark.BYTES, load.bytes_year / leaders
    held = world.demand.total("concurrent_connections")
    if held and design.services:
        servers = [s.id for s in design.services if s.role is Role.REALTIME] or [s.id for s in design.services]
        yield servers[0], Mark.CONNECTIONS, held / max(1, tiers[servers[0]].nodes)
    for tier in tiers.values():
        if tier.kind is Kind.MEMORY and tier.fleet.needs:
            memory = tier.fleet.needs[0]
            whole = memory.have / (1 - world.headroom)
            yield tier.id, Mark.MEMORY, memory.need / max(1, tier.fleet.shards) / whole
    if MESSAGING in tiers:
        events = sum(t.per_second for t in design.topics if not t.inside)
        yield MESSAGING, Mark.EVENTS, events / max(1, tiers[MESSAGING].fleet.nodes)


def _mark(component: str, mark: Mark, now: float, growth: float, months: tuple[Month, ...]) -> Threshold:
    limit, unit = MARKS[mark]
    reached = next((m.month for m in months if now * growth ** (m.month / 12) >= limit), None)
    return Threshold(component=component, mark=mark, now=now, limit=limit, unit=unit, month=reached)

"""Machines for every service, store and stream, from what the design puts on them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.capacity import Load
from workbook.plan.decisions import cache as cache_decision
from workbook.plan.decisions import database as database_decision
from workbook.plan.decisions import messaging as messaging_decision
from workbook.plan.decisions.base import ContextLoad, World, ability
from workbook.plan.design.model import Design, Service, Store
from workbook.plan.sizing.model import Tier

PARTITION_BYTES_PER_SECOND = 10e6
"""What one partition takes before it is worth a further one (our assumption, within the 5-20 MB/s of published sizing guides)."""


def tiers(world: World, design: Design) -> dict[str, Tier]:
    """Every tier by the id of its service or store."""
    regions = world.chosen("regions")
    factor = ability(regions, "cost_factor") or 1.0
    made: dict[str, Tier] = {}
    machine = _machine(world)
    least = zones(world, design)
    calm, burst = _swing(world)
    for service in design.services:
        fleet = capacity.compute(
            _service_load(service, world, design, least),
            machine,
            _throughput(design.language),
            service.role == "realtime",
        )
        made[service.id] = Tier(
            id=service.id,
            name=service.name,
            kind="compute",
            fleet=fleet,
            multiplier=factor,
            least=max(least, math.ceil(fleet.nodes * calm)),
            most=max(math.ceil(fleet.nodes * burst), least + 2),
        )
    for store in design.stores:
        tier = _store(store, world, design.label(store))
        if tier is not None:
            made[store.id] = replace(tier, multiplier=factor if store.role != "object_store" or factor < 2 else 2.0)
    fleet = capacity.messaging(messaging_decision.load(world), design.messaging)
    if fleet.nodes or fleet.requests_usd:
        made["messaging"] = Tier(
            id="messaging", name=design.messaging.name, kind="stream", fleet=fleet, multiplier=factor
        )
    return made


def zones(world: World, design: Design) -> int:
    """Zones of a region: three where a majority of three copies has to outlast one of them, else two."""
    quorums = [world.chosen("replication", d.subject) for d in world.decided.values() if d.decision == "replication"]
    majority = any(ability(q, "needs_leaderless") for q in quorums) or bool(capacity.sizes(design.messaging))
    return 3 if majority or world.complete.quality("availability").best >= 0.9999 else 2


def _swing(world: World) -> tuple[float, float]:
    """The quiet hours and the surge as shares of the peak that the fleet is sized for. Nothing below a third, nothing below twice."""
    peak = max(world.demand.total("total_peak_qps"), 1e-9)
    surge = world.complete.model.load.surge
    most = world.demand.total("total_surge_qps") / peak if surge is not None else 0.0
    return min(1.0, world.demand.total("total_average_qps") / peak), max(2.0, most)


def consumer_rate(world: World, design: Design) -> float:
    """Events per second of one consumer: one process on one core, an event costing what a call costs in the chosen language."""
    machine = _machine(world)
    size = capacity.sizes(machine)[-1]
    return capacity.limit(machine, "requests_per_second") * size.share * _throughput(design.language) / size.vcpu


def _machine(world: World) -> Technology:
    offers = {t.id: t for t in loader.technologies().values() if t.kind == "compute"}
    return offers.get(f"{world.complete.cloud}_compute") or next(iter(offers.values()))


def _throughput(language: Technology) -> float:
    value = language.abilities.get("throughput", 0.5)
    return float(value) if not isinstance(value, str) else 0.5


def _service_load(service: Service, world: World, design: Design, least: int) -> Load:
    demand = world.demand
    calls = sum(demand.of_operation("peak_qps", n) for n in service.operations)
    connections = 0.0
    if service.role == "worker":
        calls += sum(
            t.per_second * len(t.groups) for t in design.topics if world.complete.contexts[t.entity] in service.contexts
        )
    if service.role == "realtime":
        connections = demand.total("concurrent_connections")
        calls += sum(
            demand.of_operation("peak_qps", n) * max(1.0, demand.of_operation("recipients", n))
            for n, o in world.complete.operations.items()
            if o.fan_out is not None
        )
    return Load(reads=calls, connections=connections, headroom=world.headroom, minimum=least)


def combined(contexts: Iterable[ContextLoad]) -> ContextLoad:
    """The load of several contexts in one store."""
    parts = list(contexts)
    first = parts[0]
    summed = {
        f: sum(getattr(p, f) for p in parts)
        for f in (
            "reads",
            "writes",
            "average_reads",
            "average_writes",
            "bytes_year",
            "bytes_horizon",
            "object_bytes",
            "rows",
            "points",
            "ranges",
            "searches",
            "aggregates",
        )
    }
    return replace(first, **summed, item_bytes=max(p.item_bytes for p in parts), strong=any(p.strong for p in parts))


def _store(store: Store, world: World, label: str) -> Tier | None:
    loads = [world.contexts[c] for c in store.contexts if c in world.contexts]
    if store.role == "database":
        fleet = capacity.database(database_decision.load(combined(loads), world), store.technology)
        return Tier(id=store.id, name=label, kind="database", fleet=fleet)
    if store.role == "cache":
        fleet = capacity.cache(cache_decision.load(world), store.technology)
        return Tier(id=store.id, name=store.name, kind="cache", fleet=fleet) if fleet.nodes else None
    if store.role == "object_store":
        return Tier(id=store.id, name=store.name, kind="object_storage", fleet=_objects(store, world))
    summed = combined(loads)
    fleet = capacity.database(
        Load(
            reads=summed.searches,
            writes=summed.writes,
            bytes=summed.bytes_year * 0.5,
            copies=2,
            headroom=world.headroom,
        ),
        store.technology,
    )
    return Tier(id=store.id, name=store.name, kind="search", fleet=fleet)


def _objects(store: Store, world: World) -> capacity.Fleet:
    demand, complete = world.demand, world.complete
    stored = reads = writes = 0.0
    for entity in complete.entities:
        if complete.kind(entity) == "object":
            days = min(365.0, demand.of_entity("kept", entity))
            rows = demand.of_entity("initial_rows", entity) + demand.of_entity("rows_per_day", entity) * days
            stored += (
                rows
                * demand.of_entity("row_bytes", entity)
                / demand.of_entity("compression", entity)
                * demand.of_entity("replicas", entity)
            )
            reads += sum(
                demand.of_operation("average_qps", n)
                for n, o in complete.operations.items()
                if o.entity == entity and o.reads
            )
            writes += demand.of_entity("rows_per_day", entity) / 86_400
    miss = 1 - complete.default("sizing.cdn_hit_ratio", "share").best
    gigabytes = stored / capacity.GB
    node = store.technology.node
    price = node.storage_gb_month_usd.value if node and node.storage_gb_month_usd else 0.0
    put = store.technology.facts.get("write_million_usd")
    get = node.request_million_usd if node else None
    requests = (
        (reads * miss * (get.value if get else 0.0) + writes * (put.value if put else 0.0))
        * capacity.SECONDS_A_MONTH
        / 1e6
    )
    return capacity.Fleet(
        store.technology.id, "pay by use", 0, 0, 0, 1, 1, (), 0.0, gigabytes, gigabytes * price, requests
    )


def partitions(world: World, design: Design) -> dict[str, int]:
    """Partitions of each topic: enough for its bytes and for its consumers, with headroom, a power of two."""
    made: dict[str, int] = {}
    for topic in design.topics:
        by_bytes = topic.per_second * topic.bytes / PARTITION_BYTES_PER_SECOND
        by_consumers = topic.per_second / consumer_rate(world, design)
        need = max(by_bytes, by_consumers) / (1 - world.headroom)
        made[topic.name] = 2 ** math.ceil(math.log2(max(1.0, need)))
    return made


def shards(design: Design, made: dict[str, Tier]) -> dict[str, int]:
    """Shards with a leader, or nodes of a ring, by store."""
    return {
        s.id: (made[s.id].fleet.nodes if made[s.id].fleet.ring else made[s.id].fleet.shards)
        for s in design.stores
        if s.role == "database"
    }

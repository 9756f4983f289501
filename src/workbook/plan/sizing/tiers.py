"""Machines for every service, store and broker, from what the design puts on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.capacity import Fleet, Load
from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.fold.hops import GATEWAY
from workbook.plan.fold.services import HELD, Role, Service, connections
from workbook.plan.fold.topics import PARTITION_BYTES_PER_SECOND
from workbook.plan.form.verbs import READS
from workbook.plan.load.waiting import handling
from workbook.plan.passes import asked, resting
from workbook.plan.passes.model import ability
from workbook.plan.passes.search_engine import of_search
from workbook.plan.passes.world import DATABASE, MEMORY, MESSAGING, OBJECTS, SEARCH, Store, World
from workbook.plan.sizing.model import Tier

STEPS_A_CALL = 4.0
"""Steps outside the process that the catalog's calls a second speak of: "JSON API work with a few calls to stores". Longer ways count by
their steps (our assumption)."""
FOUR_NINES = 0.9999
_KINDS = {
    DATABASE: Kind.DATABASE,
    MEMORY: Kind.MEMORY,
    MESSAGING: Kind.BROKER,
    OBJECTS: Kind.OBJECTS,
    SEARCH: Kind.SEARCH,
}


def tiers(design: Design) -> dict[str, Tier]:
    """Every tier by the id of its component."""
    world = design.world
    factor = ability(world.chosen("regions"), "cost_factor") or 1.0
    least = zones(world)
    calm, burst = _swing(world)
    made: dict[str, Tier] = {}
    front = world.product(GATEWAY)
    if front is not None:
        made[GATEWAY] = Tier(id=GATEWAY, kind=Kind.GATEWAY, fleet=_gateway(front, world, least), multiplier=factor)
    for service in design.services:
        fleet = _servers(service, design, least)
        made[service.id] = Tier(
            id=service.id,
            kind=Kind.SERVICE,
            fleet=fleet,
            multiplier=factor,
            least=max(least, math.ceil(fleet.nodes * calm)),
            most=max(math.ceil(fleet.nodes * burst), least + 2),
        )
    for store in design.stores:
        fleet = _store(store, world)
        if fleet.nodes or fleet.storage_gb or fleet.requests_usd:
            made[store.id] = Tier(id=store.id, kind=_KINDS[store.role], fleet=fleet, multiplier=factor)
    return made


def zones(world: World) -> int:
    """Zones of a region: three where a majority of three copies has to outlast one of them, else two."""
    chosen = [d.chosen for d in world.decided.values() if d.decision == "replication"]
    broker = world.stores.get(MESSAGING)
    majority = any(ability(c, a) for c in chosen for a in ("needs_leaderless", "needs_vote"))
    majority = majority or (broker is not None and bool(capacity.sizes(broker.technology)))
    return 3 if majority or world.complete.quality("availability").best >= FOUR_NINES else 2


def _swing(world: World) -> tuple[float, float]:
    """The quiet hours and the surge as shares of the peak that the fleet is sized for. Nothing below a third, nothing below twice."""
    peak = max(world.demand.total("total_peak_qps"), 1e-9)
    surge = world.complete.model.load.surge
    most = world.demand.total("total_surge_qps") / peak if surge is not None else 0.0
    return min(1.0, world.demand.total("total_average_qps") / peak), max(2.0, most)


# Services -------------------------------------------------------------------------------------------------------------


def machine(world: World) -> Technology:
    """The kind of machine that services run on."""
    return world.decided["machine"].technology


def throughput(language: Technology) -> float:
    """Calls a core, relative to the fastest language."""
    return ability(language, "throughput") or 0.5


def _servers(service: Service, design: Design, least: int) -> Fleet:
    world = design.world
    held = {
        world.form.operations[o].starts.on for o in service.operations if world.form.operations[o].starts.kind in HELD
    }
    load = Load(
        reads=sum(work(world, o) for o in service.operations)
        + (_frames(world) if service.role is Role.REALTIME else 0.0),
        connections=connections(world, held),
        headroom=world.headroom,
        minimum=least,
    )
    return capacity.compute(load, machine(world), throughput(design.language), service.role is Role.REALTIME)


def work(world: World, operation: str) -> float:
    """Calls a second at peak; an operation that takes more steps than usual counts for several."""
    calls = world.load.peak_of(operation)
    runs = world.load.runs.get(operation, ())
    outside = sum(
        float(r.runs[0]) for r in runs if r.step.verb in READS or r.step.shape is not None or r.step.verb is Verb.CALL
    )
    return calls * max(1.0, outside / STEPS_A_CALL)


def _frames(world: World) -> float:
    """Messages that are pushed over open connections, a second at peak."""
    load = world.load
    return sum(float(load.peak["keys"][i, 0]) for i, r in enumerate(load.steps) if r.step.verb is Verb.PUSH)


def consumer_rate(design: Design, operation: str) -> float:
    """Runs a second of one consumer of an operation: one process on one core."""
    technology = machine(design.world)
    size = capacity.sizes(technology)[-1]
    calls = capacity.limit(technology, "requests_per_second") * size.share * throughput(design.language) / size.vcpu
    runs = design.world.load.peak_of(operation)
    return calls * runs / max(work(design.world, operation), 1e-9) if runs > 0 else calls


def _gateway(technology: Technology, world: World, least: int) -> Fleet:
    calls = world.demand.total("total_peak_qps")
    load = Load(reads=calls, headroom=world.headroom, minimum=least)
    if capacity.sizes(technology):
        return capacity.compute(load, technology, 1.0)
    unit, new = technology.facts.get("capacity_unit_hour_usd"), technology.facts.get("capacity_unit_new_connections")
    units = calls / new.value / CALLS_A_CONNECTION if new else 0.0
    usd = (unit.value if unit else 0.0) * units * capacity.HOURS_A_MONTH
    hourly = technology.node.hourly_usd.value if technology.node else 0.0
    return Fleet(
        technology.id, "pay by use", 0, 0, 0, 1, 1, (), hourly, 0.0, 0.0, usd + hourly * capacity.HOURS_A_MONTH
    )


CALLS_A_CONNECTION = 20.0
"""Calls that a client sends over one connection before it opens another (our assumption)."""


# Stores ---------------------------------------------------------------------------------------------------------------


def _store(store: Store, world: World) -> Fleet:
    if store.role == DATABASE:
        return capacity.database(asked.of_database(asked.of_home(world, store), world), store.technology)
    if store.role == MEMORY:
        return capacity.cache(asked.of_memory(asked.held(world, store), world), store.technology)
    if store.role == MESSAGING:
        return capacity.messaging(asked.of_messaging(asked.events(world), world), store.technology)
    if store.role == SEARCH:
        return capacity.database(of_search(world), store.technology)
    return _objects(store, world)


def _objects(store: Store, world: World) -> Fleet:
    """Pay by use: bytes with their copies a year from now, and the calls that pass the CDN by."""
    demand, technology = world.demand, store.technology
    stored = 0.0
    for name in world.of_shape(Shape.OBJECT):
        entity = world.form.structures[name].entity
        if entity:
            row = demand.of_entity("row_bytes", entity) / demand.of_entity("compression", entity)
            rows = resting.rows_after(world.form.structures[name], world, asked.YEAR)
            stored += rows * row * demand.of_entity("replicas", entity)
    gets, puts = _file_calls(world)
    miss = 1 - world.complete.default("sizing.cdn_hit_ratio", "share").best
    gigabytes, node = stored / capacity.GB, technology.node
    price = node.storage_gb_month_usd.value if node and node.storage_gb_month_usd else 0.0
    get = node.request_million_usd.value if node and node.request_million_usd else 0.0
    put = technology.facts["write_million_usd"].value if "write_million_usd" in technology.facts else 0.0
    requests = (gets * miss * get + puts * put) * capacity.SECONDS_A_MONTH / 1e6
    return Fleet(technology.id, "pay by use", 0, 0, 0, 1, 1, (), 0.0, gigabytes, gigabytes * price, requests)


def _file_calls(world: World) -> tuple[float, float]:
    """Files fetched and brought a second, on average."""
    load = world.load
    gets = puts = 0.0
    for i, run in enumerate(load.steps):
        if run.step.shape is Shape.OBJECT and run.step.direct:
            sent = float(load.average["keys"][i, 0])
            gets, puts = (gets + sent, puts) if run.step.verb is Verb.GET else (gets, puts + sent)
    return gets, puts


# Parts of stores ------------------------------------------------------------------------------------------------------


def partitions(design: Design) -> dict[str, int]:
    """Partitions of each topic of a broker: enough for its bytes and for its slowest consumer, which handles one event after the other, with headroom, a power of two."""
    made: dict[str, int] = {}
    for topic in design.topics:
        if topic.inside:
            continue
        by_bytes = topic.per_second * topic.bytes / PARTITION_BYTES_PER_SECOND
        by_consumers = max((topic.per_second / consumer_rate(design, o) for o in topic.hearers), default=0.0)
        by_waiting = max((topic.per_second * handling(design.world.load, o) for o in topic.hearers), default=0.0)
        need = max(by_bytes, by_consumers, by_waiting) / (1 - design.world.headroom)
        made[topic.id] = 2 ** math.ceil(math.log2(max(1.0, need)))
    return made


def shards(stores: Iterable[Store], made: Mapping[str, Tier]) -> dict[str, int]:
    """Shards with a leader, or nodes of a ring, by database."""
    found = {s.id: made[s.id].fleet for s in stores if s.role == DATABASE and s.id in made}
    return {name: fleet.nodes if fleet.ring else fleet.shards for name, fleet in found.items()}


__all__ = ["consumer_rate", "machine", "partitions", "shards", "throughput", "tiers", "work", "zones"]

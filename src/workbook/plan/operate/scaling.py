"""How each part grows, and what is left of it when a zone is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbook.plan import capacity
from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import HELD, Role, connections
from workbook.plan.form.verbs import READS
from workbook.plan.operate.consumption import WAITS, consumptions
from workbook.plan.passes import asked
from workbook.plan.passes.model import ability
from workbook.plan.passes.outbox import Outbox
from workbook.plan.passes.world import DATABASE, MEMORY
from workbook.plan.sizing import Sizing
from workbook.plan.sizing.model import Threshold, Tier
from workbook.plan.sizing.tiers import zones

OUT_SECONDS, IN_SECONDS = 120.0, 900.0
"""New instances serve after two minutes; spare ones go after a quarter of an hour, so that a short lull does not cost a cold start (our
assumption)."""
RIGHT_SIZED = 3
"""Up to so many machines a store takes a larger one before it takes another (our assumption: each further one has to be looked after)."""


class ScalesOn(StrEnum):
    """What adds instances of a service."""

    REQUESTS = "requests"
    CONNECTIONS = "connections"
    BACKLOG = "backlog"


@dataclass(frozen=True, kw_only=True)
class ServiceScale:
    """A service with its bounds and what moves it between them."""

    service: str
    role: Role
    nodes: int
    instance: str
    least: int
    most: int
    on: ScalesOn
    each: float
    """Calls a second, or connections, of one instance, headroom taken off."""
    cpu: float
    """Share of the processors from which one is added, whatever else."""


def services(design: Design, sizing: Sizing) -> tuple[ServiceScale, ...]:
    """Every service."""
    return tuple(_service(s.id, s.role, s.operations, design, sizing) for s in design.services)


def _service(name: str, role: Role, operations: tuple[str, ...], design: Design, sizing: Sizing) -> ServiceScale:
    tier, world = sizing.tiers[name], design.world
    held = {world.form.operations[o].starts.on for o in operations if world.form.operations[o].starts.kind in HELD}
    on = {Role.API: ScalesOn.REQUESTS, Role.REALTIME: ScalesOn.CONNECTIONS, Role.WORKER: ScalesOn.BACKLOG}[role]
    binding = tier.fleet.binding
    each = binding.have if binding else 0.0
    if role is Role.REALTIME:
        each = connections(world, held) / max(1, tier.fleet.nodes)
    return ServiceScale(
        service=name,
        role=role,
        nodes=tier.fleet.nodes,
        instance=tier.fleet.instance,
        least=tier.least,
        most=tier.most,
        on=on,
        each=each,
        cpu=1 - world.headroom,
    )


class Growth(StrEnum):
    """What a store takes next."""

    UP = "up"
    SHARD = "shard"
    NODE = "node"
    ITSELF = "itself"


@dataclass(frozen=True, kw_only=True)
class StoreScale:
    """A store with what it takes when it is full, and when that is."""

    store: str
    kind: Kind
    nodes: int
    instance: str
    next: Growth
    room: float
    """How many times its load it can carry before machines have to be added, by larger ones alone."""
    full: str
    """The dimension that fills first."""
    used: float
    """The share of it that is used, headroom included in what there is."""
    review: Threshold | None = None


def stores(design: Design, sizing: Sizing) -> tuple[StoreScale, ...]:
    """Every store, broker and search engine with machines or storage of its own."""
    made = []
    for store in design.stores:
        tier = sizing.tiers.get(store.id)
        if tier is None:
            continue
        fleet, binding = tier.fleet, tier.fleet.binding
        marks = [t for t in sizing.thresholds if t.component == store.id and t.month is not None]
        shared = fleet.ring or tier.kind is Kind.BROKER
        ladder = {s.instance: s.share for s in capacity.sizes(store.technology)}
        machines = fleet.nodes if shared else fleet.shards
        used = binding.nodes / max(1, machines) if binding else 0.0
        share = ladder.get(fleet.instance)
        larger = max(ladder.values()) / share if share else 1.0
        made.append(
            StoreScale(
                store=store.id,
                kind=tier.kind,
                nodes=fleet.nodes,
                instance=fleet.instance,
                next=_next(tier, larger, bool(ability(store.technology, "automatic_sharding"))),
                room=larger / used if used else 0.0,
                full=binding.what if binding else "",
                used=used,
                review=min(marks, key=lambda t: t.month or 0, default=None),
            )
        )
    return tuple(made)


def _next(tier: Tier, larger: float, by_itself: bool) -> Growth:
    if not tier.fleet.nodes:
        return Growth.ITSELF
    if larger > 1 and tier.fleet.nodes <= RIGHT_SIZED:
        return Growth.UP
    if tier.fleet.ring or by_itself or tier.kind is Kind.BROKER:
        return Growth.NODE
    return Growth.SHARD


# The loss of a zone ---------------------------------------------------------------------------------------------------


class Spread(StrEnum):
    """Who serves."""

    ALL = "all"
    """Every machine."""
    LEADER = "leader"
    """One of each shard; the others stand by."""
    OFFERED = "offered"
    """Somebody else's service, over all zones."""


@dataclass(frozen=True, kw_only=True)
class ZoneLoss:
    """A tier, and what is left of it without one zone."""

    component: str
    kind: Kind
    nodes: int
    zones: int
    spread: Spread
    groups: int
    """Groups of copies, each with a leader."""
    left: int
    busy: float
    """How busy what is left is at peak, headroom used up at 1. 0 where standbys take over."""
    keeps: bool
    """Whether it holds data that must not be lost."""


STANDS_BY = frozenset({Kind.DATABASE, Kind.MEMORY, Kind.SEARCH})
HOLDS = frozenset({Kind.DATABASE, Kind.BROKER})


def zone_losses(design: Design, sizing: Sizing) -> tuple[ZoneLoss, ...]:
    """Every tier."""
    return tuple(_zone(t, zones(design.world), design.world.headroom) for t in sizing.tiers.values())


def _zone(tier: Tier, most: int, headroom: float) -> ZoneLoss:
    fleet, nodes = tier.fleet, tier.fleet.nodes
    leads = tier.kind in STANDS_BY and not fleet.ring
    over = min(nodes, max(1, fleet.copies)) if leads else min(nodes, most)
    over = min(over, most) or 1
    left = nodes - -(-nodes // over) if nodes else 0
    need = fleet.binding
    busy = need.nodes * (1 - headroom) / left if need and left and not leads else 0.0
    spread = Spread.LEADER if leads else Spread.ALL
    return ZoneLoss(
        component=tier.id,
        kind=tier.kind,
        nodes=nodes,
        zones=over if nodes else most,
        spread=spread if nodes else Spread.OFFERED,
        groups=fleet.shards,
        left=left,
        busy=busy,
        keeps=tier.kind in HOLDS,
    )


# Which way ------------------------------------------------------------------------------------------------------------


class Way(StrEnum):
    """A way to carry more."""

    HORIZONTAL = "Horizontal"
    VERTICAL = "Vertical"
    REPLICAS = "Read replicas"
    SHARDING = "Sharding"
    CACHING = "Caching"
    CQRS = "CQRS"
    ASYNC = "Async"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A way with what it does here: numbers by name, worded elsewhere."""

    way: Way
    about: str
    numbers: Mapping[str, float]


def ways(design: Design, sizing: Sizing) -> tuple[Taken, ...]:
    """Every way that means something here."""
    return tuple(_ways(design, sizing))


def _ways(design: Design, sizing: Sizing) -> Iterator[Taken]:
    world = design.world
    scaled = sorted(services(design, sizing), key=lambda s: s.role is Role.WORKER)
    for first in scaled[:1]:
        yield Taken(way=Way.HORIZONTAL, about=first.service, numbers={"least": first.least, "most": first.most})
    databases = [s for s in stores(design, sizing) if s.kind is Kind.DATABASE]
    for store in sorted(databases, key=lambda s: -s.used)[:1]:
        fleet = sizing.tiers[store.store].fleet
        load = asked.of_home(world, world.stores[store.store])
        yield Taken(way=Way.VERTICAL, about=store.store, numbers={"room": store.room, "vcpu": fleet.vcpu})
        yield Taken(way=Way.REPLICAS, about=store.store, numbers={"copies": fleet.copies, "reads": load.reads})
        parts = fleet.nodes if fleet.ring else fleet.shards
        yield Taken(
            way=Way.SHARDING, about=store.store, numbers={"parts": parts, "writes": load.writes, "room": store.room}
        )
    yield Taken(way=Way.CACHING, about=MEMORY if MEMORY in world.stores else "", numbers={"share": spared(design)})
    writes = world.demand.total("total_average_write_qps")
    ratio = world.demand.total("total_average_read_qps") / writes if writes else 0.0
    split = ability(world.chosen("architecture_style"), "separate_models")
    yield Taken(way=Way.CQRS, about="", numbers={"ratio": ratio, "split": float(split >= 1)})
    waiting = [c for c in consumptions(design, sizing) if c.starts in WAITS]
    own = [c for c in waiting if world.form.operations[c.operation].added_by != Outbox.id]
    yield Taken(way=Way.ASYNC, about="", numbers={"events": sum(c.per_second for c in own)})


def spared(design: Design) -> float:
    """The share of all look-ups that memory answers and a database does not."""
    world = design.world
    of_memory = of_all = 0.0
    for i, run in enumerate(world.load.steps):
        home = world.home(run.step.target)
        if run.step.verb in READS and home is not None and home.role in (DATABASE, MEMORY):
            sent = float(world.load.peak["keys"][i, 0])
            of_all += sent
            of_memory += sent if home.role == MEMORY else 0.0
    return of_memory / of_all if of_all else 0.0

"""What one node does and costs: (load, technology) -> nodes and money. Pure; knows no choice and no form.

Below both passes and sizing, so that cost can be a criterion. Up before out: the smallest machine whose least fleet carries the load,
and more of the largest only where none does. More load never makes a fleet smaller or cheaper.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from workbook.catalog.model import Technology

HOURS_A_MONTH = 730.0
SECONDS_A_MONTH = HOURS_A_MONTH * 3600
GB = 1e9


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one store, stream or tier has to carry. Rates are per second at peak, averages for what is paid by use."""

    reads: float = 0.0
    writes: float = 0.0
    average_reads: float = 0.0
    average_writes: float = 0.0
    bytes: float = 0.0
    """One copy, indexes included."""
    item_bytes: float = 0.0
    connections: float = 0.0
    bytes_per_second: float = 0.0
    copies: int = 2
    quorum_reads: float = 1.0
    """Copies that a read asks."""
    batched: bool = True
    """Whether rows come in batches: what counts them so takes far fewer single commits."""
    headroom: float = 0.3
    minimum: int = 1


@dataclass(frozen=True)
class Need:
    """One dimension: what is needed, what one node has, and how many nodes that alone would take."""

    what: str
    need: float
    have: float
    nodes: float


@dataclass(frozen=True)
class Fleet:
    """So many machines of a kind, and what they cost a month. `shards` x copies are the nodes of a store with a leader."""

    technology: str
    instance: str
    vcpu: float
    memory_gib: float
    nodes: int
    shards: int
    copies: int
    needs: tuple[Need, ...]
    hourly_usd: float
    storage_gb: float
    storage_usd: float
    requests_usd: float = 0.0
    ring: bool = False
    """Every node owns a part of the keys: there is no leader."""

    @property
    def binding(self) -> Need | None:
        """The dimension that sets the number of nodes."""
        return max(self.needs, key=lambda n: n.nodes, default=None)

    @property
    def monthly_usd(self) -> float:
        """Machines, storage and requests for a month of 730 hours."""
        return self.nodes * self.hourly_usd * HOURS_A_MONTH + self.storage_usd + self.requests_usd


@dataclass(frozen=True)
class Size:
    """A machine on offer; `share` is its capacity relative to the one the limits speak of."""

    instance: str
    vcpu: float
    memory_gib: float
    share: float
    hourly_usd: float


DOUBLINGS = 4
"""How often a machine may be doubled beyond the largest that the catalog names."""
LARGEST_VCPU = 64.0
"""Larger machines are to be had, but few teams want to lose one at once (our assumption)."""


@lru_cache(maxsize=256)
def _ladder(identifier: str) -> tuple[Size, ...]:
    from workbook.catalog import loader

    technology = loader.technologies()[identifier]
    named = technology.details.get("sizes")
    node = technology.node
    if named:
        made = [Size(s["instance"], s["vcpu"], s["memory_gib"], s["share"], s["hourly_usd"]["value"]) for s in named]
    elif node and node.vcpu:
        made = [Size(node.instance, node.vcpu, node.memory_gib, 1.0, node.hourly_usd.value)]
    else:
        return ()
    while made[-1].vcpu * 2 <= LARGEST_VCPU and len(made) < (len(named or ()) or 1) + DOUBLINGS:
        last = made[-1]
        made.append(
            Size(f"{last.instance} x 2", last.vcpu * 2, last.memory_gib * 2, last.share * 2, last.hourly_usd * 2)
        )
    return tuple(_renamed(made, named or [None]))


def _renamed(made: list[Size], named: Sequence[object]) -> Iterator[Size]:
    """Machines beyond the catalog's largest are called by how many of it they are."""
    largest = made[len(named) - 1]
    for i, size in enumerate(made):
        times = round(size.vcpu / largest.vcpu) if largest.vcpu else 1
        yield size if i < len(named) else replace(size, instance=f"{largest.instance} x {times} (same family)")


def sizes(technology: Technology) -> tuple[Size, ...]:
    """The machines of a technology, smallest first, each twice the one before. Empty for what is paid by use or runs inside others.

    Beyond the largest that the catalog names, list prices of a machine family grow in proportion to its size.
    """
    return _ladder(technology.id)


def limit(technology: Technology, name: str) -> float:
    """What one node carries, infinite where the catalog names no limit."""
    found = technology.limits.get(name)
    return found.value if found else math.inf


def is_elastic(technology: Technology) -> bool:
    """Paid by use, with nothing to size."""
    return bool(technology.abilities.get("elastic"))


def _storage_usd(technology: Technology, gigabytes: float) -> float:
    price = technology.node.storage_gb_month_usd if technology.node else None
    return gigabytes * price.value if price else 0.0


def _requests_usd(technology: Technology, load: Load) -> float:
    price = technology.node.request_million_usd if technology.node else None
    if price is None:
        return 0.0
    written = technology.facts.get("write_million_usd", price)
    reads = load.average_reads * max(1.0, math.ceil(load.item_bytes / 4000)) * price.value
    writes = load.average_writes * max(1.0, math.ceil(load.item_bytes / 1000)) * written.value
    return (reads + writes) * SECONDS_A_MONTH / 1e6


def _nothing(technology: Technology, where: str) -> Fleet:
    """No machines: it runs inside something else."""
    return Fleet(technology.id, where, 0, 0, 0, 1, 1, (), 0.0, 0.0, 0.0)


def _machines(
    technology: Technology,
    size: Size,
    nodes: int,
    needs: tuple[Need, ...],
    *,
    shards: int = 1,
    copies: int = 1,
    gigabytes: float = 0.0,
    ring: bool = False,
) -> Fleet:
    """So many machines of a size, with the disk they need."""
    return Fleet(
        technology.id,
        size.instance,
        size.vcpu,
        size.memory_gib,
        nodes,
        shards,
        copies,
        needs,
        size.hourly_usd,
        gigabytes,
        _storage_usd(technology, gigabytes),
        ring=ring,
    )


def _elastic(technology: Technology, load: Load) -> Fleet:
    gigabytes = load.bytes / GB
    usd = _requests_usd(technology, load)
    return Fleet(
        technology.id, "pay by use", 0, 0, 0, 1, 1, (), 0.0, gigabytes, _storage_usd(technology, gigabytes), usd
    )


def _up_before_out(fleets: Iterable[Fleet], least: Callable[[Fleet], bool]) -> Fleet:
    """The first fleet that is not larger than it must be anyway; else the one of the largest machines."""
    last: Fleet | None = None
    for fleet in fleets:
        last = fleet
        if least(fleet):
            return fleet
    assert last is not None
    return last


def database(load: Load, technology: Technology) -> Fleet:
    """Nodes of a database: leader and followers per shard, or one ring where there is no leader."""
    if is_elastic(technology):
        return _elastic(technology, load)
    machines = sizes(technology)
    if not machines:
        return _nothing(technology, "inside another")
    spread = technology.abilities.get("leaderless") or technology.abilities.get("automatic_sharding")
    if spread:
        copies = max(load.copies, 3, load.minimum)
        return _up_before_out((_ring(load, technology, s) for s in machines), lambda f: f.nodes <= copies)
    return _up_before_out((_leaders(load, technology, s) for s in machines), lambda f: f.nodes <= load.copies)


def written(load: Load, technology: Technology) -> float:
    """Writes a second that one node takes: rows of batches, or single commits where the catalog tells them apart."""
    single = technology.limits.get("commits_per_second")
    return single.value if single is not None and not load.batched else limit(technology, "writes_per_second")


def _leaders(load: Load, technology: Technology, size: Size) -> Fleet:
    usable = 1 - load.headroom
    writes = written(load, technology) * size.share * usable
    reads = limit(technology, "reads_per_second") * size.share * usable
    stored = limit(technology, "storage_bytes") * max(size.share, 0.25) * usable
    per_shard = (
        Need("writes per second on the leader", load.writes, writes, load.writes / writes),
        Need("bytes on one node", load.bytes, stored, load.bytes / stored),
        Need("connections", load.connections, limit(technology, "connections"), 0.0),
    )
    shards = max(1, math.ceil(max(n.nodes for n in per_shard) - 1e-9))
    read_need = Need("reads per second", load.reads, reads, load.reads / reads)
    copies = max(load.copies, math.ceil(load.reads / reads / shards - 1e-9))
    needs = (*per_shard, Need(read_need.what, read_need.need, read_need.have, read_need.nodes / max(1, load.copies)))
    return _machines(
        technology,
        size,
        shards * copies,
        needs,
        shards=shards,
        copies=copies,
        gigabytes=load.bytes * copies / usable / GB,
    )


def _ring(load: Load, technology: Technology, size: Size) -> Fleet:
    usable = 1 - load.headroom
    writes, reads = (
        written(load, technology) * size.share * usable,
        limit(technology, "reads_per_second") * size.share * usable,
    )
    stored = limit(technology, "storage_bytes") * size.share * usable
    copies = max(load.copies, 3)
    work = load.writes * copies / writes + load.reads * load.quorum_reads / reads
    needs = (
        Need("replica operations per second", load.writes * copies + load.reads * load.quorum_reads, writes, work),
        Need("bytes with every copy", load.bytes * copies, stored, load.bytes * copies / stored),
    )
    nodes = max(copies, load.minimum, math.ceil(max(n.nodes for n in needs) - 1e-9))
    return _machines(
        technology, size, nodes, needs, shards=1, copies=copies, gigabytes=load.bytes * copies / usable / GB, ring=True
    )


def cache(load: Load, technology: Technology) -> Fleet:
    """Shards of a cache by memory, requests and connections, each with its copies."""
    machines = sizes(technology)
    if not machines:
        return _nothing(technology, "inside the service")
    return _up_before_out((_cache(load, technology, s) for s in machines), lambda f: f.shards == 1)


def _cache(load: Load, technology: Technology, size: Size) -> Fleet:
    usable = 1 - load.headroom
    memory = limit(technology, "memory_bytes") * size.share * usable
    requests = limit(technology, "requests_per_second") * min(1.0, size.share * 4) * usable
    needs = (
        Need("bytes in memory", load.bytes, memory, load.bytes / memory),
        Need("requests per second", load.reads + load.writes, requests, (load.reads + load.writes) / requests),
    )
    shards = max(1, math.ceil(max(n.nodes for n in needs) - 1e-9))
    return _machines(technology, size, shards * load.copies, needs, shards=shards, copies=load.copies)


def messaging(load: Load, technology: Technology) -> Fleet:
    """Brokers by events, bytes and what is retained."""
    if is_elastic(technology):
        return _elastic(technology, load)
    machines = sizes(technology)
    if not machines:
        return _nothing(technology, "inside the database")
    least = _brokers(Load(), technology, machines[0]).nodes
    return _up_before_out((_brokers(load, technology, s) for s in machines), lambda f: f.nodes <= least)


def _brokers(load: Load, technology: Technology, size: Size) -> Fleet:
    usable = 1 - load.headroom
    copies = int(technology.facts["replication_factor"].value) if "replication_factor" in technology.facts else 3
    events = limit(technology, "messages_per_second") * size.share * usable
    flow = limit(technology, "bytes_per_second") * size.share * usable
    stored = min(limit(technology, "storage_bytes"), limit(technology, "memory_bytes")) * size.share * usable
    needs = (
        Need("events per second with copies", load.writes * copies, events * copies, load.writes / events),
        Need(
            "bytes per second with copies", load.bytes_per_second * copies, flow, load.bytes_per_second * copies / flow
        ),
        Need("bytes retained with copies", load.bytes * copies, stored, load.bytes * copies / stored),
    )
    least = int(technology.facts["minimum_nodes"].value) if "minimum_nodes" in technology.facts else copies
    nodes = max(least, math.ceil(max(n.nodes for n in needs) - 1e-9))
    return _machines(
        technology, size, nodes, needs, shards=1, copies=copies, gigabytes=load.bytes * copies / usable / GB
    )


MANY_SERVERS = 12
"""Stateless servers that are handled one by one before larger machines are taken (our assumption)."""


def compute(load: Load, technology: Technology, factor: float, long_lived: bool = False) -> Fleet:
    """Servers of a tier by requests and connections. `factor` is the language's requests per core relative to the fastest."""
    fleets = (_servers(load, technology, s, factor, long_lived) for s in sizes(technology))
    return _up_before_out(fleets, lambda f: f.nodes <= max(load.minimum, MANY_SERVERS))


def _servers(load: Load, technology: Technology, size: Size, factor: float, long_lived: bool) -> Fleet:
    usable = 1 - load.headroom
    requests = limit(technology, "requests_per_second") * size.share * factor * usable
    connections = limit(technology, "websocket_connections" if long_lived else "connections") * size.share
    needs = (
        Need("requests per second", load.reads + load.writes, requests, (load.reads + load.writes) / requests),
        Need("open connections", load.connections, connections, load.connections / connections),
    )
    nodes = max(load.minimum, math.ceil(max(n.nodes for n in needs) - 1e-9))
    return _machines(technology, size, nodes, needs)

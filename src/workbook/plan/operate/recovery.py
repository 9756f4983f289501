"""What comes back after a loss, from where, how old, and after how long: held against RPO and RTO."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.shapes import Loss
from workbook.brief.steps.syntax import Start
from workbook.plan.fold.design import Design
from workbook.plan.operate.objectives import objectives
from workbook.plan.operate.telling import Telling, telling
from workbook.plan.passes import asked
from workbook.plan.passes.model import ability
from workbook.plan.passes.world import DATABASE, MESSAGING, OBJECTS, Store
from workbook.plan.sizing import Sizing

RESTORE_BYTES_PER_SECOND = 200e6
"""A snapshot is read back at 200 MB/s by each machine (our assumption: the throughput of a usual network volume)."""
LEAST_RESTORE = 1800.0
"""Nothing is restored faster: somebody has to find out, decide and start it (our assumption)."""
REGION_COPY_SECONDS, REGION_LAG_SECONDS = 3600.0, 60.0
"""Snapshots and logs reach another region within the hour, copies that are kept there lag up to a minute (our assumptions)."""
FAILOVER_SECONDS = 60.0
"""A standby leads after a minute, where the product says nothing (our assumption)."""
KEPT_DAYS = 35
"""Snapshots are kept so long: what managed databases offer at most (Amazon RDS user guide, automated backups)."""
VERSIONS_DAYS = 30
"""Replaced and deleted files are kept so long (our assumption)."""


class Backup(StrEnum):
    """From where something comes back."""

    SNAPSHOT = "snapshot"
    """A nightly snapshot and the log since then."""
    VERSIONS = "versions"
    """Old versions in the object store."""
    REMADE = "remade"
    """It is made again from what it was made of."""
    REFILLED = "refilled"
    """It may be lost: callers fill it again."""
    RETOLD = "retold"
    """Events are told again from the outbox."""
    NONE = "none"
    """Nothing: events in it are gone with their copies."""


@dataclass(frozen=True, kw_only=True)
class StoreRecovery:
    """A store with its way back."""

    store: str
    backup: Backup
    bytes: float
    parallel: int
    seconds: float | None
    """Until everything is back; None where no restore of the whole is needed."""
    fits: bool
    """Within the RTO."""
    log_seconds: float
    """How often the log is archived; 0: as it is written."""
    by: tuple[str, ...] = ()
    """Operations that make it again; of a broker the topics that nothing tells again."""
    holds: tuple[str, ...] = ()


def stores(design: Design, sizing: Sizing) -> tuple[StoreRecovery, ...]:
    """Every store."""
    return tuple(_store(s, design, sizing) for s in design.stores)


def _store(store: Store, design: Design, sizing: Sizing) -> StoreRecovery:
    world = design.world
    targets = objectives(world.complete, world.demand)
    holds = tuple(n for n, home in world.homes.items() if home == store.id and n in world.form.structures)
    backup, by = _backup(store, holds, design)
    fleet = sizing.tiers[store.id].fleet if store.id in sizing.tiers else None
    parallel = 1
    if fleet:
        parallel = max(1, fleet.nodes if fleet.ring else fleet.shards)
    stored, seconds = _bytes(store, design), None
    if backup is Backup.SNAPSHOT:
        copies = fleet.copies if fleet and fleet.ring else 1
        seconds = max(LEAST_RESTORE, stored * copies / parallel / RESTORE_BYTES_PER_SECOND)
    return StoreRecovery(
        store=store.id,
        backup=backup,
        bytes=stored,
        parallel=parallel,
        seconds=seconds,
        fits=seconds is None or seconds <= targets.rto,
        log_seconds=targets.rpo,
        by=by,
        holds=holds,
    )


def _bytes(store: Store, design: Design) -> float:
    world = design.world
    if store.role == DATABASE:
        return asked.of_home(world, store).bytes_year
    if store.role == MESSAGING:
        return asked.events(world).retained_bytes
    return asked.held(world, store).bytes


def _backup(store: Store, holds: tuple[str, ...], design: Design) -> tuple[Backup, tuple[str, ...]]:
    world = design.world
    if store.role == DATABASE:
        return Backup.SNAPSHOT, ()
    if store.role == OBJECTS:
        return Backup.VERSIONS, ()
    if store.role == MESSAGING:
        here = [t for t in design.topics if t.home == store.id]
        lost = tuple(t.id for t in here if telling(t, design) is not Telling.RELAYED)
        return (Backup.NONE if lost else Backup.RETOLD), lost
    remade = [n for n, p in world.programs.items() if p.starts is Start.LOST and p.operation.starts.on in holds]
    if remade or any(world.form.structures[n].loss is Loss.REBUILT for n in holds):
        return Backup.REMADE, tuple(remade)
    return Backup.REFILLED, ()


class Disaster(StrEnum):
    """What may be lost at once."""

    ZONE = "zone"
    REGION = "region"
    DATA = "data"
    """Data destroyed by a fault of ours."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A disaster: how much is lost, when it serves again, and whether that is within the targets."""

    disaster: Disaster
    lost_seconds: float
    back_seconds: float
    rpo: bool
    rto: bool
    elsewhere: bool = False
    """Another region takes over."""


def disasters(design: Design, sizing: Sizing) -> tuple[Outcome, ...]:
    """The three, held against RPO and RTO."""
    world = design.world
    targets = objectives(world.complete, world.demand)
    slowest = max((s.seconds or 0.0 for s in stores(design, sizing)), default=0.0)
    regions = world.chosen("regions")
    survives = ability(regions, "survives_region") > 0
    moved = ability(regions, "rto_minutes") * 60
    found = (
        (Disaster.ZONE, _zone_loss(design), _failover(design), False),
        (
            Disaster.REGION,
            REGION_LAG_SECONDS if survives else REGION_COPY_SECONDS,
            moved if survives else max(slowest, moved),
            survives,
        ),
        (Disaster.DATA, 0.0, max(slowest, LEAST_RESTORE), False),
    )
    return tuple(
        Outcome(
            disaster=d,
            lost_seconds=lost,
            back_seconds=back,
            rpo=lost <= targets.rpo,
            rto=back <= targets.rto,
            elsewhere=elsewhere,
        )
        for d, lost, back, elsewhere in found
    )


LAG_SECONDS = 1.0
"""What a copy that is not waited for lags behind its leader (our assumption)."""


def _zone_loss(design: Design) -> float:
    """Nothing where every database waits for a second copy, else what its copies lag."""
    chosen = [d.chosen for d in design.world.decided.values() if d.decision == "replication"]
    return 0.0 if all(ability(c, "rpo_zero") for c in chosen) else LAG_SECONDS


def _failover(design: Design) -> float:
    """Of the slowest database; a quorum goes on by itself."""
    slowest = 0.0
    for store in design.stores:
        if store.role == DATABASE and not ability(store.technology, "leaderless"):
            fact = store.technology.facts.get("failover_seconds")
            slowest = max(slowest, fact.value if fact else FAILOVER_SECONDS)
    return slowest

"""Signals of causes: others' systems, copies in memory, machines, backups."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED, Role
from workbook.plan.form.model import Program
from workbook.plan.operate.scaling import ScalesOn, services
from workbook.plan.operate.signal import (
    DAY,
    HOUR,
    MINUTE,
    OPEN_SHARE,
    Signal,
    Told,
    Unit,
    Watch,
    camel,
    first,
)
from workbook.plan.passes.world import DATABASE, MEMORY
from workbook.plan.sizing import Sizing

MISSES_TIMES = 2.0
"""Copies are looked after when the database gets so many times the misses that are planned (our assumption)."""
DISK_DAYS = 4.0


def callers(design: Design, integration: str) -> tuple[str, ...]:
    """Operations that call another system."""
    return tuple(n for n, p in design.world.programs.items() if _calls(p, integration))


def _calls(program: Program, integration: str) -> bool:
    return any(s.verb is Verb.CALL and s.target.split(".")[0] == integration for s, _ in program.steps())


def outside(design: Design) -> Iterator[Signal]:
    for name, integration in design.world.form.integrations.items():
        by = callers(design, name)
        if not by:
            continue
        awaited = any(first(design, o) and design.world.programs[o].starts in ASKED for o in by)
        told = Told.PAGE if awaited else Told.TICKET
        calls = f'outbound_calls_total{{integration="{name}"'
        source = design.service_of(by[0]).id
        yield Signal(
            id=camel(name, "fails"),
            watch=Watch.OUTSIDE_ERRORS,
            about=name,
            source=source,
            metric=f'sum(rate({calls}, outcome!="done"}}[5m])) / sum(rate({calls}}}[5m]))',
            limit=OPEN_SHARE,
            unit=Unit.SHARE,
            told=told,
            lasts=5 * MINUTE,
        )
        times = [c.p99.best for c in integration.calls.values() if c.p99]
        if times:
            yield Signal(
                id=camel(name, "slow"),
                watch=Watch.OUTSIDE_LATENCY,
                about=name,
                source=source,
                metric=f'histogram_quantile(0.99, sum by (le) (rate(outbound_call_duration_seconds_bucket{{integration="{name}"}}[5m])))',
                limit=max(times),
                unit=Unit.SECONDS,
                told=Told.TICKET,
                lasts=10 * MINUTE,
            )


def copies(design: Design) -> Iterator[Signal]:
    """Copies of rows in memory: when so much is missed that the database gets a multiple of what is planned."""
    world = design.world
    for i, run in enumerate(world.load.steps):
        structure = world.form.structures.get(run.step.target)
        home = world.home(run.step.target)
        if (
            structure is None
            or not structure.of
            or home is None
            or home.role != MEMORY
            or run.step.verb is not Verb.GET
        ):
            continue
        sent, found = float(world.load.peak["keys"][i, 0]), float(world.load.peak["rows"][i, 0])
        planned = found / sent if sent else 0.0
        limit = 1 - MISSES_TIMES * (1 - planned)
        if limit <= 0:
            continue
        looked = f'copy_lookups_total{{structure="{structure.id}"'
        yield Signal(
            id=camel("misses", run.program.id, structure.id),
            watch=Watch.COPIES,
            about=structure.id,
            source=design.service_of(run.program.id).id,
            metric=f'sum(rate({looked}, outcome="hit"}}[15m])) / sum(rate({looked}}}[15m]))',
            limit=limit,
            unit=Unit.SHARE,
            below=True,
            told=Told.TICKET,
            lasts=15 * MINUTE,
        )


def machines(design: Design, sizing: Sizing) -> Iterator[Signal]:
    busy = 1 - design.world.headroom
    for scale in services(design, sizing):
        if scale.role is Role.REALTIME and scale.on is ScalesOn.CONNECTIONS:
            yield Signal(
                id=camel("connections", scale.service),
                watch=Watch.CONNECTIONS,
                about=scale.service,
                source=scale.service,
                metric=f'max(open_connections{{service="{scale.service}"}})',
                limit=scale.each / busy,
                unit=Unit.NUMBER,
                told=Told.PAGE,
                lasts=5 * MINUTE,
            )
    for tier in sizing.tiers.values():
        if not tier.fleet.nodes:
            continue
        yield Signal(
            id=camel("busy", tier.id),
            watch=Watch.SATURATION,
            about=tier.id,
            source=tier.id,
            metric=f'avg(1 - rate(node_cpu_seconds_total{{mode="idle", tier="{tier.id}"}}[5m]))',
            limit=busy,
            unit=Unit.SHARE,
            told=Told.TICKET,
            lasts=10 * MINUTE,
        )
    yield Signal(
        id="TargetDown",
        watch=Watch.DOWN,
        about="",
        source="every machine",
        metric="count by (job) (up == 0)",
        limit=0.0,
        unit=Unit.NUMBER,
        told=Told.PAGE,
        lasts=2 * MINUTE,
    )
    databases = [s.id for s in design.stores if s.role == DATABASE]
    kept = [
        t.id for t in sizing.tiers.values() if t.kind in (Kind.DATABASE, Kind.BROKER, Kind.SEARCH) and t.fleet.nodes
    ]
    if kept:
        tiers = "|".join(kept)
        yield Signal(
            id="DiskFillsUp",
            watch=Watch.DISK,
            about=", ".join(kept),
            source="every machine",
            metric=f'min(predict_linear(node_filesystem_avail_bytes{{tier=~"{tiers}"}}[6h], {DISK_DAYS * DAY:.0f}))',
            limit=0.0,
            unit=Unit.NUMBER,
            below=True,
            told=Told.TICKET,
            lasts=HOUR,
        )
    if databases:
        yield Signal(
            id="BackupIsOld",
            watch=Watch.BACKUP,
            about=", ".join(databases),
            source=databases[0],
            metric=f'max(time() - backup_last_success_timestamp_seconds{{store=~"{"|".join(databases)}"}})',
            limit=1.25 * DAY,
            unit=Unit.SECONDS,
            told=Told.TICKET,
            lasts=0.0,
        )

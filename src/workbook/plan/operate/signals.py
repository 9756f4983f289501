"""What is watched: every metric with its threshold, how long it must last, and who is told. Table and alerting rules read the same.

Read off the form: error budget and latency of what is asked, backlogs of what waits, lateness of what a clock starts, other systems,
copies in memory, machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.steps.syntax import Amount, Start, Verb
from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED, Role
from workbook.plan.form.model import Program, Root, Sum, Value
from workbook.plan.operate.consumption import WAITS, Consumption, consumptions
from workbook.plan.operate.objectives import objectives
from workbook.plan.operate.scaling import ScalesOn, services
from workbook.plan.passes.world import DATABASE, MEMORY, World
from workbook.plan.sizing import Sizing

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
REQUESTS = "http_server_request_duration_seconds"
"""Semantic conventions of OpenTelemetry for HTTP servers."""
LEAST_FAILURES = 10.0
"""Failures that a burn rate must stand for within its long window; fewer are counted one by one (our assumption)."""


@dataclass(frozen=True)
class Burn:
    """So many times too fast is the error budget spent, over a long and a short window, for so long."""

    factor: float
    long: str
    short: str
    lasts: float
    pages: bool
    spent: float
    """Share of the budget of 30 days that is gone by then."""


BURNS = (
    Burn(14.4, "1h", "5m", 2 * MINUTE, True, 0.02),
    Burn(6.0, "6h", "30m", 15 * MINUTE, True, 0.05),
    Burn(3.0, "1d", "2h", HOUR, False, 0.1),
    Burn(1.0, "3d", "6h", 3 * HOUR, False, 0.1),
)
"""Google SRE workbook, chapter 5, table 5-8."""
WINDOWS: Mapping[str, float] = {"1h": HOUR, "6h": 6 * HOUR, "1d": DAY, "3d": 3 * DAY}
FAILURES_AN_HOUR = 5.0
"""Where burn rates mean nothing, so many failed calls within an hour wake somebody (our assumption)."""
MISSES_TIMES = 2.0
"""Copies are looked after when the database gets so many times the misses that are planned (our assumption)."""
OPEN_SHARE = 0.5
"""Failed calls of another system from which it counts as away (our assumption; the breaker of 12.3 opens there, too)."""
ROUNDS = 3.0
"""A clock that missed so many rounds has stopped (our assumption)."""
FALLS_TO = 0.5
"""Calls of the first priority below this share of their usual hour are a symptom, though nothing fails (our assumption)."""
LEAST_CALLS_A_MINUTE = 10.0
"""Below this a quiet hour is no symptom (our assumption)."""
DISK_DAYS = 4.0


class Watch(StrEnum):
    """What a signal is about."""

    BUDGET = "error budget"
    ERRORS = "errors"
    LATENCY = "latency"
    TRAFFIC = "traffic"
    BACKLOG = "backlog"
    DEAD = "dead letters"
    CLOCK = "clock"
    LATE = "lateness"
    COPIES = "hit ratio"
    SATURATION = "saturation"
    CONNECTIONS = "connections"
    OUTSIDE_ERRORS = "errors of others"
    OUTSIDE_LATENCY = "latency of others"
    DISK = "disk"
    DOWN = "down"
    BACKUP = "backup"


SERIES: Mapping[Watch, str] = {
    Watch.BUDGET: f"{REQUESTS}_count",
    Watch.ERRORS: f"{REQUESTS}_count",
    Watch.LATENCY: f"{REQUESTS}_bucket",
    Watch.TRAFFIC: f"{REQUESTS}_count",
    Watch.DEAD: "dead_letters_total",
    Watch.CLOCK: "operation_last_success_timestamp_seconds",
    Watch.LATE: "operation_lateness_seconds_bucket",
    Watch.COPIES: "copy_lookups_total",
    Watch.SATURATION: "node_cpu_seconds_total",
    Watch.CONNECTIONS: "open_connections",
    Watch.OUTSIDE_ERRORS: "outbound_calls_total",
    Watch.OUTSIDE_LATENCY: "outbound_call_duration_seconds_bucket",
    Watch.DISK: "node_filesystem_avail_bytes",
    Watch.DOWN: "up",
    Watch.BACKUP: "backup_last_success_timestamp_seconds",
}
"""What is measured, by watch. A backlog is measured by the exporter of what it waits in."""


class Told(StrEnum):
    """Who is told."""

    PAGE = "page"
    TICKET = "ticket"


class Unit(StrEnum):
    """Of a threshold."""

    SHARE = "share"
    SECONDS = "seconds"
    NUMBER = "number"
    RATE = "rate"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A metric with its threshold."""

    id: str
    watch: Watch
    about: str
    """A component, operation, topic, integration or structure; empty for the whole system."""
    source: str
    """The component that gives the metric."""
    metric: str
    """In the language of Prometheus."""
    limit: float
    unit: Unit
    told: Told
    lasts: float
    below: bool = False
    short: str = ""
    """The second metric of a burn rate, which must be beyond the limit, too."""
    burn: Burn | None = None
    window: str = "5m"

    @property
    def series(self) -> str:
        """The name of what is measured; of a backlog that of the product's exporter."""
        return SERIES.get(self.watch) or self.metric.partition("(")[2].partition("{")[0]

    @property
    def expression(self) -> str:
        """True while something is wrong."""
        sign = "<" if self.below else ">"
        parts = [f"{metric} {sign} {self.limit:.6g}" for metric in (self.metric, self.short) if metric]
        return " and ".join(parts)


def signals(design: Design, sizing: Sizing) -> tuple[Signal, ...]:
    """Everything that is watched, symptoms before causes."""
    found = (
        *_budget(design),
        *_latency(design),
        *_traffic(design),
        *_waiting(design, sizing),
        *_clocks(design),
        *_promises(design),
        *_outside(design),
        *_copies(design),
        *_machines(design, sizing),
    )
    return tuple(found)


def camel(*names: str) -> str:
    """`SlowBookAppointment` of `slow`, `book_appointment`."""
    return "".join(part.capitalize() for name in names for part in name.replace("-", "_").split("_"))


def first(design: Design, operation: str) -> bool:
    """Whether an operation, or what leads to it, is of the first priority."""
    world = design.world
    if operation in world.complete.operations:
        return world.complete.priority(operation) == "P0"
    return any(
        operation in _led_to(world, name) and world.complete.priority(name) == "P0"
        for name in world.complete.operations
    )


def _led_to(world: World, operation: str) -> set[str]:
    """Everything that starts by what an operation tells or puts, at any remove."""
    if operation not in world.programs:
        return set()
    found, waiting = {operation}, [operation]
    while waiting:
        touched = {s.target for s, _ in world.programs[waiting.pop()].steps()}
        for name, program in world.programs.items():
            if name not in found and program.starts in WAITS and program.operation.starts.on in touched:
                found.add(name)
                waiting.append(name)
    return found


def _told(design: Design, operation: str) -> Told:
    return Told.PAGE if first(design, operation) else Told.TICKET


# What callers feel ----------------------------------------------------------------------------------------------------


def burns(design: Design) -> tuple[Burn, ...]:
    """The burn rates that can be reached at all, and that stand for enough failures to mean something at this traffic."""
    world = design.world
    calls = sum(world.load.average_of(n) for n, p in world.programs.items() if p.starts in ASKED)
    missing = 1 - world.complete.quality("availability").best
    possible = [b for b in BURNS if missing * b.factor < 1]
    return tuple(b for b in possible if calls * WINDOWS[b.long] * missing * b.factor >= LEAST_FAILURES)


def ratio(window: str) -> str:
    """The recorded share of failed calls over a window."""
    return f"system:request_errors:ratio_rate{window}"


def _budget(design: Design) -> Iterator[Signal]:
    targets = objectives(design.world.complete, design.world.demand)
    used = burns(design)
    for burn in used:
        yield Signal(
            id=f"ErrorBudgetBurn{burn.long.upper()}",
            watch=Watch.BUDGET,
            about="",
            source="services",
            metric=ratio(burn.long),
            short=ratio(burn.short),
            limit=burn.factor * (1 - targets.available),
            unit=Unit.SHARE,
            told=Told.PAGE if burn.pages else Told.TICKET,
            lasts=burn.lasts,
            burn=burn,
        )
    if not any(b.pages for b in used):
        yield Signal(
            id="CallsFail",
            watch=Watch.ERRORS,
            about="",
            source="services",
            metric=f'sum(increase({REQUESTS}_count{{http_response_status_code=~"5.."}}[1h]))',
            limit=FAILURES_AN_HOUR,
            unit=Unit.NUMBER,
            told=Told.PAGE,
            lasts=0.0,
        )


def _latency(design: Design) -> Iterator[Signal]:
    """Every operation of the first priority that somebody waits for, and those that the document follows."""
    world = design.world
    shown = (design.critical_write, design.critical_read)
    for name, program in world.programs.items():
        asked = name in world.complete.operations and program.starts in ASKED
        if not asked or not (world.complete.priority(name) == "P0" or name in shown):
            continue
        window = _window(world.load.average_of(name))
        yield Signal(
            id=camel("slow", name),
            watch=Watch.LATENCY,
            about=name,
            source=design.service_of(name).id,
            metric=f'histogram_quantile(0.99, sum by (le) (rate({REQUESTS}_bucket{{operation="{name}"}}[{window}])))',
            window=window,
            limit=world.complete.latency(name).best,
            unit=Unit.SECONDS,
            told=_told(design, name),
            lasts=10 * MINUTE,
        )


CALLS_FOR_P99 = 100.0
"""Calls from which a p99 is more than the slowest of a few."""
LONGEST = "1d"


def _window(per_second: float) -> str:
    """The shortest window in which there are calls enough for a p99."""
    lengths = {"5m": 5 * MINUTE, "30m": 30 * MINUTE, "2h": 2 * HOUR, "6h": 6 * HOUR, LONGEST: DAY}
    return next((name for name, seconds in lengths.items() if per_second * seconds >= CALLS_FOR_P99), LONGEST)


def _traffic(design: Design) -> Iterator[Signal]:
    """Calls of the first priority that stay away: feature use as a symptom."""
    world = design.world
    for name in world.complete.operations:
        usual = world.load.average_of(name)
        if world.complete.priority(name) != "P0" or usual * MINUTE < LEAST_CALLS_A_MINUTE:
            continue
        if world.programs[name].starts not in ASKED:
            continue
        calls = f'sum(rate({REQUESTS}_count{{operation="{name}"}}'
        yield Signal(
            id=camel("few", name),
            watch=Watch.TRAFFIC,
            about=name,
            source=design.service_of(name).id,
            metric=f"{calls}[15m])) / {calls}[15m] offset 1w))",
            limit=FALLS_TO,
            unit=Unit.SHARE,
            below=True,
            told=Told.PAGE,
            lasts=15 * MINUTE,
        )


# What nobody waits for ------------------------------------------------------------------------------------------------

LAG: Mapping[str, str] = {
    "kafka": 'sum(kafka_consumergroup_lag{{consumergroup="{group}", topic="{topic}"}})',
    "rabbitmq": 'max(rabbitmq_queue_messages_ready{{queue="{topic}.{group}"}})',
    "sqs": 'max(aws_sqs_approximate_number_of_messages_visible_maximum{{queue_name=~"{topic}_{group}.*"}})',
    "nats": 'max(nats_consumer_num_pending{{stream_name="{topic}", consumer_name="{group}"}})',
    "redis_streams": 'max(redis_stream_group_lag{{stream="{topic}", group="{group}"}})',
}
"""Metrics of the usual exporters, by dialect."""
IN_TABLE = 'max(waiting_rows{{table="{topic}", consumer="{group}"}})'
"""What the worker that reads a table counts itself."""


def lag(design: Design, one: Consumption) -> str:
    """The metric of what waits for an operation."""
    home = design.world.home(one.on)
    dialect = home.technology.dialect if home is not None else ""
    return LAG.get(dialect, IN_TABLE).format(topic=one.on, group=one.operation)


def _waiting(design: Design, sizing: Sizing) -> Iterator[Signal]:
    for one in consumptions(design, sizing):
        if one.starts not in WAITS:
            continue
        yield Signal(
            id=camel("behind", one.operation),
            watch=Watch.BACKLOG,
            about=one.operation,
            source=one.service,
            metric=lag(design, one),
            limit=one.page_at,
            unit=Unit.NUMBER,
            told=_told(design, one.operation),
            lasts=5 * MINUTE,
        )
        if one.dead:
            yield Signal(
                id=camel("dead", one.operation),
                watch=Watch.DEAD,
                about=one.operation,
                source=one.service,
                metric=f'sum(increase(dead_letters_total{{consumer="{one.operation}"}}[1h]))',
                limit=0.0,
                unit=Unit.NUMBER,
                told=Told.TICKET,
                lasts=0.0,
            )


def _clocks(design: Design) -> Iterator[Signal]:
    """Whatever the clock starts has run; what waits for its time does not wait longer."""
    world = design.world
    every = [(n, p) for n, p in world.programs.items() if p.starts is Start.EVERY]
    for service in dict.fromkeys(design.service_of(n).id for n, _ in every):
        rounds = {_seconds(p.every, world) for n, p in every if design.service_of(n).id == service}
        for seconds in sorted(rounds):
            names = [n for n, p in every if design.service_of(n).id == service and _seconds(p.every, world) == seconds]
            yield Signal(
                id=camel("clock", service, f"{seconds:.0f}s"),
                watch=Watch.CLOCK,
                about=", ".join(names),
                source=service,
                metric=f'max(time() - operation_last_success_timestamp_seconds{{operation=~"{"|".join(names)}"}})',
                limit=seconds * ROUNDS,
                unit=Unit.SECONDS,
                told=Told.TICKET,
                lasts=5 * MINUTE,
            )


def _seconds(value: Value | None, world: World) -> float:
    """A time that a program says; a tunable by its value."""
    if isinstance(value, Amount):
        return value.quantity.best
    if isinstance(value, Sum) or value is None:
        return DAY
    if getattr(value, "root", None) is Root.TUNABLE:
        found = world.form.tunables[getattr(value, "name", "")]
        return found.best if isinstance(found, Quantity) else float(found)
    return DAY


ON_TIME_LATE = 5 * MINUTE
"""How late something may come where its promise does not say (our assumption)."""


def _promises(design: Design) -> Iterator[Signal]:
    """Promises that say until when: their lateness is a metric of the operation that keeps them."""
    world = design.world
    for keeping in world.keepings:
        pledge = keeping.pledge
        if pledge.kind is PromiseKind.ON_TIME and pledge.operation in world.programs:
            said = pledge.said.get("late")
            yield _late(design, pledge.operation, _time(said, world) or ON_TIME_LATE)
        if pledge.kind in (PromiseKind.DELIVERED, PromiseKind.AGREES, PromiseKind.SETTLED):
            within = _time(pledge.said.get("within"), world)
            named = [world.programs[p] for p in _owners(keeping.where, world)]
            behind = [p for p in named if p.starts not in ASKED]
            if within and behind:
                yield _late(design, behind[0].id, within)


def _owners(where: tuple[str, ...], world: World) -> Iterator[str]:
    """The operations in which steps stand."""
    for name, program in world.programs.items():
        if name in where or any(s.id in where for s, _ in program.steps()):
            yield name


def _time(said: object, world: World) -> float | None:
    if isinstance(said, str):
        said = world.form.tunables.get(said)
    return said.best if isinstance(said, Quantity) else None


def _late(design: Design, operation: str, limit: float) -> Signal:
    metric = f'histogram_quantile(0.99, sum by (le) (rate(operation_lateness_seconds_bucket{{operation="{operation}"}}[15m])))'
    return Signal(
        id=camel("late", operation),
        watch=Watch.LATE,
        about=operation,
        source=design.service_of(operation).id,
        metric=metric,
        limit=limit,
        unit=Unit.SECONDS,
        told=_told(design, operation),
        lasts=5 * MINUTE,
    )


# Others' systems, copies, machines ------------------------------------------------------------------------------------


def callers(design: Design, integration: str) -> tuple[str, ...]:
    """Operations that call another system."""
    return tuple(n for n, p in design.world.programs.items() if _calls(p, integration))


def _calls(program: Program, integration: str) -> bool:
    return any(s.verb is Verb.CALL and s.target.split(".")[0] == integration for s, _ in program.steps())


def _outside(design: Design) -> Iterator[Signal]:
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


def _copies(design: Design) -> Iterator[Signal]:
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


def _machines(design: Design, sizing: Sizing) -> Iterator[Signal]:
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

"""What is watched: every metric with its threshold, how long it must last, and who is told. Table and alerting rules read the same.

Read off the form: error budget and latency of what is asked, backlogs of what waits, lateness of what a clock starts, other systems,
copies in memory, machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.steps.syntax import Start
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED
from workbook.plan.form.terms import Value
from workbook.plan.operate.causes import copies, machines, outside
from workbook.plan.operate.consumption import WAITS, Consumption, consumptions
from workbook.plan.operate.objectives import objectives
from workbook.plan.operate.signal import (
    BURNS,
    DAY,
    FAILURES_AN_HOUR,
    FALLS_TO,
    HOUR,
    LEAST_CALLS_A_MINUTE,
    LEAST_FAILURES,
    MINUTE,
    REQUESTS,
    WINDOWS,
    Burn,
    Signal,
    Told,
    Unit,
    Watch,
    camel,
    told,
)
from workbook.plan.passes.world import World
from workbook.plan.sizing import Sizing

ROUNDS = 3.0
"""A clock that missed so many rounds has stopped (our assumption)."""


def signals(design: Design, sizing: Sizing) -> tuple[Signal, ...]:
    """Everything that is watched, symptoms before causes."""
    found = (
        *_budget(design),
        *_latency(design),
        *_traffic(design),
        *_waiting(design, sizing),
        *_clocks(design),
        *_promises(design),
        *outside(design),
        *copies(design),
        *machines(design, sizing),
    )
    return tuple(found)


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
            told=told(design, name),
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
            told=told(design, one.operation),
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
    found = world.load.measures.value(value)
    return DAY if found is None else float(found[0])


ON_TIME_LATE = 5 * MINUTE
"""How late something may come where its promise does not say (our assumption)."""


def _promises(design: Design) -> Iterator[Signal]:
    """Promises that say until when: their lateness is a metric of the operation that keeps them."""
    world = design.world
    for keeping in world.kept:
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
        told=told(design, operation),
        lasts=5 * MINUTE,
    )

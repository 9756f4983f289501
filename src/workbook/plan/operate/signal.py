"""What a signal is: a metric with its threshold, how long it must last, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbook.plan.fold.design import Design
from workbook.plan.operate.consumption import WAITS
from workbook.plan.passes.world import World

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
OPEN_SHARE = 0.5
"""Failed calls of another system from which it counts as away (our assumption; the breaker of 12.3 opens there, too)."""
FALLS_TO = 0.5
"""Calls of the first priority below this share of their usual hour are a symptom, though nothing fails (our assumption)."""
LEAST_CALLS_A_MINUTE = 10.0
"""Below this a quiet hour is no symptom (our assumption)."""


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


def told(design: Design, operation: str) -> Told:
    """Who is told of something that is wrong with an operation."""
    return Told.PAGE if first(design, operation) else Told.TICKET

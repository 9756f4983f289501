"""What is deployed and scaled on its own, and which of it runs which operation.

Deployed together, everything is one application, until what nobody waits for, or connections that stay open, are enough to be scaled
apart. Services own their context; the same marks part their workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.steps.syntax import Start
from workbook.plan.form.model import Operation
from workbook.plan.passes.model import ability
from workbook.plan.passes.world import World

APART_RUNS = 50.0
"""Runs a second at peak that nobody waits for, from which they get processes of their own (our assumption)."""
APART_CONNECTIONS = 1_000.0
"""Open connections from which gateways hold them. Source: the founding workflows, "Scaling Thresholds", 1,000 a server."""

HELD = frozenset({Start.OPENS, Start.CLOSES, Start.BEATS})
"""What a connection that stays open starts."""
ASKED = frozenset({Start.CALLER, Start.WEBHOOK, *HELD})
"""What comes from outside."""


class Role(StrEnum):
    """What a service is scaled by."""

    API = "api"
    REALTIME = "realtime"
    WORKER = "worker"


@dataclass(frozen=True, kw_only=True)
class Service:
    """Something deployed and scaled on its own."""

    id: str
    role: Role
    contexts: tuple[str, ...]
    operations: tuple[str, ...]


def services(world: World) -> tuple[Service, ...]:
    """Every service with the operations that it runs; each operation is run by one."""
    operations = list(world.form.operations.values())
    if ability(world.chosen("architecture_style"), "single_deployable"):
        return tuple(_parted(world, operations, "", world.contexts))
    first = world.contexts[0] if world.contexts else ""
    named = {c: [o for o in operations if (o.context or first) == c] for c in world.contexts or ("",)}
    return tuple(s for c, own in named.items() if own for s in _parted(world, own, c, (c,)))


def _parted(world: World, operations: list[Operation], prefix: str, contexts: tuple[str, ...]) -> Iterator[Service]:
    """An API with everything in it; connections and background work apart from it where there is enough of them."""
    held = [o for o in operations if o.starts.kind in HELD]
    behind = [o for o in operations if o.starts.kind not in ASKED]
    asked = [o for o in operations if o not in held and o not in behind]
    opened = {o.starts.on for o in held}
    apart_held = held if connections(world, opened) >= APART_CONNECTIONS else []
    apart_behind = behind if sum(world.load.peak_of(o.id) for o in behind) >= APART_RUNS else []
    if not asked:
        apart_behind = behind
    inside = [
        o for o in operations if o not in apart_behind and (o not in apart_held) and o.id not in _subscribed(apart_held)
    ]
    if inside:
        yield _service(_name(prefix, "application", "service"), Role.API, contexts, inside)
    if apart_held:
        reached = [o for o in operations if o in apart_held or o.id in _subscribed(apart_held)]
        yield _service(_name(prefix, "realtime_gateway", "gateway"), Role.REALTIME, contexts, reached)
    if apart_behind:
        yield _service(_name(prefix, "worker", "worker"), Role.WORKER, contexts, apart_behind)


def _subscribed(held: Iterable[Operation]) -> set[str]:
    """Operations whose callers keep the connection open."""
    return {o.starts.on for o in held}


def connections(world: World, operations: Iterable[str]) -> float:
    """Connections that stay open at the same time after these operations were called."""
    total = 0.0
    for name in operations:
        said = world.form.operations.get(name)
        lasts = said.lasts.best if said is not None and said.lasts is not None else 0.0
        total += world.load.peak_of(name) * lasts
    return min(total, world.demand.total("concurrent_connections") or total)


def _name(prefix: str, alone: str, suffix: str) -> str:
    return f"{prefix}_{suffix}" if prefix else alone


def _service(identifier: str, role: Role, contexts: tuple[str, ...], operations: list[Operation]) -> Service:
    return Service(id=identifier, role=role, contexts=contexts, operations=tuple(o.id for o in operations))

"""What carries events from those who write to those who act on it?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from workbook.brief.model import Operation
from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.decisions.base import (
    Decision,
    Limit,
    Option,
    Score,
    World,
    ability,
    brief_number,
    closeness,
    familiarity,
    simplicity,
    technology_options,
)

RETAINED_DAYS = 7.0
ENVELOPE_BYTES = 200.0
"""Identifier, type, time and trace of an event (our assumption)."""


def emits(operation: Operation) -> bool:
    """Whether the operation's work goes on after the answer: somebody is notified, something is computed, or it says async."""
    return not operation.reads and (
        operation.mode == "async" or operation.fan_out is not None or operation.verb in ("notify", "compute", "upload")
    )


def load(world: World) -> capacity.Load:
    """Events per second at peak, their bytes, and what is retained of them. Where nothing is done later, the busiest write tells of itself."""
    demand = world.demand
    peak = average = flow = 0.0
    for name, operation in world.complete.operations.items():
        if emits(operation):
            calls = demand.of_operation("peak_qps", name)
            size = ENVELOPE_BYTES + min(demand.of_operation("request_bytes", name), 10_000.0)
            peak, flow = peak + calls, flow + calls * size
            average += demand.of_operation("average_qps", name)
    if not peak:
        told = [
            n for n, o in world.complete.operations.items() if not o.reads and world.complete.kind(o.entity) != "memory"
        ]
        name = max(told, key=lambda n: demand.of_operation("peak_qps", n), default="")
        if name:
            peak, average = demand.of_operation("peak_qps", name), demand.of_operation("average_qps", name)
            flow = peak * (ENVELOPE_BYTES + min(demand.of_operation("request_bytes", name), 10_000.0))
    kept = flow / max(peak, 1e-9) * average * 86_400 * RETAINED_DAYS
    return capacity.Load(
        writes=peak,
        average_writes=average * 3,
        bytes_per_second=flow,
        bytes=kept,
        headroom=world.headroom,
        copies=3,
        item_bytes=flow / max(peak, 1e-9),
    )


class Messaging(Decision):
    """Weighs events a second, several consumers, and one more system to run."""

    id = "messaging"
    title = "Messaging"
    question = "What carries events from those who write to those who act on it?"
    after = ("cache", "database")

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return technology_options("messaging", loader.technologies(), world.complete.cloud)

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        technology = option.source
        assert isinstance(technology, Technology)
        asked = _offers(world).asked
        largest = max((s.share for s in capacity.sizes(technology)), default=1.0)
        clusters = capacity.limit(technology, "nodes") * largest if capacity.sizes(technology) else 1.0
        if technology.details.get("loses_on_failover") and world.complete.quality("rpo").best <= 0:
            yield Limit("no event may be lost (RPO 0), and a failover loses the last second", 0.0, 1.0)
        yield Limit(
            "events per second", capacity.limit(technology, "messages_per_second") * clusters, asked.writes, "/s"
        )
        wanted = technology.details.get("needs_cache_dialect")
        if wanted:
            cache = world.chosen("cache").source
            yield Limit(
                f"{world.chosen('cache').name} is the cache, and it would be one more store to run",
                float(getattr(cache, "dialect", "") == wanted),
                1.0,
            )
        if ability(option, "transactional_with_database"):
            relational = any(
                ability(d.chosen, "transactions") for d in world.decided.values() if d.decision == "database"
            )
            yield Limit("no database with transactions to keep it in", float(relational), 1.0)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        heavy = min(2.0, max(0.0, math.log10(max(_offers(world).least, 1) / 500)))
        return {
            "events per second": 0.3,
            "several consumers": 0.15,
            "simplicity": 0.3,
            "team": 0.15,
            "cost": 0.1 + 0.15 * heavy,
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        offered = _offers(world)
        asked, fleet, least = offered.asked, offered.fleets[technology.id], max(100.0, offered.least)
        one = capacity.limit(technology, "messages_per_second") * (
            1 if not capacity.sizes(technology) else min(3.0, capacity.limit(technology, "nodes"))
        )
        consumers = _consumers(world)
        wanted = min(1.0, max(0.0, (consumers - 1) / 3)) * min(1.0, asked.writes / 500)
        return {
            "events per second": Score(
                closeness(max(asked.writes, 1e-9), one * 0.1, one * 2), f"{brief_number(asked.writes)} events/s at peak"
            ),
            "several consumers": Score(1 - wanted * (1 - ability(option, "replay")), f"{consumers} kinds of consumers"),
            "simplicity": simplicity(world, option.complexity),
            "team": familiarity(world, technology),
            "cost": Score(
                closeness(max(fleet.monthly_usd, 50), least, least * 300),
                f"{brief_number(fleet.monthly_usd)} USD/month",
            ),
        }


@dataclass(frozen=True)
class Offers:
    """What every broker would take to carry the events, and what the cheapest costs a month, what runs inside the database left out."""

    asked: capacity.Load
    fleets: Mapping[str, capacity.Fleet]
    least: float


@lru_cache(maxsize=1)
def _offers(world: World) -> Offers:
    """Worked out once for all options of the question."""
    asked = load(world)
    options = technology_options("messaging", loader.technologies(), world.complete.cloud)
    products = [o.source for o in options if isinstance(o.source, Technology)]
    fleets = {p.id: capacity.messaging(asked, p) for p in products}
    return Offers(
        asked, fleets, min(fleets[p.id].monthly_usd for p in products if capacity.sizes(p) or capacity.is_elastic(p))
    )


def _consumers(world: World) -> int:
    operations = world.complete.operations.values()
    kinds = {
        o.verb for o in operations if o.verb in ("notify", "compute", "search", "aggregate", "subscribe", "stream")
    }
    return len(kinds) + int(any(o.fan_out for o in operations)) + 1

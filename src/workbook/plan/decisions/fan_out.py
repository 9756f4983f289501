"""Where is the work of one-to-many done: when it is written, when it is read, or for some of each?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from workbook.catalog import loader
from workbook.plan.decisions.base import (
    Decided,
    Decision,
    Limit,
    Option,
    Score,
    World,
    ability,
    brief_number,
    closeness,
    pattern_options,
    simplicity,
)

INBOX_ROW_BYTES = 60.0
"""A recipient, a time and an identifier, with the row's header (our assumption)."""
INBOX_DAYS = 30.0


def widest(world: World) -> str:
    """The operation that makes the most deliveries by its fan-out; empty where none fans out."""
    fanning = [n for n, o in world.complete.operations.items() if o.fan_out is not None]
    return max(fanning, key=lambda n: world.demand.of_operation("deliveries_per_second", n), default="")


def largest_audience(world: World, operation: str) -> float:
    """The upper end of the range the brief gives for one call's recipients, at least the mean."""
    product = world.complete.operations[operation].fan_out or ()
    high = 1.0
    for part in product:
        high *= part.amount.high
    return max(world.demand.of_operation("fan_out", operation), high if all(not p.of for p in product) else 0.0)


@cache
def threshold() -> float:
    """Recipients from which copying one item takes longer than they should wait; from the catalog."""
    facts = [
        p.facts["threshold_recipients"].value
        for p in loader.patterns().values()
        if p.family == "fan_out" and "threshold_recipients" in p.facts
    ]
    return min(facts, default=10_000.0)


def reads_of(world: World, operation: str) -> float:
    """Peak reads of what the operation writes."""
    entity = world.complete.operations[operation].entity
    return sum(
        world.demand.of_operation("peak_qps", n)
        for n, o in world.complete.operations.items()
        if o.entity == entity and o.verb in ("list", "stream", "search")
    )


class FanOut(Decision):
    """Compares the rows written and merged per second."""

    id = "fan_out"
    title = "Fan-out strategy"
    question = "When one call concerns many recipients, where is that work done?"

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if widest(world) else ()

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return pattern_options("fan_out", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        operations = world.complete.operations.values()
        entity = world.complete.operations[widest(world)].entity
        if ability(option, "needs_connections"):
            reached = world.complete.operations[widest(world)].verb == "notify"
            open_ = float(reached or any(o.verb in ("subscribe", "stream") and o.entity == entity for o in operations))
            yield Limit("nobody subscribes to it, so there is no connection to push to", open_, 1.0)
        if ability(option, "merges_at_read"):
            listed = float(reads_of(world, widest(world)) > 0)
            yield Limit("no operation lists it, so there is no read to merge in", listed, 1.0)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        flooded = largest_audience(world, widest(world)) > threshold()
        return {
            "rows touched": 0.4,
            "read latency": 0.15,
            "reaches who is connected": 0.2,
            "uneven audiences": 0.3 if flooded else 0.1,
            "simplicity": 0.15,
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        operation = widest(world)
        work = {o.id: _work(world, operation, o) for o in self.options(world, subject)}
        fan = world.demand.of_operation("fan_out", operation)
        merged = max(1.0, fan * ability(option, "sources_per_read"))
        skew = world.complete.operations[operation].skew
        uneven = skew.best if skew else 0.0
        largest = largest_audience(world, operation)
        flood = closeness(largest, 1e5, threshold()) * (largest > threshold())
        told = (
            f"audiences reach {brief_number(largest)}, on average {brief_number(fan)}"
            if largest > 2 * fan
            else f"{uneven:.1%} of calls go to the hottest key"
            if uneven
            else "no audience is said to be large"
        )
        return {
            "rows touched": Score(
                closeness(work[option.id], max(min(work.values()), 1e-9), max(min(work.values()), 1e-9) * 1000),
                f"{brief_number(work[option.id])} rows/s at peak",
            ),
            "read latency": Score(closeness(merged, 5, 2000), f"{brief_number(merged)} sources merged per read"),
            "reaches who is connected": Score(
                1 - float(_subscribed(world, operation)) * (1 - ability(option, "pushes")),
                f"{brief_number(world.demand.total('concurrent_connections'))} connections"
                if _subscribed(world, operation)
                else "nobody subscribes",
            ),
            "uneven audiences": Score(
                1 - min(1.0, max(uneven * 20, flood)) * (1 - ability(option, "skew_tolerant")), told
            ),
            "simplicity": simplicity(world, option.complexity),
        }

    def effect(self, world: World, decided: Decided) -> World:
        """On write, every delivery is a row of the recipient's inbox; reads come from there."""
        share = ability(decided.chosen, "copies_per_recipient")
        operation = widest(world)
        if not share:
            return world
        context = world.contexts[world.complete.contexts[world.complete.operations[operation].entity]]
        peak = (
            world.demand.of_operation("peak_qps", operation) * world.demand.of_operation("fan_out", operation) * share
        )
        average = world.demand.of_operation("deliveries_per_second", operation) * share
        rows = world.demand.of_operation("deliveries_per_day", operation) * share * INBOX_DAYS
        note = f"fan-out on write adds {brief_number(peak)} inbox rows/s at peak"
        return world.with_context(
            replace(
                context,
                writes=context.writes + peak,
                average_writes=context.average_writes + average,
                rows=context.rows + rows,
                bytes_year=context.bytes_year + rows * INBOX_ROW_BYTES,
                bytes_horizon=context.bytes_horizon + rows * INBOX_ROW_BYTES,
                notes=(*context.notes, note),
            )
        )


def _subscribed(world: World, operation: str) -> bool:
    entity = world.complete.operations[operation].entity
    return any(o.verb in ("subscribe", "stream") and o.entity == entity for o in world.complete.operations.values())


def _work(world: World, operation: str, option: Option) -> float:
    peak, fan = world.demand.of_operation("peak_qps", operation), world.demand.of_operation("fan_out", operation)
    written = peak * (1 + fan * ability(option, "copies_per_recipient"))
    return written + reads_of(world, operation) * (1 + fan * ability(option, "sources_per_read"))

"""Which cache answers the reads that need not go to the database?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.decisions.base import (
    ContextLoad,
    Decided,
    Decision,
    Limit,
    Option,
    Score,
    World,
    ability,
    brief_number,
    bytes_text,
    closeness,
    familiarity,
    simplicity,
    technology_options,
)
from workbook.plan.decisions.loads import access


def cached_bytes(world: World) -> float:
    """What a shared cache holds: the working set and what is kept only in memory. Files belong to the CDN, what must be fresh to its leader."""
    complete, demand = world.complete, world.demand
    return sum(
        demand.of_entity("bytes_retained" if complete.kind(e) == "memory" else "cache_bytes", e)
        for e in complete.entities
        if complete.kind(e) != "object" and complete.consistency(e) != "strong"
    )


def memory_calls(world: World) -> float:
    """Peak calls on what is kept only in memory."""
    complete = world.complete
    return sum(
        world.demand.of_operation("peak_qps", n)
        for n, o in complete.operations.items()
        if complete.kind(o.entity) == "memory"
    )


def load(world: World) -> capacity.Load:
    """What the cache has to carry."""
    reads = sum(c.points + c.ranges for c in world.contexts.values() if not c.strong)
    complete = world.complete
    copies = 2 if complete.quality("availability").best >= 0.999 else 1
    return capacity.Load(
        reads=reads + memory_calls(world), bytes=cached_bytes(world) * 1.5, copies=copies, headroom=world.headroom
    )


class Cache(Decision):
    """Weighs the reads taken off, the structures needed, and one more system to run."""

    id = "cache"
    title = "Cache"
    question = "Which cache answers the reads that need not go to the database?"
    after = ("fan_out",)

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return technology_options("cache", loader.technologies())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        shared = world.complete.model.entities and any(
            world.complete.kind(e) == "memory" for e in world.complete.entities
        )
        yield Limit(
            "state in memory has to be shared between servers",
            float(option.source.dialect != "in_process") if isinstance(option.source, Technology) else 1.0,
            float(bool(shared)),
        )

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"reads taken off": 0.35, "structures": 0.15, "simplicity": 0.25, "team": 0.1, "cost": 0.15}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        asked = load(world)
        shared = bool(capacity.sizes(technology))
        reach = 1.0 if shared else closeness(asked.reads, 300, 20_000)
        cost = capacity.cache(asked, technology).monthly_usd
        pages = sum(c.ranges for c in world.contexts.values() if not c.strong)
        wanted = min(1.0, pages / max(asked.reads, 1e-9) * 2)
        evidence = f"{brief_number(asked.reads)} reads/s at peak, {bytes_text(asked.bytes)} to hold"
        return {
            "reads taken off": Score(reach, evidence if shared else f"{evidence}, each server warming its own"),
            "structures": Score(
                1 - wanted * (1 - (ability(option, "sorted_sets") or (0.0 if shared else 0.7))),
                f"{brief_number(pages)} pages/s want sorted sets",
            ),
            "simplicity": simplicity(world, option.complexity),
            "team": familiarity(world, technology),
            "cost": Score(closeness(cost, 150, 50_000), f"{brief_number(cost)} USD/month"),
        }

    def effect(self, world: World, decided: Decided) -> World:
        """Reads of what may be a little old are answered by the cache as often as the working set allows."""
        ratio = (
            world.complete.default("sizing.hit_ratio", "share").best
            * decided.of(decided.chosen.id).scores["reads taken off"].value
        )
        for context in world.contexts.values():
            taken = _taken(world, context, 0.0 if context.strong else ratio)
            kept = 1 - taken
            note = (
                f"{decided.chosen.name} answers {taken:.0%} of the reads"
                if taken
                else "reads go to the database: they must not be old"
            )
            world = world.with_context(
                replace(
                    context,
                    reads=(context.points + context.ranges) * kept + context.searches + context.aggregates,
                    average_reads=context.average_reads * kept,
                    notes=(*context.notes, note) if context.reads else context.notes,
                )
            )
        return world


def _taken(world: World, context: ContextLoad, otherwise: float) -> float:
    """The share of a context's reads that the cache answers: each operation's own hit ratio where it says one."""
    reads = {
        name: operation
        for name, operation in world.complete.operations.items()
        if operation.entity in context.entities and access(operation, world.complete) in ("point", "range")
    }
    calls = {name: world.demand.of_operation("average_qps", name) for name in reads}
    total = sum(calls.values())
    if total <= 0 or not any(operation.hit_ratio for operation in reads.values()):
        return otherwise
    answered = sum(
        calls[name] * (operation.hit_ratio.best if operation.hit_ratio else otherwise)
        for name, operation in reads.items()
    )
    return answered / total

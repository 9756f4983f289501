"""How is a context's data split over nodes, and by what key?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.decisions import database
from workbook.plan.decisions.base import (
    Decision,
    Limit,
    Option,
    Score,
    World,
    ability,
    brief_number,
    bytes_text,
    pattern_options,
    simplicity,
)

PARTITION_BYTES = 50e6
"""Above this a partition takes a time bucket into its key (our assumption; the usual advice is 100 MB)."""


class PartitionKey(Decision):
    """Weighs even spread, ordered reads and locality."""

    id = "partition_key"
    title = "Partitioning"
    question = "How is the data split over nodes, and by what key?"
    after = ("database",)

    def subjects(self, world: World) -> Iterable[str]:
        return [d.subject for d in world.decided.values() if d.decision == "database"]

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return pattern_options("partitioning", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        parts = _parts(world, subject)
        chosen = world.chosen("database", subject)
        spreads = ability(chosen, "leaderless") or ability(chosen, "automatic_sharding") or ability(chosen, "elastic")
        if not ability(option, "parts"):
            yield Limit("one node cannot hold it: shards", 1.0, float(2 if spreads else parts))
        elif parts <= 1 and not spreads and not ability(option, "within_node"):
            yield Limit("one node holds it, so there is nothing to split", 0.0, 1.0)
        if ability(option, "bounds_partitions"):
            largest = max((row_group(world, e) for e in context_entities(world, subject)), default=0.0)
            yield Limit(
                "no key gathers so many rows in time that its partition passes 50 MB: buckets would only split pages",
                float(largest > PARTITION_BYTES),
                1.0,
            )
        if ability(option, "by_region"):
            yield Limit("regions to split by", float(len(world.complete.model.constraints.regions)), 2.0)
        if ability(option, "by_time") and spreads:
            yield Limit(f"{chosen.name} places rows by key: every new row would go to the node of today", 0.0, 1.0)
        if ability(option, "by_time"):
            yield Limit("no row is kept by time", float(_timed(world, subject)), 1.0)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"even spread": 0.35, "pages in order": 0.3, "dropping old rows": 0.1, "simplicity": 0.25}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        context = world.contexts[subject]
        paged = min(1.0, context.ranges / max(context.ranges + context.points, 1e-9) * 1.5)
        size = context.bytes_year
        sorted_within = getattr(world.chosen("database", subject).source, "model", "") in ("wide_column", "key_value")
        timed = float(_timed(world, subject)) * min(1.0, size / 1e12)
        return {
            "even spread": Score(
                ability(option, "spreads") if _parts(world, subject) > 1 else max(0.8, ability(option, "spreads")),
                f"hottest key takes {context.skew:.1%} of the calls" if context.skew else "no key is said to be hot",
            ),
            "pages in order": Score(
                1
                - paged * (1 - (1.0 if sorted_within and ability(option, "parts") else ability(option, "range_reads"))),
                f"{brief_number(context.ranges)} pages/s",
            ),
            "dropping old rows": Score(
                1 - timed * (1 - ability(option, "drops_old")), f"{bytes_text(size)} after a year"
            ),
            "simplicity": simplicity(world, option.complexity),
        }


def context_entities(world: World, subject: str) -> tuple[str, ...]:
    """The entities of a context that are kept."""
    return tuple(e for e in world.contexts[subject].entities if world.complete.kind(e) not in ("memory", "object"))


def row_group(world: World, entity: str) -> float:
    """Bytes that gather under one key of an entity whose rows arrive in time: all of it over the number of those that own it."""
    fields = world.complete.entities[entity].fields
    if not any(f.kind in ("time", "date") for f in fields.values()):
        return 0.0
    owner = next((f.ref for f in fields.values() if f.ref), "")
    owners = world.demand.of_entity("rows_retained", owner) if owner in world.complete.entities else 1.0
    return world.demand.of_entity("bytes_retained", entity) / max(owners, 1.0)


@lru_cache(maxsize=1)
def _parts(world: World, subject: str) -> int:
    """The nodes or shards that the chosen database takes: once for all options of a question."""
    technology = world.chosen("database", subject).source
    assert isinstance(technology, Technology)
    fleet = capacity.database(database.load(world.contexts[subject], world), technology)
    return fleet.nodes if fleet.ring else fleet.shards


def _timed(world: World, subject: str) -> bool:
    entities = world.contexts[subject].entities
    return any(
        world.complete.kind(e) in ("event", "series") or world.complete.entities[e].retention is not None
        for e in entities
    )

"""Which database holds a context's records?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.decisions.base import (
    ContextLoad,
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

KNOWN_ALREADY = 0.4
"""What is left of a product's complexity where another context runs it already (our assumption)."""
LEADERS_BY_HAND = 12.0
"""Shards with a leader each that a team splits and moves by hand before it regrets it (our assumption)."""


def load(context: ContextLoad, world: World) -> capacity.Load:
    """What the store of a context has to carry twelve months from now."""
    nines = world.complete.quality("availability").best
    return capacity.Load(
        reads=context.reads,
        writes=context.writes,
        average_reads=context.average_reads,
        average_writes=context.average_writes,
        bytes=context.bytes_year,
        item_bytes=context.item_bytes,
        copies=1 if nines < 0.99 else 2 if nines < 0.9999 else 3,
        quorum_reads=2.0 if context.strong else 1.0,
        headroom=world.headroom,
    )


class Database(Decision):
    """Asked once per context that keeps anything."""

    id = "database"
    title = "Database"
    question = "Which database holds the records?"
    after = ("fan_out", "cache")

    def subjects(self, world: World) -> Iterable[str]:
        return [
            c.context
            for c in sorted(world.contexts.values(), key=lambda c: (-c.bytes_year - 1e6 * c.writes, c.context))
            if c.entities
        ]

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return technology_options("database", loader.technologies(), world.complete.cloud)

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        technology, context = option.source, world.contexts[subject]
        assert isinstance(technology, Technology)
        if context.transactions:
            yield Limit(
                "several rows change together, and it has no transactions over rows",
                ability(option, "transactions"),
                1.0,
            )
        if context.strong:
            consistent = max(ability(option, "strong_reads"), ability(option, "conditional_writes"))
            yield Limit("reads must see the last write, and it cannot promise that", consistent, 1.0)
        model = technology.model
        if model in ("time_series",) and not ability(option, "transactions"):
            yield Limit(
                "rows are changed one by one, and it is made for appending", float(_appends_only(world, context)), 1.0
            )
        if model == "search":
            yield Limit("it is an index beside a database, not the home of records", 0.0, 1.0)
        fleet = _offers(world, subject).fleets[technology.id]
        if _spreads(option):
            yield Limit("nodes", capacity.limit(technology, "nodes"), float(fleet.nodes))
        else:
            yield Limit("shards with a leader each", LEADERS_BY_HAND, float(fleet.shards))
        yield Limit("bytes in one row", capacity.limit(technology, "item_bytes"), context.item_bytes, " B")

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        nines = -math.log10(max(1e-7, 1 - world.complete.quality("availability").best))
        spent = _offers(world, subject).least
        return {
            "fits the queries": 0.3,
            "room to grow": 0.2,
            "simplicity": 0.25,
            "team": 0.15,
            "way out": 0.08,
            "stays writable": 0.06 * max(0.0, nines - 2),
            "cost": 0.1 + 0.1 * min(2.0, max(0.0, math.log10(max(spent, 1) / 2000))),
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology, context = option.source, world.contexts[subject]
        assert isinstance(technology, Technology)
        offered = _offers(world, subject)
        fleet, least = offered.fleets[technology.id], max(offered.least, 50)
        spreads = _spreads(option)
        shards = 1 if spreads else fleet.shards
        need = max((n.nodes for n in fleet.needs), default=0.0) * max(
            1.0, context.bytes_horizon / max(context.bytes_year, 1)
        )
        grows = (
            Score(1.0, "spreads over nodes by itself")
            if spreads
            else Score(
                closeness(need, 0.7, 8),
                f"{fleet.shards} leader{'s' if fleet.shards > 1 else ''} for {brief_number(context.writes)} writes/s and {bytes_text(context.bytes_year)} in a year",
            )
        )
        cost = fleet.monthly_usd
        elsewhere = next(
            (d.subject for d in world.decided.values() if d.decision == "database" and d.chosen.id == option.id), ""
        )
        return {
            "fits the queries": _fit(context, option),
            "room to grow": grows,
            "way out": Score(
                1.0 if len(technology.offered) > 1 or not is_rented(technology) else 0.0,
                "to be had elsewhere"
                if len(technology.offered) > 1 or not is_rented(technology)
                else "one provider only",
            ),
            "stays writable": Score(
                1.0 if ability(option, "leaderless") or ability(option, "elastic") else 0.8 if spreads else 0.5,
                "no leader to fail over" if ability(option, "leaderless") else "a failover interrupts writes",
            ),
            "simplicity": simplicity(
                world,
                option.complexity * (KNOWN_ALREADY if elsewhere else 1.0) + 0.8 * math.log2(shards),
                f"runs already for {elsewhere}" if elsewhere else "",
            ),
            "team": familiarity(world, technology),
            "cost": Score(closeness(max(cost, 50), least, least * 20), f"{brief_number(cost)} USD/month"),
        }


@dataclass(frozen=True)
class Offers:
    """What every product would take to carry a load, and what the cheapest costs a month."""

    fleets: Mapping[str, capacity.Fleet]
    least: float


@lru_cache(maxsize=1)
def _offers(world: World, subject: str) -> Offers:
    """Worked out once for all options of a question."""
    asked = load(world.contexts[subject], world)
    products = (o.source for o in technology_options("database", loader.technologies(), world.complete.cloud))
    fleets = {p.id: capacity.database(asked, p) for p in products if isinstance(p, Technology)}
    return Offers(fleets, min(f.monthly_usd for f in fleets.values()))


def _spreads(option: Option) -> bool:
    return bool(ability(option, "leaderless") or ability(option, "automatic_sharding") or ability(option, "elastic"))


def is_rented(technology: Technology) -> bool:
    """Whether it exists only as a service of one provider."""
    return bool(technology.details.get("cloud")) or (
        len(technology.offered) == 1 and "proprietary" in technology.licence.lower()
    )


def _appends_only(world: World, context: ContextLoad) -> bool:
    return not any(
        o.verb in ("update", "delete") for o in world.complete.operations.values() if o.entity in context.entities
    )


def _fit(context: ContextLoad, option: Option) -> Score:
    """The share of the calls that the store answers in its own way, and what it lacks."""
    model = option.source.model if isinstance(option.source, Technology) else ""
    relational = ability(option, "joins")
    parts = {
        "lookups": (context.points, 1.0),
        "pages": (context.ranges, max(ability(option, "range_scans"), ability(option, "secondary_indexes"))),
        "searches": (
            context.searches,
            max(ability(option, "full_text"), ability(option, "geo") if context.geo else 0.0)
            or 0.2 * ability(option, "secondary_indexes"),
        ),
        "aggregates": (context.aggregates, max(ability(option, "aggregates"), 0.2)),
        "writes": (context.writes, 1.0 if model != "graph" else 0.5),
    }
    total = sum(rate for rate, _ in parts.values())
    answered = sum(rate * fit for rate, fit in parts.values()) / total if total else 1.0
    several = len(context.entities) > 1
    shape = (
        max(relational, ability(option, "range_scans") * 0.95)
        if context.appends
        else relational
        if several
        else max(relational, 0.9)
    )
    missing = [name for name, (rate, fit) in parts.items() if rate > 0 and fit < 0.5]
    value = 0.6 * answered + 0.4 * shape
    if model == "graph":
        value *= 0.6
    evidence = (
        f"cannot answer {', '.join(missing)} by itself"
        if missing
        else "answers every query of the context" + (", and joins its entities" if relational and several else "")
    )
    return Score(value, evidence)

"""Which database holds a context's records?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from workbook.brief.shapes import Shape
from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.passes import asked, driver
from workbook.plan.passes.asked import ContextLoad
from workbook.plan.passes.fit import familiarity, maturity, simplicity, way_out
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, bound, lacks
from workbook.plan.passes.options import products
from workbook.plan.passes.world import DATABASE, Store, World, remembered
from workbook.prose import say

KNOWN_ALREADY = 0.4
"""What is left of a product's complexity where another context runs it already (our assumption)."""
LEADERS_BY_HAND = 8.0
"""Shards with a leader each that a team splits and moves by hand before it regrets it (our assumption)."""


class Database(Pass):
    """Asked once per context that keeps anything which must not be lost."""

    id = "database"
    phase = Phase.HOME
    several = True
    title = "Database"
    question = "Which database holds the records?"
    variables = ("DATABASE_SYSTEM",)
    rechecked = True

    def subjects(self, world: World) -> Iterable[str]:
        found = asked.contexts(world).values()
        return [c.context for c in sorted(found, key=lambda c: (-c.bytes_year - 1e6 * c.writes, c.context))]

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return products("database", loader.technologies())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        yield from _statics(world, subject)[option.id]
        technology, context = _technology(option), asked.contexts(world)[subject]
        fleet = _fleets(world, subject)[technology.id]
        if _spreads(option):
            yield bound("nodes", capacity.limit(technology, "nodes"), float(fleet.nodes))
        else:
            yield bound("shards with a leader each", LEADERS_BY_HAND, float(fleet.shards))
        yield bound("bytes in one row", capacity.limit(technology, "item_bytes"), context.item_bytes, " B")

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        nines = -math.log10(max(1e-7, 1 - world.complete.quality("availability").best))
        return {
            "cost of owning it": 0.35,
            "fits the queries": 0.25,
            "simplicity": 0.1,
            "team": 0.15,
            "proven": 0.07,
            "way out": 0.08,
            "stays writable": 0.04 * max(0.0, nines - 2),
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology, context = _technology(option), asked.contexts(world)[subject]
        elsewhere = _elsewhere(world, option)
        return {
            "cost of owning it": _costs(world, subject)[technology.id],
            "fits the queries": _fit(context, option),
            "simplicity": simplicity(
                world,
                option.complexity * (KNOWN_ALREADY if elsewhere else 1.0),
                f"runs already for {elsewhere}" if elsewhere else "",
            ),
            "team": familiarity(world, technology),
            "proven": maturity(technology),
            "way out": way_out(technology),
            "stays writable": _writable(option),
        }

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        assert option is not None
        technology = _technology(option)
        structures = asked.contexts(world)[subject].structures
        return world.with_store(_store(world, subject, technology), *structures)


@remembered
def _statics(world: World, subject: str) -> Mapping[str, tuple[Limit, ...]]:
    """The same for every product."""
    return {o.id: tuple(_static(world, subject, o)) for o in products("database", loader.technologies())}


def _static(world: World, subject: str, option: Option) -> Iterator[Limit]:
    """Limits that no load moves: what the form asks of a store, and the store cannot."""
    technology, context = _technology(option), asked.contexts(world)[subject]
    shapes = {world.form.structures[s].shape for s in context.structures}
    several = [g for g in asked.together(world) if g & set(context.structures)]
    if several:
        names = " and ".join(sorted(sorted(several, key=len)[-1]))
        rows = ability(option, "transactions") or (
            ability(option, "conditional_batches") and _colocated(world, several)
        )
        yield lacks(f"{names} change together, and it has no transaction over them", bool(rows))
    if context.strong:
        consistent = max(ability(option, "strong_reads"), ability(option, "conditional_writes"))
        yield lacks("reads must see the last write, and it cannot promise that", bool(consistent))
    for keeping in world.keepings:
        for need in keeping.needs:
            if need.structure in context.structures:
                yield lacks(need.why, any(ability(option, a) for a in need.abilities))
    if technology.model == "time_series" and not ability(option, "transactions"):
        yield lacks("rows are changed one by one, and it is made for appending", context.appends)
    if technology.model == "search":
        yield lacks("it is an index beside a database, not the home of records", False)
    if technology.model == "graph":
        yield lacks("nothing here is asked over more than one hop", Shape.GRAPH in shapes)


def _technology(option: Option) -> Technology:
    assert isinstance(option.source, Technology)
    return option.source


def _colocated(world: World, groups: list[frozenset[str]]) -> bool:
    """Whether what changes together lies under the same first key: then one partition holds it."""
    for group in groups:
        firsts = set()
        for name in group:
            structure = world.form.structures[name]
            type_ = structure.fields.get(structure.together)
            firsts.add(type_.ref if type_ and type_.ref else name)
        if len(firsts) > 1:
            return False
    return True


def _store(world: World, context: str, technology: Technology) -> Store:
    """Deployed together, contexts of one product share a database; services own theirs."""
    shared = bool(ability(world.chosen("architecture_style"), "single_deployable"))
    mine = [s for s in world.stores.values() if s.role == DATABASE]
    if not shared:
        return Store(f"{context}_database", DATABASE, technology, (context,))
    same = next((s for s in mine if s.technology.id == technology.id), None)
    if same is not None:
        return Store(same.id, DATABASE, technology, (*same.contexts, context))
    return Store("database" if not mine else f"{technology.id}_database", DATABASE, technology, (context,))


@remembered
def _fleets(world: World, subject: str) -> Mapping[str, capacity.Fleet]:
    """What every product would take to carry a context: worked out once for all options."""
    load = asked.of_database(asked.contexts(world)[subject], world)
    return {t.id: capacity.database(load, t) for t in loader.technologies().values() if t.kind == "database"}


@remembered
def _costs(world: World, subject: str) -> Mapping[str, Score]:
    load = asked.of_database(asked.contexts(world)[subject], world)
    known = {t.id: t for t in loader.technologies().values() if t.kind == "database"}
    lines = {n: driver.owned(t, load, capacity.database, by_hand=not _spreads_itself(t)) for n, t in known.items()}
    fitting = [n for n, limits in _statics(world, subject).items() if all(x.met for x in limits)]
    return driver.scores(lines, {n: t.complexity for n, t in known.items()}, fitting)


def _spreads(option: Option) -> bool:
    return _spreads_itself(_technology(option))


def _spreads_itself(technology: Technology) -> bool:
    return any(bool(technology.abilities.get(a)) for a in ("leaderless", "automatic_sharding", "elastic"))


def _elsewhere(world: World, option: Option) -> str:
    for decided in world.decided.values():
        if decided.decision == Database.id and decided.chosen.id == option.id:
            return decided.subject
    return ""


def _writable(option: Option) -> Score:
    if ability(option, "leaderless"):
        return Score(1.0, say("no leader to fail over"))
    if ability(option, "elastic"):
        return Score(1.0, say("the provider fails over"))
    value = 0.8 if _spreads(option) else 0.5
    return Score(value, say("a failover interrupts writes"))


def _fit(context: ContextLoad, option: Option) -> Score:
    """The share of the calls that the store answers in its own way, and what it lacks. Shares do not move with the load."""
    model = _technology(option).model
    relational = ability(option, "joins")
    parts = {
        "look-ups": (context.points, 1.0),
        "pages": (context.ranges, max(ability(option, "range_scans"), ability(option, "secondary_indexes"))),
        "searches": (context.searches, ability(option, "full_text") or 0.2 * ability(option, "secondary_indexes")),
        "aggregates": (context.aggregates, max(ability(option, "aggregates"), 0.2)),
        "writes": (context.writes, 0.5 if model == "graph" else 1.0),
    }
    total = sum(rate for rate, _ in parts.values())
    answered = sum(rate * fit for rate, fit in parts.values()) / total if total else 1.0
    several = len(context.structures) > 1
    shape = max(relational, 0.9)
    if context.appends:
        shape = max(relational, ability(option, "range_scans") * 0.95)
    elif several:
        shape = relational
    missing = [name for name, (rate, fit) in parts.items() if rate > 0 and fit < 0.5]
    said = f"cannot answer {', '.join(missing)} by itself" if missing else "answers every query of the context"
    if not missing and relational and several:
        said += " and joins its entities"
    return Score(0.6 * answered + 0.4 * shape, say(said))

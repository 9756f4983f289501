"""What holds that which may be lost: connections, positions, counters in front, copies of hot rows?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.passes import asked, copies, driver
from workbook.plan.passes.fit import familiarity, simplicity
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, bound, lacks
from workbook.plan.passes.options import products
from workbook.plan.passes.world import DATABASE, MEMORY, Store, World, remembered
from workbook.plan.texts import brief_number, bytes_text
from workbook.prose import say

INSIDE = 2_000.0
"""Look-ups and writes a second of passing things that a database takes beside its own work (our assumption: a tenth of one node)."""


class Memory(Pass):
    """Weighs one more system to run against the work it takes off the database."""

    id = "cache"
    phase = Phase.HOME
    rechecked = True
    title = "Memory"
    question = "What holds that which may be lost, and copies of hot rows?"
    after = ("database",)
    variables = ("CACHE_SYSTEM",)

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return products("cache", loader.technologies())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        technology = option.source
        assert isinstance(technology, Technology)
        held = asked.memory(world)
        if technology.port and not held.structures:
            yield lacks(
                "nothing here may be lost, and no row is looked up often enough to be copied", copies.wanted(world)
            )
        if not technology.port:
            yield lacks(
                "rows that are looked up so often are worth a copy outside of the database", not copies.wanted(world)
            )
        if ability(option, "in_database"):
            asked_of = held.operations + hot_reads(world) * SHARE
            yield bound("operations a second beside the database's own", INSIDE, asked_of, "/s")
        elif not technology.port:
            yield lacks("several servers share what is held, and it is within one", not held.structures)
        else:
            wanted = {s.value for s in held.shapes}
            can = set(technology.details.get("shapes", ()))
            missing = sorted(wanted - can)
            yield lacks(f"it has no {missing[0] if missing else 'shape'}", not missing)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"cost of owning it": 0.4, "simplicity": 0.25, "team": 0.2, "ready copies": 0.15}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        held = asked.memory(world)
        evidence = f"{brief_number(held.operations)} operations/s at peak, {bytes_text(held.bytes)} held"
        return {
            "cost of owning it": _costs(world)[technology.id],
            "simplicity": simplicity(world, option.complexity),
            "team": familiarity(world, technology),
            "ready copies": Score(1.0 if technology.port else 0.3, say(evidence)),
        }

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        assert option is not None
        technology = option.source
        assert isinstance(technology, Technology)
        names = asked.memory(world).structures
        if technology.port:
            return world.with_store(Store(MEMORY, MEMORY, technology, world.contexts), *names)
        for name in names:
            home = database_of(world, world.form.structures[name].context)
            if home is not None:
                world = world.with_store(home, name)
        return world


SHARE = 0.1
"""Hot reads count a tenth here: the database answers them anyway, from memory (our assumption)."""


def database_of(world: World, context: str) -> Store | None:
    """The database of a context; where it has none, any."""
    mine = [s for s in world.stores.values() if s.role == DATABASE]
    return next((s for s in mine if context in s.contexts), mine[0] if mine else None)


def hot_reads(world: World) -> float:
    """Look-ups of rows that a copy could answer."""
    return sum(c.points for c in asked.contexts(world).values() if not c.strong)


@remembered
def _costs(world: World) -> Mapping[str, Score]:
    load = asked.of_memory(asked.memory(world), world)
    known = {t.id: t for t in loader.technologies().values() if t.kind == "cache"}
    lines = {n: driver.owned(t, load, capacity.cache) for n, t in known.items()}
    return driver.scores(lines, {n: t.complexity for n, t in known.items()})

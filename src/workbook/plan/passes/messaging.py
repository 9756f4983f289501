"""What carries events from those who write to those who act on it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import capacity
from workbook.plan.passes import asked, driver
from workbook.plan.passes.fit import familiarity, maturity, simplicity
from workbook.plan.passes.memory import database_of
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, bound, lacks
from workbook.plan.passes.options import products
from workbook.plan.passes.world import DATABASE, MEMORY, MESSAGING, Store, World, remembered
from workbook.prose import say


class Messaging(Pass):
    """Asked where events are told at all. Weighs several consumers and one more system to run."""

    id = "messaging"
    phase = Phase.HOME
    rechecked = True
    title = "Messaging"
    question = "What carries events from those who write to those who act on it?"
    after = ("database", "cache")
    variables = ("MESSAGING_SYSTEM",)

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if world.form.topics or self.id in world.complete.model.choices or _said(world) else ()

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return products("messaging", loader.technologies())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        technology = option.source
        assert isinstance(technology, Technology)
        wanted = asked.events(world)
        if technology.details.get("loses_on_failover") and world.complete.quality("rpo").best <= 0:
            yield lacks("no event may be lost (RPO 0), and a failover loses the last second", False)
        yield bound("events a second", _most(technology), wanted.events, "/s")
        dialect = technology.details.get("needs_cache_dialect")
        if dialect:
            memory = world.stores.get(MEMORY)
            same = memory is not None and memory.technology.dialect == dialect
            yield lacks("its server is not among the chosen, and it would be one more store to run", same)
        if ability(option, "transactional_with_database"):
            relational = any(ability(s.technology, "transactions") for s in world.stores.values() if s.role == DATABASE)
            yield lacks("no database with transactions to keep it in", relational)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"cost of owning it": 0.4, "several consumers": 0.15, "simplicity": 0.15, "team": 0.18, "proven": 0.12}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        consumers = asked.events(world).consumers
        wanted = min(1.0, max(0.0, (consumers - 1) / 4))
        return {
            "cost of owning it": _costs(world)[technology.id],
            "several consumers": Score(
                1 - wanted * (1 - ability(option, "replay")), say(f"{consumers} operations start by events")
            ),
            "simplicity": simplicity(world, option.complexity),
            "team": familiarity(world, technology),
            "proven": maturity(technology),
        }

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        assert option is not None
        technology = option.source
        assert isinstance(technology, Technology)
        if not ability(option, "transactional_with_database"):
            return world.with_store(Store(MESSAGING, MESSAGING, technology, world.contexts), *world.form.topics)
        for name, topic in world.form.topics.items():
            home = database_of(world, topic.context)
            if home is not None:
                world = world.with_store(home, name)
        return world


def _said(world: World) -> bool:
    return any(v in world.complete.model.document for v in Messaging.variables)


def _most(technology: Technology) -> float:
    """Events a second of the largest cluster that it makes."""
    machines = capacity.sizes(technology)
    clusters = capacity.limit(technology, "nodes") * machines[-1].share if machines else 1.0
    return capacity.limit(technology, "messages_per_second") * clusters


@remembered
def _costs(world: World) -> Mapping[str, Score]:
    load = asked.of_messaging(asked.events(world), world)
    known = {t.id: t for t in loader.technologies().values() if t.kind == "messaging"}
    lines = {n: driver.owned(t, load, capacity.messaging) for n, t in known.items()}
    return driver.scores(lines, {n: t.complexity for n, t in known.items()})

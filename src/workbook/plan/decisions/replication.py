"""How many copies, who accepts writes, and what does a reader see?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.plan.decisions.base import Decision, Limit, Option, Score, World, ability, pattern_options, simplicity


class Replication(Decision):
    """Weighs loss of data, freshness of reads, and the latency of writes."""

    id = "replication"
    title = "Replication and consistency"
    question = "How many copies are kept, who accepts writes, and what does a reader see?"
    after = ("database", "partition_key")

    def subjects(self, world: World) -> Iterable[str]:
        return [d.subject for d in world.decided.values() if d.decision == "database"]

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return pattern_options("replication", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        store = world.chosen("database", subject)
        leaderless = bool(
            ability(store, "leaderless")
            or ability(store, "elastic")
            or (ability(store, "automatic_sharding") and not ability(store, "single_leader"))
        )
        if ability(option, "needs_leaderless"):
            yield Limit(f"{store.name} has one leader per shard", float(leaderless), 1.0)
        elif ability(option, "needs_leader"):
            yield Limit(f"{store.name} has no leader to follow", float(not leaderless), 1.0)
        if world.complete.quality("rpo").best <= 0 and not ability(option, "rpo_zero"):
            yield Limit("no write may be lost (RPO 0), and a copy may lag", 0.0, 1.0)
        if world.complete.quality("availability").best >= 0.999:
            yield Limit("the loss of a zone must not stop it", ability(option, "survives_zone"), 1.0)
        if ability(option, "conflicts") and world.contexts[subject].strong:
            yield Limit("two leaders may accept contradicting writes, and this data must be consistent", 0.0, 1.0)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        strong = world.contexts[subject].strong
        return {
            "fresh reads": 0.35 if strong else 0.15,
            "nothing lost": 0.3 if strong else 0.15,
            "write latency": 0.15 if strong else 0.3,
            "simplicity": 0.25,
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        staleness = world.complete.quality("staleness").best
        strong = world.contexts[subject].strong
        return {
            "fresh reads": Score(
                1.0 if not ability(option, "reads_stale") else (0.2 if strong else min(1.0, 0.4 + staleness / 60)),
                "reads must see the last write" if strong else f"{staleness:.0f} s old is allowed",
            ),
            "nothing lost": Score(1.0 if ability(option, "rpo_zero") else 0.5, f"RPO {world.complete.quality('rpo')}"),
            "write latency": Score(1 - ability(option, "write_wait"), f"p99 target {world.complete.quality('p99')}"),
            "simplicity": simplicity(world, option.complexity),
        }

"""How many copies, who accepts writes, and what does a reader see?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.plan.passes import asked
from workbook.plan.passes.fit import simplicity
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, lacks
from workbook.plan.passes.options import patterns
from workbook.plan.passes.world import World
from workbook.prose import say

OLDEST, LAGGING = 60.0, 0.4
"""Reads that may be as old as that lose nothing by a lagging copy; where none may be, this much is left (our assumption)."""


class Replication(Pass):
    """Weighs loss of data, freshness of reads, and the latency of writes. Nothing of it moves with the load."""

    id = "replication"
    phase = Phase.LAYOUT
    several = True
    title = "Replication and consistency"
    question = "How many copies are kept, who accepts writes, and what does a reader see?"
    after = ("partition_key",)

    def subjects(self, world: World) -> Iterable[str]:
        return [d.subject for d in world.decided.values() if d.decision == "database"]

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return patterns("replication", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        store = world.chosen("database", subject)
        leaderless, votes, anywhere = (bool(ability(store, a)) for a in ("leaderless", "votes", "any_copy_writes"))
        if ability(option, "needs_leaderless"):
            yield lacks(f"{store.name} has a leader", leaderless)
        elif ability(option, "needs_vote"):
            yield lacks(f"the copies of {store.name} elect no leader", votes)
        elif ability(option, "needs_many_writers"):
            yield lacks(f"{store.name} takes writes at one copy", leaderless or anywhere)
        elif ability(option, "needs_leader"):
            yield lacks(f"{store.name} has no leader that stays", not (leaderless or votes or anywhere))
        if world.complete.quality("rpo").best <= 0:
            yield lacks("no write may be lost (RPO 0), and a copy may lag", bool(ability(option, "rpo_zero")))
        if world.complete.quality("availability").best >= 0.999:
            yield lacks("the loss of a zone must not stop it", bool(ability(option, "survives_zone")))
        if asked.contexts(world)[subject].strong:
            yield lacks("two leaders may accept contradicting writes", not ability(option, "conflicts"))

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        strong = asked.contexts(world)[subject].strong
        return {
            "fresh reads": 0.35 if strong else 0.15,
            "nothing lost": 0.3 if strong else 0.15,
            "write latency": 0.15 if strong else 0.3,
            "simplicity": 0.25,
        }

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        staleness = world.complete.quality("staleness").best
        strong = asked.contexts(world)[subject].strong
        stale = bool(ability(option, "reads_stale"))
        allowed = 0.2 if strong else min(1.0, LAGGING + (1 - LAGGING) * staleness / OLDEST)
        return {
            "fresh reads": Score(
                allowed if stale else 1.0,
                say("reads must see the last write" if strong else f"{staleness:.0f} s old is allowed"),
            ),
            "nothing lost": Score(
                1.0 if ability(option, "rpo_zero") else 0.5, say(f"RPO {world.complete.quality('rpo')}")
            ),
            "write latency": Score(
                1 - ability(option, "write_wait"), say(f"p99 target {world.complete.quality('p99')}")
            ),
            "simplicity": simplicity(world, option.complexity),
        }

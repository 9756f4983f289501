"""How many copies of each database's rows there are, how many a read asks and a write waits for, and what follows in a partition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbook.catalog.model import Pattern
from workbook.plan.capacity import Fleet
from workbook.plan.passes import asked
from workbook.plan.passes.model import ability
from workbook.plan.passes.world import DATABASE, Store, World


@dataclass(frozen=True, kw_only=True)
class Copies:
    """N, R and W of a store, and which side it takes."""

    store: Store
    pattern: Pattern
    copies: int
    read: int
    write: int
    leaderless: bool
    voted: bool
    """Whether a majority elects who leads."""
    lagging: bool
    """Whether reads may be answered by a copy that has not heard of the last write."""
    conflicts: bool
    """Whether two writes may contradict each other."""

    @property
    def overlap(self) -> bool:
        """Whether a read meets the last write: R + W > N."""
        return self.read + self.write > self.copies

    @property
    def available(self) -> bool:
        """AP: whether both sides of a split go on."""
        return self.leaderless and not self.overlap


def lags(world: World, context: str) -> bool:
    """Whether reads of a context's rows may be answered by a copy that has not heard of the last write."""
    return world.has("replication", context) and bool(ability(world.chosen("replication", context), "reads_stale"))


def of_databases(world: World, fleets: Mapping[str, Fleet]) -> tuple[Copies, ...]:
    """The copies of every database. `fleets`: by store."""
    return tuple(
        _copies(s, world, fleets[s.id]) for s in world.stores.values() if s.role == DATABASE and s.id in fleets
    )


def _copies(store: Store, world: World, fleet: Fleet) -> Copies:
    option = world.chosen("replication", store.contexts[0])
    assert isinstance(option.source, Pattern)
    least = int(ability(option, "copies")) if fleet.nodes == 0 else 1
    copies = max(fleet.copies, least)
    majority = copies // 2 + 1
    contexts = asked.contexts(world)
    strong = any(contexts[c].strong for c in store.contexts if c in contexts)
    leaderless = bool(ability(option, "needs_leaderless"))
    read = majority if leaderless and strong else 1
    voted = bool(ability(option, "needs_vote"))
    waited_for = min(2, copies) if ability(option, "rpo_zero") else 1
    write = majority if leaderless or voted else waited_for
    conflicts = bool(ability(option, "conflicts")) or (leaderless and not strong)
    return Copies(
        store=store,
        pattern=option.source,
        copies=copies,
        read=read,
        write=write,
        leaderless=leaderless,
        voted=voted,
        lagging=bool(ability(option, "reads_stale")),
        conflicts=conflicts,
    )

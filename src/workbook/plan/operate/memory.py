"""What rests in memory, and how much of a node it may take."""

from __future__ import annotations

from dataclasses import dataclass

from workbook.plan.capacity import Fleet
from workbook.plan.fold.design import Design
from workbook.plan.form.model import Structure
from workbook.plan.passes.resting import row_bytes
from workbook.plan.passes.world import MEMORY

SHARE = 0.75
"""Of a node's memory for entries: the rest is for copies of the process and buffers (our assumption, as of Redis' own advice)."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One structure in memory. Sizes in bytes."""

    structure: Structure
    item_bytes: float
    items: float

    @property
    def bytes(self) -> float:
        """All of it."""
        return self.item_bytes * self.items


def held(design: Design) -> tuple[Held, ...]:
    """Everything whose home is the memory."""
    world = design.world
    found = [
        world.form.structures[n] for n, home in world.homes.items() if home == MEMORY and n in world.form.structures
    ]
    return tuple(Held(structure=s, item_bytes=row_bytes(s, world), items=world.load.rows(s.id)) for s in found)


def limit_gib(fleet: Fleet) -> float:
    """What a node may fill with entries."""
    return fleet.memory_gib * SHARE

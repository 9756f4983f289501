"""The tables of the databases that were chosen: of what rests there, events that wait there included."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.plan.fold.layout import Table
from workbook.plan.fold.layout import tables as laid_out
from workbook.plan.passes.world import DATABASE, World


def tables(world: World) -> Mapping[str, Table]:
    """A table for each structure and topic whose home is a database."""
    shared: dict[str, set[str]] = {}
    for name, home in world.homes.items():
        if world.stores[home].role == DATABASE:
            shared.setdefault(home, set()).add(name)
    together = {name: frozenset(names) for names in shared.values() for name in names}
    return laid_out(world.form, world.accesses, world.pledges, together)

"""What is put on the stage: programs, tables for all that rests, which events wait in the database, who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbook.plan import Plan
from workbook.plan.fold.access import Rule
from workbook.plan.fold.layout import Table
from workbook.plan.fold.layout import tables as laid_out
from workbook.plan.form.lateness import lateness
from workbook.plan.form.model import Form, Program
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Compared, Root, Value, refs
from workbook.plan.passes.world import DATABASE

ELSEWHERE = "elsewhere"
CROSSED = 4
"""What thresholds of sizes are brought down to, so that a few rows lie on either side and some cross."""


@dataclass(frozen=True)
class Scene:
    """A system that can be played. Everything rests in one database; what rests elsewhere is played by a table of its own."""

    form: Form
    programs: Mapping[str, Program]
    tables: dict[str, Table]
    pledges: tuple[Pledge, ...] = ()
    rules: tuple[Rule, ...] = ()

    def without(self, tables: dict[str, Table], programs: Mapping[str, Program]) -> Scene:
        """The same with other tables and programs."""
        return replace(self, tables=tables, programs=programs)

    def late(self, operation: str) -> Value | None:
        """How much later than its time an operation may start by a promise."""
        return lateness(self.form, operation)


def _thresholds(programs: Mapping[str, Program]) -> set[str]:
    """Tunables that the size of a group is compared with."""
    tests = [t for p in programs.values() for t in p.tests() if isinstance(t, Compared)]
    sized = [t for t in tests if any(r.type is not None and r.type.counted for r in refs(t.left))]
    return {r.name for t in sized for v in t.right for r in refs(v) if r.root is Root.TUNABLE}


def scene(plan: Plan) -> Scene:
    """The scene of a plan."""
    world = plan.world
    shared: dict[str, set[str]] = {}
    for name in (*world.form.structures, *world.form.topics):
        home = world.home(name)
        if name in world.form.topics and (home is None or home.role != DATABASE):
            continue
        place = home.id if home is not None and home.role == DATABASE else f"{ELSEWHERE} {name}"
        shared.setdefault(place, set()).add(name)
    together = {n: frozenset(names) for names in shared.values() for n in names}
    tables = laid_out(world.form, world.accesses, world.pledges, together)
    form = replace(world.form, tunables={**world.form.tunables, **dict.fromkeys(_thresholds(world.programs), CROSSED)})
    return Scene(form, world.programs, tables, world.pledges, plan.design.rules)

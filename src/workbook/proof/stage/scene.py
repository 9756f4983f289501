"""What is put on the stage: programs, tables for all that rests, which events wait in the database, who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.steps.syntax import Amount
from workbook.plan import Plan
from workbook.plan.fold.access import Rule
from workbook.plan.fold.layout import Table
from workbook.plan.fold.layout import tables as laid_out
from workbook.plan.form.model import Form, Program, Ref, Root, Value
from workbook.plan.form.pledges import Pledge
from workbook.plan.passes.world import DATABASE

ELSEWHERE = "elsewhere"


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
        for pledge in self.pledges:
            if pledge.kind is PromiseKind.ON_TIME and pledge.operation == operation:
                return said_time(pledge.said.get("late"))
        return None


def said_time(said: object) -> Value | None:
    """A time that a promise says, or the tunable that holds it."""
    if isinstance(said, Quantity):
        return Amount(said)
    return Ref(Root.TUNABLE, said) if isinstance(said, str) else None


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
    return Scene(world.form, world.programs, tables, world.pledges, plan.design.rules)

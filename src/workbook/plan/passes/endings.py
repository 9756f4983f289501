"""Lowering: what is kept for a time has somebody who ends it, where the store does not do so by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Start, Verb, lines
from workbook.plan.form.model import Form, Operation, Structure
from workbook.plan.form.scope import ENDS_AT
from workbook.plan.form.structures import began
from workbook.plan.passes.model import Option, Pass, Phase, ability
from workbook.plan.passes.world import World

DAILY, OFTEN = "1 day", "1 min"
"""Old rows go at night; what is short-lived is swept every minute (our assumption)."""


class Endings(Pass):
    """Asked for each structure with a lifetime whose store has no such thing."""

    id = "endings"
    phase = Phase.LOWERING
    after = ("outbox",)

    def subjects(self, world: World) -> Iterable[str]:
        return [n for n, s in world.form.structures.items() if _ends(s) and not _by_itself(n, world)]

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        structure = world.form.structures[subject]
        name = f"expire_{subject}"
        line = _line(structure)
        if not line or name in world.form.operations or _ended_already(subject, world.form):
            return world
        every = OFTEN if structure.ttl is not None else DAILY
        operation = Operation(
            id=name,
            starts=steps.starts(f"every {every}"),
            nodes=(steps.line(line),),
            context=structure.context,
            added_by=Endings.id,
        )
        return world.with_form(replace(world.form, operations={**world.form.operations, name: operation}))


def _ends(structure: Structure) -> bool:
    return structure.ttl is not None or structure.retention is not None


def _by_itself(name: str, world: World) -> bool:
    """Whether the store forgets by itself, or nobody chose one."""
    home = world.home(name)
    return home is None or bool(ability(home.technology, "ttl"))


def _ended_already(name: str, form: Form) -> bool:
    """Whether a clock removes rows already."""
    clocked = [o for o in form.operations.values() if o.starts.on == name and o.starts.kind is Start.DUE]
    return any(one.verb is Verb.REMOVE and one.target.parts[:1] == (name,) for o in clocked for one in lines(o.nodes))


def _line(structure: Structure) -> str:
    """The step that removes what is over; empty where no field says when a row began."""
    if structure.ttl is not None:
        return f"remove {structure.id} where {ENDS_AT} <= now"
    kept = structure.retention
    begun = began(structure)
    if not begun or kept is None:
        return ""
    return f"remove {structure.id} where {begun} < now - {kept if isinstance(kept, str) else kept.text}"

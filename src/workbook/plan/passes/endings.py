"""Lowering: what is kept for a time has somebody who ends it, where the store does not do so by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Comparison, Start, Verb, lines
from workbook.plan.form.added import free, of_form
from workbook.plan.form.model import Form, Operation, Structure
from workbook.plan.form.scope import ENDS_AT
from workbook.plan.form.structures import began
from workbook.plan.passes.model import Option, Pass, Phase, ability
from workbook.plan.passes.world import DATABASE, World

DAILY, OFTEN = "1 day", "1 min"
"""Old rows go at night; what is short-lived is swept every minute (our assumption)."""


class Endings(Pass):
    """Asked for each structure with a lifetime whose store has no such thing."""

    id = "endings"
    phase = Phase.LOWERING
    after = ("outbox",)

    def subjects(self, world: World) -> Iterable[str]:
        kept = [n for n, s in world.form.structures.items() if _ends(s) and not _by_itself(n, world)]
        told = [n for n, t in world.form.topics.items() if t.retention is not None and _stays(n, world)]
        return [*kept, *told]

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        if subject in world.form.topics:
            return _released(world, subject)
        structure = world.form.structures[subject]
        line = _line(structure)
        if not line or _ended_already(subject, world.form):
            return world
        name = free(f"expire_{subject}", of_form(world.form))
        every = OFTEN if structure.ttl is not None else DAILY
        operation = Operation(
            id=name,
            starts=steps.starts(f"every {every}"),
            nodes=(steps.line(line),),
            context=structure.context,
            added_by=Endings.id,
        )
        return world.with_form(replace(world.form, operations={**world.form.operations, name: operation}))


def _stays(topic: str, world: World) -> bool:
    """Whether events rest in a database, which keeps what nobody removes."""
    home = world.home(topic)
    return home is not None and home.role == DATABASE and not _by_itself(topic, world)


def _released(world: World, topic: str) -> World:
    """Events that all consumers have handled go at night."""
    told = world.form.topics[topic]
    assert told.retention is not None
    name = free(f"expire_{topic}", of_form(world.form))
    operation = Operation(
        id=name,
        starts=steps.starts(f"every {DAILY}"),
        nodes=(steps.line(f"release {topic} for {told.retention.text}"),),
        context=told.context,
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
    """Whether something takes rows away when they are due, or sweeps them by the clock."""
    structure = form.structures[name]
    return any(_sweeps(o, structure) for o in form.operations.values())


def _sweeps(operation: Operation, structure: Structure) -> bool:
    """Whether an operation removes rows of a structure, each when it is due or all by their age."""
    removed = [o for o in lines(operation.nodes) if o.verb is Verb.REMOVE and o.target.parts[:1] == (structure.id,)]
    if operation.starts.kind is Start.DUE and operation.starts.on == structure.id:
        return bool(removed)
    if not removed:
        return False
    ages = {ENDS_AT} if structure.ttl is not None else {began(structure)}
    aged = any(isinstance(t, Comparison) and str(t.left) in ages for one in removed for t in one.where)
    return operation.starts.kind is Start.EVERY and aged


def _line(structure: Structure) -> str:
    """The step that removes what is over; empty where no field says when a row began."""
    if structure.ttl is not None:
        return f"remove {structure.id} where {ENDS_AT} <= now"
    kept = structure.retention
    begun = began(structure)
    if not begun or kept is None:
        return ""
    return f"remove {structure.id} where {begun} < now - {kept if isinstance(kept, str) else kept.text}"

"""Lowering: an event or item that comes twice does once what would harm twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbook.brief.fields import parse_field
from workbook.brief.quantities import parse
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Start, Verb, lines
from workbook.plan.form.added import free, of_form
from workbook.plan.form.model import Operation, Structure
from workbook.plan.form.verbs import HARMS_TWICE, WRITES
from workbook.plan.mechanisms.compose import add
from workbook.plan.passes.asked import written_context
from workbook.plan.passes.model import Option, Pass, Phase
from workbook.plan.passes.world import World

KEPT = parse("7 days", "time")
"""How long a handled event is remembered: as long as it may come again (our assumption: what brokers keep)."""


class Handled(Pass):
    """Operations that start by events and do what harms when it is done twice claim the event in the same transaction."""

    id = "handled"
    phase = Phase.STYLE
    after = ("architecture_style",)

    def subjects(self, world: World) -> Iterable[str]:
        started = (o for o in world.form.operations.values() if o.starts.kind is Start.EVENT)
        return [o.id for o in started if _harms(o, world) or _said_once(o, world)]

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        operation = world.form.operations[subject]
        if any(one.verb is Verb.CLAIM for one in lines(operation.nodes)):
            return world
        inbox = _structure(world, operation)
        claim = steps.line(f"claim {inbox.id} by handler = here and event = event")
        nodes = add(operation.nodes, {"first": (claim,)}, {})
        made = replace(operation, nodes=nodes)
        form = replace(
            world.form,
            structures={**world.form.structures, inbox.id: inbox},
            operations={**world.form.operations, subject: made},
        )
        return world.with_form(form)


def _said_once(operation: Operation, world: World) -> bool:
    """Whether the brief calls it idempotent and it keeps something."""
    said = world.complete.operations.get(operation.id)
    return said is not None and said.idempotent is True and any(one.verb in WRITES for one in lines(operation.nodes))


def _harms(operation: Operation, world: World) -> bool:
    """Whether something in it must not happen twice: an addition, a taking, a number, on what may not be lost."""
    for one in lines(operation.nodes):
        structure = world.form.structures.get(one.target.parts[0]) if one.target.parts else None
        if one.verb in HARMS_TWICE and structure is not None and structure.loss is not Loss.ALLOWED:
            return True
    return False


def _structure(world: World, operation: Operation) -> Structure:
    context = written_context(operation, world)
    name = f"{context}_handled" if len(world.contexts) > 1 else "handled"
    for known in world.form.structures.values():
        if known.added_by == Handled.id and known.context == context:
            return known
    return Structure(
        id=free(name, of_form(world.form)),
        shape=Shape.ROWS,
        context=context,
        key=("handler", "event"),
        fields={"handler": parse_field("string 40"), "event": parse_field("id")},
        ttl=KEPT,
        loss=Loss.NEVER,
        added_by=Handled.id,
    )

"""Lowering: the same request again gets the same answer and has one effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbook.brief.fields import parse_field
from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity, parse
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Line, Node, Verb, lines
from workbook.plan.form.added import free, of_form
from workbook.plan.form.model import Operation, Structure
from workbook.plan.form.verbs import WRITES
from workbook.plan.mechanisms.compose import add
from workbook.plan.passes.asked import written_context
from workbook.plan.passes.model import Option, Pass, Phase
from workbook.plan.passes.world import World

KEPT = parse("1 day", "time")
"""How long a request is remembered where the promise does not say (our assumption: longer than any client goes on trying)."""


class Repeatable(Pass):
    """A row for each request: claimed first in the transaction, with the answer written last."""

    id = "repeatable"
    phase = Phase.STYLE
    after = ("architecture_style",)

    def subjects(self, world: World) -> Iterable[str]:
        promised = (p.operation for p in world.pledges if p.kind is PromiseKind.REPEATABLE)
        return [o for o in dict.fromkeys(promised) if o in world.form.operations and _writes(world.form.operations[o])]

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        operation = world.form.operations[subject]
        if _guarded(operation):
            return world
        request = _structure(world, operation)
        row = _row(operation)
        phases = {"first": _first(request.id), "last": _last(request.id, row)}
        made = replace(operation, nodes=add(operation.nodes, phases, {}))
        form = replace(
            world.form,
            structures={**world.form.structures, request.id: request},
            operations={**world.form.operations, subject: made},
        )
        return world.with_form(form)


def _writes(operation: Operation) -> bool:
    return any(one.verb in WRITES or one.verb is Verb.PUBLISH for one in lines(operation.nodes))


def _guarded(operation: Operation) -> bool:
    """Whether the steps claim the request already."""
    return any(one.verb is Verb.CLAIM for one in lines(operation.nodes))


def _structure(world: World, operation: Operation) -> Structure:
    """Requests of a context, kept as long as the longest promise asks."""
    context = written_context(operation, world)
    name = f"{context}_request" if len(world.contexts) > 1 else "request"
    for known in world.form.structures.values():
        if known.added_by == Repeatable.id and known.context == context:
            return known
    said = [p.said.get("for") for p in world.pledges if p.kind is PromiseKind.REPEATABLE]
    kept = max((q for q in said if isinstance(q, Quantity)), key=lambda q: q.best, default=KEPT)
    fields = {"caller": "id", "key": "id", "digest": "int", "answer": "id?"}
    return Structure(
        id=free(name, of_form(world.form)),
        shape=Shape.ROWS,
        context=context,
        key=("caller", "key"),
        fields={n: parse_field(t) for n, t in fields.items()},
        ttl=kept,
        loss=Loss.NEVER,
        added_by=Repeatable.id,
    )


def _first(request: str) -> tuple[Node, ...]:
    """Claim the request; who comes second gets what was answered, or is told that the key was used for something else."""
    return steps.nodes(
        [
            {
                "try": f"claim {request} by caller = caller and key = body.request set digest = hash(body)",
                "refused": {
                    "share": "1 %",
                    "steps": [
                        f"get {request} by caller = caller and key = body.request",
                        {"when": f"{request}.digest != hash(body)", "share": "0.1 %", "steps": ["refuse conflict"]},
                        f"answer {request}.answer",
                    ],
                },
            }
        ]
    )


def _last(request: str, row: str) -> tuple[Node, ...]:
    if not row:
        return ()
    return steps.nodes([f"change {request} by caller = caller and key = body.request set answer = {row}"])


def _row(operation: Operation) -> str:
    """What is answered again: the row that the operation makes."""
    for one in lines(operation.nodes):
        if isinstance(one, Line) and one.verb in (Verb.APPEND, Verb.PUT) and one.target.parts:
            return one.name or one.target.parts[0]
    return ""

"""Lowering: the same request again gets the same answer and has one effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbook.brief.fields import FieldType, parse_field
from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity, parse
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Each, Line, Node, Together, Verb, lines
from workbook.plan.form.added import free, of_form
from workbook.plan.form.model import Form, Operation, Structure
from workbook.plan.form.verbs import VERBS, WRITES
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
        made_row = _row(operation, world.form)
        request = _structure(world, operation, made_row[1] if made_row else None)
        phases = {"first": _first(request.id, made_row), "last": _last(request.id, made_row)}
        made = replace(operation, nodes=add(_kept(operation.nodes), phases, {}))
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


def _columns(row: Structure) -> dict[str, str]:
    """Key field of the row that is answered -> where the request keeps it: `answer` where it is one, else a column each."""
    return {k: "answer" if len(row.key) == 1 else f"{row.id}_{k}" for k in row.key}


def _kept_fields(row: Structure | None) -> dict[str, FieldType]:
    if row is None:
        return {}
    return {column: _remembered(row.fields[k]) for k, column in _columns(row).items()}


def _remembered(type_: FieldType) -> FieldType:
    """A column for a part of a key, empty until there is an answer; what it refers to may be gone by then."""
    if type_.kind in ("id", "ref"):
        return parse_field("id?")
    return replace(type_, optional=True, default=None, ref="")


def _structure(world: World, operation: Operation, row: Structure | None) -> Structure:
    """Requests of a context, kept as long as the longest promise asks, with the keys of the rows that they made."""
    context = written_context(operation, world)
    name = f"{context}_request" if len(world.contexts) > 1 else "request"
    for known in world.form.structures.values():
        if known.added_by == Repeatable.id and known.context == context:
            return replace(known, fields={**known.fields, **_kept_fields(row)})
    said = [p.said.get("for") for p in world.pledges if p.kind is PromiseKind.REPEATABLE]
    kept = max((q for q in said if isinstance(q, Quantity)), key=lambda q: q.best, default=KEPT)
    fields = {"caller": "id", "key": "id", "digest": "int"}
    return Structure(
        id=free(name, of_form(world.form)),
        shape=Shape.ROWS,
        context=context,
        key=("caller", "key"),
        fields={**{n: parse_field(t) for n, t in fields.items()}, **_kept_fields(row)},
        ttl=kept,
        loss=Loss.NEVER,
        added_by=Repeatable.id,
    )


Made = tuple[str, Structure]
"""The row that is answered: its name in the steps, and its structure."""


def _first(request: str, row: Made | None) -> tuple[Node, ...]:
    """Claim the request; who comes second gets what was answered, or is told that the key was used for something else."""
    again = ["answer"]
    if row is not None:
        name, structure = row
        by = " and ".join(f"{k} = {request}.{column}" for k, column in _columns(structure).items())
        again = [f"get {structure.id} by {by} as {name}", f"answer {name}"]
    return steps.nodes(
        [
            {
                "try": f"claim {request} by caller = caller and key = body.request set digest = hash(body)",
                "refused": {
                    "share": "1 %",
                    "steps": [
                        f"get {request} by caller = caller and key = body.request",
                        {"when": f"{request}.digest != hash(body)", "share": "0.1 %", "steps": ["refuse conflict"]},
                        *again,
                    ],
                },
            }
        ]
    )


def _last(request: str, row: Made | None) -> tuple[Node, ...]:
    if row is None:
        return ()
    name, structure = row
    sets = " and ".join(f"{column} = {name}.{k}" for k, column in _columns(structure).items())
    return steps.nodes([f"change {request} by caller = caller and key = body.request set {sets}"])


def _row(operation: Operation, form: Form) -> Made | None:
    """What is answered again: the row that the operation answers, where a step gave that one row."""
    said = next((one for one in lines(operation.nodes) if one.verb is Verb.ANSWER), None)
    for subject in said.subjects if said is not None else ():
        giving = next(
            (one for one in lines(operation.nodes) if one.verb in ONE_ROW and _gives(one) == str(subject)), None
        )
        structure = form.structures.get(giving.target.parts[0]) if giving is not None else None
        if structure is not None and structure.key and Verb.GET in VERBS[structure.shape]:
            return str(subject), structure
    return None


ONE_ROW = frozenset({Verb.APPEND, Verb.PUT, Verb.CHANGE, Verb.MOVE, Verb.ADD, Verb.GET, Verb.CLAIM, Verb.NEXT})
"""Verbs that give one row, unless they are told a list."""


def _gives(one: Line) -> str:
    """The name of the row that a step gives; empty where it gives several."""
    many = any(isinstance(p.value, Each) for p in (*one.by, *one.sets))
    return "" if many or not one.target.parts else one.name or one.target.parts[0]


def _kept(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """What only tells does so in a transaction: the request is claimed in it, and whoever comes second tells nothing."""
    if any(one.verb in WRITES for one in lines(nodes)):
        return nodes
    return tuple(Together((n,)) if isinstance(n, Line) and n.verb is Verb.PUBLISH else n for n in nodes)

"""Lowering: the same request again gets the same answer and has one effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from workbook.brief.fields import FieldType, parse_field
from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity, parse
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Each, Line, Node, Together, Verb, lines
from workbook.plan.form.model import Operation, Structure
from workbook.plan.form.verbs import VERBS, WRITES
from workbook.plan.mechanisms.compose import add
from workbook.plan.passes.asked import written_context
from workbook.plan.passes.model import Option, Pass, Phase
from workbook.plan.passes.world import World

KEPT = parse("1 day", "time")
"""How long a request is remembered where the promise does not say (our assumption: longer than any client goes on trying)."""

ROW = frozenset({Verb.APPEND, Verb.PUT, Verb.CHANGE, Verb.MOVE, Verb.ADD, Verb.GET, Verb.CLAIM, Verb.NEXT})
"""Verbs that give one row."""


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
        answered = tuple(_answered(operation, world.form.structures))
        request = _structure(world, operation, answered)
        phases = {"first": _first(request.id, answered), "last": _last(request.id, answered)}
        made = replace(operation, nodes=add(_kept(operation.nodes), phases, {}))
        form = replace(
            world.form,
            structures={**world.form.structures, request.id: request},
            operations={**world.form.operations, subject: made},
        )
        return world.with_form(form)


@dataclass(frozen=True)
class Answered:
    """A row that an operation answers, and how it is found again."""

    name: str
    structure: Structure

    @property
    def keys(self) -> dict[str, str]:
        """The fields of a request that hold its key, by the fields of the key."""
        return {k: f"{self.structure.id}_{k}" for k in self.structure.key}


def _writes(operation: Operation) -> bool:
    return any(one.verb in WRITES or one.verb is Verb.PUBLISH for one in lines(operation.nodes))


def _guarded(operation: Operation) -> bool:
    """Whether the steps claim the request already."""
    return any(one.verb is Verb.CLAIM for one in lines(operation.nodes))


def _kept(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """What only tells tells in a transaction, too: the request is claimed in it, and who comes second tells nothing."""
    if any(one.verb in WRITES for one in lines(nodes)):
        return nodes
    return tuple(Together((n,)) if isinstance(n, Line) and n.verb is Verb.PUBLISH else n for n in nodes)


def _answered(operation: Operation, known: Mapping[str, Structure]) -> Iterator[Answered]:
    """The rows that it answers, where each is one row that a step gave."""
    said = next((one for one in lines(operation.nodes) if one.verb is Verb.ANSWER), None)
    for subject in said.subjects if said is not None else ():
        giving = [one for one in lines(operation.nodes) if _gives(one) == str(subject) and one.verb in ROW]
        structure = known.get(giving[0].target.parts[0]) if giving else None
        if structure is not None and Verb.GET in VERBS[structure.shape] and structure.key:
            yield Answered(str(subject), structure)


def _gives(one: Line) -> str:
    many = any(isinstance(p.value, Each) for p in (*one.by, *one.sets))
    return "" if many or not one.target.parts else one.name or one.target.parts[0]


def _structure(world: World, operation: Operation, answered: tuple[Answered, ...]) -> Structure:
    """Requests of a context, kept as long as the longest promise asks, with the keys of the rows that were answered."""
    context = written_context(operation, world)
    name = f"{context}_request" if len(world.contexts) > 1 else "request"
    said = [p.said.get("for") for p in world.pledges if p.kind is PromiseKind.REPEATABLE]
    kept = max((q for q in said if isinstance(q, Quantity)), key=lambda q: q.best, default=KEPT)
    own = {n: parse_field(t) for n, t in {"caller": "id", "key": "id", "digest": "int"}.items()}
    keys = {f: _optional(a.structure.fields[k]) for a in answered for k, f in a.keys.items()}
    known = world.form.structures.get(name)
    if known is not None:
        return replace(known, fields={**known.fields, **keys})
    return Structure(
        id=name,
        shape=Shape.ROWS,
        context=context,
        key=("caller", "key"),
        fields={**own, **keys},
        ttl=kept,
        loss=Loss.NEVER,
        added_by=Repeatable.id,
    )


def _optional(type_: FieldType) -> FieldType:
    return replace(type_, optional=True, default=None)


def _first(request: str, answered: tuple[Answered, ...]) -> tuple[Node, ...]:
    """Claim the request; who comes second gets what was answered, or is told that the key was used for something else."""
    again = [_found(request, a) for a in answered]
    names = f" {' and '.join(a.name for a in answered)}" if answered else ""
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
                        f"answer{names}",
                    ],
                },
            }
        ]
    )


def _found(request: str, answered: Answered) -> str:
    """The row that was answered, by the key that the request holds."""
    by = " and ".join(f"{k} = {request}.{f}" for k, f in answered.keys.items())
    named = f" as {answered.name}" if answered.name != answered.structure.id else ""
    return f"get {answered.structure.id} by {by}{named}"


def _last(request: str, answered: tuple[Answered, ...]) -> tuple[Node, ...]:
    sets = " and ".join(f"{f} = {a.name}.{k}" for a in answered for k, f in a.keys.items())
    if not sets:
        return ()
    return steps.nodes([f"change {request} by caller = caller and key = body.request set {sets}"])

"""Lowering: an event, item, row that is due or delivery of a webhook that comes twice does once what would harm twice.

A single new row takes the identifier of its event: whoever comes second finds it and goes on. Everything else claims what started it, in
the transaction of what it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from workbook.brief.fields import FieldType, parse_field
from workbook.brief.quantities import parse
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps import show
from workbook.brief.steps.syntax import Line, Loop, Node, Pair, Path, Start, Together, Verb, When, goes_each, lines
from workbook.plan.form.added import free, of_form
from workbook.plan.form.model import Form, Operation, Program, Step, Structure
from workbook.plan.form.scope import ENDS_AT
from workbook.plan.form.terms import Ref, Root, Value
from workbook.plan.form.verbs import HARMS_TWICE, OUTSIDE, WRITES
from workbook.plan.mechanisms.compose import add
from workbook.plan.passes.asked import written_context
from workbook.plan.passes.model import Option, Pass, Phase
from workbook.plan.passes.world import World

KEPT = parse("7 days", "time")
"""How long what was handled is remembered: as long as it may come again (our assumption: what brokers keep)."""
AGAIN = frozenset({Start.EVENT, Start.QUEUE, Start.DUE, Start.WEBHOOK})
"""What comes at least once and can be told from others of its kind. Source: BRIEF.md, "Starts"."""
HANDLED = ("handler", "event")
NEW = frozenset({Root.NEW, Root.NOW})
"""Values that are others each time."""
TELLING = frozenset({"id", "ref", "int", "time", "date", "enum", "bool", "code", "string"})
"""Types of fields by which an item is known again."""


class Handled(Pass):
    """Asked for each operation that starts by itself and does what harms when it is done twice."""

    id = "handled"
    phase = Phase.STYLE
    after = ("architecture_style",)

    def subjects(self, world: World) -> Iterable[str]:
        started = (o for o in world.form.operations.values() if o.starts.kind in AGAIN)
        return [o.id for o in started if _harms(o, world) or _said_once(o, world)]

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        operation = world.form.operations[subject]
        if any(one.verb is Verb.CLAIM for one in lines(operation.nodes)):
            return world
        named = _under_the_event(operation, world)
        if named:
            return world.with_form(_with(world, replace(operation, nodes=named)))
        if not _claimable(operation, world):
            return world
        claimed = _claim(operation, world)
        claim = _asked_once(f"claim {claimed.structure.id} by {claimed.by}", operation)
        form = _with(world, replace(operation, nodes=_claiming(claim, operation, world)))
        return world.with_form(replace(form, structures={**form.structures, claimed.structure.id: claimed.structure}))


def _with(world: World, made: Operation) -> Form:
    return replace(world.form, operations={**world.form.operations, made.id: made})


def _said_once(operation: Operation, world: World) -> bool:
    """Whether the brief calls it idempotent and it keeps something."""
    said = world.complete.operations.get(operation.id)
    writes = any(one.verb in WRITES for one in lines(operation.nodes))
    return said is not None and said.idempotent is True and writes


def _harms(operation: Operation, world: World) -> bool:
    return any(_harmful(step, world) for step, _ in world.programs[operation.id].steps())


def _harmful(step: Step, world: World) -> bool:
    """Whether a step must not happen twice: an addition, a taking, a number, a further row, on what may not be lost."""
    structure = world.form.structures.get(step.target)
    if structure is None or structure.loss is Loss.ALLOWED:
        return False
    return step.verb in HARMS_TWICE or adds_rows(step, structure)


def adds_rows(step: Step, structure: Structure) -> bool:
    """Whether a step makes another row each time: neither its key nor anything else that is unique comes with what started it."""
    if step.verb is not Verb.APPEND and not (step.verb is Verb.PUT and not step.by):
        return False
    given = {g.field: g.value for g in (*step.by, *step.sets)}
    known = {name for name, value in given.items() if not _anew(value)}
    return not any(known >= set(columns) for columns in (structure.key, *structure.unique) if columns)


def _anew(value: Value) -> bool:
    return isinstance(value, Ref) and value.root in NEW


# A row under the identifier of its event ------------------------------------------------------------------------------


def _under_the_event(operation: Operation, world: World) -> tuple[Node, ...]:
    """The steps with the one row that is added keyed by the event; nothing where it takes more than that."""
    if operation.starts.kind is not Start.EVENT or operation.starts.batch is not None or operation.starts.everywhere:
        return ()
    program = world.programs[operation.id]
    harmful = [one for one, step in _written(operation, program) if _harmful(step, world)]
    if len(harmful) != 1 or harmful[0].verb is not Verb.APPEND:
        return ()
    line, structure = harmful[0], world.form.structures[harmful[0].target.parts[0]]
    if len(structure.key) != 1 or structure.fields[structure.key[0]].kind != "id" or goes_each(line):
        return ()
    made, found = _replaced(operation.nodes, line, lambda one: _once(one, structure))
    return made if found else ()


def _written(operation: Operation, program: Program) -> list[tuple[Line, Step]]:
    """Lines with what they mean; nothing where some mean nothing."""
    every = list(lines(operation.nodes))
    meant = [step for step, _ in program.steps()]
    return list(zip(every, meant, strict=True)) if len(every) == len(meant) else []


def _once(line: Line, structure: Structure) -> Node:
    key = structure.key[0]
    sets = (Pair(key, Path(("event",))), *(p for p in line.sets if p.field != key))
    named = replace(line, sets=sets)
    name = line.name or structure.id
    found = f"get {structure.id} by {key} = event as {name}"
    return steps.nodes([{"try": show.line(named), "refused": {"share": "1 %", "steps": [found]}}])[0]


def _replaced(nodes: tuple[Node, ...], line: Line, made: Callable[[Line], Node]) -> tuple[tuple[Node, ...], bool]:
    """The steps with one line replaced, wherever no loop or refusal surrounds it; and whether it was there."""
    done: list[Node] = []
    found = False
    for node in nodes:
        inside = False
        if node is line:
            node, inside = made(line), True
        elif isinstance(node, Together):
            kept, inside = _replaced(node.steps, line, made)
            node = replace(node, steps=kept)
        elif isinstance(node, When):
            then, first = _replaced(node.then.steps, line, made)
            otherwise, second = _replaced(node.otherwise.steps, line, made)
            inside = first or second
            node = replace(
                node, then=replace(node.then, steps=then), otherwise=replace(node.otherwise, steps=otherwise)
            )
        done.append(node)
        found = found or inside
    return tuple(done), found


# A claim of what started it -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Claimed:
    """The rows that say what was handled, and how one is named."""

    structure: Structure
    by: str


def _asked_once(claim: str, operation: Operation) -> Node:
    """Who comes second ends there; whoever waits for an answer is told that all is well, and does not come a third time."""
    if operation.starts.kind is not Start.WEBHOOK:
        return steps.line(claim)
    return steps.nodes([{"try": claim, "refused": {"share": "1 %", "steps": ["answer"]}}])[0]


def _claiming(claim: Node, operation: Operation, world: World) -> tuple[Node, ...]:
    """The steps with all that harms in one transaction, behind the claim."""
    nodes = operation.nodes
    first, end = _span(operation, world)
    if first == end:
        return add(nodes, {"first": (claim,)}, {})
    return (*nodes[:first], Together((claim, *_open(nodes[first:end]))), *nodes[end:])


def _claimable(operation: Operation, world: World) -> bool:
    """Whether all that harms fits into one transaction: nothing outside is waited for in between."""
    first, end = _span(operation, world)
    return not any(one.verb in OUTSIDE for one in lines(operation.nodes[first:end]))


def _span(operation: Operation, world: World) -> tuple[int, int]:
    """From the first step or group that harms to the last; nothing where none does."""
    harmful = {id(one) for one, step in _written(operation, world.programs[operation.id]) if _harmful(step, world)}
    places = [i for i, node in enumerate(operation.nodes) if any(id(one) in harmful for one in lines((node,)))]
    return (places[0], places[-1] + 1) if places else (0, 0)


def _open(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Steps without transactions of their own: they stand in one already."""
    made: list[Node] = []
    for node in nodes:
        if isinstance(node, Together):
            made += _open(node.steps)
        elif isinstance(node, Loop):
            made.append(replace(node, steps=_open(node.steps)))
        elif isinstance(node, When):
            then, otherwise = _open(node.then.steps), _open(node.otherwise.steps)
            made.append(
                replace(node, then=replace(node.then, steps=then), otherwise=replace(node.otherwise, steps=otherwise))
            )
        else:
            made.append(node)
    return tuple(made)


def _claim(operation: Operation, world: World) -> _Claimed:
    kind = operation.starts.kind
    if kind in (Start.QUEUE, Start.DUE):
        return _item(operation, world)
    said = "event" if kind is Start.EVENT else "body.request"
    return _Claimed(_common(operation, world), f"handler = {operation.id} and event = {said}")


def _common(operation: Operation, world: World) -> Structure:
    """Events of a context that were handled, and by whom."""
    context = written_context(operation, world)
    name = f"{context}_handled" if len(world.contexts) > 1 else "handled"
    for known in world.form.structures.values():
        if known.added_by == Handled.id and known.context == context and known.key == HANDLED:
            handler = parse_field(f"enum {' '.join((*known.fields[HANDLED[0]].values, operation.id))}")
            return replace(known, fields={**known.fields, HANDLED[0]: handler})
    fields = {"handler": parse_field(f"enum {operation.id}"), "event": parse_field("id")}
    return _structure(name, context, fields, world)


def _item(operation: Operation, world: World) -> _Claimed:
    """An item is known by its key and what it says; a row that is due by its key and the time that has come.

    What is remembered has an end of its own: a field that is called like that end is remembered under another name.
    """
    source = world.form.structures[operation.starts.on]
    names = list(source.key)
    own = all(source.fields[k].kind == "id" for k in source.key)
    if operation.starts.kind is Start.DUE:
        names.append(operation.starts.field)
    elif not own:
        names += [n for n, t in source.fields.items() if t.kind in TELLING and not t.optional and not t.many]
    known = {f"item_{n}" if n == ENDS_AT else n: n for n in dict.fromkeys(names)}
    fields = {column: _plain(source.fields[n]) for column, n in known.items()}
    made = _structure(f"{operation.id}_handled", written_context(operation, world), fields, world)
    return _Claimed(made, " and ".join(f"{column} = item.{n}" for column, n in known.items()))


def _plain(type_: FieldType) -> FieldType:
    """The type alone: neither what it refers to nor what it is by default."""
    return parse_field("id") if type_.ref else parse_field(type_.text.partition("=")[0].strip())


def _structure(name: str, context: str, fields: dict[str, FieldType], world: World) -> Structure:
    return Structure(
        id=free(name, of_form(world.form)),
        shape=Shape.ROWS,
        context=context,
        key=tuple(fields),
        fields=fields,
        ttl=KEPT,
        loss=Loss.NEVER,
        added_by=Handled.id,
    )

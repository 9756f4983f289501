"""Lowering: an index of words holds what the rows hold, and nothing that is no longer there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity, parse
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Line, Node, Start, Verb, goes_each, lines
from workbook.brief.structures import Retry
from workbook.plan.form.added import free, of_form
from workbook.plan.form.model import Form, Operation, Promise, Structure
from workbook.plan.form.verbs import MAKES_ROWS, WRITES
from workbook.plan.mechanisms.compose import add
from workbook.plan.passes.memory import database_of
from workbook.plan.passes.model import Option, Pass, Phase
from workbook.plan.passes.world import World

LEASE = parse("1 min", "time")
"""How long a worker may take to index one row (our assumption)."""
RETRY = Retry(first=parse("10 s", "time"), longest=parse("5 min", "time"), lasting=parse("1 day", "time"))
"""How an index that does not answer is asked again (our assumption)."""
AT_ONCE = parse("0 s", "time")


class IndexFeed(Pass):
    """Asked for each index of words whose rows change.

    In the database of the rows it is written in their transaction. Elsewhere that transaction notes the row in a queue, and a worker
    brings the index to what the row is when it looks: rows that change often are indexed once, in no wrong order.
    """

    id = "index_feed"
    phase = Phase.COPIES
    after = ("copies",)

    def subjects(self, world: World) -> Iterable[str]:
        return [n for n in world.of_shape(Shape.SEARCH) if _fed_by_nobody(n, world.form)]

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        index = world.form.structures[subject]
        of = world.form.structures[index.of[0]]
        if world.homes.get(index.id) == world.homes.get(of.id):
            form = _with_lines(world.form, of, index, lambda one: _written(one, of, index))
            return world.with_form(_promised(form, index, of, AT_ONCE))
        home = database_of(world, of.context)
        if home is None:
            return world
        queue = _queue(of, index, world.form)
        form = _with_lines(world.form, of, index, lambda one: _noted(one, of, queue))
        worker = _worker(of, index, queue, form)
        form = replace(
            form,
            structures={**form.structures, queue.id: queue},
            operations={**form.operations, worker.id: worker},
        )
        late = world.complete.quality("staleness")
        return world.with_form(_promised(form, index, of, late)).with_store(home, queue.id)


def _fed_by_nobody(name: str, form: Form) -> bool:
    """Whether something changes what an index is made of, and only its rebuilding writes it."""
    index = form.structures[name]
    if not index.of or not index.rebuild:
        return False
    feeding = [o for o in _writes(form, name) if o.starts.kind is not Start.LOST]
    return not feeding and any(_changed(o, form.structures[index.of[0]], index) for o in form.operations.values())


def _writes(form: Form, name: str) -> list[Operation]:
    return [
        o
        for o in form.operations.values()
        if any(one.verb in WRITES and one.target.parts[:1] == (name,) for one in lines(o.nodes))
    ]


def _changed(operation: Operation, of: Structure, index: Structure) -> list[Line]:
    """The steps of an operation after which the index would say something else."""
    return [one for one in lines(operation.nodes) if one.target.parts == (of.id,) and _tells(one, of, index)]


def _tells(one: Line, of: Structure, index: Structure) -> bool:
    if one.verb in MAKES_ROWS:
        return True
    if one.verb is Verb.REMOVE:
        return bool(one.by)
    set_ = {p.field for p in (*one.sets, *one.plus)}
    return one.verb in WRITES and bool(set_ & set(index.fields))


def _with_lines(form: Form, of: Structure, index: Structure, made: Callable[[Line], Node]) -> Form:
    operations = {}
    for name, operation in form.operations.items():
        changed = _changed(operation, of, index)
        added = tuple(made(one) for one in changed)
        operations[name] = replace(operation, nodes=add(operation.nodes, {"last": added}, {})) if added else operation
    return replace(form, operations=operations)


def _keyed(one: Line, of: Structure) -> str:
    """The key of what a step wrote: of one row, or of each."""
    name = _rows(one, of)
    given = {p.field: p.value for p in one.by if one.verb is Verb.REMOVE and p.value is not None}
    pairs = [f"{k} = {given[k]}" if k in given else f"{k} = {name}.{k}" for k in of.key]
    return " and ".join(pairs)


def _rows(one: Line, of: Structure) -> str:
    """What a step wrote: one row, or each of several."""
    whole = {p.field for p in one.by} >= set(of.key)
    several = goes_each(one) or (one.verb is Verb.REMOVE and not whole)
    return f"{'each ' if several else ''}{one.name or of.id}"


def _written(one: Line, of: Structure, index: Structure) -> Node:
    if one.verb is Verb.REMOVE:
        return steps.line(f"remove {index.id} by {_keyed(one, of)}")
    return steps.line(f"put {index.id} by {_keyed(one, of)}{_sets(of, index, _rows(one, of))}")


def _sets(of: Structure, index: Structure, row: str) -> str:
    return f" set {' and '.join(f'{f} = {row}.{f}' for f in index.fields if f not in of.key)}"


def _noted(one: Line, of: Structure, queue: Structure) -> Node:
    return steps.line(f"put {queue.id} by {_keyed(one, of)}")


def _queue(of: Structure, index: Structure, form: Form) -> Structure:
    return Structure(
        id=free(f"{of.id}_to_index", of_form(form)),
        shape=Shape.QUEUE,
        context=of.context,
        key=of.key,
        fields={k: replace(of.fields[k], default=None) for k in of.key},
        of=(of.id,),
        loss=Loss.NEVER,
        settings={"lease": LEASE, "retry": RETRY},
        added_by=IndexFeed.id,
    )


def _worker(of: Structure, index: Structure, queue: Structure, form: Form) -> Operation:
    key = " and ".join(f"{k} = item.{k}" for k in of.key)
    nodes = steps.nodes(
        [
            f"get {of.id} by {key} found 99 % alone",
            {
                "when": f"{of.id} is present",
                "steps": [f"put {index.id} by {key}{_sets(of, index, of.id)}"],
                "else": [f"remove {index.id} by {key}"],
            },
        ]
    )
    return Operation(
        id=free(f"index_{of.id}", of_form(form)),
        starts=steps.starts(f"queue {queue.id}"),
        nodes=nodes,
        context=of.context,
        added_by=IndexFeed.id,
    )


def _promised(form: Form, index: Structure, of: Structure, within: Quantity) -> Form:
    """The index agrees with its rows; where the brief promises that already, in its words."""
    if any(p.kind is PromiseKind.AGREES and p.about == index.id for p in form.promises):
        return form
    said = {"with": (of.id,), "through": index.rebuild, "within": within}
    promise = Promise(
        id=f"{PromiseKind.AGREES.value}.{index.id}",
        kind=PromiseKind.AGREES,
        about=index.id,
        said=said,
        origin="an index of words",
    )
    return replace(form, promises=(*form.promises, promise))

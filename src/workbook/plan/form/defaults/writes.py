"""Steps by default of verbs that write: create, upload, update, delete."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.model import Operation as Said
from workbook.brief.shapes import Shape
from workbook.brief.steps.parse import line
from workbook.brief.steps.syntax import CALLER, Node, Start, Starts, Together
from workbook.brief.structures import Processor
from workbook.plan.form.defaults.clauses import (
    beside,
    calls_of_others,
    can_change,
    counting_field,
    if_mine,
    key_value,
    owner_first,
    rows_clause,
    tell,
)
from workbook.plan.form.defaults.inside import by_itself
from workbook.plan.form.defaults.logical import Logical, plain
from workbook.plan.form.model import Operation, Structure, Topic
from workbook.plan.form.structures import kept


def create(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    if starts.kind is not Start.CALLER:
        yield from by_itself(name, said, structure, starts, into)
        return
    if said.mode == "async" and said.fan_out is None:
        yield from _later(name, said, structure, into)
        return
    yield from _written(name, said, structure, _made(structure, said, into), into)


def _written(name: str, said: Said, structure: Structure, first: str, into: Logical) -> Iterator[Node]:
    yield from calls_of_others(name, said, into)
    writes: list[Node] = [line(first)]
    writes += [beside(structure, into.structures[other], amount) for other, amount in said.creates.items()]
    yield Together(tuple(writes)) if len(writes) > 1 else writes[0]
    yield from tell(name, structure.id, into)
    _ask_recipients(name, said, into)
    yield line(f"answer {structure.id}")


def _ask_recipients(name: str, said: Said, into: Logical) -> None:
    if said.fan_out is not None:
        into.ask(
            f"operations.{name}.fan_out",
            f"{name} reaches {' x '.join(p.amount.text for p in said.fan_out)} recipients, and nothing says who they are. "
            "Name the capability that delivers, or write the operation that starts by its event.",
        )


def _made(structure: Structure, said: Said, into: Logical) -> str:
    verb = {Shape.OBJECT: "put", Shape.COUNTER: "put", Shape.REGISTRY: "put", Shape.SET: "put"}.get(
        structure.shape, "append"
    )
    own = into.caller_field(structure, said)
    pairs = [f"{own} = caller"] if own and structure.fields[own].default is None else []
    mine = [k for k in structure.key if k == own or structure.fields[k].default == CALLER]
    keyed = [f"{k} = caller" for k in mine if verb == "put"]
    by = ""
    if verb == "put":
        rest = [key_value(structure, k) for k in structure.key if k not in mine]
        by = f" by {' and '.join([*keyed, *rest])}"
        pairs = [p for p in pairs if p not in keyed]
    rows = rows_clause(said.items, into)
    sets = f" set {' and '.join(pairs)}" if pairs else ""
    direct = " direct" if structure.shape is Shape.OBJECT else ""
    return f"{verb} {structure.id}{by}{sets}{rows}{direct}"


def _later(name: str, said: Said, structure: Structure, into: Logical) -> Iterator[Node]:
    """The caller does not wait: the request becomes an event, and the rest starts by it."""
    yield from calls_of_others(name, said, into)
    identifier = into.called(f"{name}_accepted")
    made = {n: plain(t) for n, t in structure.fields.items() if not t.counted}
    for other in said.creates:
        beside = into.structures[other].fields.items()
        made |= {
            n: t for n, t in beside if n not in made and not t.counted and t.default is None and t.ref != structure.id
        }
    key = structure.key[0]
    into.topics[identifier] = Topic(id=identifier, key=(key,), fields=made, context=structure.context, stands_for=name)
    own = into.caller_field(structure, said)
    pairs = [f"{f} = {_accepted(f, structure, own)}" for f in made if f != key]
    sets = f" set {' and '.join(pairs)}" if pairs else ""
    yield line(f"publish {identifier} by {key} = {_accepted(key, structure, own)}{sets}")
    stores = into.called(f"store_{structure.id}", name)
    into.operations[stores] = Operation(
        id=stores,
        starts=Starts(kind=Start.EVENT, on=identifier, text=f"event {identifier}"),
        nodes=tuple(_stored(name, said, structure, into)),
        context=structure.context,
        added_by="async",
        stands_for=name,
    )
    yield line("answer")


def _accepted(name: str, structure: Structure, own: str) -> str:
    default = structure.fields[name].default if name in structure.fields else None
    if default is not None:
        return str(default)
    return "caller" if name == own else f"body.{name}"


def _stored(name: str, said: Said, structure: Structure, into: Logical) -> Iterator[Node]:
    pairs = [f"{f} = event.{f}" for f, t in structure.fields.items() if not t.counted]
    if structure.shape in (Shape.ROWS, Shape.LOG, Shape.SERIES, Shape.COLUMNS, Shape.GRAPH):
        first = line(f"append {structure.id} set {' and '.join(pairs)}{rows_clause(said.items, into)}")
    else:
        keys = " and ".join(f"{k} = event.{k}" for k in structure.key)
        rest = [p for p in pairs if p.split(" = ")[0] not in structure.key]
        sets = f" set {' and '.join(rest)}" if rest else ""
        first = line(f"put {structure.id} by {keys}{sets}{rows_clause(said.items, into)}")
    writes: list[Node] = [first]
    writes += [beside(structure, into.structures[other], amount) for other, amount in said.creates.items()]
    yield Together(tuple(writes)) if len(writes) > 1 else writes[0]
    yield from tell(name, structure.id, into)


def upload(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    if starts.kind is not Start.CALLER:
        yield from by_itself(name, said, structure, starts, into)
        return
    yield from _written(name, said, structure, _made(structure, said, into), into)


def update(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    yield from calls_of_others(name, said, into)
    if starts.kind is not Start.CALLER:
        yield from _changed_by_itself(name, said, structure, starts, into)
        return
    yield from owner_first(structure, said, into)
    writes: list[Node] = [line(_changed(structure, said, into))]
    writes += [beside(structure, into.structures[other], amount) for other, amount in said.creates.items()]
    yield Together(tuple(writes)) if len(writes) > 1 else writes[0]
    yield from tell(name, structure.id, into)
    yield line("answer" if structure.shape is Shape.REGISTRY else f"answer {structure.id}")


def _changed_by_itself(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    """A change that the system makes: nobody sends values, so its work gives them."""
    work = into.called(f"{name}_work")
    gives = {f: t for f, t in structure.fields.items() if can_change(f, t, structure, "") or f in structure.key}
    into.processors[work] = Processor(work=str(into.complete.default("processors.*.work", "time")), gives=gives)
    into.ask(f"operations.{name}", f"nobody says which {structure.id} {name} changes and to what. Write its steps.")
    yield line(f"run {work} on event" if starts.kind is Start.EVENT else f"run {work}")
    keys = " and ".join(f"{k} = {work}.{k}" for k in structure.key)
    if structure.shape in (Shape.REGISTRY, Shape.COUNTER, Shape.OBJECT, Shape.SET):
        rest = [f"{f} = {work}.{f}" for f in gives if f not in structure.key]
        yield line(f"put {structure.id} by {keys}{' set ' + ' and '.join(rest) if rest else ''}")
        return
    sets = " and ".join(f"{f} = {work}.{f}" for f in gives if f not in structure.key)
    yield line(f"change {structure.id} by {keys}{f' set {sets}' if sets else ''}")


def _changed(structure: Structure, said: Said, into: Logical) -> str:
    own = into.caller_field(structure, said)
    key = " and ".join(f"{k} = caller" if k == own else f"{k} = body.{k}" for k in structure.key)
    if structure.shape is Shape.COUNTER:
        number = counting_field(structure)
        return (
            f"add {structure.id} by {key} plus {number} = body.{number}" if number else f"put {structure.id} by {key}"
        )
    if structure.shape in (Shape.REGISTRY, Shape.OBJECT, Shape.SET):
        return f"put {structure.id} by {key}"
    mutable = [f for f, t in structure.fields.items() if can_change(f, t, structure, own)]
    moved = next(iter(structure.moves), "")
    if moved and not mutable:
        return f"move {structure.id} by {key} to body.{moved}{if_mine(structure, said, into)}"
    pairs = [f"{f} = body.{f}" for f in mutable]
    system = {f for f, t in structure.fields.items() if kept(f, t)}
    pairs += [f"{f} = now" for f in ("updated_at",) if f in system]
    pairs += [f"{f} = {f} + 1" for f in ("version",) if f in system]
    sets = f" set {' and '.join(pairs)}" if pairs else ""
    return f"change {structure.id} by {key}{sets}{if_mine(structure, said, into)}"


def delete(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    if starts.kind is not Start.CALLER:
        into.ask(f"operations.{name}", f"nobody says which {structure.id} {name} removes. Write its steps.")
        return
    own = into.caller_field(structure, said)
    key = " and ".join(f"{k} = caller" if k == own else f"{k} = body.{k}" for k in structure.key)
    yield from owner_first(structure, said, into)
    yield line(f"remove {structure.id} by {key}{if_mine(structure, said, into)}")
    yield from tell(name, "body", into)
    yield line("answer")

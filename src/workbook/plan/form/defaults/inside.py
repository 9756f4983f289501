"""Steps by default of what the system does by itself: compute, notify, rows that nobody sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook.brief.fields import FieldType
from workbook.brief.model import Operation as Said
from workbook.brief.model import PartOf
from workbook.brief.quantities import Quantity, parse
from workbook.brief.shapes import Shape
from workbook.brief.steps.parse import line
from workbook.brief.steps.syntax import Branch, Chance, Node, Start, Starts, When
from workbook.brief.structures import Processor
from workbook.plan.form.defaults.clauses import asked_by, calls_of_others, counting_field, key_pairs, tell
from workbook.plan.form.defaults.logical import Logical, followed
from workbook.plan.form.model import Structure, Topic


def by_itself(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    """Rows that nobody sends: an operation of the system makes them."""
    yield from calls_of_others(name, said, into)
    made = {said.entity: said.items or (PartOf(amount=parse(1, "number")),), **said.creates}
    yield from _worked_out(name, said.model_copy(update={"creates": made}), starts, into)
    yield from tell(name, structure.id, into)


def _worked_out(name: str, said: Said, starts: Starts, into: Logical, always: bool = False) -> Iterator[Node]:
    """Rows that an operation of the system makes: what nobody gives comes out of its work."""
    work = into.called(f"{name}_work")
    gives: dict[str, FieldType] = {}
    made = []
    for other, amount in said.creates.items():
        structure = into.structures[other]
        for field_name, type_ in structure.fields.items():
            if type_.default is None and not type_.counted and field_name not in structure.moves:
                gives[field_name] = type_
        known = {n: value for n, t in gives.items() if (value := _of_cause(t, starts, into))}
        for field_name in known:
            del gives[field_name]
        made.append(_given(structure, gives, work, amount, known))
    if always or gives:
        into.processors[work] = Processor(work=str(into.complete.default("processors.*.work", "time")), gives=gives)
        yield line(f"run {work} on event" if starts.kind is Start.EVENT else f"run {work}")
    yield from made


def _of_cause(type_: FieldType, starts: Starts, into: Logical) -> str:
    """What a reference is where it leads to the row that has become due: nobody has to work that out."""
    if starts.kind is not Start.DUE or type_.ref != starts.on or len(into.structures[starts.on].key) != 1:
        return ""
    return f"item.{into.structures[starts.on].key[0]}"


def _given(
    structure: Structure,
    gives: Mapping[str, FieldType],
    work: str,
    amount: tuple[PartOf, ...],
    known: Mapping[str, str],
) -> Node:
    pairs = [f"{f} = {known.get(f) or f'{work}.{f}'}" for f in structure.fields if f in gives or f in known]
    many = 1.0
    for part in amount:
        many *= part.amount.best
    put = structure.shape not in (Shape.ROWS, Shape.LOG, Shape.SERIES, Shape.QUEUE, Shape.GRAPH, Shape.COLUMNS)
    keyed = [p for p in pairs if p.split(" = ")[0] in structure.key]
    by = (
        f" by {' and '.join([*keyed, *(f'{k} = new' for k in structure.key if k not in gives and k not in known)])}"
        if put
        else ""
    )
    rest = [p for p in pairs if not put or p not in keyed]
    sets = f" set {' and '.join(rest)}" if rest else ""
    verb = "put" if put else "append"
    if many < 1:
        share = Quantity(many, many, many, "share", f"{many * 100:g} %")
        return When((Chance(share),), Branch((line(f"{verb} {structure.id}{by}{sets}"),)), Branch(()))
    rows = f" rows {many:g}" if many != 1 else ""
    return line(f"{verb} {structure.id}{by}{sets}{rows}")


def compute(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    if structure.shape is Shape.COUNTER and starts.kind is Start.EVENT and counting_field(structure):
        topic = into.topics[starts.on]
        keys = " and ".join(f"{k} = {_from_event(k, structure.fields[k], topic)}" for k in structure.key)
        yield line(f"add {structure.id} by {keys} plus {counting_field(structure)} = 1")
        yield from _worked_out(name, said, starts, into)
        return
    if starts.kind is Start.CALLER:
        yield line(f"get {structure.id}{asked_by(structure.key, structure, said, into)}")
    into.ask(
        f"operations.{name}",
        f"nobody says what {name} computes and how long that takes. Write processors and the steps of {name}.",
    )
    yield from _worked_out(name, said, starts, into, always=True)
    if starts.kind is Start.CALLER:
        yield line(f"answer {structure.id}")


def _from_event(name: str, type_: FieldType, topic: Topic) -> str:
    if name in topic.fields:
        return f"event.{name}"
    if type_.kind == "date":
        time = next((f for f, t in topic.fields.items() if t.kind == "time"), "")
        return f"event.{time} // 1 day" if time else "now // 1 day"
    same = [f for f, t in topic.fields.items() if t.ref and t.ref == type_.ref]
    return f"event.{same[0]}" if same else "now"


def notify(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    if starts.kind is Start.EVENT:
        cause = into.complete.model.operations.get(followed(said, into.complete))
        if cause is not None and cause.entity == said.entity:
            yield line(f"get {structure.id} by {key_pairs(structure, 'event')}")
        else:
            into.ask(
                f"operations.{name}",
                f"nothing leads from {starts.on} to the {structure.id} that {name} notifies. Write the steps of {name}.",
            )
    elif starts.kind is Start.CALLER:
        yield line(f"get {structure.id} by {key_pairs(structure)}")
    called = list(calls_of_others(name, said, into))
    if not called:
        into.ask(
            f"operations.{name}",
            f"nobody says through what {name} reaches anybody. Name it in the operations of an integration.",
        )
    yield from called
    yield from _worked_out(name, said, starts, into)
    if starts.kind is Start.CALLER:
        yield line("answer")

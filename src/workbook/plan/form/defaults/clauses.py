"""Clauses of steps by default: keys, conditions, pages, rows, events."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.fields import FieldType
from workbook.brief.model import Operation as Said
from workbook.brief.model import PartOf
from workbook.brief.quantities import Quantity
from workbook.brief.shapes import Shape
from workbook.brief.steps.parse import line
from workbook.brief.steps.syntax import Branch, Chance, Line, Node, When
from workbook.plan.form.defaults.logical import DEFAULT_CALL, Logical, topic_of
from workbook.plan.form.model import Structure
from workbook.plan.form.structures import kept


def key_pairs(structure: Structure, root: str = "body") -> str:
    return " and ".join(f"{k} = {root}.{k}" for k in structure.key)


def asked_by(fields: tuple[str, ...], structure: Structure, said: Said, into: Logical) -> str:
    """`by` of a read: each field from the request, the caller's own from the token."""
    own = into.caller_field(structure, said)
    pairs = [f"{f} = caller" if f == own else f"{f} = body.{f}" for f in fields]
    return f" by {' and '.join(pairs)}" if pairs else ""


def if_mine(structure: Structure, said: Said, into: Logical) -> str:
    """`if` of a change: the row is the caller's own, where it says whose it is."""
    own = into.caller_field(structure, said)
    return f" if {own} = caller" if own and own not in structure.key else ""


def owner_first(structure: Structure, said: Said, into: Logical) -> Iterator[Line]:
    """Before a change: where the row itself does not say whose it is, what it belongs to must be the caller's own."""
    owner = into.owner(structure, said)
    if owner is not None:
        name, above, field = owner
        yield line(f"get {structure.id} by {key_pairs(structure)}")
        yield line(f"get {above.id} by {above.key[0]} = {structure.id}.{name} where {field} = caller")


def paging(said: Said, into: Logical) -> str:
    order = f" order {said.order}" if said.order else ""
    amount = into.complete.items(said)
    limit = amount[0].amount.text or f"{amount[0].amount.best:g}"
    rows = f" rows {limit}" if len(amount) == 1 and not amount[0].of else ""
    after = " after body.cursor" if said.order else ""
    return f"{order}{after}{rows}"


def tell(name: str, root: str, into: Logical) -> list[Node]:
    """The event of an operation that others follow."""
    if name not in into.told:
        return []
    topic = topic_of(name, into)
    key = topic.key[0] if topic.key else ""
    sets = [f"{f} = {root}.{f}" for f in topic.fields if f != key]
    tail = f" set {' and '.join(sets)}" if sets else ""
    return [line(f"publish {topic.id} by {key} = {root}.{key}{tail}")]


def key_value(structure: Structure, name: str) -> str:
    default = structure.fields[name].default
    return f"{name} = {default}" if default is not None else f"{name} = body.{name}"


def rows_clause(items: tuple[PartOf, ...] | None, into: Logical) -> str:
    """`rows N` where a call brings several."""
    if items is None or any(p.of for p in items):
        return ""
    amount = 1.0
    for part in items:
        amount *= part.amount.best
    text = items[0].amount.text if len(items) == 1 else f"{amount:g}"
    return f" rows {text}" if amount != 1 else ""


ALSO = " and "
"""Between what a clause is given."""


def beside(structure: Structure, other: Structure, amount: tuple[PartOf, ...], read: bool = False) -> Node:
    """What an operation adds besides: references to its row are filled. Of a read they come from what it was asked."""
    filled = []
    for field_name, type_ in other.fields.items():
        if read:
            continue
        if type_.ref == structure.id:
            filled.append(f"{field_name} = {structure.id}")
        elif (
            field_name in structure.fields and type_.default is None and type_.kind == structure.fields[field_name].kind
        ):
            filled.append(f"{field_name} = {structure.id}.{field_name}")
    many = 1.0
    for part in amount:
        many *= part.amount.best
    sets = f" set {ALSO.join(filled)}" if filled else ""
    verb = (
        "append"
        if other.shape in (Shape.ROWS, Shape.LOG, Shape.SERIES, Shape.QUEUE, Shape.GRAPH, Shape.COLUMNS)
        else "put"
    )
    if verb == "put":
        given = {f.split(" = ")[0]: f.split(" = ")[1] for f in filled}
        keys = " and ".join(f"{k} = {given.get(k, f'body.{k}')}" for k in other.key)
        rest = [f for f in filled if f.split(" = ")[0] not in other.key]
        sets = f" by {keys}{f' set {ALSO.join(rest)}' if rest else ''}"
    if many < 1:
        share = Quantity(many, many, many, "share", f"{many * 100:g} %")
        return When((Chance(share),), Branch((line(f"{verb} {other.id}{sets}"),)), Branch(()))
    said = amount[0].amount.text if len(amount) == 1 else f"{many:g}"
    counted = "" if many == 1 else f" rows {said}"
    return line(f"{verb} {other.id}{sets}{counted}")


def noted(said: Said, structure: Structure, into: Logical) -> Iterator[Node]:
    """Rows that a read leaves behind, before it answers."""
    for other, amount in said.creates.items():
        yield beside(structure, into.structures[other], amount, read=True)


def can_change(name: str, type_: FieldType, structure: Structure, own: str) -> bool:
    if name in structure.key or kept(name, type_) or name in structure.moves or name == own:
        return False
    return not type_.counted and type_.default is None and type_.kind != "ref"


def counting_field(structure: Structure) -> str:
    """The one field of a counter that counts."""
    return next(
        (f for f, t in structure.fields.items() if f not in structure.key and t.kind in ("int", "decimal", "money")), ""
    )


def calls_of_others(name: str, said: Said, into: Logical) -> Iterator[Node]:
    """Calls of the integrations that name the operation."""
    for identifier, integration in into.complete.model.integrations.items():
        if name in integration.operations:
            call = next(iter(integration.calls), DEFAULT_CALL)
            keyed = ""
            yield line(f"call {identifier}.{call}{keyed}")

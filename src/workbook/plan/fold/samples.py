"""Sample rows: the same values in every example of the document, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workbook.brief.fields import FieldType
from workbook.brief.quantities import NotAQuantity
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount
from workbook.plan.fold.endpoints import Endpoint
from workbook.plan.fold.topics import Topic
from workbook.plan.form.model import Form, Program, Structure
from workbook.plan.form.terms import Applied, Every, Ref, Root, Sum, Value
from workbook.plan.names import SAMPLE_TIME, identifier, sample


def row(structure: Structure) -> dict[str, Any]:
    """A row of a structure, without what is too large to show."""
    return {n: value(structure.id, n, t) for n, t in structure.fields.items() if t.kind != "blob" or t.bytes <= SHOWN}


SHOWN = 200.0
"""Bytes of a blob up to which it stands in an example."""


def value(owner: str, name: str, type_: FieldType) -> Any:
    """A value of a field; a list of one where the field is a list."""
    if type_.kind == "id" and name == "id":
        return identifier(owner)
    one = sample(owner, name, type_)
    return [one] if type_.many else one


def body(fields: Mapping[str, FieldType], owner: str) -> dict[str, Any]:
    """What a caller sends."""
    return {n: value(owner, n, t) for n, t in fields.items()}


def event(topic: Topic) -> dict[str, Any]:
    """An event as it travels: the envelope, and what it tells."""
    return {
        "event_id": identifier(topic.id),
        "type": topic.event,
        "version": EVENT_VERSION,
        "occurred_at": SAMPLE_TIME,
        "data": {n: value(topic.id, n, t) for n, t in topic.fields.items()},
    }


EVENT_VERSION = 1
"""Of what an event tells; it rises when a field changes its meaning."""


HASH = 4_821_730_956
"""What stands for the hash of a request."""


# Values of steps ------------------------------------------------------------------------------------------------------


def of_value(said: Value, form: Form, program: Program) -> Any:
    """What a value of a step is in the examples, as JSON; a list for `each`."""
    if isinstance(said, Every):
        found = of_value(said.of, form, program)
        return found if isinstance(found, list) else [found]
    if isinstance(said, Amount):
        return said.quantity.best
    if isinstance(said, Applied):
        return HASH if said.function == "hash" else 1
    if isinstance(said, Sum):
        return _reckoned(said, form, program)
    return _of_ref(said, form, program)


def _of_ref(said: Ref, form: Form, program: Program) -> Any:
    constant = {Root.NOW: SAMPLE_TIME, Root.NEW: identifier(f"{program.id}.new"), Root.HERE: "instance-1"}
    if said.root in constant:
        return constant[said.root]
    if said.root is Root.WORD:
        return said.name == "true" if said.name in ("true", "false") else said.name
    if said.root is Root.TUNABLE:
        return tunable(form.tunables.get(said.name))
    if said.root is Root.CALLER:
        return _caller(said, form, program)
    if said.root is Root.BODY and len(said.fields) == 1 and said.fields[0] in program.request:
        return value(program.id, said.fields[0], program.request[said.fields[0]])
    owner = said.structure or (said.name if said.name in form.structures else _bound(said.name, program))
    structure = form.structures.get(owner)
    if not said.fields and structure is not None and structure.key:
        return value(owner, structure.key[0], structure.fields[structure.key[0]])
    last = said.fields[-1] if said.fields else said.name
    return value(owner, last, said.type) if said.type is not None else identifier(last or program.id)


def _bound(name: str, program: Program) -> str:
    """The structure whose row a step gave that name; the program's own where none did."""
    return next((s.target for s, _ in program.steps() if s.name == name), program.id)


def _caller(said: Ref, form: Form, program: Program) -> Any:
    persona = form.personas.get(program.operation.caller)
    entity = persona.entity if persona is not None and persona.entity else program.operation.caller or "caller"
    if not said.fields:
        return identifier(entity)
    return value(entity, said.fields[-1], said.type) if said.type is not None else identifier(said.fields[-1])


def tunable(said: object) -> float:
    """The number of a tunable, in seconds where it is a time."""
    if isinstance(said, int | float):
        return float(said)
    try:
        return quantity(str(said)).best
    except NotAQuantity:
        return 0.0


def _reckoned(said: Sum, form: Form, program: Program) -> Any:
    left, right = of_value(said.left, form, program), of_value(said.right, form, program)
    if isinstance(left, str) and isinstance(right, int | float):
        signs = {"+": 1, "-": -1}
        return _later(left, signs[said.operator] * right) if said.operator in signs else left
    if isinstance(left, int | float) and isinstance(right, int | float):
        made = {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1.0)}
        return made.get(said.operator, left)
    return left


def _later(time: str, seconds: float) -> str:
    moved = datetime.fromisoformat(time.replace("Z", "+00:00")) + timedelta(seconds=seconds)
    return moved.isoformat().replace("+00:00", "Z")


# Calls ----------------------------------------------------------------------------------------------------------------

SIGNED_URL = "https://files.example.com/signed"


def answer(endpoint: Endpoint, form: Form) -> Any:
    """What a caller gets: a page, a row, several parts by name, or nothing."""
    made: dict[str, Any] = {}
    for part in endpoint.answers:
        shown: Any = row(form.structures[part.structure]) if part.structure else None
        if shown is None:
            shown = value(endpoint.operation, part.name, part.type) if part.type else part.name
        made[part.name] = [shown] if part.many and not isinstance(shown, list) else shown
    if endpoint.file:
        made["signed_url"] = SIGNED_URL
    if endpoint.paged and len(endpoint.answers) == 1:
        return {"data": next(iter(made.values())), "page_info": {"has_next_page": True, "end_cursor": "see 3.3"}}
    return next(iter(made.values())) if len(made) == 1 and not endpoint.file else made

"""Steps by default of what is held open: a subscription, who is connected, and what is pushed to them."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.fields import FieldType
from workbook.brief.model import Operation as Said
from workbook.brief.quantities import parse
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.parse import line
from workbook.brief.steps.syntax import Node, Start, Starts
from workbook.plan.form.defaults.clauses import paging
from workbook.plan.form.defaults.logical import Logical, plain, topic_of
from workbook.plan.form.defaults.reads import scope_of
from workbook.plan.form.model import Operation, Structure

HEARTBEAT = "60 s"
"""How often a held connection says that it is alive (our assumption: below the idle time-outs of load balancers)."""


CONNECTION_TTL = parse("3 min", "time")
"""After three missed heartbeats a connection counts as gone (our assumption)."""


def subscribe(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    """Catch up, then hold the connection: who is connected where stands in a registry."""
    yield line(f"list {structure.id}{scope_of(name, said, structure, into)}{paging(said, into)}")
    yield line(f"answer {structure.id}")
    persona = into.personas.get(said.by or "")
    if persona is None or not persona.entity:
        who = said.by or "PERSONA"
        into.ask(
            f"operations.{name}",
            f"nobody says which entity {who} is, so nothing can be pushed to those who hold {name}. Write personas.{who}.is: ENTITY.",
        )
        return
    _connected(name, said, structure, persona.entity, into)


def _connected(name: str, said: Said, structure: Structure, person: str, into: Logical) -> None:
    """Who holds the connection, and the operation that pushes what is new to them."""
    own = into.caller_field(structure, said)
    shared = next((f for f in said.where if f != own), own or structure.key[0])
    registry = into.called(f"{name}_connection")
    fields = {shared: plain(structure.fields[shared])}
    if shared != own:
        fields[person] = FieldType("ref", 16, ref=person, text=f"ref {person}")
    fields["gateway"] = FieldType("string", 20, length=20, text="string 20")
    key = tuple(f for f in fields if f != "gateway")
    into.structures[registry] = Structure(
        id=registry,
        shape=Shape.REGISTRY,
        context=structure.context,
        key=key,
        fields=fields,
        ttl=CONNECTION_TTL,
        loss=Loss.ALLOWED,
        added_by="subscribe",
        stands_for=name,
    )
    keys = " and ".join(f"{f} = caller" if f in (person, own) else f"{f} = body.{f}" for f in key)
    for start in (Start.OPENS, Start.BEATS, Start.CLOSES):
        every = steps.value(HEARTBEAT) if start is Start.BEATS else None
        does = (
            f"remove {registry} by {keys}" if start is Start.CLOSES else f"put {registry} by {keys} set gateway = here"
        )
        identifier = into.called(f"{name}_{start.value}")
        into.operations[identifier] = Operation(
            id=identifier,
            starts=Starts(kind=start, on=name, every=every, text=f"{start.value} {name}"),
            nodes=(line(does),),
            context=structure.context,
            caller=said.by or "",
            added_by="subscribe",
            stands_for=name,
        )
    for maker, other in into.complete.model.operations.items():
        if other.entity == said.entity and other.verb in ("create", "upload") and other.mode != "async":
            _push_to(name, maker, registry, shared, into)


def _push_to(name: str, maker: str, registry: str, shared: str, into: Logical) -> None:
    topic = topic_of(maker, into)
    into.told.add(maker)
    identifier = into.called(f"push_{topic.id}", name)
    into.operations[identifier] = Operation(
        id=identifier,
        starts=Starts(kind=Start.EVENT, on=topic.id, text=f"event {topic.id}"),
        nodes=(line(f"list {registry} by {shared} = event.{shared}"), line(f"push event to {registry}")),
        context=into.structures[registry].context,
        added_by="subscribe",
        stands_for=name,
    )

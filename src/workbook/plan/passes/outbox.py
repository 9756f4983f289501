"""Lowering: what is told and what is written become one: an event leaves only if its change was committed, and then it does leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbook.brief.fields import parse_field
from workbook.brief.quantities import parse
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Branch, Line, Node, Start, Starts, Together, Verb, When, lines
from workbook.brief.structures import Retry
from workbook.plan.form.model import Operation, Structure
from workbook.plan.form.verbs import WRITES
from workbook.plan.passes.memory import database_of
from workbook.plan.passes.model import Option, Pass, Phase
from workbook.plan.passes.world import DATABASE, MESSAGING, World

RETRY = Retry(first=parse("1 s", "time"), longest=parse("1 min", "time"), lasting=parse("1 day", "time"))
"""How a relay tries again (our assumption: a broker is back within a day)."""
LEASE = parse("30 s", "time")
BATCH = 100


class Outbox(Pass):
    """Asked per context whose operations write a database and tell a broker."""

    id = "outbox"
    phase = Phase.LOWERING
    after = ("repeatable", "handled")

    def subjects(self, world: World) -> Iterable[str]:
        return list(dict.fromkeys(o.context for o in world.form.operations.values() if _tells(o, world)))

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        home = database_of(world, subject)
        if home is None:
            return world
        telling = [n for n, o in world.form.operations.items() if o.context == subject and _tells(o, world)]
        if _inside(world):
            made = {
                n: replace(world.form.operations[n], nodes=_joined(world.form.operations[n].nodes)) for n in telling
            }
            return world.with_form(replace(world.form, operations={**world.form.operations, **made}))
        name = f"{subject}_outbox" if len(world.contexts) > 1 else "outbox"
        topics = [t for n in telling for t in _topics(world.form.operations[n])]
        made = {
            n: replace(world.form.operations[n], nodes=_told(world.form.operations[n].nodes, name)) for n in telling
        }
        relays = {r.id: r for t in dict.fromkeys(topics) for r in [_relay(world, name, t, subject)]}
        form = replace(
            world.form,
            structures={**world.form.structures, **{s.id: s for s in _structures(world, name, topics, subject)}},
            operations={**world.form.operations, **made, **relays},
        )
        return world.with_form(form).with_store(home, *(s.id for s in _structures(world, name, topics, subject)))


def _inside(world: World) -> bool:
    """Whether events rest in the database themselves: then telling is a write like others."""
    return MESSAGING not in world.stores


def _tells(operation: Operation, world: World) -> bool:
    """Whether it publishes after a write that a database keeps."""
    every = list(lines(operation.nodes))
    kept = any(one.verb in WRITES and one.target.parts and _in_database(one.target.parts[0], world) for one in every)
    return kept and any(one.verb is Verb.PUBLISH for one in every)


def _in_database(structure: str, world: World) -> bool:
    home = world.home(structure)
    return home is not None and home.role == DATABASE


def _topics(operation: Operation) -> list[str]:
    return [one.target.parts[0] for one in lines(operation.nodes) if one.verb is Verb.PUBLISH]


def _structures(world: World, name: str, topics: list[str], context: str) -> list[Structure]:
    """An outbox for each topic: a queue whose items are the events as they will be told."""
    made = []
    for topic in dict.fromkeys(topics):
        about = world.form.topics[topic]
        made.append(
            Structure(
                id=f"{topic}_{name}",
                shape=Shape.QUEUE,
                context=context,
                key=("event_id",),
                fields={"event_id": parse_field("id = new"), **about.fields},
                loss=Loss.NEVER,
                settings={"lease": LEASE, "retry": RETRY},
                added_by=Outbox.id,
            )
        )
    return made


def _relay(world: World, name: str, topic: str, context: str) -> Operation:
    about = world.form.topics[topic]
    key = about.key[0]
    sets = [f"{f} = item.{f}" for f in about.fields if f != key]
    tail = f" set {' and '.join(sets)}" if sets else ""
    return Operation(
        id=f"relay_{topic}",
        starts=Starts(kind=Start.QUEUE, on=f"{topic}_{name}", text=f"queue {topic}_{name}"),
        nodes=(steps.line(f"publish {topic} by {key} = item.{key}{tail}"),),
        context=context,
        added_by=Outbox.id,
    )


def _joined(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Telling inside the transaction of the write before it."""
    return _moved(nodes, lambda line: line)


def _told(nodes: tuple[Node, ...], name: str) -> tuple[Node, ...]:
    """Instead of telling, the event is kept in the transaction of the write before it."""

    def kept(line: Line) -> Line:
        sets = " and ".join(str(p) for p in (*line.by, *line.sets))
        text = f"append {line.target}_{name} set {sets}" if sets else f"append {line.target}_{name}"
        return steps.line(text)

    return _moved(nodes, kept)


def _moved(nodes: tuple[Node, ...], kept: object) -> tuple[Node, ...]:
    """Each `publish` that follows a write goes into its transaction, which is made where the write stands alone."""
    made: list[Node] = []
    for node in nodes:
        told = kept(node) if callable(kept) and isinstance(node, Line) and node.verb is Verb.PUBLISH else None
        if told is not None and _last_write(made) is not None:
            place = _last_write(made)
            assert place is not None
            before = made[place]
            inside = before.steps if isinstance(before, Together) else (before,)
            made[place] = Together((*inside, told))
        elif isinstance(node, When):
            then, otherwise = _moved(node.then.steps, kept), _moved(node.otherwise.steps, kept)
            made.append(replace(node, then=replace(node.then, steps=then), otherwise=Branch(otherwise)))
        elif isinstance(node, Together):
            made.append(Together(tuple(_inner(n, kept) for n in node.steps)))
        else:
            made.append(node)
    return tuple(made)


def _inner(node: Node, kept: object) -> Node:
    """A `publish` that stands in a transaction already."""
    if isinstance(node, Line) and node.verb is Verb.PUBLISH and callable(kept):
        told: Line = kept(node)
        return told
    return node


def _last_write(made: list[Node]) -> int | None:
    for place in range(len(made) - 1, -1, -1):
        node = made[place]
        if isinstance(node, Together) or (isinstance(node, Line) and node.verb in WRITES):
            return place
    return None

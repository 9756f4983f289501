"""Lowering: what is told and what is written become one: an event leaves only if its change was committed, and then it does leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbook.brief.quantities import parse
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Branch, Line, Node, Start, Starts, Together, Try, Verb, When, lines
from workbook.plan.form.added import free, of_form
from workbook.plan.form.model import Operation, Topic
from workbook.plan.form.verbs import OUTSIDE, WRITES
from workbook.plan.passes.memory import database_of
from workbook.plan.passes.model import Option, Pass, Phase
from workbook.plan.passes.world import DATABASE, MESSAGING, World

KEPT = parse("1 day", "time")
"""How long told events stay in the outbox: what a broker that was restored may be told again (our assumption)."""


class Outbox(Pass):
    """Asked per context whose operations write a database and tell a broker."""

    id = "outbox"
    phase = Phase.LOWERING

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
        topics = list(dict.fromkeys(t for n in telling for t in _topics(world.form.operations[n])))
        made = {
            n: replace(o, nodes=_told(o.nodes, world, subject))
            for n, o in world.form.operations.items()
            if n in telling
        }
        relays = {r.id: r for t in topics for r in [_relay(world, t, subject)]}
        form = replace(
            world.form,
            topics={**world.form.topics, **_boxes(world, subject, topics)},
            operations={**world.form.operations, **made, **relays},
        )
        return world.with_form(form).with_store(home, *(box_of(t, subject, world) for t in topics))


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


def _boxes(world: World, context: str, topics: list[str]) -> dict[str, Topic]:
    """An outbox for each topic: the same events, in the database, in the order of their commits."""
    made = {}
    for topic in topics:
        name = box_of(topic, context, world)
        made[name] = replace(world.form.topics[topic], id=name, context=context, retention=KEPT, added_by=Outbox.id)
    return made


def box_of(topic: str, context: str, world: World) -> str:
    """The name of a topic's outbox. A context that tells the topic of another has its own."""
    own = world.form.topics[topic].context in ("", context)
    return free(f"{topic}_outbox" if own else f"{context}_{topic}_outbox", of_form(world.form))


def _relay(world: World, topic: str, context: str) -> Operation:
    """Tells the broker, in order, what was committed; under the same identifiers, so that what comes twice can be seen."""
    about = world.form.topics[topic]
    by = " and ".join(f"{k} = event.{k}" for k in about.key)
    sets = [*(f"{f} = event.{f}" for f in about.fields if f not in about.key), "event_id = event"]
    box = box_of(topic, context, world)
    return Operation(
        id=free(f"relay_{box.removesuffix('_outbox')}", of_form(world.form)),
        starts=Starts(kind=Start.EVENT, on=box, text=f"event {box}"),
        nodes=(steps.line(f"publish {topic} by {by} set {' and '.join(sets)}"),),
        context=context,
        added_by=Outbox.id,
    )


def _joined(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Telling inside the transaction of the write before it."""
    return _moved(nodes, lambda line: line)


def _told(nodes: tuple[Node, ...], world: World, context: str) -> tuple[Node, ...]:
    """Instead of the broker, the outbox is told, in the transaction of the write before it."""

    def kept(line: Line) -> Line:
        by = f" by {' and '.join(str(p) for p in line.by)}" if line.by else ""
        sets = f" set {' and '.join(str(p) for p in line.sets)}" if line.sets else ""
        return steps.line(f"publish {box_of(str(line.target), context, world)}{by}{sets}")

    return _moved(nodes, kept)


def _moved(nodes: tuple[Node, ...], kept: object) -> tuple[Node, ...]:
    """Each `publish` that follows a write goes into its transaction, which is made where the write stands alone."""
    made: list[Node] = []
    for node in nodes:
        told = kept(node) if callable(kept) and isinstance(node, Line) and node.verb is Verb.PUBLISH else None
        place = _last_write(made) if told is not None else None
        if told is not None and place is not None:
            end = len(made) if _joined_by(made[place + 1 :]) else place + 1
            inside = [n for step in made[place:end] for n in (step.steps if isinstance(step, Together) else (step,))]
            made[place:end] = [Together((*inside, told))]
        elif isinstance(node, When):
            then, otherwise = _moved(node.then.steps, kept), _moved(node.otherwise.steps, kept)
            made.append(replace(node, then=replace(node.then, steps=then), otherwise=Branch(otherwise)))
        elif isinstance(node, Together):
            made.append(Together(tuple(_inner(n, kept) for n in node.steps)))
        else:
            made.append(node)
    return tuple(made)


def _inner(node: Node, kept: object) -> Node:
    """A `publish` that stands in a transaction already, also in a branch of it."""
    if isinstance(node, Line) and node.verb is Verb.PUBLISH and callable(kept):
        told: Line = kept(node)
        return told
    if isinstance(node, When):
        then, otherwise = (tuple(_inner(n, kept) for n in b.steps) for b in (node.then, node.otherwise))
        return replace(node, then=replace(node.then, steps=then), otherwise=Branch(otherwise))
    return node


def _last_write(made: list[Node]) -> int | None:
    for place in range(len(made) - 1, -1, -1):
        node = made[place]
        if isinstance(node, Together) or (isinstance(node, Line) and node.verb in WRITES):
            return place
    return None


def _joined_by(behind: list[Node]) -> bool:
    """Whether branches behind a write belong to its transaction: they write, too, and wait for nobody outside."""
    every = list(lines(tuple(behind)))
    branches = all(isinstance(n, Line | Try | When) for n in behind)
    return branches and any(one.verb in WRITES for one in every) and not any(one.verb in OUTSIDE for one in every)

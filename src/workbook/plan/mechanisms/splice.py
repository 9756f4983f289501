"""Builds an approach into a form: a new form, in which nothing of another approach is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workbook.brief.steps.syntax import Node, Verb, lines
from workbook.plan.form.model import Form, Operation, Structure, Topic
from workbook.plan.form.structures import as_key, carried, with_keys
from workbook.plan.mechanisms.compose import add
from workbook.plan.mechanisms.reader import Additions, EntityAddition


def splice(form: Form, made: Additions) -> Form:
    """The form with an approach built in."""
    form = _without_defaults(form, frozenset(made.steps), frozenset(made.starts))
    form = replace(form, open=tuple(q for q in form.open if q.about not in _delivered(made)))
    structures = {**form.structures, **with_keys(made.structures, form.structures)}
    for name, more in made.entities.items():
        structures[name] = _extended(structures[name], more)
    operations = dict(form.operations)
    for name, nodes in made.steps.items():
        operations[name] = replace(operations[name], nodes=nodes)
    for name, start in made.starts.items():
        operations[name] = replace(operations[name], starts=start)
    for name, operation in made.operations.items():
        operations[name] = _placed(operation, operations, structures)
    for name, phases in made.adds.items():
        operations[name] = replace(operations[name], nodes=add(operations[name].nodes, phases, made.rows))
    structures = _with_contexts(structures, operations, frozenset(made.structures))
    topics = {**form.topics, **{n: _keyed(carried(t, structures), structures) for n, t in made.topics.items()}}
    return replace(
        form,
        structures=structures,
        topics={n: _told_by(t, operations) for n, t in topics.items()},
        operations=operations,
        promises=(*form.promises, *(p for p in made.promises if p.id not in {q.id for q in form.promises})),
        tunables={**made.tunables, **form.tunables},
        processors={**form.processors, **made.processors},
        integrations=_called(form, made),
    )


def _delivered(made: Additions) -> set[str]:
    """Questions about recipients that are answered: of operations that tell of themselves now."""
    telling = {o for o, phases in made.adds.items() if any(_tells(nodes) for nodes in phases.values())}
    return {f"operations.{o}.fan_out" for o in telling}


def _tells(nodes: tuple[Node, ...]) -> bool:
    return any(one.verb is Verb.PUBLISH for one in lines(nodes))


def _without_defaults(form: Form, replaced: frozenset[str], restarted: frozenset[str]) -> Form:
    """What stood there by default for operations whose steps are replaced goes, and so do the questions about them."""
    operations = {n: o for n, o in form.operations.items() if o.stands_for not in replaced}
    structures = {n: s for n, s in form.structures.items() if s.stands_for not in replaced}
    told = {
        one.target.parts[0]
        for n, o in operations.items()
        if n not in replaced
        for one in lines(o.nodes)
        if one.verb is Verb.PUBLISH
    }
    heard = {o.starts.on for n, o in operations.items() if n not in restarted}
    topics = {n: t for n, t in form.topics.items() if not t.stands_for or n in told or n in heard}
    asked = tuple(q for q in form.open if not any(q.about.startswith(f"operations.{o}") for o in replaced))
    return replace(form, operations=operations, structures=structures, topics=topics, open=asked)


def _keyed(topic: Topic, structures: Mapping[str, Structure]) -> Topic:
    return replace(topic, fields={f: as_key(t, structures) for f, t in topic.fields.items()})


def _extended(structure: Structure, more: EntityAddition) -> Structure:
    """An entity with further fields; what the brief says of a field or its states stays."""
    fields = {**more.fields, **structure.fields}
    order = [*structure.fields, *(f for f in more.fields if f not in structure.fields)]
    return replace(
        structure,
        fields={f: fields[f] for f in order},
        unique=(*structure.unique, *(u for u in more.unique if u not in structure.unique and u != structure.key)),
        moves={**more.moves, **structure.moves},
        ttl=structure.ttl if structure.ttl is not None else more.ttl,
    )


def _placed(
    operation: Operation, operations: Mapping[str, Operation], structures: Mapping[str, Structure]
) -> Operation:
    """Its context is that of what it works on; its caller that of the operation it names."""
    caller = operation.caller
    if caller.startswith("="):
        named = operations.get(caller[1:])
        caller = named.caller if named else ""
    held = operations.get(operation.starts.on)
    known = [operation.context, held.context if held is not None else "", *_contexts(operation, structures)]
    context = next((c for c in known if c), "")
    return replace(operation, context=context, caller=caller)


def _contexts(operation: Operation, structures: Mapping[str, Structure]) -> list[str]:
    start = operation.starts.on or operation.starts.each
    names = [start, *(one.target.parts[0] for one in lines(operation.nodes) if one.target.parts)]
    return [structures[n].context for n in names if n in structures]


def _with_contexts(
    structures: Mapping[str, Structure], operations: Mapping[str, Operation], added: frozenset[str]
) -> dict[str, Structure]:
    """An added structure belongs to the context of the operation that writes it."""
    made = dict(structures)
    for name in added:
        if not made[name].context:
            owners = [
                o.context for o in operations.values() if any(n.target.parts[:1] == (name,) for n in lines(o.nodes))
            ]
            made[name] = replace(made[name], context=next((c for c in owners if c), ""))
    return made


def _told_by(topic: Topic, operations: Mapping[str, Operation]) -> Topic:
    """A topic belongs to the context of the operation that tells it."""
    if topic.context:
        return topic
    tellers = [
        o.context
        for o in operations.values()
        if any(n.verb is Verb.PUBLISH and n.target.parts[:1] == (topic.id,) for n in lines(o.nodes))
    ]
    return replace(topic, context=next((c for c in tellers if c), ""))


def _called(form: Form, made: Additions) -> dict[str, object]:
    """Integrations with the calls that an approach makes; those that the brief says stay."""
    integrations = dict(form.integrations)
    for name, calls in made.calls.items():
        said = integrations[name]
        default = {n: c.model_copy(update={"p99": c.p99 or said.p99}) for n, c in calls.items()}
        kept = {
            n: c
            for n, c in said.calls.items()
            if n in said.model_fields_set or n in calls or c.model_fields_set - {"p99"}
        }
        integrations[name] = said.model_copy(update={"calls": {**default, **kept}})
    return integrations

"""Gives one line of a program its meaning: what it works on, with which values, and what it binds."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.brief.fields import FieldType
from workbook.brief.problems import nearest
from workbook.brief.shapes import Shape
from workbook.brief.steps import syntax
from workbook.brief.steps.syntax import ENDS, Line, Verb
from workbook.plan.form import values, verbs
from workbook.plan.form.model import Step, Structure
from workbook.plan.form.reading import Reading, known_names
from workbook.plan.form.scope import ID, NUMBER, Bound, Scope, Unresolved
from workbook.plan.form.terms import Applied, Every, Given, Ref, Root, Sum, Value

EVENT_ID = "event_id"
"""Every event has one. It is new, unless a step hands on the event that it was told."""
LEASED = ("item", "event")
"""What may be released or claimed without being a structure."""


def step(node: Line, scope: Scope, reading: Reading) -> tuple[Step, Scope]:
    clauses = ("by", "sets", "plus", "on", "where", "only_if")
    singles = ("to", "source", "lasting", "order", "limit", "after", "within", "amount")
    said = frozenset(n for n in clauses if getattr(node, n)) | frozenset(
        n for n in singles if getattr(node, n) is not None
    )
    wrong = verbs.told_wrong(node.verb, said)
    if wrong:
        raise Unresolved(f"{wrong}. See BRIEF.md, Verbs.")
    if node.verb in ENDS:
        return _end(node, scope, reading), scope
    if node.verb is Verb.PUBLISH:
        return _publish(node, scope, reading)
    if node.verb is Verb.PUSH:
        return _push(node, scope, reading)
    if node.verb is Verb.CALL:
        return _call(node, scope, reading)
    if node.verb is Verb.RUN:
        return _run(node, scope, reading)
    if str(node.target) in LEASED and node.verb in (Verb.RELEASE, Verb.CLAIM):
        return _lease(node, scope, reading)
    if node.verb is Verb.RELEASE and str(node.target) in scope.form.topics:
        return _made(node, scope, reading, target=str(node.target), shape=Shape.TOPIC), scope
    return _on_structure(node, scope, reading)


def _made(node: Line, scope: Scope, reading: Reading, **more: object) -> Step:
    """What all steps have in common."""
    target = str(more.get("target", ""))
    own = target if target in scope.form.structures else ""
    common = {
        name: values.resolve(value, scope, own)
        for name in ("source", "lasting", "limit", "after", "within", "rows", "found", "size", "amount")
        if (value := getattr(node, name)) is not None
    }
    known = {**common, **more}
    return Step(
        id=reading.next_id(),
        verb=node.verb,
        order=node.order,
        direct=node.direct,
        alone=node.alone,
        place=node.place,
        text=node.text,
        **known,  # type: ignore[arg-type]
    )


def _end(node: Line, scope: Scope, reading: Reading) -> Step:
    if node.verb is Verb.ANSWER:
        answers = tuple(values.path(p, scope) for p in node.subjects)
        return _made(node, scope, reading, answers=answers)
    return _made(node, scope, reading, target=str(node.target))


def _pairs(
    said: tuple[syntax.Pair, ...], scope: Scope, fields: Mapping[str, FieldType], own: str, what: str
) -> tuple[Given, ...]:
    made = []
    for pair in said:
        if pair.field not in fields:
            hint = nearest(pair.field, fields) or f"Known are {', '.join(fields) or 'none'}."
            raise Unresolved(f"{what} has no field {pair.field}. {hint}")
        wanted = fields[pair.field]
        if pair.value is None:
            value = _alone(pair.field, scope, wanted)
        else:
            inside = "" if _is_bound(pair.value, scope, pair.field) else own
            value = values.resolve(pair.value, scope, inside, wanted)
        made.append(Given(pair.field, value))
    return tuple(made)


def _is_bound(value: syntax.Value, scope: Scope, field: str) -> bool:
    """Whether a value is what an earlier step gave: a field that is set to its own name would say nothing."""
    return isinstance(value, syntax.Path) and value.parts == (field,) and field in scope.bound


def _alone(name: str, scope: Scope, wanted: FieldType) -> Value:
    """`by F` takes the one value that is called F."""
    found = list(scope.named(name))
    if len(found) == 1:
        return found[0]
    if found:
        choices = " or ".join(f"{name} = {ref}" for ref in found)
        raise Unresolved(f'"by {name}" could be {choices}. Write which.')
    if scope.has_body:
        return values.path(syntax.Path(("body", name)), scope, "", wanted)
    raise Unresolved(f'"by {name}": nothing here is called {name}. Write {name} = VALUE.')


def _publish(node: Line, scope: Scope, reading: Reading) -> tuple[Step, Scope]:
    name = str(node.target)
    topic = scope.form.topics.get(name)
    log = scope.form.structures.get(name)
    if topic is None and (log is None or log.shape is not Shape.TOPIC):
        raise Unresolved(
            f'"{name}" is not a topic. {nearest(name, scope.form.topics) or known_names(scope.form.topics)}'
        )
    fields = topic.fields if topic else log.fields  # type: ignore[union-attr]
    key = topic.key if topic else log.key  # type: ignore[union-attr]
    by = _pairs(node.by, scope, fields, "", name)
    sets = _pairs(node.sets, scope, {**fields, EVENT_ID: ID}, "", name)
    given = {g.field for g in (*by, *sets)}
    like = topic.like if topic else ""
    filled = tuple(_from_scope(f, scope, fields[f], f"publish {name}", like) for f in fields if f not in given)
    missing_key = [k for k in key if k not in {g.field for g in (*by, *sets, *filled)}]
    if missing_key:
        raise Unresolved(f"publish {name} says nothing of its key {missing_key[0]}. Write by {missing_key[0]} = VALUE.")
    step = _made(node, scope, reading, target=name, shape=Shape.TOPIC, by=by, sets=(*sets, *filled))
    return step, scope


def _from_scope(name: str, scope: Scope, wanted: FieldType, what: str, like: str) -> Given:
    """A field that nobody mentions: that of the row which is told of, else the value of that name, if there is just one."""
    if like in scope.bound and name in scope.fields(like):
        return Given(name, scope.ref(like, (name,), name))
    found = list(scope.named(name))
    if len(found) == 1:
        return Given(name, found[0])
    if wanted.default is not None:
        return Given(name, values.resolve(wanted.default, scope, "", wanted))
    if scope.has_body:
        return Given(name, values.path(syntax.Path(("body", name)), scope, "", wanted))
    raise Unresolved(f"{what} says nothing of {name}. Write set {name} = VALUE.")


def _push(node: Line, scope: Scope, reading: Reading) -> tuple[Step, Scope]:
    what = values.path(node.target, scope)
    assert node.to is not None
    to = values.resolve(node.to, scope)
    receiver = to.of if isinstance(to, Every) else to
    structure = scope.form.structures.get(receiver.structure) if isinstance(receiver, Ref) else None
    if structure is None or structure.shape is not Shape.REGISTRY:
        raise Unresolved(
            f'"{node.to}" is no list of a registry, so nothing can be pushed to it. List or get one before.'
        )
    return _made(node, scope, reading, target=structure.id, shape=Shape.REGISTRY, to=to, answers=(what,)), scope


def _call(node: Line, scope: Scope, reading: Reading) -> tuple[Step, Scope]:
    parts = node.target.parts
    integration = scope.form.integrations.get(parts[0])
    if integration is None:
        known = scope.form.integrations
        raise Unresolved(f'"{parts[0]}" is not an integration. {nearest(parts[0], known) or known_names(known)}')
    if len(parts) != 2 or parts[1] not in integration.calls:
        known = integration.calls
        said = parts[1] if len(parts) == 2 else ""
        raise Unresolved(f"{parts[0]} has no call {said or 'named here'}. {nearest(said, known) or known_names(known)}")
    by = tuple(
        Given(p.field, values.resolve(p.value, scope) if p.value else _alone(p.field, scope, ID)) for p in node.by
    )
    sets = tuple(
        Given(p.field, values.resolve(p.value, scope) if p.value else _alone(p.field, scope, ID)) for p in node.sets
    )
    name = node.name or parts[1]
    step = _made(node, scope, reading, target=str(node.target), by=by, sets=sets, name=name)
    return step, scope.binding(name, Bound(fields=integration.calls[parts[1]].gives))


def _run(node: Line, scope: Scope, reading: Reading) -> tuple[Step, Scope]:
    name = str(node.target)
    processor = scope.form.processors.get(name)
    if processor is None:
        known = scope.form.processors
        raise Unresolved(f'"{name}" is not a processor. {nearest(name, known) or known_names(known)}')
    on = tuple(values.resolve(v, scope) for v in node.on)
    bound = node.name or name
    step = _made(node, scope, reading, target=name, on=on, name=bound)
    return step, scope.binding(bound, Bound(fields=processor.gives))


def _lease(node: Line, scope: Scope, reading: Reading) -> tuple[Step, Scope]:
    name = str(node.target)
    if scope.root(name, (), name) is None:
        kind = scope.operation.starts.kind.value
        raise Unresolved(f'"{node.text}": there is no {name} in an operation that starts {kind}.')
    return _made(node, scope, reading, target=name), scope


def _on_structure(node: Line, scope: Scope, reading: Reading) -> tuple[Step, Scope]:
    name, *rest = node.target.parts
    structure = scope.form.structures.get(name)
    if structure is None:
        known = scope.form.structures
        raise Unresolved(f'"{name}" is not a structure. {nearest(name, known) or known_names(known)}')
    if node.verb not in verbs.VERBS[structure.shape]:
        can = ", ".join(sorted(v.value for v in verbs.VERBS[structure.shape]))
        raise Unresolved(f"{name} is a {structure.shape.value}, which cannot {node.verb}. It can {can}.")
    if rest and (node.verb is not Verb.NEXT or len(rest) > 1):
        raise Unresolved(f'"{node.target}" is a field; {node.verb} works on {name}.')
    if node.verb is Verb.NEXT and not rest:
        raise Unresolved(f"next needs the field that counts. Write next {name}.FIELD by ...")
    fields = structure.fields
    by = _grouping(node, scope, name) if node.verb is Verb.SUMMARISE else _pairs(node.by, scope, fields, "", name)
    sets = _pairs(node.sets, scope, fields, name if node.verb in (Verb.CHANGE, Verb.MOVE, Verb.PUT) else "", name)
    where = values.conditions(node.where, scope, name)
    only_if = values.conditions(node.only_if, scope, name)
    if node.order is not None:
        scope.follow(name, (node.order[0],), f"order {node.order[0]}")
    to = None
    if node.to is not None:
        to = values.resolve(node.to, scope, "", _moved(structure) if node.verb is Verb.MOVE else None)
    if node.verb in verbs.MAKES_ROWS:
        sets = (*sets, *_filled(structure, by, sets, scope, node))
    step = _made(
        node,
        scope,
        reading,
        target=name,
        shape=structure.shape,
        field=rest[0] if rest else "",
        by=by,
        sets=sets,
        plus=_added(node, scope, structure),
        where=where,
        only_if=only_if,
        to=to,
        name=node.name or name,
    )
    bound = _result(node, step, structure)
    reading.bound[step.name] = name
    return step, scope.binding(step.name, bound)


def _grouping(node: Line, scope: Scope, name: str) -> tuple[Given, ...]:
    """`by` of a summary: fields of the target, or new names for what is worked out from them (`by hour = at // 1 h`)."""
    made = []
    for pair in node.by:
        value = syntax.Path((pair.field,)) if pair.value is None else pair.value
        made.append(Given(pair.field, values.resolve(value, scope, name)))
    return tuple(made)


def _added(node: Line, scope: Scope, structure: Structure) -> tuple[Given, ...]:
    """`plus F = V`: of `add` a field of the structure, of `summarise` a sum over its rows."""
    if node.verb is not Verb.SUMMARISE:
        return _pairs(node.plus, scope, structure.fields, structure.id, structure.id)
    return tuple(
        Given(p.field, values.resolve(p.value, scope, structure.id) if p.value else _alone(p.field, scope, NUMBER))
        for p in node.plus
    )


def _moved(structure: Structure) -> FieldType | None:
    """The field that `move` changes: the one that has states."""
    moved = [f for f in structure.moves if f in structure.fields]
    return structure.fields[moved[0]] if moved else None


def _filled(
    structure: Structure, by: tuple[Given, ...], sets: tuple[Given, ...], scope: Scope, node: Line
) -> list[Given]:
    """Fields that a new row gets without being mentioned: the default, else the same name in the body."""
    given = {g.field for g in (*by, *sets)}
    made = []
    for name, type_ in structure.fields.items():
        if name in given or type_.counted:
            continue
        first = next(iter(structure.moves.get(name, {})), "")
        if first:
            made.append(Given(name, Ref(Root.WORD, first, type=type_)))
        elif type_.default is not None:
            made.append(Given(name, values.resolve(type_.default, scope, "", type_)))
        elif scope.has_body and node.verb is not Verb.CLAIM:
            made.append(Given(name, _sent_or_own(name, type_, structure, scope)))
        elif len(named := list(scope.named(name))) == 1:
            made.append(Given(name, named[0]))
        elif node.verb is Verb.CLAIM or type_.optional:
            continue
        else:
            raise Unresolved(f"{node.verb} {structure.id} says nothing of {name}. Write set {name} = VALUE.")
    return made


def _sent_or_own(name: str, type_: FieldType, structure: Structure, scope: Scope) -> Value:
    """A field that the request brings; the one that refers to whom the caller is comes from the token."""
    entity = scope.persona.entity if scope.persona else ""
    same = [n for n, t in structure.fields.items() if t.ref and t.ref == entity]
    if entity and same == [name] and scope.has_caller:
        return Ref(Root.CALLER, type=type_, structure=entity)
    return values.path(syntax.Path(("body", name)), scope, "", type_)


def _many(step: Step) -> bool:
    """Whether a step works on a list of keys: one of its values is an `each`."""
    return any(_holds_each(v) for v in step.values)


def _holds_each(value: Value) -> bool:
    if isinstance(value, Sum):
        return _holds_each(value.left) or _holds_each(value.right)
    if isinstance(value, Applied):
        return _holds_each(value.value)
    return isinstance(value, Every)


def _result(node: Line, step: Step, structure: Structure) -> Bound:
    if node.verb in (Verb.COUNT, Verb.RANK):
        return Bound(type=NUMBER, many=_many(step))
    if node.verb is Verb.SUMMARISE:
        grouped = {g.field: values.type_of(g.value) or NUMBER for g in step.by}
        return Bound(structure="", many=True, fields={**grouped, **{g.field: NUMBER for g in step.plus}})
    many = node.verb in verbs.LISTS or _many(step) or (node.verb is Verb.TAKE and step.amount is not None)
    return Bound(structure=structure.id, many=many)

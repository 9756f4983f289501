"""Turns the steps of an operation, as written, into steps whose every name and value has a meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from workbook.brief.problems import nearest
from workbook.brief.shapes import Shape
from workbook.brief.steps import syntax
from workbook.brief.steps.syntax import ENDS, AtOnce, Line, Loop, Node, Start, Together, Try, Verb, When
from workbook.plan.form import lines, values
from workbook.plan.form.model import Form, Group, GroupKind, Operation, Part, Program
from workbook.plan.form.reading import Reading, known_names
from workbook.plan.form.scope import ID, Bound, Scope, Unresolved
from workbook.plan.form.terms import Ref, Root, Test, Value


def resolve(form: Form, operation: Operation) -> Program:
    """The program of an operation. Names that mean nothing stand in `problems`, the rest is read all the same."""
    reading = Reading(form, operation)
    scope = Scope(form, operation)
    start = operation.starts
    _check_start(reading, scope)
    parts, after = _parts(operation.nodes, scope, reading)
    own = start.on if start.kind is Start.DUE else ""
    said = _Said(scope, own, reading)
    return Program(
        operation=operation,
        parts=parts,
        request=dict(after.body),
        bound=dict(reading.bound),
        every=said.value(start.every),
        batch=said.value(start.batch),
        offset=said.value(start.offset),
        condition=said.tests(start.condition),
        problems=tuple(reading.problems),
        environment=tuple(_environment(form, operation)),
    )


def _environment(form: Form, operation: Operation) -> Iterator[tuple[str, object]]:
    """What the operation names: structures and topics, and what their fields refer to."""
    start = operation.starts
    named = {start.on, start.each, *(one.target.parts[0] for one in syntax.lines(operation.nodes) if one.target.parts)}
    for name in sorted(named):
        thing = form.structures.get(name, form.topics.get(name))
        if thing is not None:
            yield name, thing


@dataclass
class _Said:
    """Reads the values of a start."""

    scope: Scope
    own: str
    reading: Reading

    def value(self, said: syntax.Value | None) -> Value | None:
        try:
            return None if said is None else values.resolve(said, self.scope, self.own)
        except Unresolved as error:
            self.reading.problems.append(f"in starts: {error}")
            return None

    def tests(self, said: tuple[syntax.Condition, ...]) -> tuple[Test, ...]:
        try:
            return values.conditions(said, self.scope, self.own)
        except Unresolved as error:
            self.reading.problems.append(f"in starts: {error}")
            return ()


_STARTED_BY = {
    Start.QUEUE: (Shape.QUEUE,),
    Start.DEAD: (Shape.QUEUE,),
    Start.DUE: (Shape.ROWS, Shape.GRAPH, Shape.OBJECT),
}


def _check_start(reading: Reading, scope: Scope) -> None:
    """What starts an operation is there, and of a shape that can."""
    start, form = scope.operation.starts, scope.form
    on = start.each if start.kind is Start.EVERY else start.on
    if not on:
        return
    if start.kind in (Start.OPENS, Start.CLOSES, Start.BEATS):
        known: Mapping[str, object] = form.operations
        what = "an operation"
    elif start.kind is Start.EVENT:
        logs = {n: s for n, s in form.structures.items() if s.shape is Shape.TOPIC}
        known, what = {**form.topics, **logs}, "a topic"
    else:
        known, what = form.structures, "a structure"
    if on not in known:
        reading.problems.append(f'in starts: "{on}" is not {what}. {nearest(on, known) or known_names(known)}')
        return
    shapes = _STARTED_BY.get(start.kind)
    if shapes and form.structures[on].shape not in shapes:
        wanted = " or ".join(s.value for s in shapes)
        reading.problems.append(
            f"in starts: {on} is a {form.structures[on].shape.value}; {start.kind.value} needs {wanted}."
        )
    if start.field and start.field not in form.structures[on].fields:
        fields = form.structures[on].fields
        reading.problems.append(
            f"in starts: {on} has no field {start.field}. {nearest(start.field, fields) or known_names(fields)}"
        )


def _parts(nodes: tuple[Node, ...], scope: Scope, reading: Reading) -> tuple[tuple[Part, ...], Scope]:
    made: list[Part] = []
    ended = ""
    for node in nodes:
        if ended:
            reading.problems.append(
                f'"{_text(node)}" stands after "{ended}", which ends the operation. Write it before.'
            )
            break
        try:
            parts, scope = _part(node, scope, reading)
            made.extend(parts)
        except Unresolved as error:
            reading.problems.append(f'in "{_text(node)}": {error}' if _text(node) else str(error))
        if isinstance(node, Line) and node.verb in ENDS:
            ended = node.text
    return tuple(made), scope


def _text(node: Node) -> str:
    return node.text if isinstance(node, Line) else ""


def _part(node: Node, scope: Scope, reading: Reading) -> tuple[tuple[Part, ...], Scope]:
    if isinstance(node, Line):
        step, after = lines.step(node, scope, reading)
        return (step,), after
    if isinstance(node, Together | AtOnce):
        return _joined(node, scope, reading)
    if isinstance(node, Loop):
        return _loop(node, scope, reading)
    if isinstance(node, When):
        return _when(node, scope, reading)
    return _try(node, scope, reading)


def _joined(node: Together | AtOnce, scope: Scope, reading: Reading) -> tuple[tuple[Part, ...], Scope]:
    kind = GroupKind.TOGETHER if isinstance(node, Together) else GroupKind.AT_ONCE
    identifier = reading.next_id()
    parts, after = _parts(node.steps, scope, reading)
    return (Group(id=identifier, kind=kind, steps=parts),), after


def _loop(node: Loop, scope: Scope, reading: Reading) -> tuple[tuple[Part, ...], Scope]:
    identifier = reading.next_id()
    read = None
    listed: Value | None = None
    if node.read is not None:
        read, _ = lines.step(node.read, scope, reading)
        element = Bound(structure=read.target, many=node.batch is not None)
    else:
        assert node.listed is not None
        listed = values.path(node.listed, scope)
        if not listed.many:
            raise Unresolved(f'"each {node.name} of {node.listed}": {node.listed} is one value, not a list.')
        element = _element(listed, scope, node.batch is not None)
    inside = scope.binding(node.name, element)
    reading.bound[node.name] = element.structure
    parts, behind = _parts(node.steps, inside, reading)
    gathered = {n: replace(b, many=True) for n, b in behind.bound.items() if n not in inside.bound}
    group = Group(
        id=identifier,
        kind=GroupKind.EACH,
        steps=parts,
        name=node.name,
        listed=listed,
        less=values.path(node.less, scope) if node.less else None,
        read=read,
        batch=values.resolve(node.batch, scope) if node.batch else None,
        width=values.resolve(node.width, scope) if node.width else None,
        until=values.conditions(node.until, inside),
        about=values.resolve(node.about, scope) if node.about else None,
    )
    return (group,), replace(scope, bound={**scope.bound, **gathered})


def _element(listed: Ref, scope: Scope, many: bool) -> Bound:
    """What one element of a list is: a row, or a plain value of a list field."""
    if listed.root is Root.BOUND and not listed.fields:
        whole = scope.bound[listed.name]
        return replace(whole, many=many)
    return Bound(structure=listed.structure, many=many, type=replace(listed.type, many=0.0) if listed.type else ID)


def _when(node: When, scope: Scope, reading: Reading) -> tuple[tuple[Part, ...], Scope]:
    identifier = reading.next_id()
    tests = values.conditions(node.condition, scope)
    then, after_then = _parts(node.then.steps, scope, reading)
    otherwise, after_else = _parts(node.otherwise.steps, scope, reading)
    made = [Group(id=identifier, kind=GroupKind.WHEN, steps=then, tests=tests, share=node.then.share)]
    if otherwise:
        made.append(Group(id=identifier, kind=GroupKind.ELSE, steps=otherwise, tests=tests))
    return tuple(made), _after_branches(scope, after_then, after_else)


def _after_branches(before: Scope, *branches: Scope) -> Scope:
    """What branches bind is known behind them."""
    bound = dict(before.bound)
    for branch in branches:
        bound.update({name: found for name, found in branch.bound.items() if name not in bound})
    return replace(before, bound=bound)


def _try(node: Try, scope: Scope, reading: Reading) -> tuple[tuple[Part, ...], Scope]:
    identifier = reading.next_id()
    step, after = lines.step(node.step, scope, reading)
    if node.unknown is not None and step.verb is not Verb.CALL:
        raise Unresolved(f'"{node.step.text}": only a call can end unknown. Leave `unknown` out.')
    made = [Group(id=identifier, kind=GroupKind.TRY, steps=(step,))]
    ends = [after]
    for kind, branch in ((GroupKind.REFUSED, node.refused), (GroupKind.UNKNOWN, node.unknown)):
        if branch is not None:
            parts, behind = _parts(branch.steps, scope, reading)
            ends.append(behind)
            made.append(Group(id=identifier, kind=kind, steps=parts, share=branch.share))
    return tuple(made), _after_branches(scope, *ends)

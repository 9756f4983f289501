"""Runs a program on PostgreSQL, step by step: the statements are those that the document prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol

from workbook.artifacts.dialects.postgresql.statements import PostgreSQL
from workbook.artifacts.dialects.statement import Gives, Refusal, Slot, Statement
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.brief.values import as_list
from workbook.plan.fold.layout import FENCE, Table
from workbook.plan.fold.outcomes import of_refusal, of_word
from workbook.plan.form.model import Form, Group, GroupKind, Part, Program, Step
from workbook.plan.form.terms import Every, Given, Ref, Root
from workbook.proof.stage.frame import Frame
from workbook.proof.stage.outside import CallRefused, CallUnknown, Outside
from workbook.proof.stage.values import as_said


class Refused(Exception):
    """A step was refused: the operation ends, and what it did together is undone."""

    def __init__(self, step: Step, word: str = "") -> None:
        self.step, self.word = step, word
        self.status = of_word(word) if word else of_refusal(step)
        super().__init__(f"{step.text}: refused")


class Unknown(Exception):
    """Nobody knows whether a call was done."""


class _End(Exception):
    """The operation is at its end."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `answered`, `refused`, `stopped` or `done`, and what was answered."""

    kind: str
    status: int = 200
    answer: Mapping[str, Any] = field(default_factory=dict)
    step: str = ""


class Connection(Protocol):
    """What the machine needs of a connection."""

    def execute(self, query: Any, params: Any = None) -> Any:
        """Send a statement."""

    def transaction(self) -> AbstractContextManager[Any]:
        """A transaction, or a savepoint inside one."""


@dataclass(frozen=True)
class Point:
    """A place between two steps, where somebody may be held up or die: before a step, or before a commit."""

    id: str
    text: str


def nothing(point: Point) -> None:
    """No fault."""


def unheard(step: Step, given: Any) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class _Ready:
    """A statement as the driver takes it."""

    text: str
    slots: tuple[Slot, ...]
    statement: Statement


def _mark(position: int, slot: Slot) -> str:
    return f"%(s{position})s::{slot.type}{'[]' if slot.many else ''}"


@dataclass
class Machine:
    """Runs the programs of a form. `before` is called before every step: faults happen there."""

    form: Form
    programs: Mapping[str, Program]
    tables: dict[str, Table]
    outside: Outside
    before: Callable[[Point], None] = nothing
    after: Callable[[Step, Any], None] = unheard
    """Told what each step gave."""
    change: Callable[[Statement, Step], Statement] = lambda statement, step: statement
    """Takes guards out of statements, for controls."""
    _ready: dict[tuple[str, bool], tuple[_Ready, ...]] = field(default_factory=dict)

    def run(self, connection: Connection, operation: str, frame: Frame) -> Outcome:
        """One run from its start to its end."""
        program = self.programs[operation]
        frame.lookup = lambda structure, key, name: field_of(connection, self.tables, structure, key, name)
        try:
            self._parts(program.parts, connection, frame, program)
        except _End as end:
            return end.outcome
        except Refused as refused:
            kind = "refused" if program.starts in (Start.CALLER, Start.WEBHOOK) else "stopped"
            return Outcome(kind, refused.status, {}, refused.step.id)
        return Outcome("done")

    # Groups

    def _parts(self, parts: tuple[Part, ...], connection: Connection, frame: Frame, program: Program) -> None:
        position = 0
        while position < len(parts):
            part = parts[position]
            if isinstance(part, Step):
                self._step(part, connection, frame, program)
                position += 1
                continue
            siblings = {
                p.kind: p for p in parts[position + 1 : position + 3] if isinstance(p, Group) and p.id == part.id
            }
            self._group(part, siblings, connection, frame, program)
            position += 1 + len(siblings)

    def _group(
        self, group: Group, siblings: Mapping[GroupKind, Group], connection: Connection, frame: Frame, program: Program
    ) -> None:
        if group.kind is GroupKind.TOGETHER:
            self._together(group, connection, frame, program)
        elif group.kind is GroupKind.EACH:
            self._each(group, connection, frame, program)
        elif group.kind is GroupKind.WHEN:
            if frame.holds(group.tests):
                self._parts(group.steps, connection, frame, program)
            elif GroupKind.ELSE in siblings:
                self._parts(siblings[GroupKind.ELSE].steps, connection, frame, program)
        elif group.kind is GroupKind.TRY:
            self._try(group, siblings, connection, frame, program)
        else:
            self._parts(group.steps, connection, frame, program)

    def _together(self, group: Group, connection: Connection, frame: Frame, program: Program) -> None:
        """A transaction. An answer inside it commits first."""
        ended: _End | None = None
        with connection.transaction():
            try:
                self._parts(group.steps, connection, frame, program)
            except _End as end:
                ended = end
            self.before(Point(f"{group.id}.commit", "commit"))
        if ended is not None:
            raise ended

    def _each(self, group: Group, connection: Connection, frame: Frame, program: Program) -> None:
        if group.read is not None:
            self._step(group.read, connection, frame, program)
            elements = list(frame.bound.get(group.name) or [])
        else:
            assert isinstance(group.listed, Ref)
            elements = self._elements(group.listed, frame)
        if isinstance(group.less, Ref):
            without = [str(frame.key(e)) for e in frame.rows(group.less)]
            elements = [e for e in elements if str(frame.key(e)) not in without]
        size = int(frame.value(group.batch)) if group.batch is not None else 0
        parts = [elements[i : i + size] for i in range(0, len(elements), size)] if size else elements
        outer = frame.bound.get(group.name)
        before = set(frame.bound) | {group.name}
        gathered: dict[str, list[Any]] = {}
        for one in parts:
            frame.bound[group.name] = one
            if group.until and frame.holds(group.until):
                break
            self._parts(group.steps, connection, frame, program)
            for name in set(frame.bound) - before:
                found = frame.bound.pop(name)
                gathered.setdefault(name, []).extend(as_list(found or None))
        frame.bound.update(gathered)
        frame.bound[group.name] = outer

    def _elements(self, listed: Ref, frame: Frame) -> list[Any]:
        if listed.root is Root.BOUND and not listed.fields:
            return list(frame.bound.get(listed.name) or [])
        found = frame.value(listed)
        return list(found) if isinstance(found, list | tuple) else frame.rows(listed)

    def _try(
        self, group: Group, siblings: Mapping[GroupKind, Group], connection: Connection, frame: Frame, program: Program
    ) -> None:
        step = group.steps[0]
        assert isinstance(step, Step)
        try:
            with nullcontext() if step.verb is Verb.CALL else connection.transaction():
                self._step(step, connection, frame, program)
        except Refused:
            if GroupKind.REFUSED not in siblings:
                raise
            self._parts(siblings[GroupKind.REFUSED].steps, connection, frame, program)
        except Unknown:
            if GroupKind.UNKNOWN not in siblings:
                raise
            self._parts(siblings[GroupKind.UNKNOWN].steps, connection, frame, program)

    # Steps

    def _step(self, step: Step, connection: Connection, frame: Frame, program: Program) -> None:
        self.before(Point(step.id, step.text))
        if step.verb is Verb.ANSWER:
            answer = {_named(v): _said(v, frame) for v in step.answers}
            self.after(step, answer)
            raise _End(Outcome("answered", 200, answer, step.id))
        if step.verb is Verb.REFUSE:
            raise Refused(step, step.target)
        if step.verb is Verb.STOP:
            raise _End(Outcome("stopped", 200, {}, step.id))
        if step.verb is Verb.PUBLISH and step.target not in self.tables:
            self._publish(step, frame)
        elif step.verb is Verb.PUSH:
            self._push(step, frame)
        elif step.verb is Verb.CALL:
            self._call(step, frame)
        elif step.verb is Verb.RUN:
            frame.bound[step.name] = self.outside.made(self.form.processors[step.target].gives)
        elif step.target == "item":
            self._lease(step, connection, frame, program)
        elif step.target != "event":
            self._send(step, connection, frame)
        self.after(step, frame.bound.get(step.name))

    def _publish(self, step: Step, frame: Frame) -> None:
        """To a broker; one event for each element where a value is a list."""
        told = {g.field: frame.value(g.value) for g in (*step.by, *step.sets)}
        many = [g.field for g in (*step.by, *step.sets) if isinstance(g.value, Every)]
        key = self.form.topics[step.target].key
        for number in range(len(told[many[0]]) if many else 1):
            event = {n: v[number] if n in many else v for n, v in told.items()}
            self.outside.publish(step.target, [event.get(k) for k in key], event)

    def _push(self, step: Step, frame: Frame) -> None:
        assert step.to is not None
        target = step.to.of if isinstance(step.to, Every) else step.to
        assert isinstance(target, Ref)
        for receiver in frame.rows(target):
            self.outside.push(dict(receiver), _said(step.answers[0], frame))

    def _call(self, step: Step, frame: Frame) -> None:
        integration, _, name = step.target.partition(".")
        gives = self.form.integrations[integration].calls[name].gives
        key = tuple(str(frame.value(g.value)) for g in step.by)
        told = {g.field: frame.value(g.value) for g in step.sets}
        try:
            frame.bound[step.name] = self.outside.call(step.target, key, told, gives)
        except CallRefused:
            raise Refused(step) from None
        except CallUnknown:
            raise Unknown from None

    def _lease(self, step: Step, connection: Connection, frame: Frame, program: Program) -> None:
        """`release item`: back into the queue that started the run."""
        if step.verb is not Verb.RELEASE:
            return
        frame.released = timedelta(0) if step.lasting is None else frame.value(step.lasting)
        queue = self.tables.get(program.operation.starts.on)
        if queue is None or queue.structure.shape is not Shape.QUEUE:
            return
        released = replace(step, target=queue.name, shape=Shape.QUEUE, by=_keys(queue))
        self._send(released, connection, frame)

    def _send(self, step: Step, connection: Connection, frame: Frame) -> None:
        given: Any = None
        every = self._statements(step, frame)
        partly = any(r.statement.refusal is Refusal.FEWER for r in every)
        with connection.transaction() if partly else nullcontext():
            for ready in every:
                found = self._sent(ready, step, connection, frame)
                given = found if given is None or ready.statement.gives is not Gives.NOTHING else given
        if step.name:
            frame.bound[step.name] = given

    def _statements(self, step: Step, frame: Frame) -> tuple[_Ready, ...]:
        """The statements of a step; without a cursor a page is the first."""
        first = step.after is not None and _without_cursor(step, frame)
        known = (step.id + step.target, first)
        if known not in self._ready:
            dialect = PostgreSQL(self.tables)
            asked = dialect.first_page(step) if first else step
            made = tuple(self.change(s, step) for s in dialect.statements(asked))
            self._ready[known] = tuple(_Ready(s.write(_mark), s.slots, s) for s in made)
        return self._ready[known]

    def ask(self, statement: Statement, connection: Connection, frame: Frame) -> list[dict[str, Any]]:
        """A statement that belongs to no step. Gives its rows."""
        frame.lookup = lambda structure, key, name: field_of(connection, self.tables, structure, key, name)
        ready = _Ready(statement.write(_mark), statement.slots, statement)
        values = {f"s{i}": _parameter(frame.value(s.value), s, 0) for i, s in enumerate(ready.slots)}
        found = connection.execute(ready.text, values)
        return [_row(statement, one) for one in found.fetchall()] if statement.gives is not Gives.NOTHING else []

    def _sent(self, ready: _Ready, step: Step, connection: Connection, frame: Frame) -> Any:
        statement = ready.statement
        values = [frame.value(slot.value) for slot in ready.slots]
        lists = [len(v) for v, s in zip(values, ready.slots, strict=True) if s.many and isinstance(v, list)]
        if lists and not max(lists):
            return []
        longest = max(lists, default=0)
        parameters = {f"s{i}": _parameter(v, ready.slots[i], longest) for i, v in enumerate(values)}
        found = connection.execute(ready.text, parameters)
        rows = [_row(statement, one) for one in found.fetchall()] if statement.gives is not Gives.NOTHING else []
        if statement.refusal is Refusal.NO_ROW and not rows:
            raise Refused(step)
        if statement.refusal is Refusal.FEWER and len(rows) < _wanted(step, frame, longest):
            raise Refused(step)
        if statement.gives is Gives.NUMBER:
            return rows[0]["number"] if rows else 0
        if statement.gives is Gives.ROW:
            return rows[0] if rows else None
        return rows


def _without_cursor(step: Step, frame: Frame) -> bool:
    return isinstance(step.after, Ref) and step.after.root is Root.BODY and frame.value(step.after) is None


def _wanted(step: Step, frame: Frame, longest: int) -> int:
    return int(frame.value(step.amount)) if step.amount is not None else longest


def _keys(table: Table) -> tuple[Given, ...]:
    return tuple(Given(k, Ref(Root.ITEM, "", (k,))) for k in (*table.key, FENCE) if table.has(k))


def _row(statement: Statement, found: Any) -> dict[str, Any]:
    row = {n: as_said(v) for n, v in zip(statement.columns, found, strict=True)}
    return {**row, "__structure__": statement.table}


def _parameter(value: Any, slot: Slot, longest: int) -> Any:
    if slot.many:
        listed = value if isinstance(value, list) else [value] * longest
        return [_sent_value(v, slot.type) for v in listed]
    if isinstance(value, list):
        return [_sent_value(v, slot.type) for v in value]
    return _sent_value(value, slot.type)


def field_of(connection: Connection, tables: Mapping[str, Table], structure: str, key: Any, name: str) -> Any:
    """A field of a row by its key: how a path leads on through a reference."""
    asked = f'SELECT "{name}" FROM "{structure}" WHERE "{tables[structure].key[0]}"::text = %s'
    found = connection.execute(asked, (str(key),)).fetchone()
    return as_said(found[0]) if found else None


def _sent_value(value: Any, type_: str) -> Any:
    if type_ == "jsonb" and value is not None:
        return json.dumps(value, default=str)
    if isinstance(value, dict):
        return value.get("id", str(value))
    if isinstance(value, tuple):
        return str(value[0]) if value else None
    return value


def _named(value: Any) -> str:
    return value.name or value.root.value if isinstance(value, Ref) else str(value)


def _said(value: Any, frame: Frame) -> Any:
    """What is answered or pushed: whole rows, not their keys."""
    if isinstance(value, Ref) and not value.fields:
        if value.root is Root.BOUND:
            return frame.bound.get(value.name)
        if value.root is Root.EVENT:
            return dict(frame.event)
    return frame.value(value)

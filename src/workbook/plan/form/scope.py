"""What names mean while the steps of an operation are read: the roots that its start gives, and what earlier steps bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from workbook.brief.fields import FieldType
from workbook.brief.problems import nearest
from workbook.brief.steps.syntax import Start
from workbook.plan.form.model import Form, Operation, Persona
from workbook.plan.form.terms import Ref, Root

ID = FieldType("id", 16, text="id")
NUMBER = FieldType("int", 8, text="int")
TEXT = FieldType("text", 500, text="text")
BOOL = FieldType("bool", 1, text="bool")
TIME = FieldType("time", 8, text="time")


ENDS_AT = "expires_at"
"""What has a lifetime carries its end."""


class Unresolved(ValueError):
    """A name that means nothing here, or two things. The message says which and what to write."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a step gave: a row of a structure, a list of them, or fields of its own."""

    structure: str = ""
    many: bool = False
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    type: FieldType | None = None
    """Of a plain value: a count, a rank."""


@dataclass(frozen=True)
class Scope:
    """The names of one operation. A step that binds a name makes a new scope."""

    form: Form
    operation: Operation
    bound: Mapping[str, Bound] = field(default_factory=dict)
    body: dict[str, FieldType] = field(default_factory=dict)
    """Filled while steps are read: what callers send."""

    def binding(self, name: str, bound: Bound) -> Scope:
        """The scope with a further name."""
        return replace(self, bound={**self.bound, name: bound})

    @property
    def persona(self) -> Persona | None:
        """Who calls, where the brief says it."""
        return self.form.personas.get(self.operation.caller)

    @property
    def has_body(self) -> bool:
        """Whether a request comes with it."""
        return self.operation.starts.kind in (Start.CALLER, Start.WEBHOOK, Start.OPENS, Start.CLOSES, Start.BEATS)

    @property
    def has_caller(self) -> bool:
        """Whether somebody with a token started it."""
        return self.operation.starts.kind in (Start.CALLER, Start.OPENS, Start.CLOSES, Start.BEATS)

    def fields(self, structure: str) -> Mapping[str, FieldType]:
        """The fields of a structure, or none."""
        found = self.form.structures.get(structure)
        if found is None:
            return {}
        return {**found.fields, ENDS_AT: TIME} if found.ttl is not None else found.fields

    def follow(self, structure: str, path: tuple[str, ...], written: str) -> tuple[FieldType, str]:
        """The type at the end of a path of fields, and the structure it refers to. Raises Unresolved."""
        here, type_ = structure, ID
        for i, name in enumerate(path):
            known = self.fields(here)
            if name not in known:
                missing = f'"{written}": {here or "that"} has no field {name}'
                raise Unresolved(f"{missing}. {nearest(name, known) or _known(known)}")
            type_ = known[name]
            here = type_.ref
            if i < len(path) - 1 and here not in self.form.structures:
                raise Unresolved(
                    f'"{written}": {name} refers to no structure, so {path[i + 1]} cannot be read from it.'
                )
        return type_, here

    def ref(self, name: str, path: tuple[str, ...], written: str) -> Ref:
        """What a bound name and the fields behind it mean. Raises Unresolved."""
        found = self.bound[name]
        if not path:
            return Ref(Root.BOUND, name, (), found.type or ID, found.structure, found.many)
        if found.fields and path[0] in found.fields:
            type_ = found.fields[path[0]]
            if len(path) > 1:
                type_, end = self.follow(type_.ref, path[1:], written)
                return Ref(Root.BOUND, name, path, type_, end, found.many)
            return Ref(Root.BOUND, name, path, type_, type_.ref, found.many or type_.many > 0)
        if not found.structure:
            raise Unresolved(f'"{written}": {name} has no field {path[0]}. {_known(found.fields)}')
        type_, end = self.follow(found.structure, path, written)
        return Ref(Root.BOUND, name, path, type_, end, found.many)

    def root(self, name: str, path: tuple[str, ...], written: str) -> Ref | None:
        """What caller, body, event, item, lost, now, new and here mean in this operation; None for other names."""
        if name in (Root.NOW, Root.NEW, Root.HERE) and not path:
            return Ref(Root(name), type=TIME if name == Root.NOW else ID)
        if name == Root.CALLER and self.has_caller:
            return self._caller(path, written)
        if name == Root.BODY and self.has_body:
            return Ref(Root.BODY, "", path, self.body.get(path[0]) if path else TEXT)
        start = self.operation.starts
        if name == Root.EVENT and start.kind is Start.EVENT:
            return self._of_topic(start.on, path, written)
        if name == Root.ITEM and start.kind in (Start.QUEUE, Start.DEAD, Start.DUE):
            return self._row(Root.ITEM, start.on, path, written)
        if name == Root.ITEM and start.kind is Start.EVERY and start.each:
            return self._row(Root.ITEM, start.each, path, written)
        if name == Root.LOST and start.kind is Start.LOST:
            return self._row(Root.LOST, start.on, path, written)
        return None

    def _caller(self, path: tuple[str, ...], written: str) -> Ref:
        persona = self.persona
        entity = persona.entity if persona else ""
        if not path:
            return Ref(Root.CALLER, type=ID, structure=entity)
        if persona and path[0] in persona.token:
            structure = path[0] if path[0] in self.form.structures else ""
            if len(path) == 1:
                return Ref(Root.CALLER, "", path, replace(ID, ref=structure), structure)
            type_, end = self.follow(structure, path[1:], written)
            return Ref(Root.CALLER, "", path, type_, end)
        if not entity:
            who = self.operation.caller or "PERSONA"
            raise Unresolved(f'"{written}": nobody says which entity {who} is. Write personas.{who}.is: ENTITY.')
        type_, end = self.follow(entity, path, written)
        return Ref(Root.CALLER, "", path, type_, end)

    def _of_topic(self, topic: str, path: tuple[str, ...], written: str) -> Ref:
        known = self.form.topics[topic].fields if topic in self.form.topics else {}
        many = self.operation.starts.batch is not None
        if not path:
            return Ref(Root.EVENT, type=ID)
        if path[0] not in known:
            raise Unresolved(f'"{written}": {topic} carries no {path[0]}. {nearest(path[0], known) or _known(known)}')
        type_ = known[path[0]]
        if len(path) > 1:
            type_, end = self.follow(type_.ref, path[1:], written)
            return Ref(Root.EVENT, "", path, type_, end, many)
        return Ref(Root.EVENT, "", path, type_, type_.ref, type_.many > 0)

    def _row(self, root: Root, structure: str, path: tuple[str, ...], written: str) -> Ref:
        if not path:
            return Ref(root, type=replace(ID, ref=structure), structure=structure)
        type_, end = self.follow(structure, path, written)
        return Ref(root, "", path, type_, end, type_.many > 0)

    def named(self, field_name: str) -> Iterator[Ref]:
        """Every value in scope that is called so: a field of something bound, of the event, of the item."""
        for name, bound in self.bound.items():
            known = bound.fields or self.fields(bound.structure)
            if field_name in known and not bound.many:
                yield self.ref(name, (field_name,), field_name)
            elif name == field_name and not bound.many:
                yield self.ref(name, (), name)
        for root in (Root.EVENT, Root.ITEM, Root.LOST):
            try:
                found = self.root(root.value, (field_name,), field_name)
            except Unresolved:
                continue
            if found is not None:
                yield found

    def names(self) -> list[str]:
        """Everything that a path may begin with here."""
        roots = ["now", "new", "here"]
        if self.has_caller:
            roots.append("caller")
        if self.has_body:
            roots.append("body")
        kind = self.operation.starts.kind
        if kind is Start.EVENT:
            roots.append("event")
        if kind in (Start.QUEUE, Start.DEAD, Start.DUE) or self.operation.starts.each:
            roots.append("item")
        if kind is Start.LOST:
            roots.append("lost")
        return [*self.bound, *roots, *self.form.tunables]


def _known(names: Mapping[str, FieldType]) -> str:
    return f"Known are {', '.join(names)}." if names else "It has no fields."

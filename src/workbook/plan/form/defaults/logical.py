"""What the default steps of all operations come to, filled one operation at a time; and what starts each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workbook.brief.fields import FieldType
from workbook.brief.model import Operation as Said
from workbook.brief.steps.syntax import CALLER, Start, Starts
from workbook.brief.structures import Processor
from workbook.plan.complete import Complete
from workbook.plan.form.added import free, of_model
from workbook.plan.form.model import Open, Operation, Persona, Structure, Topic
from workbook.plan.names import past

TEXTS = ("string", "text")


MAKING = ("create", "upload")


FOLLOWING = ("notify", "compute")
"""Verbs whose operations follow another's event where their rate does and nobody calls them."""


DEFAULT_CALL = "ask"
"""The name of an integration's call where the brief names none."""


@dataclass
class Logical:
    """What the default steps of all operations come to: filled one operation at a time."""

    complete: Complete
    structures: dict[str, Structure]
    topics: dict[str, Topic]
    personas: Mapping[str, Persona]
    operations: dict[str, Operation] = field(default_factory=dict)
    processors: dict[str, Processor] = field(default_factory=dict)
    open: list[Open] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    """Operations that tell of themselves by an event."""
    given: dict[tuple[str, str], str] = field(default_factory=dict)
    """Names of what is added, by what was wanted and by whom."""

    def called(self, wanted: str, by: str = "") -> str:
        """What something is called that is added for an operation: the same whenever it is asked, and nothing else's name."""
        if (wanted, by) not in self.given:
            self.given[wanted, by] = free(wanted, (*of_model(self.complete.model), *self.given.values()))
        return self.given[wanted, by]

    def ask(self, about: str, why: str) -> None:
        """Note something that nobody said, with the lines that would say it."""
        self.open.append(Open(about, why))

    def caller_field(self, structure: Structure, operation: Said) -> str:
        """The one field that refers to the entity that the caller is a row of; empty where there is none or several."""
        persona = self.personas.get(operation.by or "")
        if persona is None or not persona.entity:
            return ""
        fields = [n for n, t in structure.fields.items() if t.ref == persona.entity]
        return fields[0] if len(fields) == 1 else ""

    def owner(self, structure: Structure, operation: Said) -> tuple[str, Structure, str] | None:
        """What a row belongs to that says whose it is, where the row does not: the reference, what it leads to, the owner's field."""
        persona = self.personas.get(operation.by or "")
        if persona is None or not persona.entity or any(t.ref == persona.entity for t in structure.fields.values()):
            return None
        above = {n: self.structures[t.ref] for n, t in structure.fields.items() if t.ref in self.structures}
        found = [
            (name, one, field)
            for name, one in above.items()
            for field, type_ in one.fields.items()
            if type_.default == CALLER and type_.ref == persona.entity and len(one.key) == 1
        ]
        return found[0] if len(found) == 1 else None


def followers(name: str, complete: Complete) -> list[str]:
    """Operations that start by the event of this one: nobody calls them, and their rate follows it."""
    return [n for n, o in complete.model.operations.items() if followed(o, complete) == name]


def followed(operation: Said, complete: Complete) -> str:
    """The operation whose event starts this one, or nothing."""
    itself = operation.verb in FOLLOWING or (operation.mode == "async" and operation.verb in MAKING)
    if operation.by or not itself or operation.steps is not None or operation.starts is not None:
        return ""
    funnel = next((r for r in operation.rate or () if r.kind == "funnel" and r.of in complete.model.operations), None)
    return funnel.of if funnel and not complete.model.operations[funnel.of].reads else ""


def default_start(name: str, said: Said, into: Logical) -> Starts:
    cause = followed(said, into.complete)
    if cause:
        return Starts(kind=Start.EVENT, on=topic_of(cause, into).id, text=f"event {topic_of(cause, into).id}")
    if said.verb in FOLLOWING and not said.by:
        into.ask(
            f"operations.{name}", f"nobody says what starts {name}. Write starts: event TOPIC, due S.F or every T."
        )
    return Starts()


def topic_of(name: str, into: Logical) -> Topic:
    """The topic that an operation tells of itself by, made where it is first needed."""
    complete = into.complete
    said = complete.model.operations[name]
    structure = into.structures.get(said.entity)
    alike = [n for n, o in complete.model.operations.items() if (o.entity, o.verb) == (said.entity, said.verb)]
    identifier = into.called(f"{said.entity}_{past(said.verb)}" if len(alike) == 1 and structure else f"{name}_done")
    if identifier not in into.topics:
        fields = structure.fields if structure else {}
        key = structure.key if structure else ()
        carried = {n: plain(t) for n, t in fields.items() if t.kind != "blob" and not t.counted}
        into.topics[identifier] = Topic(
            id=identifier, key=key[:1], fields=carried, context=complete.contexts.get(said.entity, ""), stands_for=name
        )
    return into.topics[identifier]


def plain(type_: FieldType) -> FieldType:

    return replace(type_, default=None)

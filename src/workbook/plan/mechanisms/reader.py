"""Reads an approach whose roles are known into values of the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbook.brief import structures as said_of
from workbook.brief.fields import FieldType, parse_field
from workbook.brief.model import Operation as SaidOperation
from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Binary, Line, Node, Path, Starts, Value
from workbook.plan.form.model import Operation, Promise, Structure, Topic
from workbook.plan.form.structures import of_said
from workbook.plan.mechanisms import rename
from workbook.plan.mechanisms.rename import Aliases, Names
from workbook.plan.mechanisms.written import PHASES


@dataclass(frozen=True)
class EntityAddition:
    """What an approach adds to an entity that the brief has."""

    fields: Mapping[str, FieldType] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    moves: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    ttl: Any = None


@dataclass(frozen=True)
class Additions:
    """What choosing an approach does to a form."""

    entities: Mapping[str, EntityAddition]
    structures: Mapping[str, Structure]
    topics: Mapping[str, Topic]
    operations: Mapping[str, Operation]
    steps: Mapping[str, tuple[Node, ...]]
    starts: Mapping[str, Starts]
    adds: Mapping[str, Mapping[str, tuple[Node, ...]]]
    rows: Mapping[str, Mapping[str, str]]
    """What `row` may stand for in additions: entity -> its fields by the capability's word; an empty one is the row itself."""
    promises: tuple[Promise, ...]
    tunables: Mapping[str, Any]
    processors: Mapping[str, said_of.Processor]
    calls: Mapping[str, Mapping[str, said_of.Call]]


@dataclass
class Reader:
    capability: str
    said: Mapping[str, Any]
    names: Names
    operation_roles: frozenset[str]

    def read(self) -> Additions:
        known: dict[str, Structure] = {}
        for name, about in self._of("structures"):
            said = said_of.Structure.model_validate(about)
            known[self.names.thing(name)] = self._structure(name, said, known)
        read = {n: self._operation(n, SaidOperation.model_validate(a)) for n, a in self._of("operations")}
        core = {self.names.thing(n): self._nodes(steps.nodes(a)) for n, a in self._of("steps")}
        return Additions(
            entities={self.names.thing(n): self._entity(n, a) for n, a in self._of("entities")},
            structures=known,
            topics={
                self.names.thing(n): self._topic(n, said_of.Topic.model_validate(a)) for n, a in self._of("topics")
            },
            operations={o.id: o for n, o in read.items() if n not in self.operation_roles},
            steps={**core, **{o.id: o.nodes for n, o in read.items() if n in self.operation_roles}},
            starts={o.id: o.starts for n, o in read.items() if n in self.operation_roles},
            rows={},
            adds={o: self._adds(n, a) for n, a in self._of("adds") for o in self.names.thing(n).split()},
            promises=tuple(q for p in self.said.get("promises", ()) for q in self._promises(said_of.promise(p))),
            tunables=dict(self.said.get("tunables", {})),
            processors={self.names.thing(n): said_of.Processor.model_validate(a) for n, a in self._of("processors")},
            calls={self.names.thing(n): self._calls(a) for n, a in self._of("integrations")},
        )

    def _of(self, part: str) -> Iterator[tuple[str, Any]]:
        yield from self.said.get(part, {}).items()

    def _field(self, type_: FieldType) -> FieldType:
        counted = self.names.thing(type_.counted) if type_.counted else ""
        by = self.names.of(type_.counted, type_.by) if type_.counted else ""
        ref = self.names.thing(type_.ref) if type_.ref else ""
        text = type_.text.replace(f"ref {type_.ref}", f"ref {ref}") if ref else type_.text
        return replace(type_, ref=ref, counted=counted, by=by, text=text)

    def _fields(self, role: str, said: Mapping[str, FieldType]) -> dict[str, FieldType]:
        return {self.names.of(role, n): self._field(t) for n, t in said.items() if n not in self.names.gone}

    def _columns(self, role: str, said: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.names.of(role, n) for n in said)

    def _structure(self, name: str, said: said_of.Structure, known: Mapping[str, Structure]) -> Structure:
        made = of_said(self.names.thing(name), said, known, added_by=self.capability)
        settings = {n: self._setting(name, v) for n, v in made.settings.items()}
        count = made.count
        if count is not None:
            count = tuple(p.model_copy(update={"of": self.names.thing(p.of)}) for p in count)
        return replace(
            made,
            key=self._columns(name, made.key),
            fields=self._fields(name, made.fields),
            unique=tuple(self._columns(name, u) for u in made.unique),
            count=count,
            of=tuple(self.names.thing(o) for o in made.of),
            rebuild=self.names.thing(made.rebuild),
            largest={self.names.of(name, f): q for f, q in made.largest.items()},
            settings=settings,
        )

    def _setting(self, name: str, said: Any) -> Any:
        if isinstance(said, str):
            return self.names.of(name, said)
        if isinstance(said, tuple):
            return self._columns(name, said)
        return said

    def _topic(self, name: str, said: said_of.Topic) -> Topic:
        return Topic(
            id=self.names.thing(name),
            key=self._columns(name, said.key),
            fields=self._fields(name, said.fields),
            retention=said.retention,
            like=self.names.thing(said.like) if said.like else "",
            added_by=self.capability,
        )

    def _entity(self, role: str, said: Mapping[str, Any]) -> EntityAddition:
        fields = {n: parse_field(str(t)) for n, t in said.get("fields", {}).items()}
        moves = {
            self.names.of(role, f): {
                self._state(s): tuple(self._state(n) for n in after) for s, after in states.items()
            }
            for f, states in said.get("moves", {}).items()
        }
        return EntityAddition(
            fields=self._fields(role, fields),
            unique=tuple(self._columns(role, tuple(u)) for u in said.get("unique", ())),
            moves=moves,
            ttl=said_of.lifetime(said["ttl"]) if "ttl" in said else None,
        )

    def _state(self, name: str) -> str:
        return self.names.states.get(name, name)

    def _operation(self, name: str, said: SaidOperation) -> Operation:
        start = rename.starts(said.starts, self.names) if said.starts else Starts()
        rate = tuple(replace(r, of=self.names.thing(r.of)) for r in said.rate) if said.rate else None
        return Operation(
            id=self.names.thing(name),
            starts=start,
            nodes=self._nodes(said.steps or (), said.starts),
            context="",
            caller=self._caller(said.by or ""),
            over=said.over or "",
            share=said.share,
            rate=rate,
            lasts=said.lasts,
            added_by=self.capability,
        )

    def _caller(self, said: str) -> str:
        """A persona, or `the caller of` a bound operation: settled when the form is known."""
        return f"={self.names.thing(said)}" if said in self.operation_roles else self.names.thing(said)

    def _nodes(self, said: tuple[Node, ...], start: Starts | None = None) -> tuple[Node, ...]:
        known = rename.rows_of(start) if start is not None else {}
        made, _ = rename.nodes(said, Aliases(self.names, known))
        return made

    def _adds(self, operation: str, said: Mapping[str, Any]) -> dict[str, tuple[Node, ...]]:
        begun = self.said.get("operations", {}).get(operation, {}).get("starts")
        start = steps.starts(str(begun)) if begun else None
        unknown = set(said) - set(PHASES)
        if unknown:
            raise ValueError(f"adds has no phase {', '.join(sorted(unknown))}; known are {', '.join(PHASES)}")
        made, at = {}, Aliases(self.names, rename.rows_of(start) if start is not None else {})
        for phase in (p for p in PHASES if p in said):
            made[phase], at = rename.nodes(steps.nodes(said[phase]), at)
        return made

    def _calls(self, said: Mapping[str, Any]) -> dict[str, said_of.Call]:
        return {name: said_of.Call.model_validate(about or {}) for name, about in said.get("calls", {}).items()}

    # Promises

    def _promises(self, said: Any) -> Iterator[Promise]:
        """One promise; about a role of many, one for each who plays it."""
        role = str(said["about"]).partition(".")[0]
        for subject in self.names.thing(role).split():
            yield self._promise(said, subject)

    def _promise(self, said: Any, owner: str) -> Promise:
        kind, about = PromiseKind(said["kind"]), str(said["about"])
        role, _, named = about.partition(".")
        own = _timed(said["said"].get("at")) or self._owner(role)
        told = {name: self._told(name, value, role, own) for name, value in said["said"].items()}
        subject = ".".join(p for p in (owner, self.names.of(role, named)) if p)
        identifier = ".".join(p for p in (kind.value, subject, _tail(told)) if p)
        return Promise(
            id=identifier,
            kind=kind,
            about=subject,
            said=told,
            goals=tuple(said["goals"]),
            origin=f"capability {self.capability}",
        )

    def _told(self, name: str, said: Any, role: str, own: str) -> Any:
        at = Aliases(self.names)
        if isinstance(said, Quantity | bool | int | float) or said is None:
            return said
        if name in ("while", "through") and isinstance(said, tuple):
            return rename.conditions(said, at, own)
        if name in ("min", "max", "at", "amount"):
            value: Value = said
            return rename.value(value, at, role if name in ("min", "max") else "", "", True)
        if name == "as":
            line: Line = steps.line(str(said))
            return rename.line(line, Aliases(self.names, {"item": role}))[0].text
        if name == "with":
            return tuple(self.names.thing(s) for s in said)
        if isinstance(said, tuple):
            return tuple(n for s in said for n in self._dotted(s, role).split())
        return self._dotted(str(said), role)

    def _owner(self, role: str) -> str:
        """The role whose fields stand bare in a condition: what the promise is about, or what its operation starts on."""
        operation = self.said.get("operations", {}).get(role)
        if operation and "starts" in operation:
            start = steps.starts(str(operation["starts"]))
            return start.on or start.each
        return role

    def _dotted(self, said: str, role: str) -> str:
        """`S.F by K`, `S.F`, a field of what the promise is about, or a name."""
        if " by " in said:
            first, _, key = said.partition(" by ")
            target = first.partition(".")[0]
            return f"{self._dotted(first, role)} by {self.names.of(target, key)}"
        first, _, rest = said.partition(".")
        if rest:
            return f"{self.names.thing(first)}.{self.names.of(first, rest)}"
        return self.names.of(role, said) if said in self.names.fields.get(role, {}) else self.names.thing(said)


def _timed(said: Any) -> str:
    """Whose time a promise speaks of: `subject.when - BEFORE`."""
    if isinstance(said, Path):
        return said.parts[0] if len(said.parts) > 1 else ""
    return _timed(said.left) or _timed(said.right) if isinstance(said, Binary) else ""


def _tail(told: Mapping[str, Any]) -> str:
    by = told.get("by", ())
    return ".".join(str(b) for b in by) if isinstance(by, tuple) else ""

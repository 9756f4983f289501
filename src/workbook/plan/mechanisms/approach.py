"""An approach of a capability, with the names of a brief in it: what it adds to a form, as values of the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from workbook.brief import structures as said_of
from workbook.brief.fields import FieldType, parse_field
from workbook.brief.model import Operation as SaidOperation
from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Binary, Line, Node, Path, Starts, Value
from workbook.catalog import loader
from workbook.catalog.model import Capability
from workbook.plan.form.model import Operation, Promise, Structure, Topic
from workbook.plan.form.structures import of_said
from workbook.plan.mechanisms import rename
from workbook.plan.mechanisms.bind import Alike, Binding
from workbook.plan.mechanisms.rename import WHOLE, Aliases, Names

ID = "id"
"""What approaches call the key of an entity that has one field."""
KINDS = frozenset(kind.value for kind in PromiseKind)
PHASES = ("guard", "first", "last", "tell")
"""When additions to an operation happen: before all, at the begin and the end of what is done together, between commit and answer."""
_PARTS = ("entities", "structures", "topics", "tunables", "processors", "integrations", "operations", "steps", "adds")
_TEXTS = (
    *("name", "because", "pros", "cons", "how", "late", "lateness"),
    *("of", "needs", "wants", "avoids", "runs", "promises"),
)


class BadApproach(Exception):
    """An approach of the catalog that cannot be read."""


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


def parts(capability: Capability, approach: str) -> dict[str, Any]:
    """An approach as written, with what is shared and what it takes over from the one that it is `of`. `null` removes."""
    said = capability.built[approach]
    unknown = set(said) - {*_PARTS, *_TEXTS}
    if unknown:
        raise BadApproach(
            f"{capability.id}.{approach} says {', '.join(sorted(unknown))}, which is no part of an approach"
        )
    below = parts(capability, said["of"]) if "of" in said else dict(capability.shared)
    return _merged(below, said)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(below)
    for name, value in above.items():
        if value is None:
            made.pop(name, None)
        elif name == "promises":
            made[name] = _promised(made.get(name, ()), value)
        elif isinstance(value, Mapping) and isinstance(made.get(name), Mapping) and name != "steps":
            made[name] = _merged(made[name], value)
        elif isinstance(value, Mapping) and isinstance(made.get(name), Mapping):
            made[name] = {**made[name], **value}
        else:
            made[name] = value
    return made


def _promised(below: Sequence[Mapping[str, Any]], above: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Promises add up; one of the same kind about the same thing takes the place of what it stands on."""

    def told(one: Mapping[str, Any]) -> tuple[str, str, str]:
        kind = next(k for k in one if k in KINDS)
        return kind, str(one[kind]), str(one.get("by", ""))

    again = {told(one) for one in above}
    return [*(one for one in below if told(one) not in again), *above]


def wants(capability: Capability, approach: str) -> frozenset[str]:
    """Optional roles without which an approach cannot be built."""
    return frozenset(parts(capability, approach).get("wants", ()))


def avoids(capability: Capability, approach: str) -> frozenset[str]:
    """Optional roles with which an approach cannot be built."""
    return frozenset(parts(capability, approach).get("avoids", ()))


def additions(binding: Binding, approach: str, prefix: str = "") -> Additions:
    """What an approach adds for a binding. `prefix` keeps two uses of one capability apart."""
    players = tuple((n, p.id, tuple(p.fields.items()), tuple(p.entities.items())) for n, p in binding.players.items())
    made = _additions(
        binding.capability.id,
        approach,
        prefix,
        players,
        tuple(binding.shared.items()),
        binding.unbound,
        binding.keys,
        binding.alike,
    )
    return replace(made, rows=_rows(binding))


def _rows(binding: Binding) -> dict[str, dict[str, str]]:
    """The entities that roles of many stand for, and those that they lead to."""
    rows: dict[str, dict[str, str]] = {}
    for name, players in binding.many.items():
        if "entity" not in binding.capability.roles[name]:
            continue
        for player in players:
            rows[player.id] = dict(player.fields)
            for word, entity in player.entities.items():
                rows.setdefault(entity, {word: ""})
    return rows


@lru_cache(maxsize=512)
def _additions(
    capability: str,
    approach: str,
    prefix: str,
    players: tuple[tuple[str, str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]], ...],
    shared: tuple[tuple[str, str], ...],
    unbound: tuple[str, ...],
    keys: tuple[tuple[str, str], ...],
    alike: tuple[Alike, ...],
) -> Additions:
    known = loader.capabilities()[capability]
    columns = frozenset(n for n in unbound if "field" in known.roles[n])
    played = frozenset(name for name, *_ in players)
    offered = parts(known, approach)
    stand_ins = frozenset(offered.get("structures", ())) | frozenset(offered.get("operations", ()))
    missing = frozenset(unbound) - columns - stand_ins
    said = _keyed(_without(_unplayed(offered, played), missing), alike)
    made = {field for about in said.get("entities", {}).values() for field in about.get("fields", {})}
    gone = columns - made
    said["promises"] = [p for p in said.get("promises", ()) if not _speaks(p, set(gone))]
    names = _names(known, said, prefix, players, dict(shared), dict(keys))
    names = replace(names, gone=gone, alike=_alike(said, alike))
    try:
        return _Reader(capability, said, names, _operation_roles(known, players)).read()
    except (ValueError, ValidationError) as error:
        raise BadApproach(f"{capability}.{approach}: {error}") from error


def _keyed(said: dict[str, Any], alike: tuple[Alike, ...]) -> dict[str, Any]:
    """An added structure with the key of another: `key` stands for all of it that is no date."""
    made = {}
    for name, about in said.get("structures", {}).items():
        if WHOLE in about.get("key", ()):
            key = [f for k in about["key"] for f in ([a.field for a in alike] if k == WHOLE else [k])]
            about = {**about, "key": key, "fields": {**{a.field: a.type for a in alike}, **about["fields"]}}
        made[name] = about
    return {**said, "structures": made}


def _alike(said: Mapping[str, Any], alike: tuple[Alike, ...]) -> dict[str, dict[str, str]]:
    """Role or added structure -> key field -> what it is called there."""
    made: dict[str, dict[str, str]] = {}
    for one in alike:
        whole = [n for n, about in said.get("structures", {}).items() if one.field in about.get("key", ())]
        for name in (one.other, *whole):
            made.setdefault(name, {})[one.field] = one.field
        made.setdefault(one.role, {})[one.field] = one.own
        made.setdefault(rename.BODY, {})[one.field] = one.own
    return made


def _unplayed(said: dict[str, Any], played: frozenset[str]) -> dict[str, Any]:
    """A structure that stands in for a role is not added where the brief has somebody for it."""
    return {**said, "structures": {n: v for n, v in said.get("structures", {}).items() if n not in played}}


def _operation_roles(capability: Capability, players: Any) -> frozenset[str]:
    return frozenset(name for name, *_ in players if "operation" in capability.roles[name])


# Roles that nobody plays ----------------------------------------------------------------------------------------------


def _without(said: dict[str, Any], unbound: frozenset[str]) -> dict[str, Any]:
    """What is left of an approach when some optional roles are not played: nothing that speaks of them."""
    gone = set(unbound)
    while True:
        kept = {name: _kept(part, gone) if name in _PARTS else part for name, part in said.items()}
        kept["promises"] = [p for p in said.get("promises", ()) if not _speaks(p, gone)]
        more = {n for part in ("structures", "topics", "operations") for n in said.get(part, {})} - {
            n for part in ("structures", "topics", "operations") for n in kept.get(part, {})
        }
        more |= _fed(said) - _fed(kept)
        more |= {t for t in kept.get("topics", {}) if not _told(t, kept)}
        if more <= gone:
            return kept
        gone |= more


_FEEDS = ("append", "put", "add", "next", "claim", "publish")


def _fed(said: Any) -> set[str]:
    """What steps make rows or events of: what nobody feeds any more is of no use."""
    if isinstance(said, Mapping):
        return {n for v in said.values() for n in _fed(v)}
    if isinstance(said, list):
        return {n for v in said for n in _fed(v)}
    verb, _, rest = str(said).partition(" ")
    return {rest.split(" ")[0].split(".")[0]} if verb in _FEEDS and rest else set()


def _told(topic: str, said: Mapping[str, Any]) -> bool:
    """Whether a step of the approach tells of a topic: what hears of one that nobody tells never runs."""
    written = str([said.get(part, {}) for part in ("steps", "adds", "operations")])
    return f"publish {topic} " in written or f"publish {topic}'" in written


def _kept(part: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    made = {}
    for name, about in part.items():
        if name in gone:
            continue
        pruned = _pruned(about, gone)
        if pruned not in ({}, []) and not _speaks(_head(pruned), gone):
            made[name] = pruned
    return made


def _head(about: Any) -> Any:
    """What decides whether a part stays: of an operation and of additions what stands beside their steps."""
    if isinstance(about, Mapping) and ("steps" in about or set(about) <= set(PHASES)):
        return {k: v for k, v in about.items() if k not in ("steps", *PHASES)}
    return () if isinstance(about, list) else about


def _pruned(about: Any, gone: set[str]) -> Any:
    """Steps without those that speak of what is not there; a group that is left empty goes with them."""
    if isinstance(about, list):
        return [p for p in (_pruned_step(step, gone) for step in about) if p is not None]
    if isinstance(about, Mapping) and ("steps" in about or set(about) <= set(PHASES)):
        cut = {k: _pruned(v, gone) if k in ("steps", *PHASES) else v for k, v in about.items()}
        return {k: v for k, v in cut.items() if k not in PHASES or v}
    return about


def _pruned_step(step: Any, gone: set[str]) -> Any:
    if not isinstance(step, Mapping):
        return None if _speaks(step, gone) else step
    inner = ("together", "at_once", "steps", "else")
    if _speaks({k: v for k, v in step.items() if k not in (*inner, "refused", "unknown")}, gone):
        return None
    made = {k: _pruned(v, gone) if k in inner else v for k, v in step.items()}
    if not any(made.get(k) for k in inner) and "try" not in made:
        return None
    return {k: v for k, v in made.items() if v != [] or k not in ("else",)}


def _speaks(said: Any, gone: set[str]) -> bool:
    """Whether a part of an approach names something."""
    if not gone:
        return False
    if isinstance(said, Mapping):
        return any(str(k) in gone or _speaks(v, gone) for k, v in said.items())
    if isinstance(said, list | tuple):
        return any(_speaks(v, gone) for v in said)
    words = str(said).replace(".", " ").replace(",", " ").split()
    return any(word in gone for word in words)


# Names ----------------------------------------------------------------------------------------------------------------


def _names(
    capability: Capability,
    said: Mapping[str, Any],
    prefix: str,
    players: Any,
    shared: dict[str, str],
    keys: Mapping[str, str],
) -> Names:
    roles = dict(shared)
    fields: dict[str, dict[str, str]] = {}
    refs: dict[str, dict[str, str]] = {}
    states: dict[str, str] = {}
    entity_roles = {}
    for name, identifier, named, entities in players:
        if "state" in capability.roles[name]:
            states[name] = identifier
            continue
        if "field" in capability.roles[name]:
            owner = str(capability.roles[name]["field"].get("of", "")).lstrip("$")
            fields.setdefault(owner, {})[name] = identifier
            continue
        roles[name] = identifier
        fields[name] = {**dict(named), **fields.get(name, {})}
        refs[name] = {variable: variable for variable, _ in entities}
        if "entity" in capability.roles[name]:
            entity_roles[name] = identifier
    for name, entity in shared.items():
        role = next((r for r, e in entity_roles.items() if e == entity), "")
        if role and name not in fields:
            fields[name], refs[name] = fields[role], refs[role]
    for name, entity in roles.items():
        if keys.get(entity, ID) != ID:
            fields[name] = {ID: keys[entity], **fields.get(name, {})}
    for part in ("structures", "topics", "operations", "processors"):
        for added in said.get(part, {}):
            if added not in roles:
                roles[added] = f"{prefix}_{added}" if prefix else added
    for part in ("structures", "topics"):
        for added, about in said.get(part, {}).items():
            alike = fields.get(str(about.get("like", "")), {})
            fields[added] = {**alike, **{f: roles[f] for f in about.get("fields", {}) if f in entity_roles}}
            refs[added] = {f: t.ref for f, said in about.get("fields", {}).items() if (t := parse_field(str(said))).ref}
    return Names(roles, fields, states, refs, sent=_sent(fields, entity_roles))


def _sent(fields: Mapping[str, Mapping[str, str]], entity_roles: Mapping[str, str]) -> dict[str, str]:
    """Words that mean one field whatever the role: what callers send is called by it."""
    found: dict[str, set[str]] = {}
    for role in entity_roles:
        for word, name in fields[role].items():
            found.setdefault(word, set()).add(name)
    return {word: next(iter(names)) for word, names in found.items() if len(names) == 1}


# Reading --------------------------------------------------------------------------------------------------------------


@dataclass
class _Reader:
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

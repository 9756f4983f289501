"""Who can play a role? Patterns over the facts of entities, operations, integrations, personas and states.

A pattern is data (`{entity: {ref: [$conversation, $sender], kind: event}}`); a name behind `$` stands for another role, for an
entity that several roles share, or for a field that is bound on the way. This package is the only place of the plan that reads words:
where several things fit, those whose name holds a word of the role are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbook.brief.model import Operation as SaidOperation
from workbook.brief.steps.syntax import CALLER
from workbook.plan.form.model import Form, Structure
from workbook.plan.form.structures import began

KINDS = ("entity", "operation", "integration", "persona", "state", "field")
_TEXTS = ("string", "text")
_TIMES = ("time",)
_DAYS = ("time", "date")
_NUMBERS = ("int", "decimal")


class BadRole(Exception):
    """A pattern of the catalog that says nothing that is known."""


@dataclass(frozen=True)
class Role:
    """One role of a capability: what kind of thing plays it, which facts it must have, and the words of its name."""

    name: str
    kind: str
    facts: Mapping[str, Any]
    optional: bool = False
    many: bool = False
    """Everybody who fits plays it: `every read of a record`."""
    words: tuple[str, ...] = ()
    asked: bool = False
    """Nobody plays it unless the brief says who."""

    @staticmethod
    def read(name: str, said: Mapping[str, Any]) -> Role:
        """A role from the catalog. Raises BadRole."""
        kinds = [k for k in said if k in KINDS]
        unknown = set(said) - {*KINDS, "optional", "many", "words", "asked"}
        if len(kinds) != 1 or unknown:
            raise BadRole(
                f"role {name}: says {', '.join(said)}; one of {', '.join(KINDS)} is wanted, optional and words"
            )
        facts = said[kinds[0]] or {}
        return Role(
            name,
            kinds[0],
            facts,
            bool(said.get("optional")),
            bool(said.get("many")),
            tuple(said.get("words", ())),
            bool(said.get("asked")),
        )


@dataclass(frozen=True)
class Player:
    """What plays a role: its id, and the fields or states that the pattern gave names to."""

    id: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """Name in the pattern -> field of this entity."""
    entities: Mapping[str, str] = field(default_factory=dict)
    """Name in the pattern -> entity that a reference leads to."""
    of: str = ""
    """Of a state or field: the entity that has it."""


@dataclass(frozen=True)
class Facts:
    """What is known of a brief: its logical form and its operations as said."""

    form: Form
    said: Mapping[str, SaidOperation]
    named: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Entity -> field by the name that a pattern gave it, for what is bound already."""


def candidates(role: Role, facts: Facts, bound: Mapping[str, str]) -> Iterator[Player]:
    """Everything that can play a role while others (`bound`: name -> id) are given."""
    finder = {
        "entity": _entities,
        "operation": _operations,
        "integration": _integrations,
        "persona": _personas,
        "state": _states,
        "field": _fields,
    }[role.kind]
    yield from finder(role, facts, bound)


def variable(text: object) -> str:
    """The name behind `$`, or nothing."""
    return text[1:] if isinstance(text, str) and text.startswith("$") else ""


def _listed(said: Any) -> list[Any]:
    return list(said) if isinstance(said, list | tuple) else [said]


# Entities -------------------------------------------------------------------------------------------------------------


def _entities(role: Role, facts: Facts, bound: Mapping[str, str]) -> Iterator[Player]:
    for structure in facts.form.structures.values():
        if structure.entity and _plain_facts(structure, role.facts, facts):
            yield from _with_fields(structure, role, facts, bound)


_OF_TYPE = {
    "time": _TIMES,
    "number": _NUMBERS,
    "money": ("money",),
    "text": _TEXTS,
    "place": ("geo",),
    "blob": ("blob",),
    "code": ("code",),
}
_PLAIN = (
    "kind",
    "moves",
    "keyed",
    "same",
    "mine",
    "named",
    "written",
    "taken",
    "sensitive",
    "subject",
    "ref",
    "span",
    "made",
    "states",
    "person",
    "like",
    *_OF_TYPE,
)
KEY = "key."
"""Before the names of key fields, in what a player was found by."""


def _plain_facts(structure: Structure, wanted: Mapping[str, Any], facts: Facts) -> bool:
    unknown = set(wanted) - set(_PLAIN)
    if unknown:
        raise BadRole(f"an entity has no fact {', '.join(sorted(unknown))}; known are {', '.join(_PLAIN)}")
    if "kind" in wanted and structure.kind not in _listed(wanted["kind"]):
        return False
    if wanted.get("moves") is True and not structure.moves:
        return False
    if "keyed" in wanted and bool(wanted["keyed"]) != (len(structure.key) > 1):
        return False
    if wanted.get("sensitive") and not structure.sensitive:
        return False
    writers = [o for o in facts.said.values() if o.entity == structure.id and o.verb in ("create", "upload")]
    if wanted.get("written") and not writers:
        return False
    if wanted.get("subject") and not any(
        t.ref == structure.id for s in facts.form.structures.values() for t in s.fields.values()
    ):
        return False
    return not (wanted.get("person") and not any(p.entity == structure.id for p in facts.form.personas.values()))


def _with_fields(structure: Structure, role: Role, facts: Facts, bound: Mapping[str, str]) -> Iterator[Player]:
    """The ways in which the fields of an entity fit the names of the pattern."""
    wanted = role.facts
    refs = [variable(v) for v in _listed(wanted.get("ref", []))]
    alike = _of_the_same(structure, facts.form.structures.get(bound.get(variable(wanted.get("like")), "")))
    if "like" in wanted and not alike:
        return
    ways = []
    for fields, entities in _reference_ways(structure, refs, bool(wanted.get("same")), bound):
        made = {**fields, **alike}
        if _is_mine(structure, variable(wanted.get("mine")), made, facts) and _take_typed(structure, wanted, made):
            ways.append(Player(structure.id, made, entities))
    yield from _named(ways, wanted.get("named", {}))


def _of_the_same(structure: Structure, other: Structure | None) -> dict[str, str]:
    """By which fields an entity says of which row of another it speaks; nothing where one is missing. Dates are said otherwise."""
    if other is None or other.id == structure.id:
        return {}
    made = {}
    for name in other.key:
        wanted = other.fields[name]
        if wanted.kind == "date":
            continue
        target = wanted.ref or (other.id if len(other.key) == 1 else "")
        fitting = [f for f, t in structure.fields.items() if t.ref and t.ref == target]
        fitting += [f for f, t in structure.fields.items() if f == name and t.kind == wanted.kind and not target]
        found = name if name in fitting else next(iter(fitting), "")
        if not found:
            return {}
        made[f"{KEY}{name}"] = found
    return made


def _is_mine(structure: Structure, name: str, made: Mapping[str, str], facts: Facts) -> bool:
    """The caller's own is the field that says `= caller`, else the one that refers to who those are that create the rows."""
    if not name:
        return True
    owned = [f for f, t in structure.fields.items() if t.default == CALLER]
    if not owned:
        creators = {o.by for o in facts.said.values() if o.entity == structure.id and o.verb in ("create", "upload")}
        people = {facts.form.personas[c].entity for c in creators if c and c in facts.form.personas} - {""}
        owned = [f for f, t in structure.fields.items() if t.ref in people]
        owned = owned if len(owned) == 1 else []
    return not owned or made.get(name) in owned


def _named(ways: list[Player], words: Mapping[str, Any]) -> list[Player]:
    """Of several ways those in which the fields are called as the pattern expects, where there are such."""
    fitting = [
        w
        for w in ways
        if all(any(word in w.fields.get(n, "").lower() for word in expected) for n, expected in words.items())
    ]
    return fitting or ways


def _reference_ways(
    structure: Structure, names: list[str], same: bool, bound: Mapping[str, str]
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    if not names:
        yield {}, {}
        return
    first, *rest = names
    for name, type_ in structure.fields.items():
        if not type_.ref or (first in bound and type_.ref not in bound[first].split()):
            continue
        for fields, entities in _reference_ways(structure, rest, same, {**bound, first: type_.ref}):
            if name in fields.values():
                continue
            if same and any(e != type_.ref for e in entities.values()):
                continue
            yield {first: name, **fields}, {first: type_.ref, **entities}


def _take_typed(structure: Structure, wanted: Mapping[str, Any], made: dict[str, str]) -> bool:
    """Fields by type, each the first that is free; `caller`s and kept ones are not taken."""
    for fact, kinds in _OF_TYPE.items():
        for said in _listed(wanted.get(fact, [])):
            name = variable(said)
            found = next((f for f in _free(structure, kinds, made)), "")
            if not found:
                return False
            if name:
                made[name] = found
    span = [variable(v) for v in _listed(wanted.get("span", []))]
    if span:
        ends = list(_free(structure, _DAYS, made))
        if len(ends) < len(span):
            return False
        made.update(zip(span, ends, strict=False))
    at = variable(wanted.get("made"))
    if at:
        written = began(structure)
        if not written:
            return False
        made[at] = written
    for fact in ("moves", "states"):
        name = variable(wanted.get(fact))
        if name:
            moved = next(iter(structure.moves), "") or next((f for f, t in structure.fields.items() if t.values), "")
            if not moved:
                return False
            made[name] = moved
    return True


def _free(structure: Structure, kinds: tuple[str, ...], made: Mapping[str, str]) -> Iterator[str]:
    for name, type_ in structure.fields.items():
        if type_.kind in kinds and name not in made.values() and type_.default is None and not type_.counted:
            yield name


# Operations and the rest ----------------------------------------------------------------------------------------------

_DOES = {
    "creates": ("create", "upload"),
    "uploads": ("upload",),
    "updates": ("update",),
    "deletes": ("delete",),
    "lists": ("list",),
    "reads": ("read", "list", "search", "download", "stream", "aggregate"),
    "gets": ("read",),
    "counts": ("aggregate",),
    "searches": ("search",),
    "downloads": ("download", "stream"),
    "subscribes": ("subscribe",),
    "notifies": ("notify",),
    "computes": ("compute",),
    "writes": ("create", "upload", "update", "delete"),
    "touches": ("create", "upload", "update", "delete", "read", "list", "search", "download", "stream", "aggregate"),
}


def _operations(role: Role, facts: Facts, bound: Mapping[str, str]) -> Iterator[Player]:
    unknown = set(role.facts) - {*_DOES, "by", "order", "besides"}
    if unknown:
        raise BadRole(f"an operation has no fact {', '.join(sorted(unknown))}; known are {', '.join(_DOES)}, by, order")
    for name, operation in facts.said.items():
        if all(_does(operation, fact, wanted, bound, facts) for fact, wanted in role.facts.items()):
            yield Player(name)


def _does(operation: SaidOperation, fact: str, wanted: Any, bound: Mapping[str, str], facts: Facts) -> bool:
    if fact == "order":
        return bool(operation.order) == bool(wanted)
    if fact == "by":
        return _asked_by(operation, wanted, facts.named.get(operation.entity, {}))
    targets = [t for v in _listed(wanted) for t in bound.get(variable(v), "").split()]
    besides = fact == "creates" and any(t in operation.creates for t in targets)
    return operation.verb in _DOES[fact] and (operation.entity in targets or besides)


def _asked_by(operation: SaidOperation, wanted: Any, fields: Mapping[str, str]) -> bool:
    """`by: none`: nothing says whose rows; `by: [$field]`: those fields are given."""
    if wanted in (None, "none"):
        return not operation.where
    names = [variable(v) or str(v) for v in _listed(wanted)]
    return {fields.get(n, n) for n in names} <= set(operation.where)


def _integrations(role: Role, facts: Facts, bound: Mapping[str, str]) -> Iterator[Player]:
    kinds = _listed(role.facts.get("kind", []))
    for name, integration in facts.form.integrations.items():
        if not kinds or integration.kind in kinds:
            yield Player(name)


def _personas(role: Role, facts: Facts, bound: Mapping[str, str]) -> Iterator[Player]:
    target = bound.get(variable(role.facts.get("is")), "")
    for name, persona in facts.form.personas.items():
        if not target or persona.entity == target:
            yield Player(name)


def _states(role: Role, facts: Facts, bound: Mapping[str, str]) -> Iterator[Player]:
    """Values of the enum of a role: `{state: {of: $booked, is: start}}` (start, final, open: neither, any)."""
    of = bound.get(variable(role.facts.get("of")), "")
    structure = facts.form.structures.get(of)
    if structure is None:
        return
    moved = next(iter(structure.moves), "") or next((f for f, t in structure.fields.items() if t.values), "")
    if not moved:
        return
    moves = structure.moves.get(moved, {})
    values = structure.fields[moved].values
    for position, value in enumerate(values):
        start = value == next(iter(moves), values[0])
        final = not moves.get(value, ("",)) if moves else position == len(values) - 1
        fits = {"start": start, "final": final and not start, "open": not final and not start, "any": True}
        if fits[str(role.facts.get("is", "any"))] and _called(value, role):
            yield Player(value, of=of)


def _called(name: str, role: Role) -> bool:
    """Whether a state is called as the pattern says, where it does."""
    words = _listed(role.facts.get("named", []))
    return not words or any(word in name.lower() for word in words)


def _fields(role: Role, facts: Facts, bound: Mapping[str, str]) -> Iterator[Player]:
    of = bound.get(variable(role.facts.get("of")), "")
    structure = facts.form.structures.get(of)
    kinds = _listed(role.facts.get("type", []))
    words = _listed(role.facts.get("named", []))
    for name, type_ in structure.fields.items() if structure else ():
        called = not words or any(word in name.lower() for word in words)
        if called and (not kinds or type_.kind in kinds):
            yield Player(name, of=of)


def preferred(role: Role, found: list[Player]) -> list[Player]:
    """Of several candidates those whose name holds one of the role's words, where there are such."""
    worded = [p for p in found if any(word in p.id.lower() for word in role.words)]
    return worded or found

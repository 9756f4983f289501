"""Puts the names of a brief into the steps of a capability: roles become entities, operations and integrations, and the fields
that a pattern named become the fields that they were bound to. Works on values of the language, never on text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbook.brief.steps import show
from workbook.brief.steps.syntax import (
    Amount,
    AtOnce,
    Binary,
    Branch,
    Chance,
    Comparison,
    Condition,
    Each,
    Function,
    Line,
    Loop,
    Node,
    Pair,
    Path,
    Presence,
    Start,
    Starts,
    Together,
    Try,
    Value,
    Verb,
    When,
)

WHOLE = "key"
"""In `by key = X`: every field of the key that X says, too."""
BODY = "body"


@dataclass(frozen=True)
class Names:
    """What the words of a capability mean in a brief."""

    roles: Mapping[str, str] = field(default_factory=dict)
    """Role, shared name or added thing -> id."""
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Role, shared name or added structure -> its fields by the capability's word."""
    states: Mapping[str, str] = field(default_factory=dict)
    """Role of a state -> value of the enum."""
    refs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Role -> field by the capability's word -> the role or shared name that it refers to."""
    gone: frozenset[str] = frozenset()
    """Fields that the brief does not have: what would be set there is left out."""
    alike: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Role, added structure or body -> what each field of a key that they share is called there."""
    sent: Mapping[str, str] = field(default_factory=dict)
    """What callers send by the capability's word -> the field that it is for."""

    def thing(self, name: str) -> str:
        """The id behind a role."""
        return self.roles.get(name, name)

    def of(self, role: str, name: str) -> str:
        """A field of a role."""
        return self.fields.get(role, {}).get(name, name)

    def path(self, role: str, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Fields that lead on from a role, through references."""
        if not parts:
            return ()
        first, *rest = parts
        return (self.of(role, first), *self.path(self.refs.get(role, {}).get(first, ""), tuple(rest)))


@dataclass(frozen=True)
class Aliases:
    """Which names stand for rows of which role, at one place of an operation."""

    names: Names
    known: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)
    """What callers of this operation send by the capability's word -> the field for which a step above took it."""

    def taking(self, role: str, pairs: tuple[Pair, ...]) -> Aliases:
        """Knowing what `F = body.F` is called from now on."""
        taken = {p.field: self.names.of(role, p.field) for p in pairs if _is_sent(p)}
        changed = {word: name for word, name in taken.items() if name != word and word not in self.sent}
        return replace(self, sent={**self.sent, **changed}) if changed else self

    def knowing(self, name: str, role: str) -> Aliases:
        """With a further name."""
        return replace(self, known={**self.known, name: role})

    def role_of(self, name: str) -> str:
        """The role whose rows a name stands for."""
        return self.known.get(name, name)

    def name(self, name: str) -> str:
        """A bound name: one that is called like a role is renamed with it."""
        return self.names.thing(name)


def value(said: Value, at: Aliases, own: str = "", to: str = "", deep: bool = False) -> Value:
    """A value; `own` is the role whose fields may stand bare (paths of them, too, where `deep`), `to` the field that it is for."""
    if isinstance(said, Amount):
        return said
    if isinstance(said, Each):
        return Each(path(said.path, at, "", to))
    if isinstance(said, Function):
        return Function(said.name, value(said.value, at, own, "", deep))
    if isinstance(said, Binary):
        return Binary(said.operator, value(said.left, at, own, "", deep), value(said.right, at, own, "", deep))
    return path(said, at, own, to, deep)


def path(said: Path, at: Aliases, own: str = "", to: str = "", deep: bool = False) -> Path:
    """A path: a state, a field of the target, or a name and the fields behind it."""
    first, *rest = said.parts
    names = at.names
    if not rest and first in names.states:
        return Path((names.states[first],))
    if own and first in names.fields.get(own, {}) and first not in at.known and (deep or not rest):
        return Path(names.path(own, said.parts))
    if first == "caller" and rest:
        return Path((first, names.thing(rest[0]), *rest[1:]))
    if first == "body" and rest:
        return Path((first, _sent(rest[0], to, at), *rest[1:]))
    role = at.role_of(first)
    return Path((at.name(first), *names.path(role, tuple(rest))))


def _sent(name: str, to: str, at: Aliases) -> str:
    """What a caller sends is called as the field that it is for."""
    return to or at.sent.get(name) or at.names.sent.get(name) or at.names.thing(name)


def conditions(said: tuple[Condition, ...], at: Aliases, own: str = "") -> tuple[Condition, ...]:
    """Conditions on the fields of a role; one on a field that the brief does not have is no condition."""
    return tuple(made for c in said if not _asks_for_nothing(c, at.names.gone) for made in _conditions(c, at, own))


def _conditions(said: Condition, at: Aliases, own: str) -> Iterator[Condition]:
    """A condition, or one for each field of the key where the whole key is meant."""
    whole = isinstance(said, Comparison) and said.left == Path((WHOLE,))
    if not whole or not isinstance(said, Comparison) or not at.names.alike.get(own):
        yield _condition(said, at, own)
        return
    for pair in _pairs(Pair(WHOLE, said.right[0]), at, own, ""):
        assert pair.value is not None
        yield Comparison(Path((pair.field,)), said.operator, (pair.value,))


def _asks_for_nothing(said: Condition, gone: frozenset[str]) -> bool:
    """Whether a comparison is with a field that the brief does not have."""
    return isinstance(said, Comparison) and isinstance(said.left, Path) and said.left.parts[-1] in gone


def _condition(said: Condition, at: Aliases, own: str) -> Condition:
    if isinstance(said, Chance):
        return said
    if isinstance(said, Presence):
        return Presence(path(said.path, at), said.present)
    left, right = value(said.left, at, own, "", True), tuple(value(v, at, own, "", True) for v in said.right)
    return Comparison(left, said.operator, right)


def line(said: Line, at: Aliases) -> tuple[Line, Aliases]:
    """One step, and what its result is called from now on."""
    names = at.names
    role = said.target.parts[0] if said.target.parts else ""
    row = at.role_of(role) if said.verb in (Verb.RELEASE, Verb.CLAIM, Verb.ANSWER, Verb.PUSH) else role

    def pairs(parts: tuple[Pair, ...], own: str) -> tuple[Pair, ...]:
        said = (p for p in parts if p.field not in names.gone and not _gone(p.value, names.gone))
        return tuple(made for p in said for made in _pairs(p, at, row, own))

    singles: dict[str, Any] = {n: value(v, at) for n in _SINGLES if (v := getattr(said, n)) is not None}
    made = replace(
        said,
        name=names.thing(said.name),
        subjects=tuple(_subject(s, said, at) for s in said.subjects),
        by=pairs(said.by, ""),
        sets=pairs(said.sets, row),
        plus=pairs(said.plus, row),
        where=conditions(said.where, at, row),
        only_if=conditions(said.only_if, at, row),
        order=(names.of(row, said.order[0]), said.order[1]) if said.order and said.order[0] not in names.gone else None,
        on=tuple(value(v, at) for v in said.on),
        **singles,
    )
    after = at.taking(row, (*said.by, *said.sets))
    after = after.knowing(said.name, role) if said.name else after
    return replace(made, text=show.line(made)), after


_SINGLES = ("amount", "to", "source", "lasting", "limit", "after", "within", "rows", "found", "size")


def _gone(said: Value | None, gone: frozenset[str]) -> bool:
    """Whether a value is of a field that the brief does not have."""
    if isinstance(said, Binary):
        return _gone(said.left, gone) or _gone(said.right, gone)
    if isinstance(said, Function):
        return _gone(said.value, gone)
    way = said.path if isinstance(said, Each) else said
    return isinstance(way, Path) and len(way.parts) > 1 and way.parts[-1] in gone


def _pairs(said: Pair, at: Aliases, role: str, own: str) -> Iterator[Pair]:
    """A pair, or one for each field of the key where the whole key is meant."""
    here = at.names.alike.get(role, {})
    if said.field != WHOLE or not here or not isinstance(said.value, Each | Path):
        yield _pair(said, at, role, own)
        return
    way = said.value.path if isinstance(said.value, Each) else said.value
    there = at.names.alike.get(at.role_of(way.parts[0]), here)
    for name, called in here.items():
        path_to = Path((at.name(way.parts[0]), there[name]))
        yield Pair(called, Each(path_to) if isinstance(said.value, Each) else path_to)


def _pair(said: Pair, at: Aliases, role: str, own: str) -> Pair:
    renamed = at.names.of(role, said.field)
    if said.value is None:
        return Pair(renamed)
    return Pair(renamed, value(said.value, at, own, _for(renamed, said, at)))


def _for(renamed: str, said: Pair, at: Aliases) -> str:
    """`F = body.F`: both are renamed alike, as they were the first time."""
    return at.sent.get(said.field, renamed) if _is_sent(said) else ""


def _is_sent(said: Pair) -> bool:
    if not isinstance(said.value, Each | Path):
        return False
    written = said.value.path if isinstance(said.value, Each) else said.value
    return written.parts[0] == "body" and len(written.parts) == 2 and written.parts[1] == said.field


def _subject(said: Path, step: Line, at: Aliases) -> Path:
    first, *rest = said.parts
    if step.verb in (Verb.CALL, Verb.PUBLISH, Verb.RUN):
        return Path((at.names.thing(first), *rest))
    return Path((at.name(first), *at.names.path(at.role_of(first), tuple(rest))))


def nodes(said: tuple[Node, ...], at: Aliases) -> tuple[tuple[Node, ...], Aliases]:
    """Steps and groups in the order written. A branch that asks only for what the brief does not have is always taken."""
    made: list[Node] = []
    for one in said:
        if isinstance(one, When) and one.condition and not conditions(one.condition, at):
            always, at = nodes(one.then.steps, at)
            made += always
            continue
        renamed, at = node(one, at)
        made.append(renamed)
    return tuple(made), at


def node(said: Node, at: Aliases) -> tuple[Node, Aliases]:
    """One step or group."""
    if isinstance(said, Line):
        return line(said, at)
    if isinstance(said, Together | AtOnce):
        inside, after = nodes(said.steps, at)
        return replace(said, steps=inside), after
    if isinstance(said, Loop):
        return _loop(said, at), at
    if isinstance(said, When):
        then, _ = nodes(said.then.steps, at)
        otherwise, _ = nodes(said.otherwise.steps, at)
        made = When(conditions(said.condition, at), Branch(then, said.then.share), Branch(otherwise))
        return made, at
    step, after = line(said.step, at)
    return Try(step, _branch(said.refused, at), _branch(said.unknown, at)), after


def _branch(said: Branch | None, at: Aliases) -> Branch | None:
    return Branch(nodes(said.steps, at)[0], said.share) if said is not None else None


def _loop(said: Loop, at: Aliases) -> Loop:
    if said.read is not None:
        read, _ = line(said.read, at)
        role = said.read.target.parts[0]
        listed = None
    else:
        assert said.listed is not None
        read, listed = None, path(said.listed, at)
        role = at.role_of(said.listed.parts[0])
    inside = at.knowing(said.name, role)
    return replace(
        said,
        read=read,
        listed=listed,
        less=path(said.less, at) if said.less else None,
        until=conditions(said.until, inside),
        steps=nodes(said.steps, inside)[0],
    )


def starts(said: Starts, names: Names) -> Starts:
    """What starts an operation."""
    at = Aliases(names)
    own = said.on if said.kind is Start.DUE else ""
    made = replace(
        said,
        on=names.thing(said.on),
        each=names.thing(said.each),
        field=names.of(said.on, said.field),
        offset=value(said.offset, at, own, "", True) if said.offset is not None else None,
        condition=conditions(said.condition, at, own),
    )
    return replace(made, text=show.starts(made))


def rows_of(start: Starts) -> Mapping[str, str]:
    """What `item` and `lost` stand for."""
    if start.kind in (Start.QUEUE, Start.DEAD, Start.DUE, Start.LOST):
        return {"item": start.on, "lost": start.on}
    if start.kind is Start.EVENT:
        return {"event": start.on}
    return {"item": start.each} if start.each else {}

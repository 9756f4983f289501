"""Binds the roles of a capability to what a brief has: the one way in which all patterns fit, or what stands against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from workbook.brief.structures import CapabilityUse
from workbook.catalog.model import Capability
from workbook.plan.mechanisms.roles import KEY, Facts, Player, Role, candidates, preferred, variable

MOST = 3
"""Solutions after which the search stops: more than one is a question anyway."""


@dataclass(frozen=True)
class Alike:
    """A key field of what a role is like, and the field of its own by which it says the same."""

    role: str
    other: str
    field: str
    own: str
    type: str


@dataclass(frozen=True)
class Binding:
    """A use of a capability with its roles bound."""

    capability: Capability
    players: Mapping[str, Player]
    shared: Mapping[str, str] = field(default_factory=dict)
    """Names of patterns that several roles share -> the entity they lead to."""
    unbound: tuple[str, ...] = ()
    """Optional roles that nobody plays."""
    many: Mapping[str, tuple[Player, ...]] = field(default_factory=dict)
    """Roles that everybody who fits plays."""
    keys: tuple[tuple[str, str], ...] = ()
    """Entities with a key of one field, and that field."""
    alike: tuple[Alike, ...] = ()
    """How one entity says of which row of another it speaks."""

    @property
    def subject(self) -> str:
        """What it is about: who plays the first role."""
        return next(iter(self.players.values())).id if self.players else ""


@dataclass(frozen=True)
class Unbound:
    """Why the roles are not bound, in a sentence with the lines that would settle it."""

    capability: Capability
    why: str
    roles: tuple[str, ...] = ()


def bind(capability: Capability, use: CapabilityUse, facts: Facts, operations: Sequence[str] = ()) -> Binding | Unbound:
    """The one binding of a capability.

    `operations` are those of the feature that names it: they are preferred where several fit.
    """
    roles = [Role.read(name, said) for name, said in capability.roles.items()]
    unknown = [name for name in use.roles if name not in capability.roles]
    if unknown:
        known = ", ".join(capability.roles)
        return Unbound(capability, f"{capability.id} has no role {unknown[0]}. Its roles are {known}.", tuple(unknown))
    solved = _Solver(roles, dict(use.roles), facts, frozenset(operations))
    found = list(solved.solve())
    if not found:
        return Unbound(capability, _nobody(capability, solved), (solved.stuck,) if solved.stuck else ())
    best = _nearest(_fullest(found), frozenset(operations))
    if len(best) > 1:
        return Unbound(capability, _several(capability, best), ())
    players, shared = best[0]
    many = {n: solved.all_of(n, players, shared) for n, p in players.items() if solved.role(n).many}
    missing = tuple(r.name for r in roles if r.name not in players)
    keys = tuple((n, s.key[0]) for n, s in facts.form.structures.items() if s.entity and len(s.key) == 1)
    return Binding(capability, players, shared, missing, many, keys, tuple(_alike_fields(roles, players, facts)))


def _alike_fields(roles: list[Role], players: Mapping[str, Player], facts: Facts) -> Iterator[Alike]:
    for role in roles:
        other = variable(role.facts.get("like"))
        if not other or role.name not in players:
            continue
        fields = facts.form.structures[players[other].id].fields
        for name, own in players[role.name].fields.items():
            field = name.removeprefix(KEY)
            if field != name:
                yield Alike(role.name, other, field, own, fields[field].text.partition("=")[0].strip())


_Solution = tuple[dict[str, Player], dict[str, str]]


@dataclass
class _Solver:
    roles: list[Role]
    said: dict[str, str]
    facts: Facts
    operations: frozenset[str]
    stuck: str = ""
    _deepest: int = -1

    def solve(self) -> Iterator[_Solution]:
        """Up to MOST ways in which every role that must be played is."""
        yield from islice(self._from(0, {}, {}), MOST)

    def role(self, name: str) -> Role:
        """A role by its name."""
        return next(r for r in self.roles if r.name == name)

    def all_of(self, name: str, players: Mapping[str, Player], shared: Mapping[str, str]) -> tuple[Player, ...]:
        """Everybody who plays a role of many."""
        before = {n: p for n, p in players.items() if self._place(n) < self._place(name)}
        return tuple(self._found(self.role(name), before, shared))

    def _place(self, name: str) -> int:
        return next(i for i, r in enumerate(self.roles) if r.name == name)

    def _from(self, position: int, players: dict[str, Player], shared: dict[str, str]) -> Iterator[_Solution]:
        if position == len(self.roles):
            yield dict(players), dict(shared)
            return
        role = self.roles[position]
        if position > self._deepest:
            self._deepest, self.stuck = position, role.name
        fitting = self._fitting(role, players, shared)
        if role.many and fitting:
            everybody = " ".join(dict.fromkeys(p.id for p in fitting))
            one = replace(fitting[0], id=everybody)
            known = {**shared, **fitting[0].entities, role.name: everybody}
            yield from self._from(position + 1, {**players, role.name: one}, known)
            return
        for player in fitting:
            yield from self._from(
                position + 1, {**players, role.name: player}, {**shared, **player.entities, role.name: player.id}
            )
        if not fitting and role.optional:
            yield from self._from(position + 1, players, shared)

    def _fitting(self, role: Role, players: Mapping[str, Player], shared: Mapping[str, str]) -> list[Player]:
        found = self._found(role, players, shared)
        if role.many:
            return found
        wanted = self.said.get(role.name)
        if role.asked and wanted is None:
            return []
        if wanted is not None:
            return [p for p in found if p.id == wanted][:1]
        expected = {v for v in (variable(f) for f in role.facts.values()) if v in self.said}
        if not expected and role.kind == "operation":
            inside = [p for p in found if p.id in self.operations]
            found = inside or found
        own = shared.get(role.name)
        found = [p for p in found if own is None or p.id == own]
        return _alike(preferred(role, found))

    def _found(self, role: Role, players: Mapping[str, Player], shared: Mapping[str, str]) -> list[Player]:
        same = (n for n in players if self.role(n).kind == role.kind and not self.role(n).many)
        taken = {(players[n].id, players[n].of) for n in same}
        facts = replace(self.facts, named={p.id: p.fields for p in players.values()})
        return [p for p in candidates(role, facts, self._names(players, shared)) if (p.id, p.of) not in taken]

    def _names(self, players: Mapping[str, Player], shared: Mapping[str, str]) -> dict[str, str]:
        return {**shared, **{n: p.id for n, p in players.items()}, **self.said}


def _alike(found: list[Player]) -> list[Player]:
    """Ways that differ only in which field is called what are one where a default tells the caller's own apart."""
    seen: dict[str, Player] = {}
    for player in found:
        seen.setdefault(f"{player.id} {sorted(player.fields.items())}", player)
    return list(seen.values())


def _fullest(found: list[_Solution]) -> list[_Solution]:
    most = max(len(players) for players, _ in found)
    return [s for s in found if len(s[0]) == most]


def _nearest(found: list[_Solution], operations: frozenset[str]) -> list[_Solution]:
    """Of several those in which most operations of the feature that names the capability take part."""
    inside = [sum(p.id in operations for p in players.values()) for players, _ in found]
    return [s for s, number in zip(found, inside, strict=True) if number == max(inside)]


def _nobody(capability: Capability, solved: _Solver) -> str:
    said = capability.roles[solved.stuck] if solved.stuck else {}
    wants = next((f"{k} {_shown(v)}" for k, v in said.items() if k not in ("optional", "words")), "")
    given = solved.said.get(solved.stuck)
    if given:
        return f"{given} cannot be {solved.stuck} of {capability.id}: it wants {wants.strip()}."
    return (
        f"{capability.id} finds nobody for its role {solved.stuck} ({wants.strip()}). "
        f"Add it, or write capabilities: [{{{capability.id}: {{{solved.stuck}: NAME}}}}]."
    )


def _shown(said: object) -> str:
    if isinstance(said, Mapping):
        return ", ".join(f"{k} {_shown(v)}" for k, v in said.items())
    if isinstance(said, list | tuple):
        return " and ".join(str(v).lstrip("$") for v in said)
    return str(said).lstrip("$")


def _several(capability: Capability, found: list[_Solution]) -> str:
    first, second = found[0][0], found[1][0]
    for role, player in first.items():
        other = second.get(role)
        if other is not None and other.id != player.id:
            return (
                f"{capability.id} does not know which is its {role}: {player.id} or {other.id}. "
                f"Write capabilities: [{{{capability.id}: {{{role}: {player.id}}}}}]."
            )
    for role, player in first.items():
        for name, field_name in player.fields.items():
            rival = second[role].fields.get(name, "")
            if rival != field_name:
                return (
                    f"{capability.id} does not know which field of {player.id} is its {name}: {field_name} or {rival}. "
                    f"Write {player.id}.fields.{field_name} with `= caller` or `= now` where one of them is."
                )
    return f"{capability.id} fits in several ways."

"""An approach of a capability, with the names of a brief in it: what it adds to a form, as values of the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from workbook.brief.fields import parse_field
from workbook.catalog import loader
from workbook.catalog.model import Capability
from workbook.plan.mechanisms import rename
from workbook.plan.mechanisms.bind import Alike, Binding
from workbook.plan.mechanisms.reader import Additions, Reader
from workbook.plan.mechanisms.rename import WHOLE, Names
from workbook.plan.mechanisms.written import BadApproach, parts, speaks, without

ID = "id"
"""What approaches call the key of an entity that has one field."""


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
    said = _keyed(without(_unplayed(offered, played), missing), alike)
    made = {field for about in said.get("entities", {}).values() for field in about.get("fields", {})}
    gone = columns - made
    said["promises"] = [p for p in said.get("promises", ()) if not speaks(p, set(gone))]
    names = _names(known, said, prefix, players, dict(shared), dict(keys))
    names = replace(names, gone=gone, alike=_alike(said, alike))
    try:
        return Reader(capability, said, names, _operation_roles(known, players)).read()
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

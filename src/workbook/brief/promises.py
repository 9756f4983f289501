"""What must never be broken: the kinds of promises and what each is told. BRIEF.md, "Promises"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from workbook.brief.problems import nearest
from workbook.brief.quantities import shown


class PromiseKind(StrEnum):
    """What a promise is about."""

    UNIQUE = "unique"
    NO_OVERLAP = "no_overlap"
    BOUNDED = "bounded"
    CONSERVED = "conserved"
    GAPLESS = "gapless"
    FOLLOWS = "follows"
    VERSIONED = "versioned"
    UNCHANGED = "unchanged"
    TAKEN_ONCE = "taken_once"
    REPEATABLE = "repeatable"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    AGREES = "agrees"
    SETTLED = "settled"
    KEPT = "kept"
    TRACED = "traced"
    PRIVATE = "private"
    ERASED = "erased"
    FRESH = "fresh"
    ON_TIME = "on_time"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a kind must be told, and what it may be told."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.must, *self.may)


PARAMETERS: Mapping[PromiseKind, Parameters] = MappingProxyType(
    {
        PromiseKind.UNIQUE: Parameters(("by",), ("while",)),
        PromiseKind.NO_OVERLAP: Parameters(("by", "from", "to"), ("while",)),
        PromiseKind.BOUNDED: Parameters((), ("min", "max")),
        PromiseKind.CONSERVED: Parameters(("by",), ("sum",)),
        PromiseKind.GAPLESS: Parameters(("by",)),
        PromiseKind.FOLLOWS: Parameters(),
        PromiseKind.VERSIONED: Parameters((), ("version", "else")),
        PromiseKind.UNCHANGED: Parameters((), ("until",)),
        PromiseKind.TAKEN_ONCE: Parameters((), ("lease",)),
        PromiseKind.REPEATABLE: Parameters(("by",), ("for",)),
        PromiseKind.ORDERED: Parameters(("by", "number"), ("read",)),
        PromiseKind.DELIVERED: Parameters(("to", "in"), ("within", "away", "while")),
        PromiseKind.AGREES: Parameters(("with",), ("through", "as", "within", "replicas", "while")),
        PromiseKind.SETTLED: Parameters((), ("within", "outside", "done")),
        PromiseKind.KEPT: Parameters(("survives",)),
        PromiseKind.TRACED: Parameters(("in",), ("by",)),
        PromiseKind.PRIVATE: Parameters(("to",), ("through", "fields", "sealed")),
        PromiseKind.ERASED: Parameters((), ("within", "except")),
        PromiseKind.FRESH: Parameters((), ("for", "within")),
        PromiseKind.ON_TIME: Parameters(("at",), ("early", "late", "while")),
        PromiseKind.LIMITED: Parameters(("amount", "to"), ("per", "burst", "in_flight")),
    }
)

GOALS = "goals"
"""The goals of the brief that a promise serves, word for word. `for` says the same where it is a list."""


def split(said: Mapping[str, Any]) -> tuple[PromiseKind, str, dict[str, Any], tuple[str, ...]]:
    """Kind, what it is about, parameters and goals of `{unique: appointment, by: [doctor]}`. Raises ValueError."""
    kinds = [k for k in said if k in set(PromiseKind)]
    if len(kinds) != 1:
        first = str(next(iter(said), ""))
        hint = nearest(first, tuple(PromiseKind)) or f"Known are {', '.join(PromiseKind)}."
        raise ValueError(f'"{shown(first)}" is not a kind of promise. {hint}')
    kind = PromiseKind(kinds[0])
    rest = {k: v for k, v in said.items() if k != kind}
    goals = rest.pop(GOALS, ())
    if isinstance(rest.get("for"), list | tuple):
        goals = (*goals, *rest.pop("for"))
    known = PARAMETERS[kind]
    for name in rest:
        if name not in known.known:
            told = ", ".join(known.known) or "nothing else"
            raise ValueError(
                f'{kind} is not told "{shown(name)}". {nearest(name, known.known) or f"It is told {told}."}'
            )
    missing = [name for name in known.must if name not in rest]
    if missing:
        raise ValueError(f"{kind} says nothing of {', '.join(missing)}. Add {missing[0]}, as BRIEF.md shows.")
    return kind, str(said[kind]), rest, tuple(str(g) for g in goals)

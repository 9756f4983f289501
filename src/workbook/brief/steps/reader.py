"""From what the grammar found to the values of `syntax`."""

from __future__ import annotations

from typing import Any

from lark import Token, Transformer

from workbook.brief.quantities import NotAQuantity, Quantity, parse
from workbook.brief.steps.syntax import (
    Amount,
    Binary,
    Chance,
    Comparison,
    Condition,
    Each,
    Function,
    Pair,
    Path,
    Presence,
    Start,
    Starts,
    Value,
    Verb,
)

_QUANTITIES = ("number", "time", "size", "share", "price")


class NotAStep(ValueError):
    """The text is not a step; the message says where and what to write instead."""


def quantity(text: str) -> Quantity:
    """A number with any unit the language has. Raises NotAQuantity."""
    kinds = ("share",) if "%" in text else _QUANTITIES
    for kind in kinds:
        try:
            return parse(text, kind)
        except NotAQuantity:
            continue
    return parse(text, kinds[0])


class Reader(Transformer[Token, Any]):
    """Turns what the grammar found into the values of `syntax`."""

    def quantity(self, parts: list[Token]) -> Amount:
        return Amount(quantity(str(parts[0]).strip()))

    def path(self, parts: list[Any]) -> Path:
        return Path(tuple(str(parts[0]).split(".")))

    def word(self, parts: list[Token]) -> str:
        return str(parts[0])

    def field(self, parts: list[Any]) -> str:
        return str(parts[0])

    def each(self, parts: list[Path]) -> Each:
        return Each(parts[0])

    def function(self, parts: list[Any]) -> Function:
        return Function(str(parts[0]), parts[1])

    def binary(self, parts: list[Any]) -> Binary:
        return Binary(str(parts[1]), parts[0], parts[2])

    def pair(self, parts: list[Any]) -> Pair:
        return Pair(parts[0], parts[2] if len(parts) > 1 else None)

    def comparison(self, parts: list[Any]) -> Comparison:
        return Comparison(parts[0], str(parts[1]), tuple(parts[2:]))

    def presence(self, parts: list[Any]) -> Presence:
        return Presence(parts[0], str(parts[1]) == "present")

    def chance(self, parts: list[Amount]) -> Chance:
        return Chance(parts[0].quantity)

    def subjects(self, parts: list[Path]) -> tuple[str, Any]:
        return "subjects", tuple(parts)

    def amount(self, parts: list[Any]) -> tuple[str, Any]:
        read = parts[0]
        return "amount", read if isinstance(read, Amount) else Path((str(read),))

    def ordering(self, parts: list[Any]) -> tuple[str, bool]:
        return str(parts[-1]), len(parts) > 1

    def order(self, parts: list[Any]) -> tuple[str, Any]:
        return "order", parts[0]

    def direct(self, parts: list[Any]) -> tuple[str, Any]:
        return "direct", True

    def alone(self, parts: list[Any]) -> tuple[str, Any]:
        return "alone", True

    def place(self, parts: list[Any]) -> tuple[str, Any]:
        return "place", str(parts[0])

    def name(self, parts: list[Any]) -> tuple[str, Any]:
        return "name", parts[0]

    def start(self, parts: list[Any]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for key, value in parts[1:]:
            if key in said:
                raise NotAStep(f'"{WORD_OF.get(key, key)}" stands twice in one step. Keep one of them.')
            said[key] = value
        return {"verb": Verb(str(parts[0])), **said}

    def conditions(self, parts: list[Condition]) -> tuple[Condition, ...]:
        return tuple(parts)

    def only_value(self, parts: list[Value]) -> Value:
        return parts[0]

    def name_of(self, parts: list[Token]) -> str:
        return str(parts[0])

    def offset(self, parts: list[Any]) -> Value:
        added: Value = parts[1]
        return added if str(parts[0]) == "+" else Binary("-", Amount(quantity("0")), added)

    def by_webhook(self, parts: list[Any]) -> Starts:
        return Starts(kind=Start.WEBHOOK)

    def by_connection(self, parts: list[Any]) -> Starts:
        return Starts(kind=Start(str(parts[0])), on=parts[1])

    def by_beat(self, parts: list[Any]) -> Starts:
        return Starts(kind=Start.BEATS, on=parts[0], every=parts[1])

    def by_event(self, parts: list[Any]) -> Starts:
        everywhere = any(isinstance(p, Token) for p in parts)
        batch = next((p for p in parts[1:] if not isinstance(p, Token)), None)
        return Starts(kind=Start.EVENT, on=parts[0], batch=batch, everywhere=everywhere)

    def by_queue(self, parts: list[Any]) -> Starts:
        return Starts(kind=Start(str(parts[0])), on=parts[1])

    def by_due(self, parts: list[Any]) -> Starts:
        place, *rest = parts
        if len(place.parts) != 2:
            raise NotAStep(f'"due {place}" names no field. Write due STRUCTURE.FIELD, as in due hold.expires_at.')
        moved = [p for p in rest if not isinstance(p, Comparison | Presence | Chance)]
        asked = tuple(p for p in rest if isinstance(p, Comparison | Presence | Chance))
        offset = moved[0] if moved else None
        return Starts(kind=Start.DUE, on=place.parts[0], field=place.parts[1], offset=offset, condition=asked)

    def by_interval(self, parts: list[Any]) -> Starts:
        return Starts(kind=Start.EVERY, every=parts[0], each=parts[1] if len(parts) > 1 else "")

    def by_loss(self, parts: list[Any]) -> Starts:
        return Starts(kind=Start.LOST, on=parts[0])


MANY = {"by": "by", "set": "sets", "plus": "plus", "on": "on", "where": "where", "if": "only_if"}
ONE = {
    "to": "to",
    "from": "source",
    "for": "lasting",
    "limit": "limit",
    "after": "after",
    "within": "within",
    "rows": "rows",
    "found": "found",
    "bytes": "size",
}


WORD_OF = {name: word for word, name in (*MANY.items(), *ONE.items())} | {"name": "as", "place": "at"}
"""Attribute of `Line` -> the word of its clause."""


def _clauses() -> None:
    """A reader for each clause: its word, and the attribute of `Line` that holds it."""
    for word, name in MANY.items():
        setattr(Reader, word, lambda self, parts, name=name: (name, tuple(parts)))
    for word, name in ONE.items():
        setattr(Reader, word, lambda self, parts, name=name: (name, parts[0]))


_clauses()

"""Names and sample values: how a thing is called in paths, events and examples. The same everywhere in the document."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from workbook.brief.fields import FieldType

_SPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
SAMPLE_TIME = "2026-01-15T09:30:00Z"
SAMPLE_DATE = "2026-01-15"
LONGEST_TYPE = 60
KEY_WORDS = ("version", "cursor", "hash", "member")
"""Names in braces that a cache key has itself; see `slot`."""
_PAST = {
    "create": "created",
    "upload": "uploaded",
    "update": "changed",
    "delete": "deleted",
    "notify": "announced",
    "compute": "computed",
}


def words(name: str) -> str:
    """`room_type` as `room type`."""
    return name.replace("_", " ")


def camel(name: str) -> str:
    """`room_type` as `RoomType`."""
    return "".join(p[:1].upper() + p[1:] for p in name.split("_"))


def plural(name: str) -> str:
    """An English plural, good enough for a path."""
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def kebab(name: str) -> str:
    """`room_type` as `room-type`."""
    return name.replace("_", "-").lower()


def past(verb: str) -> str:
    """The past participle of a verb that changes something."""
    return _PAST.get(verb, "happened")


def event(entity: str, verb: str) -> str:
    """`ReservationCreated`."""
    return f"{camel(entity)}{past(verb).capitalize()}"


def slot(column: str) -> str:
    """A column as a name in braces of a key: with an underscore where the key itself has such a name."""
    return f"{column}_" if column.rstrip("_") in KEY_WORDS else column


def column_of(slot: str) -> str:
    """The column that a name in braces means; empty where it is the key's own."""
    if slot in KEY_WORDS:
        return ""
    return slot[:-1] if slot.rstrip("_") in KEY_WORDS else slot


def type_name(said: str) -> str:
    """What a person wrote as the name of a type: its letters and digits alone; empty where none begins it."""
    made = "".join(p[:1].upper() + p[1:] for p in re.split(r"[^A-Za-z0-9]+", said))
    return made[:LONGEST_TYPE] if made[:1].isalpha() else ""


def identifier(name: str) -> str:
    """A stable sample identifier (UUID) for a name."""
    return str(uuid.uuid5(_SPACE, name))


PLAIN_KEYS = frozenset({"code", "string", "int", "date"})
"""Kinds of keys that are no identifiers: what refers to them looks as they do."""


def sample(entity: str, column: str, field: FieldType) -> Any:
    """A sample value of a field as JSON, the same in every example."""
    if field.ref and field.kind not in PLAIN_KEYS:
        return identifier(field.ref)
    values: dict[str, Callable[[], Any]] = {
        "id": lambda: identifier(entity if column == "id" else f"{entity}.{column}"),
        "time": lambda: SAMPLE_TIME,
        "date": lambda: SAMPLE_DATE,
        "int": lambda: 1,
        "decimal": lambda: 12.5,
        "money": lambda: 19.9,
        "bool": lambda: True,
        "json": lambda: {"note": words(column)},
        "geo": lambda: {"lat": 52.52, "lon": 13.405},
        "enum": lambda: field.values[0],
        "text": lambda: f"sample {words(column)}",
        "code": lambda: (
            "aZ3k9Qx7Lm2Rt5Vw8Yc4"[: field.length] if field.alphabet > 36 else "4821730956124873"[: field.length]
        ),
        "blob": lambda: "AQIDBA==",
        "string": lambda: _text(column, field.length),
    }
    return values[field.kind]()


def _text(column: str, length: int) -> str:
    return f"sample {words(column)}"[: max(1, length)] if length >= 8 else "abcdefgh"[: max(1, length)]

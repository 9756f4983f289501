"""How a structure rests in Redis: by its shape and key.

A row under one field is a hash of its own. Rows under more fields lie together in one hash by the first: field = the other parts of the key,
value = the row as JSON, so that all rows of one owner are one read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.shapes import Shape
from workbook.plan.form.model import Structure


class Kind(StrEnum):
    """Which structure of Redis."""

    HASH = "hash"
    TOGETHER = "together"
    COUNTER = "counter"
    SORTED_SET = "sorted_set"
    SET = "set"


@dataclass(frozen=True)
class Laid:
    """A structure in Redis."""

    structure: Structure
    kind: Kind
    keyed: tuple[str, ...]
    """Fields in the key; the others of the structure's key name a field or member."""
    inner: tuple[str, ...]


def laid(structure: Structure) -> Laid:
    """Where the rows of a structure stand."""
    key = structure.key
    if structure.shape is Shape.SORTED_SET:
        return Laid(structure, Kind.SORTED_SET, key[:-1] or key, key[-1:])
    if structure.shape is Shape.SET:
        return Laid(structure, Kind.SET, key[:-1] or key, key[-1:])
    if structure.shape is Shape.COUNTER:
        return Laid(structure, Kind.COUNTER, key, ())
    if len(key) > 1:
        return Laid(structure, Kind.TOGETHER, key[:1], key[1:])
    return Laid(structure, Kind.HASH, key, ())


def pattern(structure: Structure) -> str:
    """The key as a pattern: `connection:{person}`."""
    return ":".join([structure.id, *(f"{{{f}}}" for f in laid(structure).keyed)])

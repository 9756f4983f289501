"""Types of an entity's fields and the bytes each is worth on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from workbook.brief.problems import nearest
from workbook.brief.quantities import LARGEST, NotAQuantity, parse, shown

FIXED_BYTES: Mapping[str, float] = MappingProxyType(
    {
        "id": 16,
        "ref": 16,
        "text": 500,
        "int": 8,
        "decimal": 16,
        "money": 16,
        "bool": 1,
        "time": 8,
        "date": 4,
        "json": 500,
        "geo": 16,
        "enum": 1,
    }
)
ALPHABETS: Mapping[str, int] = MappingProxyType(
    {
        "base62": 62,
        "base58": 58,
        "base64": 64,
        "base36": 36,
        "base32": 32,
        "base16": 16,
        "hex": 16,
        "base10": 10,
        "digits": 10,
    }
)
KINDS = (*FIXED_BYTES, "string", "blob", "code")
LONGEST_CODE = 100
_DIGITS = re.compile(r"[0-9]{1,30}")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a field holds. `bytes` is its mean size; `optional` fields may be null."""

    kind: str
    bytes: float
    optional: bool = False
    ref: str = ""
    values: tuple[str, ...] = ()
    alphabet: int = 0
    length: int = 0
    text: str = ""


@lru_cache(maxsize=4096)
def parse_field(text: str) -> FieldType:
    """Read a field type such as `string 40`, `ref guest?`, `enum open closed` or `code base62 7`. Raises NotAQuantity."""
    written = text.strip()
    optional = written.endswith("?")
    words = written.removesuffix("?").split()
    if not words:
        raise NotAQuantity("an empty field type. Write one as in id, string 40, ref guest, enum open closed or 140 B.")
    kind, rest = words[0], words[1:]
    made = _parameterised(kind, rest, written, optional)
    if made:
        return made
    if kind in FIXED_BYTES and not rest:
        return FieldType(kind, FIXED_BYTES[kind], optional, text=written)
    try:
        return FieldType("blob", parse(written.removesuffix("?"), "size").best, optional, text=written)
    except NotAQuantity:
        hint = nearest(kind, KINDS)
        raise NotAQuantity(
            f'"{shown(written)}" is not a type of field. {hint or "Known are " + ", ".join(KINDS) + ", or a plain size."}'
        ) from None


def _several_words(values: list[str]) -> bool:
    """Whether somebody quoted a value of several words, or put commas between values: both would become part of them."""
    opened = any(v[0] in "\"'" and v[0] in "".join(values[i:])[1:] for i, v in enumerate(values))
    return opened or any(v.endswith(",") for v in values[:-1])


def _parameterised(kind: str, rest: list[str], written: str, optional: bool) -> FieldType | None:
    if kind == "string":
        if len(rest) == 1 and _DIGITS.fullmatch(rest[0]) and 0 < float(rest[0]) <= LARGEST:
            return FieldType(kind, float(rest[0]), optional, length=int(rest[0]), text=written)
        raise NotAQuantity(f'"{shown(written)}": write the mean length of a string, as in string 40.')
    if kind == "ref":
        if len(rest) == 1 and _ID.fullmatch(rest[0]):
            return FieldType(kind, 16, optional, ref=rest[0], text=written)
        raise NotAQuantity(f'"{shown(written)}": write which entity is meant, as in ref guest.')
    if kind == "enum":
        if _several_words(rest):
            raise NotAQuantity(
                f'"{shown(written)}": a value is one word without quotes or a comma. Write as in enum open in_progress closed.'
            )
        if rest:
            return FieldType(kind, 1, optional, values=tuple(rest), text=written)
        raise NotAQuantity(f'"{shown(written)}": write the values, as in enum open closed.')
    if kind == "blob":
        if rest:
            return FieldType(kind, parse(" ".join(rest), "size").best, optional, text=written)
        raise NotAQuantity(f'"{shown(written)}": write the size, as in blob 200 KB.')
    if kind == "code":
        if (
            len(rest) == 2
            and rest[0] in ALPHABETS
            and _DIGITS.fullmatch(rest[1])
            and 0 < float(rest[1]) <= LONGEST_CODE
        ):
            return FieldType(
                kind, float(rest[1]), optional, alphabet=ALPHABETS[rest[0]], length=int(rest[1]), text=written
            )
        alphabets = ", ".join(ALPHABETS)
        raise NotAQuantity(
            f'"{shown(written)}": write an alphabet and a length up to {LONGEST_CODE}, as in code base62 7. Alphabets: {alphabets}.'
        )
    return None

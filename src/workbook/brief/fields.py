"""Types of an entity's fields and the bytes each is worth on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from workbook.brief.problems import nearest
from workbook.brief.quantities import LARGEST, NotAQuantity, parse, shown
from workbook.brief.steps import parse as steps
from workbook.brief.steps.reader import NotAStep
from workbook.brief.steps.syntax import Value

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
KINDS = (*FIXED_BYTES, "string", "blob", "code", "list", "count")
LONGEST_CODE = 100
_DIGITS = re.compile(r"[0-9]{1,30}")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a field holds. `bytes` is its mean size; `optional` fields may be null.

    `many` is the mean length of a list (0: no list). A count counts the rows of `counted` whose `by` is this row. `default` is what
    a new row gets where nobody says otherwise.
    """

    kind: str
    bytes: float
    optional: bool = False
    ref: str = ""
    values: tuple[str, ...] = ()
    alphabet: int = 0
    length: int = 0
    text: str = ""
    many: float = 0.0
    counted: str = ""
    by: str = ""
    default: Value | None = None


@lru_cache(maxsize=4096)
def parse_field(text: str) -> FieldType:
    """Read a field type such as `string 40`, `ref guest?`, `enum open closed` or `code base62 7`. Raises NotAQuantity."""
    written, equals, said = (part.strip() for part in text.partition("="))
    if equals:
        return replace(parse_field(written), default=_default(said, text), text=text.strip())
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


def _default(said: str, written: str) -> Value:
    try:
        return steps.value(said)
    except (NotAStep, NotAQuantity):
        raise NotAQuantity(
            f'"{shown(written)}": "{shown(said)}" is not a default. Write a value, new, now or caller, as in time = now.'
        ) from None


def _list_of(rest: list[str], written: str, optional: bool) -> FieldType:
    number = rest[0] if len(rest) > 1 else ""
    if not _DIGITS.fullmatch(number) or not 0 < float(number) <= LARGEST:
        raise NotAQuantity(f'"{shown(written)}": write how many on average and of what, as in list 3 date.')
    one = parse_field(" ".join(rest[1:]))
    return replace(one, bytes=float(number) * one.bytes, many=float(number), optional=optional, text=written)


def _count_of(rest: list[str], written: str, optional: bool) -> FieldType:
    if len(rest) == 3 and rest[1] == "by" and _ID.fullmatch(rest[0]) and _ID.fullmatch(rest[2]):
        return FieldType("count", FIXED_BYTES["int"], optional, counted=rest[0], by=rest[2], text=written)
    raise NotAQuantity(f'"{shown(written)}": write what is counted by which field, as in count follow by author.')


def _several_words(values: list[str]) -> bool:
    """Whether somebody quoted a value of several words, or put commas between values: both would become part of them."""
    opened = any(v[0] in "\"'" and v[0] in "".join(values[i:])[1:] for i, v in enumerate(values))
    return opened or any(v.endswith(",") for v in values[:-1])


def _parameterised(kind: str, rest: list[str], written: str, optional: bool) -> FieldType | None:
    if kind == "list":
        return _list_of(rest, written, optional)
    if kind == "count":
        return _count_of(rest, written, optional)
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

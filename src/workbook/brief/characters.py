"""Characters that no text of a brief may hold: they end, hide or reorder what is generated from it or shown of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
"""All but tab and line end."""
_DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Invisible marks that reorder what stands around them (Unicode 16, annex 9, table 4); right-to-left letters need none."""
_BYTE_ORDER_MARK = "\ufeff"
_NOTHING = r"\ud800-\udfff\ufdd0-\ufdef" + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17))
"""Halves of characters, and what is none (Unicode 16, 23.7)."""
REFUSED = _CONTROLS + _DIRECTIONS + _BYTE_ORDER_MARK + _NOTHING
"""As in the brackets of a regular expression."""
_REFUSED = re.compile(f"[{REFUSED}]")
_NAMES = {"\x00": "NUL", "\x07": "BEL", "\x08": "BACKSPACE", "\r": "CARRIAGE RETURN", "\x1b": "ESC", "\x7f": "DELETE"}
_NAMES |= {"\x85": "NEXT LINE"}
REPLACEMENT = "\ufffd"
REMEDY = "Take it out; a text may hold letters, signs, tabs and line ends."


def refused(character: str) -> bool:
    """Whether a character is a control (but tab and line end), a mark of direction, a byte order mark or no character at all."""
    return _REFUSED.match(character) is not None


def first_refused(text: str) -> str:
    """The first character that may not stand in a text; empty where all may."""
    found = _REFUSED.search(text)
    return found[0] if found else ""


def named(character: str) -> str:
    """A character by number and name, which a terminal shows as it is."""
    name = _NAMES.get(character) or unicodedata.name(character, "")
    return f"U+{ord(character):04X} ({name})" if name else f"U+{ord(character):04X}"


def complaint(character: str) -> str:
    """What is wrong with a text that holds the character."""
    return f"holds the character {named(character)}, which may not stand in a text"


def shown(text: str) -> str:
    """A text with a sign in the place of each character that may not stand in one: for messages about it."""
    return _REFUSED.sub(REPLACEMENT, text)


def lines_refused(text: str) -> Iterator[tuple[int, str]]:
    """Number and first refused character of each line of a file. A byte order mark at its head and Windows line ends are its form."""
    if text.isascii() and "\r" not in text and text.replace("\n", " ").replace("\t", " ").isprintable():
        return
    for number, line in enumerate(text.removeprefix(_BYTE_ORDER_MARK).split("\n"), start=1):
        found = first_refused(line.removesuffix("\r"))
        if found:
            yield number, found


def refused_in(value: Any) -> str:
    """The first refused character anywhere in a plain value."""
    if isinstance(value, str):
        return first_refused(value)
    if isinstance(value, dict):
        return next(filter(None, (refused_in(v) for pair in value.items() for v in pair)), "")
    if isinstance(value, list | tuple):
        return next(filter(None, map(refused_in, value)), "")
    return ""

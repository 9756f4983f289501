"""Java."""

from __future__ import annotations

from typing import Any

from workbook.artifacts.writing.text import breaks_lines, one_line
from workbook.catalog import loader

LARGEST_INT, LARGEST_LONG = 2**31, 2**63
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def string(text: str) -> str:
    """A text in double quotes. The compiler puts an escape by code point into the line before it reads it: never for a line end."""
    return '"' + "".join(_ESCAPES.get(c) or _escaped(c) for c in text) + '"'


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x20 or number == 0x7F:
        return f"\\{number:03o}"
    return f"\\u{number:04x}" if breaks_lines(character) else character


def literal(value: Any) -> str:
    """A plain value: text, number, yes or no, nothing."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) >= LARGEST_LONG:
            return repr(float(value))
        return f"{value}L" if abs(value) >= LARGEST_INT else str(value)
    return string(value) if isinstance(value, str) else repr(value)


def kind_of(value: object) -> str:
    """The type that a whole number fits in."""
    if not isinstance(value, int) or abs(value) < LARGEST_INT:
        return "int"
    return "long" if abs(value) < LARGEST_LONG else "double"


def identifier(name: str) -> str:
    """A name, with an underscore behind a word of the language or a method that every record has."""
    rules = loader.name_rules()["java"]
    return f"{name}_" if name in rules.reserved or name in rules.members else name


def comment(text: str) -> str:
    """A line that the compiler skips; a backslash in it might begin a code point, and that a line end."""
    return f"// {one_line(text).replace(chr(92), '/')}".rstrip()

"""Commands for `redis-cli`."""

from __future__ import annotations

from workbook.artifacts.writing.text import one_line

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def string(text: str) -> str:
    """An argument, in double quotes where it is no plain word."""
    if text and not any(c.isspace() or c in "\"'\\" or not c.isprintable() for c in text):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def comment(text: str) -> str:
    """A line for the reader: `redis-cli` knows no comments, so whoever runs the file leaves lines with # out."""
    return f"# {one_line(text)}".rstrip()

"""Protocol Buffers."""

from __future__ import annotations

from workbook.artifacts.writing.text import one_line
from workbook.catalog import loader


def identifier(name: str) -> str:
    """A name, with an underscore behind a word of the language: legal in most places, misread by people and by some readers."""
    return f"{name}_" if name in loader.name_rules()["protobuf"].reserved else name


def string(text: str) -> str:
    """A text in double quotes, byte by byte where it is no plain letter."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable() and character.isascii():
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode())


def comment(text: str, indent: str = "") -> str:
    """A line that the compiler skips. A backslash at its end would be misread by C's tools, which see it too."""
    return f"{indent}// {one_line(text).rstrip(chr(92))}".rstrip()

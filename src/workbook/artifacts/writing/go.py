"""Go."""

from __future__ import annotations

from typing import Any

from workbook.artifacts.writing.text import one_line, quoted
from workbook.catalog import loader


def string(text: str) -> str:
    """A text in double quotes."""
    return quoted(text)


def literal(value: Any) -> str:
    """A plain value: text, number, yes or no, nothing."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    return string(value) if isinstance(value, str) else repr(value)


def identifier(name: str) -> str:
    """A name, with an underscore behind a word of the language or one of its own names."""
    return f"{name}_" if name in loader.name_rules()["go"].reserved else name


def comment(text: str) -> str:
    """A line that the compiler skips. `//go:` would be an order to it."""
    return f"// {one_line(text)}".rstrip()

"""Python."""

from __future__ import annotations

from typing import Any

from workbook.artifacts.writing.text import one_line, quoted, remark
from workbook.catalog import loader


def string(text: str) -> str:
    """A text in double quotes."""
    return quoted(text)


def literal(value: Any) -> str:
    """A plain value."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return repr(value)


def identifier(name: str) -> str:
    """A name, with an underscore behind a word of the language."""
    return f"{name}_" if name in loader.name_rules()["python"].reserved else name


def comment(text: str) -> str:
    """A line that Python skips."""
    return f"# {one_line(text)}".rstrip()


def docstring(text: str) -> str:
    """A text inside three quotes."""
    return remark(text)

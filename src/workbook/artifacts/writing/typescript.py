"""TypeScript and JavaScript."""

from __future__ import annotations

import json
from typing import Any

from workbook.artifacts.writing.text import one_line, quoted
from workbook.catalog import loader


def string(text: str) -> str:
    """A text in double quotes."""
    return quoted(text)


def literal(value: Any) -> str:
    """A plain value; JSON is JavaScript."""
    return string(value) if isinstance(value, str) else json.dumps(value)


def identifier(name: str) -> str:
    """A name, with an underscore behind a word of the language."""
    return f"{name}_" if name in loader.name_rules()["typescript"].reserved else name


def comment(text: str) -> str:
    """A line that the compiler skips."""
    return f"// {one_line(text)}".rstrip()

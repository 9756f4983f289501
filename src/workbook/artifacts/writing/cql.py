"""CQL of Cassandra and of what speaks it."""

from __future__ import annotations

from functools import cache
from typing import Any

from workbook.artifacts.writing import sql
from workbook.catalog import loader


@cache
def identifier(name: str) -> str:
    """A name, in quotes where it is a word of the language or not all in small letters."""
    if name not in loader.name_rules()["cql"].reserved and name.islower() and name.isidentifier():
        return name
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """A text as a literal: a backslash is itself."""
    return "'" + text.replace("'", "''") + "'"


def literal(value: Any) -> str:
    """A plain value as a literal."""
    return "null" if value is None else sql.literal(value)


def comment(text: str) -> str:
    """A line that the engine skips."""
    return sql.comment(text)

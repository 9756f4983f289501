"""SQL of PostgreSQL and MySQL, where they differ by `dialect`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

from workbook.artifacts.writing.text import compact, one_line
from workbook.catalog import loader
from workbook.plan.naming import shortened

Dialect = Literal["postgresql", "mysql"]
_QUOTE = {"postgresql": '"', "mysql": "`"}


@cache
def _quoted_words(dialect: str) -> frozenset[str]:
    rules = loader.name_rules()[dialect]
    return rules.reserved | rules.also_quoted


@cache
def identifier(name: str, dialect: str = "postgresql") -> str:
    """A name, in quotes where it is a word of the language or not all in small letters; cut to what the engine takes.

    A column that every table has of its own (`xmin`) is called `xmin_` where the brief means another, and `xmin_` then `xmin__`.
    """
    rules = loader.name_rules()[dialect]
    name = shortened(f"{name}_" if name.rstrip("_") in rules.columns else name, rules.longest)
    if name.lower() not in _quoted_words(dialect) and name.islower() and name.isidentifier():
        return name
    sign = _QUOTE[dialect]
    return f"{sign}{name.replace(sign, sign * 2)}{sign}"


def identifiers(names: Iterable[str], dialect: str = "postgresql") -> str:
    """Names with commas."""
    return ", ".join(identifier(n, dialect) for n in names)


def string(text: str, dialect: str = "postgresql") -> str:
    """A text as a literal. PostgreSQL takes a backslash as it is, MySQL as the beginning of an escape."""
    if dialect == "mysql":
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


def literal(value: Any, dialect: str = "postgresql") -> str:
    """A plain value as a literal; lists and mappings as JSON."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return string(value if isinstance(value, str) else compact(value), dialect)


def comment(text: str, indent: str = "") -> str:
    """A line that the engine skips; indented behind its sign."""
    return f"-- {indent}{one_line(text)}".rstrip()

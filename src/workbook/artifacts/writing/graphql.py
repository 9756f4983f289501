"""GraphQL's schema language."""

from __future__ import annotations

from workbook.artifacts.writing.text import one_line, quoted
from workbook.catalog import loader


def string(text: str) -> str:
    """A text in quotes, as a description or a value."""
    return quoted(text)


def description(text: str, indent: str = "") -> str:
    """The description before a definition, with its line end; nothing where there is none."""
    said = one_line(text)
    return f"{indent}{quoted(said)}\n" if said else ""


def identifier(name: str) -> str:
    """A name: two underscores at its beginning belong to introspection."""
    return name.lstrip("_") if name.startswith("__") else name


def value(name: str) -> str:
    """A value of an enumeration."""
    return f"{name}_" if name in loader.name_rules()["graphql"].values else name


def comment(text: str) -> str:
    """A line that readers of the schema skip; blanks at its beginning stay."""
    indent = " " * (len(text) - len(text.lstrip(" ")))
    return f"# {indent}{one_line(text)}".rstrip()

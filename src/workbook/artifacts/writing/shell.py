"""Words and comments of a POSIX shell."""

from __future__ import annotations

from workbook.artifacts.writing.text import one_line


def string(text: str) -> str:
    """A word in single quotes: nothing in it means anything to the shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def word(text: str) -> str:
    """A word, in quotes where it needs them."""
    plain = text and all(c.isascii() and (c.isalnum() or c in "-_./:=,@%+") for c in text)
    return text if plain else string(text)


def comment(text: str) -> str:
    """A line that the shell skips."""
    return f"# {one_line(text)}".rstrip()

"""Memcached's text protocol."""

from __future__ import annotations

import hashlib

from workbook.artifacts.writing.text import one_line

LONGEST_KEY = 250
"""Bytes (protocol.txt of Memcached)."""


def identifier(key: str) -> str:
    """A key: neither blanks nor controls, and a longer one ends in a hash of the whole."""
    plain = "".join(c if c.isprintable() and not c.isspace() else "_" for c in key)
    if len(plain.encode()) <= LONGEST_KEY:
        return plain
    mark = hashlib.sha256(key.encode()).hexdigest()[:16]
    return plain.encode()[: LONGEST_KEY - len(mark) - 1].decode(errors="ignore") + ":" + mark


def comment(text: str) -> str:
    """A line for the reader; the protocol has no comments."""
    return f"# {one_line(text)}".rstrip()

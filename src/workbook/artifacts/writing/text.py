"""Text on its way into something that is read line by line."""

from __future__ import annotations

import json
import re
from typing import Any

from workbook.brief.characters import REFUSED

_BREAKS = re.compile(rf"[{REFUSED}\u2028\u2029]")
_QUOTES = str.maketrans("", "", '"\\`')
_ENDS = {"*/": "", "/*": "", "''": "'"}
"""Signs that end or begin a comment, and two single quotes, which Go's formatter turns into one typographic sign."""


def cleaned(text: str) -> str:
    """A text without the characters that end, hide or reorder lines. A brief has few of them, other callers may."""
    return _BREAKS.sub(" ", text)


def one_line(text: str) -> str:
    """A text as one line with single blanks."""
    return " ".join(cleaned(text).split())


def remark(text: str) -> str:
    """A text as one line that ends no comment, docstring or quotation of any programming language."""
    left = one_line(text).translate(_QUOTES)
    while any(sign in left for sign in _ENDS):
        for sign, instead in _ENDS.items():
            left = left.replace(sign, instead)
    return " ".join(left.split())


def quoted(text: str) -> str:
    """A text in double quotes with the escapes that JSON, JavaScript, Python and GraphQL share; no line end stands in it raw."""
    written = json.dumps(text, ensure_ascii=False)
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}" if breaks_lines(found[0]) else found[0], written)


def breaks_lines(character: str) -> bool:
    """Whether some reader takes a character for a line end, an order or nothing at all."""
    return ord(character) < 0x10000 and _BREAKS.match(character) is not None


def compact(value: Any) -> str:
    """A value as JSON without spaces, in ASCII: every engine and every shell takes it."""
    return json.dumps(value, separators=(",", ":"))

"""Strings with the three marks as Markdown; everything else in them is taken literally."""

from __future__ import annotations

from workbook.artifacts.writing.markdown import begun, code, fenced, inline
from workbook.artifacts.writing.markdown import cell as in_cell
from workbook.artifacts.writing.text import cleaned

from .inline import Span, spans

__all__ = ["cell", "code", "fenced", "prose"]


def prose(text: str) -> str:
    """A string with the three marks as one line of Markdown; nothing but the marks is markup."""
    return begun(_line(text))


def cell(text: str) -> str:
    """The same for a table cell."""
    return in_cell(_line(text))


def _line(text: str) -> str:
    return " ".join(_marked(cleaned(text)).split())


def _marked(text: str) -> str:
    """The marks as Markdown. Code that touches code becomes one span: two would not be read as two."""
    found = ""
    code_so_far = ""
    for span in spans(text):
        if span.kind == "code":
            code_so_far += span.text
            continue
        found += code(code_so_far) + _span(span)
        code_so_far = ""
    return found + code(code_so_far)


def _span(span: Span) -> str:
    match span.kind:
        case "strong":
            return f"**{_marked(span.text)}**"
        case "link":
            text = _marked(span.text)
            return text if span.target in span.text else f"{text} ({inline(span.target)})"
        case _:
            return inline(span.text)

"""The three marks a string may carry - `code`, **strong**, [text](#block-id) - and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

_MARK = re.compile(
    r"`(?P<code>(?=\S)[^`\n]+(?<=\S))`"
    r"|\*\*(?P<strong>(?=\S)[^*\n]+(?<=\S))\*\*"
    r"|\[(?P<link>[^\[\]\n]+)\]\(#(?P<target>[A-Za-z0-9][\w.\-]*)\)"
)


@dataclass(frozen=True)
class Span:
    """A stretch of text under one mark. Strong text and link text hold no other mark but `code`."""

    kind: Literal["plain", "code", "strong", "link"]
    text: str
    target: str = ""


def spans(text: str) -> list[Span]:
    """The stretches of a string, in order. What is not one of the three marks stays plain."""
    found: list[Span] = []
    end = 0
    for match in _MARK.finditer(text):
        if match.start() > end:
            found.append(Span("plain", text[end : match.start()]))
        if match["code"] is not None:
            found.append(Span("code", match["code"]))
        elif match["strong"] is not None:
            found.append(Span("strong", match["strong"]))
        else:
            found.append(Span("link", match["link"], match["target"]))
        end = match.end()
    if end < len(text):
        found.append(Span("plain", text[end:]))
    return found


def to_html(text: str) -> Markup:
    """The string as HTML: marks become elements, everything else is escaped, line ends become `<br>`."""
    return Markup("").join(_element(span) for span in spans(text))


def _element(span: Span) -> Markup:
    match span.kind:
        case "code":
            return Markup("<code>{}</code>").format(span.text)
        case "strong":
            return Markup("<strong>{}</strong>").format(to_html(span.text))
        case "link":
            return Markup('<a href="#b-{}">{}</a>').format(span.target, to_html(span.text))
        case _:
            return Markup("<br>").join(escape(line) for line in span.text.split("\n"))


def words(text: str) -> str:
    """The string without its marks, on one line: for chart titles, labels and attributes."""
    bare = "".join(words(span.text) if span.kind in ("strong", "link") else span.text for span in spans(text))
    return " ".join(bare.split())

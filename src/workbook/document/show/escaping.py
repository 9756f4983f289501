"""Text that Markdown must take literally."""

from __future__ import annotations

import re

from .inline import Span, spans

_SPECIAL = re.compile(
    r"(?P<always>[\\`\[\]])"
    r"|(?P<star>\*)"
    r"|(?P<low>_)"
    r"|(?P<tag><)"
    r"|(?P<entity>&(?=#?\w+;))"
    r"|(?P<strike>(?<=\S)~|~(?=~))"
    r"|(?P<sum>\$(?!\d))"
)
_LINE_START = re.compile(r"^(?:(?P<sign>[#>+\-=|:]|\*(?=\s|$))|(?P<number>\d{1,9})(?P<point>[.)])(?=\s|$))")


def prose(text: str) -> str:
    """A string with the three marks as one line of Markdown; nothing but the marks is markup."""
    line = " ".join(_inline(text).split())
    return _LINE_START.sub(lambda m: f"\\{m['sign']}" if m["sign"] else f"{m['number']}\\{m['point']}", line)


def cell(text: str) -> str:
    """The same for a table cell, where a pipe would end the cell even inside code."""
    return " ".join(_inline(text).split()).replace("|", "\\|")


def code(text: str) -> str:
    """A code span around any text, backticks in it or not."""
    text = " ".join(text.split())
    if not text:
        return ""
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(text: str, language: str = "") -> str:
    """A fenced block, its fence longer than any run of backticks inside."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{re.sub(r'[^A-Za-z0-9_+#.-]', '', language)}\n{text.rstrip(chr(10))}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _inline(text: str) -> str:
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
            return f"**{_inline(span.text)}**"
        case "link":
            text = _inline(span.text)
            return text if span.target in span.text else f"{text} ({_literal(span.target)})"
        case _:
            return _literal(span.text)


def _literal(text: str) -> str:
    return _SPECIAL.sub(lambda match: _escaped(match, text), text)


def _escaped(match: re.Match[str], text: str) -> str:
    """Escape only what could be read as markup, so that the source stays readable too."""
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    found = match[0]
    if match["star"] and before == " " and after == " ":
        return found
    if match["low"] and before.isalnum() and after.isalnum():
        return found
    if match["tag"] and not (after.isalpha() or after in ("/", "!", "?")):
        return found
    return f"\\{found}"

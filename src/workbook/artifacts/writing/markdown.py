"""GitHub-flavoured Markdown: texts that mean nothing but themselves, code spans, and fences that nothing inside closes."""

from __future__ import annotations

import re

from workbook.artifacts.writing.text import one_line
from workbook.brief.characters import shown

_SPECIAL = re.compile(
    r"(?P<always>[\\`\[\]])"
    r"|(?P<star>\*)"
    r"|(?P<low>_)"
    r"|(?P<tag><)"
    r"|(?P<entity>&(?=#?\w+;))"
    r"|(?P<strike>(?<=\S)~|~(?=~))"
    r"|(?P<sum>\$(?!\d))"
)
_LINE_START = re.compile(r"(?:(?P<sign>[#>+\-=|:]|\*(?=\s|$))|(?P<number>\d{1,9})(?P<point>[.)])(?=\s|$))")


def string(text: str) -> str:
    """A text as one line that begins no list, heading, quotation or table, and in which nothing is markup."""
    return begun(inline(one_line(text)))


def paragraphs(text: str) -> str:
    """A text of several paragraphs, told apart by empty lines."""
    return "\n\n".join(filter(None, (string(p) for p in re.split(r"\n\s*\n", text))))


def heading(level: int, text: str) -> str:
    """A heading; signs at its end would be taken for its closing ones."""
    said = inline(one_line(text))
    return f"{'#' * level} " + re.sub(r"#+$", lambda m: "\\" + m[0], said)


def inline(text: str) -> str:
    """A text within a line. Only what could be read as markup is escaped, so that the source stays readable too."""
    return _SPECIAL.sub(lambda match: _escaped(match, text), text)


def strong(text: str) -> str:
    """A text that stands out."""
    said = inline(one_line(text))
    return f"**{said}**" if said else ""


def begun(line: str) -> str:
    """A line of Markdown that no longer begins with what would make it a list, a heading, a quotation or a table."""
    return _LINE_START.sub(_harmless, line, count=1) if _LINE_START.match(line) else line


def _harmless(match: re.Match[str]) -> str:
    return f"\\{match['sign']}" if match["sign"] else f"{match['number']}\\{match['point']}"


def cell(line: str) -> str:
    """A line of Markdown in a table, where a pipe would end the cell even inside code."""
    return line.replace("|", "\\|")


def code(text: str) -> str:
    """A code span around any text, backticks in it or not."""
    text = one_line(text)
    if not text:
        return ""
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(text: str, language: str = "") -> str:
    """A fenced block, its fence longer than any run of backticks inside."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{re.sub(r'[^A-Za-z0-9_+#.-]', '', language)}\n{shown(text).rstrip(chr(10))}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _escaped(match: re.Match[str], text: str) -> str:
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    found = match[0]
    if match["star"] and before == " " and after == " ":
        return found
    if match["low"] and before.isalnum() and after.isalnum():
        return found
    if match["tag"] and not (after.isalpha() or after in ("/", "!", "?")):
        return found
    return f"\\{found}"

"""Words that a generated name must not be: those that the templates use themselves, read from them, and methods of their classes."""

from __future__ import annotations

import builtins
import re
from functools import cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = {"python": "py", "java": "java", "go": "go", "typescript": "ts"}
_NOT_CODE = re.compile(
    r"\{%.*?%\}|\{\{.*?\}\}|\"\"\".*?\"\"\"|/\*.*?\*/|//[^\n]*|(?<!\S)#[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)
"""Jinja, comments, docstrings and strings."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


OWN_METHODS = _words(
    "read load lock unlock part cached fill aside rows authored apply handle work claim refresh add run stop encode decode",
    "merge member score columns of ask",
)
"""Methods of the templates in Java and TypeScript."""
OWN_ATTRIBUTES = _words("database cache sources index json")
"""What a service holds: in most languages a method of that name would be the same member."""
NUMBERS = _words(
    "MAX_ATTEMPTS FIRST_DELAY_SECONDS LONGEST_DELAY_SECONDS BATCH FAN_OUT_LIMIT CLAIM_SECONDS ROW_TTL_SECONDS PAGE_SIZE MAX_PAGE_SIZE",
    "CURSOR_VERSION PAGES_TTL_SECONDS PAGES_LENGTH MOST_MONTHS LOCK_SECONDS LOCK_WAIT_MILLISECONDS",
)
"""Constants of the templates that a brief may set by a tunable of the same name."""
OWN_TYPES = _words(
    "Event Envelope Message Messages Database Transaction Cache Recipients Push Effect Invalid Worker Service Page PageInfo Sources",
    "SearchIndex BadCursor Session Rows Json Entry Object String Map List Set Date Record Number Promise Error Symbol Function Class",
    "Thread Instant Duration Exception Any Protocol Decimal Place Kinds Order Array Long Double Boolean Integer Character Process",
    "Module Package Iterable Iterator Connection Counter Math Base64 Override Optional Collection Queue Void Byte Short Float",
)
"""Types of the templates and of the languages."""


@cache
def code_words(dialect: str, kind: str) -> frozenset[str]:
    """Every word of a template's own code."""
    source = (TEMPLATES / f"{kind}.{SUFFIX[dialect]}.j2").read_text(encoding="utf-8")
    return frozenset(re.findall(r"[A-Za-z_]\w*", _NOT_CODE.sub(" ", source)))


@cache
def own_types(dialect: str) -> frozenset[str]:
    """Types that generated code has or uses."""
    used = {w for kind in ("worker", "service") for w in code_words(dialect, kind) if w[0].isupper()}
    known = {n for n in dir(builtins) if n[0].isupper()} if dialect == "python" else set()
    return OWN_TYPES | used | known


@cache
def own_constants(dialect: str, kind: str) -> frozenset[str]:
    """Words in capitals that generated code uses for something of its own."""
    return frozenset(w for w in code_words(dialect, kind) if w.isupper()) - NUMBERS

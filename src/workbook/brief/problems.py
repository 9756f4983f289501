"""A problem as a value: what is wrong, where, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `place` is `file:line  path` for a brief, the id of a part for a finding."""

    place: str
    what: str
    remedy: str = ""
    severity: Severity = "error"
    id: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        return f"{text}\n    {self.remedy}" if self.remedy else text


class BriefError(Exception):
    """The brief cannot be read. Carries every problem found, not only the first, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(dict.fromkeys(problems), key=_line))
        super().__init__("\n".join(str(p) for p in self.problems))


def _line(problem: Problem) -> int:
    found = re.match(r"[^\n]*?:(\d+)(?:\s|$)", problem.place)
    return int(found[1]) if found else 0


def nearest(word: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """`Did you mean X?`, or nothing where no known name is near."""
    if len(word) > 100:
        return ""
    found = get_close_matches(word, list(names), n=1, cutoff=likeness)
    return f"Did you mean {found[0]}?" if found else ""


def spaced(key: str) -> str:
    """What to write where a colon has no space after it, so that name and value were read as one name."""
    name, _, value = key.partition(":")
    return f"Put a space after the colon, as in {name[:60]}: {value[:60]}"

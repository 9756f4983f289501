"""Values to try: `a,b,c` after a path, and every combination of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from workbook.run.tasks import BadRun

_CLOSING = {"[": "]", "{": "}"}
_LONGEST = 80
MOST = 100_000
"""Briefs of one batch; more is most likely a slip."""


def alternatives(text: str) -> tuple[str, ...]:
    """The values that a text lists, separated by commas. Raises ValueError with what is wrong.

    A value that begins with a bracket goes to the bracket that closes it, as in `[eu, us],[eu]`; one that begins with a quote goes to
    the next such quote, and is what stands between: `"Chat, for two",Chat`.
    """
    found = []
    rest = text.strip()
    while True:
        value, rest = _first(rest)
        found.append(value)
        if not rest:
            break
        rest = rest[1:].lstrip()
        if not rest:
            raise ValueError("ends with a comma")
    if len(found) > 1 and "" in found:
        raise ValueError("has nothing between two commas; write null for no value")
    return tuple(dict.fromkeys(found))


def _first(text: str) -> tuple[str, str]:
    """The first value, and the rest with its comma."""
    if text[:1] in ('"', "'") and text[:1]:
        end = text.find(text[0], 1)
        after = text[end + 1 :].lstrip()
        if end > 0 and (not after or after.startswith(",")):
            return text[1:end], after
    end = _bracketed(text) if text[:1] in _CLOSING and text[:1] else 0
    comma = text.find(",", end)
    return (text.strip(), "") if comma < 0 else (text[:comma].strip(), text[comma:])


def _bracketed(text: str) -> int:
    open_, quote = [], ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in _CLOSING:
            open_.append(_CLOSING[sign])
        elif open_ and sign == open_[-1]:
            open_.pop()
            if not open_:
                return place
    raise ValueError(f"has a {text[0]} that nothing closes")


def combinations(sweep: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Every way to choose one value for each path, in the order given. Raises BadRun where they are too many."""
    count = 1
    for values in sweep.values():
        count *= len(values)
    if count > MOST:
        raise BadRun(f"That is {count:,} combinations of values; a batch has at most {MOST:,}. Leave out some values.")
    for values in product(*sweep.values()):
        yield dict(zip(sweep, values, strict=True))


def slug(chosen: Mapping[str, str]) -> str:
    """A folder's name for these values, as daily_active-1k__peak-3x; with a mark of its own where signs had to be left out."""
    said = "__".join(f"{path.rsplit('.', 1)[-1]}-{value}" for path, value in chosen.items())
    plain = safe(said)
    exact = "__".join(f"{path}={value}" for path, value in chosen.items())
    return plain if plain == said else f"{plain}-{marked(exact)}"


def safe(text: str) -> str:
    """The text as part of a file's name on any system."""
    return re.sub(r"[^\w.-]+", "-", text)[:_LONGEST].strip("-.") or "brief"


def marked(text: str) -> str:
    """Six signs that stand for this text and hardly for another."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]

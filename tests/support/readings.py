"""Numbers and names read back from what a document prints, without the code that prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROUNDING = 0.0051
"""A number is printed with three digits at least: the last may be off by half."""
_PREFIXES = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_MANY = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_PER = {"s": 1.0, "day": 1 / 86_400}
_TIMES = {"ms": 1e-3, "s": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "day": 86_400.0, "year": 365 * 86_400.0}
_NUMBER = re.compile(
    r"(?P<number>-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)(?P<many>[kMBT](?![\w]))?"
    r"(?:/(?P<per>s|day)\b| ?(?P<unit>[KMGTPE]?B\b|[kMGT]?bit/s|ms\b|min\b|minutes\b|years?\b|days?\b|h\b|s\b|%))?"
)
_MARKS = re.compile(r"[`*]|\[([^\]]*)\]\(#[^)]*\)")


def numbers(text: object) -> list[float]:
    """Every number of a text in base units: bytes, seconds, calls a second, shares of one."""
    return [_value(found) for found in _NUMBER.finditer(str(text))]


def number(text: object) -> float:
    """The first number of a text. Raises IndexError where there is none."""
    return numbers(text)[0]


def _value(found: re.Match[str]) -> float:
    value = float(found["number"].replace(",", "")) * _MANY.get(found["many"] or "", 1.0)
    if found["per"]:
        return value * _PER[found["per"]]
    return value * _unit(found["unit"] or "")


def _unit(unit: str) -> float:
    if not unit:
        return 1.0
    if unit == "%":
        return 0.01
    for measure in ("bit/s", "B"):
        if unit.endswith(measure):
            return _PREFIXES[unit.removesuffix(measure).upper()]
    return _TIMES[unit if unit in _TIMES else unit.removesuffix("s")]


def bare(cell: object) -> str:
    """A cell without its marks: code, strong, links."""
    return _MARKS.sub(lambda m: m[1] or "", str(cell))


@dataclass(frozen=True)
class Fact:
    """Something that the document says, and what it should say."""

    about: str
    expected: object
    found: object
    agrees: bool

    def __str__(self) -> str:
        return f"{self.about}: {self.found!r} instead of {self.expected!r}"


def same(about: str, expected: object, found: object) -> Fact:
    """It is exactly that."""
    return Fact(about, expected, found, expected == found)


def near(about: str, expected: float, found: object, rounding: float = ROUNDING) -> Fact:
    """The number that stands there is that one, as far as it is printed; single bits are printed whole."""
    read = numbers(found)
    whole = 0.5 if re.search(r"\d bit/s", str(found)) else 1e-9
    close = bool(read) and abs(read[0] - expected) <= max(rounding * abs(expected), whole)
    return Fact(about, expected, found, close)


def money(about: str, expected: float, found: object) -> Fact:
    """The dollars that stand there are those, to the dollar or the cent."""
    read = numbers(found)
    close = bool(read) and abs(read[0] - expected) <= max(0.51 if expected >= 10 else 0.0051, ROUNDING * abs(expected))
    return Fact(about, expected, found, close)


def says(about: str, expected: str, found: object) -> Fact:
    """The words stand in it."""
    return Fact(about, expected, found, expected in bare(found))


def true(about: str, holds: bool, found: object = "") -> Fact:
    """It is so."""
    return Fact(about, "so", found, holds)

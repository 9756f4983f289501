"""Quantities as people write them: `5M`, `1.2 KB`, `200 ms`, `99.95 %`, `3x`, `20k USD/month`, each with an optional range.

A quantity is read once, at the edge, into base units: bytes, seconds, a fraction, USD a month, a factor a year.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

DAY = 86_400.0
MONTH_DAYS = 30.0
YEAR_DAYS = 365.0
LONGEST = 200
LARGEST = 1e30

_MAGNITUDE = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
TIME_UNITS: Mapping[str, float] = MappingProxyType(
    {
        "ns": 1e-9,
        "us": 1e-6,
        "µs": 1e-6,
        "ms": 1e-3,
        "millisecond": 1e-3,
        "milliseconds": 1e-3,
        "s": 1.0,
        "sec": 1.0,
        "secs": 1.0,
        "second": 1.0,
        "seconds": 1.0,
        "min": 60.0,
        "mins": 60.0,
        "minute": 60.0,
        "minutes": 60.0,
        "h": 3600.0,
        "hr": 3600.0,
        "hour": 3600.0,
        "hours": 3600.0,
        "d": DAY,
        "day": DAY,
        "days": DAY,
        "week": 7 * DAY,
        "weeks": 7 * DAY,
        "month": MONTH_DAYS * DAY,
        "months": MONTH_DAYS * DAY,
        "year": YEAR_DAYS * DAY,
        "years": YEAR_DAYS * DAY,
    }
)
SIZE_UNITS: Mapping[str, float] = MappingProxyType(
    {"byte": 1.0, "bytes": 1.0, "B": 1.0, "b": 1.0}
    | {f"{p}B": 1000.0**n for n, p in enumerate("kMGTPE", start=1)}
    | {"KB": 1000.0}
    | {f"{p}iB": 1024.0**n for n, p in enumerate("KMGTPE", start=1)}
)
_SLIPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "number": {
            "m": "M",
            "mn": "M",
            "mio": "M",
            "million": "M",
            "bn": "B",
            "billion": "B",
            "thousand": "k",
            "g": "G",
        },
        "size": {"k": "KB", "m": "MB", "g": "GB", "t": "TB", "p": "PB"}
        | {u.lower(): u for u in SIZE_UNITS if u != "kB"},
        "time": {"m": "min", "mn": "min", "hrs": "h", "mos": "months", "yr": "years", "yrs": "years"}
        | {u.lower(): u for u in TIME_UNITS},
    }
)
"""What people write for a unit, in small letters, and the unit they mean."""
_PERIOD = {"money": "/month", "growth": "/year"}
"""The period that is meant where none is said."""
_NUMBER = re.compile(r"\s*([+-]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
_RANGE = re.compile(r"(.*?)\.\.(.*)", re.DOTALL)
_BEST_AND_RANGE = re.compile(r"(.*?)\(\s*(.+?)\s*\.\.\s*(.+?)\s*\)(.*)", re.DOTALL)


class NotAQuantity(ValueError):
    """The text is not a quantity of the kind asked for; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in base units with its 5-95 % range; `text` is how it was written."""

    best: float
    low: float
    high: float
    kind: str
    text: str = ""

    @property
    def exact(self) -> bool:
        """Whether no range was given."""
        return self.low == self.high

    def __str__(self) -> str:
        return self.text or format(self.best, "g")


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    article: str
    write: str
    non_negative: bool = True


KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        k.name: k
        for k in (
            _Kind("number", "a number", "Write a number, as in 5000, 2.5k, 500M, 2B or 40 (25..60)."),
            _Kind("size", "a size", "Write a number and a unit, as in 1 KB, 1.5 MiB or 200..800 B."),
            _Kind("time", "a time", "Write a number and a unit, as in 200 ms, 5 min, 6.5 h, 30 days or 2 years."),
            _Kind("share", "a share", "Write a share between 0 and 100 %, as in 20 % or 0.2."),
            _Kind("factor", "a factor", "Write a factor, as in 3x, 3 or 3x (2x..5x)."),
            _Kind("money", "an amount of money", "Write USD and a period, as in 20k USD/month or 1M USD/year."),
            _Kind(
                "growth",
                "a growth",
                "Write growth and a period, as in 20 %/year, 5 %/month or 1.5x/year.",
                non_negative=False,
            ),
            _Kind("price", "a price", "Write a price and what it is for, as in 0.05 USD/GB."),
        )
    }
)


def _scaled(number: float, unit: str, kind: str) -> float | None:
    """The number in base units, or None where the unit does not fit the kind."""
    if kind == "number":
        return number * _MAGNITUDE[unit] if unit in _MAGNITUDE else None
    if kind == "size":
        if not unit:
            return None
        return number * SIZE_UNITS[unit] if unit in SIZE_UNITS else None
    if kind == "time":
        return number * TIME_UNITS[unit] if unit in TIME_UNITS else None
    if kind == "share":
        if unit == "%":
            return number / 100
        return number if not unit else None
    if kind == "factor":
        if unit in ("", "x", "times"):
            return number
        return number / 100 if unit == "%" else None
    return _rate_of_money_or_growth(number, unit, kind)


def _rate_of_money_or_growth(number: float, unit: str, kind: str) -> float | None:
    what, _, period = (part.strip() for part in unit.partition("/"))
    if kind == "price":
        found = re.fullmatch(r"([kKM]?)\s*(?:USD|\$)", what)
        return number * _MAGNITUDE[found[1]] if found and period else None
    if kind == "money":
        found = re.fullmatch(r"([kKMB]?)\s*(?:USD|\$)", what)
        months = {"month": 1.0, "year": 12.0, "day": 1 / MONTH_DAYS}.get(period)
        return number * _MAGNITUDE[found[1]] / months if found and months else None
    years = {"year": 1.0, "month": 12.0, "quarter": 4.0}.get(period)
    if years is None or what not in ("%", "x"):
        return None
    a_period = 1 + number / 100 if what == "%" else number
    return float(a_period**years) if a_period > 0 else None


def _one(text: str, kind: str, unit_if_none: str = "") -> float:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise NotAQuantity
    number = float(found[1].replace("_", "").replace(",", ""))
    unit = found[2] or unit_if_none
    try:
        value = _scaled(number, re.sub(r"\s+", " ", unit), kind)
    except OverflowError:
        value = math.inf
    if value is None:
        raise NotAQuantity
    if not abs(value) <= LARGEST:
        raise NotAQuantity("large")
    return value


def _unit_of(text: str) -> str:
    found = _NUMBER.fullmatch(text)
    return found[2] if found else ""


@lru_cache(maxsize=4096)
def _parse(text: str, kind: str) -> Quantity:
    stripped = text.strip()
    both = _BEST_AND_RANGE.fullmatch(stripped)
    if both:
        best_text, low_text, high_text, after = both.groups()
        unit = after.strip() or ("" if kind == "number" else _unit_of(high_text) or _unit_of(best_text))
        best, low, high = (_one(t, kind, unit) for t in (best_text, low_text, high_text))
    else:
        only = _RANGE.fullmatch(stripped)
        if only:
            unit = "" if kind == "number" else _unit_of(only[2])
            low, high = _one(only[1], kind, unit), _one(only[2], kind, unit)
            best = math.sqrt(low * high) if low > 0 and high > 0 else (low + high) / 2
        else:
            best = low = high = _one(stripped, kind)
    if not low <= best <= high:
        raise NotAQuantity("order")
    return Quantity(best, low, high, kind, stripped)


def meant(text: str, kind: str) -> str:
    """The quantity that was probably meant by `1 kb` or `10m`, or nothing."""
    if len(text) > LONGEST:
        return ""
    if kind in _PERIOD:
        return _if_read(f"{text.strip()}{_PERIOD[kind]}", kind)
    slips = _SLIPS.get(kind, {})
    mended = re.sub(r"[A-Za-zµ]+", lambda word: slips.get(word[0].lower(), word[0]), text.strip())
    mended = re.sub(r"(?<=\d)\s+(?=[A-Za-z])", "", mended)
    if kind != "number":
        mended = re.sub(r"(?<=\d)(?=[A-Za-zµ])", " ", mended)
    return _if_read(mended, kind)


def _if_read(text: str, kind: str) -> str:
    try:
        _parse(text, kind)
    except ValueError:
        return ""
    return text


def shown(value: object) -> str:
    """What was read, short enough for a message."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def parse(value: object, kind: str) -> Quantity:
    """Read a quantity of that kind (see KINDS). Raises NotAQuantity with what was read and what to write instead."""
    known = KINDS[kind]
    if isinstance(value, Quantity):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NotAQuantity(f'"{shown(value)}" is not {known.article}. {known.write}')
    try:
        text = value if isinstance(value, str) else repr(value)
        if len(text) > LONGEST:
            raise NotAQuantity
        found = _parse(text, kind)
    except NotAQuantity as error:
        why = {
            "order": ": the best guess must lie within its range, and the range go from low to high",
            "large": " is larger than anything there is",
        }
        likely = "" if str(error) in why else meant(text, kind)
        hint = f"Did you mean {likely}? " if likely else ""
        what = why.get(str(error), f" is not {known.article}")
        raise NotAQuantity(f'"{shown(text)}"{what}. {hint}{known.write}') from None
    except ValueError:
        raise NotAQuantity(f"a number of so many digits is larger than anything there is. {known.write}") from None
    if known.non_negative and found.low < 0:
        raise NotAQuantity(f'"{text}" is negative. {known.write}')
    if kind == "share" and found.high > 1:
        raise NotAQuantity(f'"{text}" is more than 100 %. {known.write}')
    return found


def quantity(value: float, kind: str = "number") -> Quantity:
    """A quantity without range, from a plain number in base units."""
    return Quantity(value, value, value, kind, format(value, "g"))

"""What a typed value was read as, in words: the line beside a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbook.brief.quantities import NotAQuantity, Quantity, parse

_UNITS = {"1/s": " a second", "B": " bytes", "bit/s": " bit/s", "1": "", "USD/month": " USD a month"}
_KINDS = {"number", "share", "time", "factor", "growth"}
_TIMES = (
    (365 * 86_400, "year"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
    (1e-3, "millisecond"),
)


def reading(text: str, kind: str) -> str:
    """`5,000,000; 3 M to 8 M` for `5M (3M..8M)`; empty for kinds that are no quantities, or that were not understood."""
    if kind not in _KINDS:
        return ""
    try:
        found = parse(text, kind)
    except NotAQuantity:
        return ""
    return _said(found)


def _said(found: Quantity) -> str:
    best = _precise(found.best, found.kind)
    return best if found.exact else f"{best}; {_short(found.low, found.kind)} to {_short(found.high, found.kind)}"


def _precise(value: float, kind: str) -> str:
    if kind == "number":
        return f"{value:,.0f}" if value == round(value) else f"{value:,.6g}"
    return _short(value, kind)


def _short(value: float, kind: str) -> str:
    if kind == "share":
        return f"{value * 100:.6g} %"
    if kind == "factor":
        return f"{value:.6g}x"
    if kind == "growth":
        return f"{(value - 1) * 100:+.3g} % a year"
    if kind == "time":
        return _time(value)
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.4g} {letter}"
    return f"{value:.4g}"


def _time(seconds: float) -> str:
    for size, name in _TIMES:
        if seconds >= size:
            count = seconds / size
            return f"{count:.4g} {name}{'' if count == 1 else 's'}"
    return f"{seconds:.4g} seconds"


def result(estimate: Mapping[str, Any], dotted: str) -> str:
    """`= 2,315 a second` for a name of the estimate; empty where the estimate has no such number."""
    here: Any = estimate
    for part in dotted.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    if not isinstance(here, Mapping) or "value" not in here:
        return ""
    value = float(here["value"])
    number = f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.3g}"
    return f"= {number}{_UNITS.get(str(here.get('unit')), '')}"

"""How a plain number, a yes/no or nothing is written in a cell."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from workbook.document.blocks import Cell


def cell_text(value: Cell) -> str:
    """The value as text: 12,345; 0.0123; 99.99; yes; – for nothing. Strings pass unchanged."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return _float_text(float(value))


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    rounded = _significant(value)
    if not 1e-4 <= abs(rounded) < 1e15:
        mantissa, exponent = f"{rounded:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    text = f"{rounded:,.12f}".rstrip("0").rstrip(".")
    return text or "0"


def _significant(value: float) -> float:
    """Three significant digits; more where three would lift 99.95 to 100, which an availability must not be."""
    exact = Decimal(repr(value))
    magnitude = exact.adjusted()
    for digits in range(3, 8):
        rounded = exact.quantize(Decimal(1).scaleb(magnitude - digits + 1), rounding=ROUND_HALF_UP)
        if rounded.adjusted() == magnitude:
            return float(rounded)
    return float(f"{value:.2e}")

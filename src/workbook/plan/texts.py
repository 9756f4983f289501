"""Numbers in sentences: three significant digits, the same everywhere."""

from __future__ import annotations

import math


def bytes_text(value: float) -> str:
    """Bytes for a sentence: 3 significant digits in decimal units."""
    for size, name in ((1e18, "EB"), (1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if abs(value) >= size:
            return f"{value / size:.3g} {name}" if value < 1000 * size else f"{value / size:,.0f} {name}"
    return f"{value:.0f} B"


def brief_number(value: float) -> str:
    """A number for a sentence: 3 significant digits with k, M, B, T."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "unlimited"
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scaled = value / (1e3 if letter == "k" else size)
            return f"{scaled:.3g}{letter}" if abs(scaled) < 1000 else f"{scaled:,.0f}{letter}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

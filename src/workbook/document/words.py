"""Numbers and names as a reader wants them. Rounding happens here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.plan.names import words
from workbook.plan.texts import brief_number, bytes_text

DAILY = 0.001
"""Calls a second below which a reader counts them by the day."""


def rate(value: float) -> str:
    """Calls per second: `23.1k/s`; rare ones by the day: `1/day`."""
    return f"{brief_number(value * 86_400)}/day" if 0 < value < DAILY else f"{brief_number(value)}/s"


def size(value: float) -> str:
    """Bytes: `37.2 PB`."""
    return bytes_text(value)


def bits(value: float) -> str:
    """Bits per second: `4.63 Gbit/s`."""
    for unit, name in ((1e12, "Tbit/s"), (1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")):
        if abs(value) >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value:.0f} bit/s"


def count(value: float) -> str:
    """A number of things: `1.2M`."""
    return brief_number(value)


def usd(value: float) -> str:
    """Money: `1,234 USD`."""
    return f"{value:,.0f} USD" if abs(value) >= 10 else f"{value:,.2f} USD"


def duration(seconds: float) -> str:
    """A time: `8.8 h`."""
    for unit, name in ((365 * 86_400, "years"), (86_400, "days"), (3600, "h"), (60, "min"), (1, "s")):
        if abs(seconds) >= unit * (2 if name in ("years", "days") else 1):
            return f"{seconds / unit:.3g} {name}"
    return "0 s" if seconds == 0 else f"{seconds * 1000:.3g} ms"


def milliseconds(value: float) -> str:
    """A latency: `300 ms`."""
    return f"{value:,.0f} ms"


def time(seconds: float) -> str:
    """A latency from seconds: `300 ms`."""
    return milliseconds(seconds * 1000)


def percent(value: float) -> str:
    """A share: `99.95 %`."""
    text = f"{value * 100:.4f}".rstrip("0").rstrip(".")
    return f"{text} %"


def listed(names: Iterable[str], most: int = 6) -> str:
    """Names in words, with commas; a long list is cut and says by how much."""
    found = [words(n) for n in names]
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")


def code(text: str) -> str:
    """Text as code in a line."""
    return f"`{text.replace('`', '')}`"


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


__all__ = [
    "bits",
    "code",
    "count",
    "duration",
    "listed",
    "milliseconds",
    "percent",
    "rate",
    "sentence",
    "size",
    "time",
    "usd",
    "words",
]

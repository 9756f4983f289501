"""The rows as one page: opens offline, sorts by any column, leads to each report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from workbook import __version__
from workbook.document import words
from workbook.document.show import style
from workbook.run.batch.row import Row, Status
from workbook.run.batch.tables import CSV, PARQUET, replacing
from workbook.run.report import template

NAME = "summary.html"

_TOTALS = (
    ("monthly_cost_usd", "Cost per month"),
    ("servers", "Servers"),
    ("peak_qps", "Peak requests"),
    ("storage_bytes_retained_replicated", "Storage"),
)
_POWERS = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_WORDS = {"1": words.count, "1/s": words.rate, "B": words.size}
_TONES = {Status.done: "", Status.not_run: "wb-quiet"}


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, what it is sorted by, and what stands below in small."""

    text: str
    order: float | None = None
    detail: str = ""


def write(folder: Path, rows: Sequence[Row], varied: Sequence[str]) -> None:
    """The page of these rows; `varied` are the paths whose values differ between them."""
    with replacing(folder / NAME) as part:
        part.write_text(html(rows, varied), encoding="utf-8", newline="\n")


def html(rows: Sequence[Row], varied: Sequence[str]) -> str:
    """The page as text."""
    decisions = tuple(dict.fromkeys(name.split(".")[0] for row in rows for name in row.decisions))
    return template("batch.html.j2").render(
        rows=rows,
        varied=varied,
        totals=[title for _, title in _TOTALS],
        numbers={row.name: [_total(row, name) for name, _ in _TOTALS] for row in rows},
        decisions=[name.replace("_", " ") for name in decisions],
        decided={row.name: [_decided(row, name) for name in decisions] for row in rows},
        tones={row.name: _TONES.get(Status(row.status), "wb-over") for row in rows},
        sentence=_sentence(rows),
        files=(CSV, PARQUET),
        version=__version__,
        style=Markup(style()),
    )


def _sentence(rows: Sequence[Row]) -> str:
    """What came of the batch."""
    done = sum(row.done for row in rows)
    if done == len(rows):
        return "The report is made." if done == 1 else f"All {done:,} reports are made."
    waiting = sum(row.status == Status.not_run for row in rows)
    failed = len(rows) - done - waiting
    missing = [f"{failed:,} could not be made"] if failed else []
    missing += [f"{waiting:,} were not begun or not finished"] if waiting else []
    return f"{done:,} of {len(rows):,} reports are made; {' and '.join(missing)}."


def _total(row: Row, name: str) -> Cell:
    value = row.totals.get(name)
    if value is None:
        return Cell("")
    unit = row.units.get(name, "1")
    if unit != "USD/month":
        return Cell(_WORDS[unit](value), value)
    low, high = (_compact(one) if one is not None else "" for one in (row.cost_low, row.cost_high))
    return Cell(f"{_compact(value)} USD", value, f"{low} to {high}" if low != high else "")


def _compact(money: float) -> str:
    """Three digits: costs of a sweep are compared by their size."""
    for power, prefix in _POWERS:
        if abs(money) >= power:
            return f"{money / power:.3g}{prefix}"
    return f"{money:,.0f}" if abs(money) >= 100 else f"{money:.3g}"


def _decided(row: Row, name: str) -> str:
    """The choice; where it differs between contexts, which is for which."""
    contexts: dict[str, list[str]] = {}
    for decision, chosen in row.decisions.items():
        first, _, context = decision.partition(".")
        if first == name:
            contexts.setdefault(chosen.replace("_", " "), []).append(context.replace("_", " "))
    if len(contexts) < 2:
        return "".join(contexts)
    return "; ".join(f"{chosen} ({', '.join(filter(None, of))})" for chosen, of in contexts.items())

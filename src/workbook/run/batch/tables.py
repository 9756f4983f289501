"""The rows as tables for other programs: CSV for a spreadsheet, Parquet with types."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbook.run.batch.row import Row

CSV, PARQUET = "summary.csv", "summary.parquet"

_TEXT, _COUNT, _NUMBER, _LIST = "text", "count", "number", "list"
Column = tuple[str, str, Callable[[Row], Any]]


def columns(rows: Sequence[Row]) -> list[Column]:
    """Name, kind and value of every column: what all rows have, then what is set, counted and decided in any of them."""
    found: list[Column] = [
        ("name", _TEXT, lambda row: row.name),
        ("brief", _TEXT, lambda row: row.brief),
        ("system", _TEXT, lambda row: row.system),
        ("status", _TEXT, lambda row: row.status),
        ("message", _TEXT, lambda row: row.message),
        ("report", _TEXT, lambda row: f"{row.folder}/report.html" if row.report else ""),
        ("revision", _TEXT, lambda row: row.revision),
        ("seconds", _NUMBER, lambda row: row.seconds),
        ("errors", _COUNT, lambda row: row.errors if row.report else None),
        ("warnings", _COUNT, lambda row: row.warnings if row.report else None),
        ("flags", _LIST, lambda row: list(row.flags)),
        ("monthly_cost_usd_low", _NUMBER, lambda row: row.cost_low),
        ("monthly_cost_usd_high", _NUMBER, lambda row: row.cost_high),
    ]
    found += _each("set.", _TEXT, rows, lambda row: row.overrides)
    found += _each("", _NUMBER, rows, lambda row: row.totals)
    found += _each("decision.", _TEXT, rows, lambda row: row.decisions)
    return found


def _each(prefix: str, kind: str, rows: Sequence[Row], part: Callable[[Row], Mapping[str, Any]]) -> list[Column]:
    """A column for every name that a part of any row has."""

    def column(name: str) -> Column:
        return f"{prefix}{name}", kind, lambda row: part(row).get(name)

    return [column(name) for name in dict.fromkeys(name for row in rows for name in part(row))]


def write(folder: Path, rows: Sequence[Row]) -> None:
    """Both files, each whole or not at all."""
    found = columns(rows)
    with replacing(folder / CSV) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_harmless(name) for name, _, _ in found])
        writer.writerows([[_cell(value(row)) for _, _, value in found] for row in rows])
    with replacing(folder / PARQUET) as part:
        _parquet(part, found, rows)


def _parquet(part: Path, found: Sequence[Column], rows: Sequence[Row]) -> None:
    import pyarrow
    from pyarrow import parquet

    kinds = {
        _TEXT: pyarrow.string(),
        _COUNT: pyarrow.int64(),
        _NUMBER: pyarrow.float64(),
        _LIST: pyarrow.list_(pyarrow.string()),
    }
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind, _ in found])
    arrays = [pyarrow.array([value(row) for row in rows], kinds[kind]) for _, kind, value in found]
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), part)


@contextmanager
def replacing(place: Path) -> Iterator[Path]:
    """A file to write into that takes this place when it is whole."""
    part = place.with_name(f".{place.name}.part")
    try:
        yield part
        os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = " ".join(value)
    return _harmless(value) if isinstance(value, str) else value


def _harmless(text: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula, and would compute it."""
    return f"'{text}" if text.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and text.strip() else text

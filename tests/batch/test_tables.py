"""The tables over a batch: for a reader, for a spreadsheet, for a program."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyarrow import parquet

from workbook.run.batch import page, tables
from workbook.run.batch.row import Row

ROWS = (
    Row(
        "chat", "chat.yaml", "chat", "done", report=True, seconds=2.5, system="=HYPERLINK(1)", revision="abc",
        overrides={"load.peak": "-3x"}, totals={"monthly_cost_usd": 1234.5, "servers": 4.0}, units={"monthly_cost_usd": "USD/month", "servers": "1"},
        cost_low=1000.0, cost_high=2000.0, decisions={"cache": "redis", "database.a": "x_y", "database.b": "z"}, flags=("one", "two"),
        findings=(("error", "<b>bad</b>"), ("warning", "so-so")),
    ),
    Row("<script>alert(1)</script>", "b.yaml", "b", "timed out", "took more than 8 s & more", overrides={"@SUM": "@A1"}),
)  # fmt: skip


def test_parquet_reads_back_with_its_types(tmp_path: Path) -> None:
    """Numbers are numbers, counts whole ones, flags a list, and what is not known is null."""
    tables.write(tmp_path, ROWS)
    table = parquet.read_table(tmp_path / "summary.parquet")
    types = {field.name: str(field.type) for field in table.schema}
    assert types["monthly_cost_usd"] == types["seconds"] == "double"
    assert types["errors"] == "int64"
    assert types["flags"].startswith("list<")
    assert types["decision.database.a"] == types["set.load.peak"] == "string"
    first, second = table.to_pylist()
    assert (first["system"], first["set.load.peak"], first["flags"], first["errors"]) == (
        "=HYPERLINK(1)",
        "-3x",
        ["one", "two"],
        1,
    )
    assert (second["monthly_cost_usd"], second["errors"], second["decision.cache"]) == (None, None, None)


def test_no_cell_of_the_csv_is_a_formula(tmp_path: Path) -> None:
    """A text that a spreadsheet would compute begins with an apostrophe; a number stays one."""
    tables.write(tmp_path, ROWS)
    with (tmp_path / "summary.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert all(cell[:1] not in ("=", "+", "@", "-", "\t", "\r") for line in lines for cell in line)
    first = dict(zip(lines[0], lines[1], strict=True))
    assert (first["system"], first["set.load.peak"], first["monthly_cost_usd"]) == ("'=HYPERLINK(1)", "'-3x", "1234.5")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\n=1"])
def test_what_begins_a_formula_is_made_harmless(text: str) -> None:
    """Also behind spaces."""
    assert tables._harmless(text) == f"'{text}"


def test_the_page_escapes_and_leads_to_reports() -> None:
    """Whatever a brief is called stays text; a report is a link, a failure its message; nothing comes from elsewhere."""
    found = page.html(ROWS, ("load.peak",))
    assert "<script>alert" not in found
    assert "<b>bad</b>" not in found
    assert 'href="chat/report.html"' in found
    assert "took more than 8 s &amp; more" in found
    assert "x y (a); z (b)" in found
    assert "1.23k USD" in found
    assert "http://" not in found
    assert "https://" not in found
    assert "1 of 2 reports are made; 1 could not be made." in found

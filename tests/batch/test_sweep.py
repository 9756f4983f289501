"""Sweeps: one brief under many values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.run.batch import alternatives, batch
from workbook.run.batch.sweep import slug

LISTS = {
    "1k,1M,1B": ("1k", "1M", "1B"),
    "1k": ("1k",),
    "": ("",),
    " 1k , 1M ": ("1k", "1M"),
    "1k,1k": ("1k",),
    "200..800 B,1 KB": ("200..800 B", "1 KB"),
    "[eu, us],[eu]": ("[eu, us]", "[eu]"),
    "{a: 1, b: [2, 3]}": ("{a: 1, b: [2, 3]}",),
    "['a]', b],c": ("['a]', b]", "c"),
    '"Chat, for two",Chat': ("Chat, for two", "Chat"),
    "'a,b'": ("a,b",),
    "the users' choice,none": ("the users' choice", "none"),
    '"said" he,no': ('"said" he', "no"),
}
WRONG = {
    "1k,": "ends with a comma",
    "1k,,2k": "between two commas",
    ",1k": "between two commas",
    "[eu, us": "nothing closes",
}


@pytest.mark.parametrize("text", LISTS)
def test_a_list_of_values(text: str) -> None:
    """Commas separate, except inside brackets and quotes that begin a value."""
    assert alternatives(text) == LISTS[text]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_list_of_values(text: str) -> None:
    """It says what is wrong."""
    with pytest.raises(ValueError, match=WRONG[text]):
        alternatives(text)


def test_folders_of_values_differ() -> None:
    """Values that look the same as a file's name have a mark of their own, and the same one every time."""
    assert slug({"populations.users.daily_active": "1k"}) == "daily_active-1k"
    assert slug({"load.peak": "3x", "a.b": "1.5"}) == "peak-3x__b-1.5"
    assert slug({"a.b": "1 k"}) != slug({"a.b": "1/k"})
    assert slug({"a.b": "../../x"}).count("/") == 0
    assert slug({"a.b": "1 k"}) == slug({"a.b": "1 k"})


def test_every_combination_has_its_report(briefs: Callable[..., list[Path]], notebooks: Path, tmp_path: Path) -> None:
    """Two values of one path and two of another make four reports of each brief; the table says which is which, and the cost follows."""
    sweep = {"populations.users.daily_active": ("1k", "10k"), "load.peak": ("2x", "4x"), "system": ("Named",)}
    found = batch(briefs("village"), tmp_path / "out", sweep=sweep, workers=2, notebooks=notebooks)
    assert [row.folder for row in found.rows] == [
        f"village/daily_active-{users}__peak-{peak}" for users in ("1k", "10k") for peak in ("2x", "4x")
    ]
    assert not found.failed
    assert [row.system for row in found.rows] == ["Named"] * 4
    peaks = [row.totals["peak_qps"] for row in found.rows]
    assert peaks == sorted(peaks)
    assert peaks[3] > 10 * peaks[0]
    page = found.summary.read_text()
    assert 'href="village/daily_active-10k__peak-4x/report.html"' in page

"""The command `workbook batch`: its options, what it says, its status."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import LONG

Briefs = Callable[..., list[Path]]
Command = Callable[..., "subprocess.Popen[str]"]

BAD = {
    "a memory that is none": (("--memory", "lots"), "--memory lots: write"),
    "too little memory": (("--memory", "1M"), "at least 256M"),
    "a --set without a value": (("--set", "load.peak"), "write a path and a value"),
    "a --set that ends with a comma": (("--set", "load.peak=2x,"), "ends with a comma"),
    "too many combinations": (
        tuple(w for p in "abcdef" for w in ("--set", f"load.{p}=" + ",".join(map(str, range(9))))),
        "at most 100,000",
    ),
    "no workers": (("--workers", "0"), "--workers"),
    "no scheduler there": (("--scheduler", "tcp://127.0.0.1:1"), "No Dask scheduler answers at tcp://127.0.0.1:1"),
    "a scheduler without a port": (("--scheduler", "127.0.0.1"), "No Dask scheduler answers at 127.0.0.1"),
    "a scheduler that is no address": (("--scheduler", "nonsense://x"), "No Dask scheduler answers"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_asked_for_is_said_in_a_line(
    case: str, briefs: Briefs, command: Command, tmp_path: Path
) -> None:
    """Status 2, what and what to do, no traceback."""
    arguments, expected = BAD[case]
    found = command(*briefs("village"), "-o", tmp_path / "out", "-q", *arguments)
    printed, errors = found.communicate(timeout=LONG)
    assert found.returncode == 2, errors
    assert expected in errors
    assert "Traceback" not in errors
    assert printed == ""


def test_without_dask_it_says_what_to_install(
    briefs: Briefs, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line."""
    (tmp_path / "hidden" / "distributed").mkdir(parents=True)
    (tmp_path / "hidden" / "distributed" / "__init__.py").write_text("raise ImportError('hidden')")
    monkeypatch.syspath_prepend(str(tmp_path / "hidden"))
    found = command(*briefs("village"), "-o", tmp_path / "out", "-q", "--scheduler", "tcp://127.0.0.1:1")
    _, errors = found.communicate(timeout=LONG)
    assert found.returncode == 2
    assert 'pip install "system-design-workbook[cluster]"' in errors


def test_the_status_says_how_it_went(briefs: Briefs, notebooks: Path, command: Command, tmp_path: Path) -> None:
    """0 all there, 1 with a finding that is an error, 3 where one could not be made; each says what to read."""
    good, over, fails = briefs("good", "over", "fails")
    over.write_text(over.read_text() + "constraints: {budget: 1 USD/month}\n")
    for asked, status in (((good,), 0), ((good, over), 1), ((good, over, fails), 3)):
        found = command(*asked, "-o", tmp_path / "out", "-q", own=notebooks)
        printed, errors = found.communicate(timeout=LONG)
        assert (found.returncode, printed.strip()) == (status, str(tmp_path / "out" / "summary.html")), errors
    assert "fails failed: section 0 (Part) could not be made: FileNotFoundError" in errors
    assert "2 of 3 reports are there." in errors

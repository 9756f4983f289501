"""`make mission`: each row of the founding documents - shown by claims that hold and see their planted faults, failed, or open."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).resolve().parent
ROWS = HERE.parent / "requirements.yaml"


def rows() -> dict[str, str]:
    """Every row of the founding documents, with its text."""
    found: dict[str, str] = {}
    for family in yaml.safe_load(ROWS.read_text(encoding="utf-8")).values():
        found |= {row: str(said["text"]) for row, said in family.items()}
    return found


def reasons() -> dict[str, str]:
    """The open rows, with why."""
    found: dict[str, str] = yaml.safe_load((HERE / "open.yaml").read_text(encoding="utf-8"))
    return found


class Results:
    """What becomes of the tests that are marked with each row."""

    def __init__(self) -> None:
        self.of_row: dict[str, Counter[str]] = defaultdict(Counter)
        self.failed: dict[str, str] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any) -> Any:
        """Called by pytest after each phase of a test."""
        report = (yield).get_result()
        if report.when == "call" or report.failed:
            outcome = "failed" if report.failed else report.outcome
            for marker in item.iter_markers("requirement"):
                for row in marker.args:
                    self.of_row[row][outcome] += 1
            if report.failed:
                self.failed[item.nodeid] = str(report.longrepr)

    def pytest_collectreport(self, report: Any) -> None:
        """Called by pytest after it has looked for tests in a file."""
        if report.failed:
            self.failed[report.nodeid] = str(report.longrepr)

    def verdict(self, row: str, why: str) -> str:
        """What is to be said of a row."""
        counted = self.of_row.get(row)
        if not counted:
            return f"open: {why}" if why else "FAILED: neither claimed nor open"
        if counted["failed"] or why:
            return "FAILED" if counted["failed"] else "FAILED: claimed, and yet listed as open"
        return "shown"


def main() -> int:
    """Run the claims, print a line for each row, and end with 1 where one failed or is unknown."""
    results = Results()
    options = [
        "-p",
        "no:terminal",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=--import-mode=importlib",
    ]
    pytest.main([*options, str(HERE)], plugins=[results])
    known, why = rows(), reasons()
    verdicts = {row: results.verdict(row, why.get(row, "")) for row in known}
    for row, text in known.items():
        print(f"{row:<5} {text[:88]:<88} {verdicts[row]}")
    shown = sum(v == "shown" for v in verdicts.values())
    left = sum(v.startswith("open") for v in verdicts.values())
    wrong = [row for row, v in verdicts.items() if v.startswith("FAILED")]
    print(f"\n{shown} of {len(known)} rows are shown, {left} are open, {len(wrong)} failed.")
    unknown = sorted((set(results.of_row) | set(why)) - set(known))
    if unknown:
        print(f"Unknown rows: {', '.join(unknown)}", file=sys.stderr)
    for name, said in results.failed.items():
        print(f"\n{name}\n{said}", file=sys.stderr)
    return 1 if wrong or unknown or results.failed or not shown else 0


if __name__ == "__main__":
    sys.exit(main())

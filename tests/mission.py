"""`make mission`: each row of the founding documents, and the tests that show it, or none."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).resolve().parent


class Collected:
    """What pytest finds, sorted by the rows that each test is marked with."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Called by pytest once everything is collected."""
        for item in items:
            for marker in item.iter_markers("requirement"):
                for row in marker.args:
                    self.tests[row].add(item.nodeid.split("[")[0])


def main() -> int:
    """Print the table; status 1 where a test is marked with a row that does not exist."""
    collected = Collected()
    pytest.main(
        ["--collect-only", "-o", "addopts=--import-mode=importlib", "-p", "no:terminal", str(HERE)], plugins=[collected]
    )
    documents = yaml.safe_load((HERE / "requirements.yaml").read_text(encoding="utf-8"))
    rows = {row: said for part in documents.values() if isinstance(part, dict) for row, said in part.items()}
    shown = 0
    for row, said in rows.items():
        tests = sorted(collected.tests.get(row, ()))
        shown += bool(tests)
        text = str(said.get("text", "") if isinstance(said, dict) else said)
        print(f"{row:<5} {text[:90]:<90} {', '.join(tests) or 'none'}")
    print(f"\n{shown} of {len(rows)} rows are shown by a test.")
    unknown = sorted(set(collected.tests) - set(rows))
    if unknown:
        print(f"Marked with rows that do not exist: {', '.join(unknown)}", file=sys.stderr)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())

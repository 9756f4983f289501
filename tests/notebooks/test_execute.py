"""Every notebook by papermill, for every example brief; and a second run that says the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from workbook.run import run

from workbook.brief import examples


@pytest.mark.slow
@pytest.mark.parametrize("brief", examples())
def test_all_notebooks_run_by_papermill(brief: str, report: Callable[[str], Path]) -> None:
    """Each section is done, each cell that shows something has shown HTML and Markdown, and the report has it all."""
    folder = report(brief)
    summary = json.loads((folder / "summary.json").read_text())
    assert [section["number"] for section in summary["sections"]] == list(range(14))
    assert {section["notebook"]: section["error"] for section in summary["sections"] if section["status"] != "done"} == {}
    assert summary["totals"]
    page = (folder / "report.html").read_text()
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and cell.source.startswith("book.show"):
                assert cell.outputs
                assert all({"text/html", "text/markdown"} <= set(output.data) for output in cell.outputs)
                assert f'data-block="{cell.source.split(chr(34))[1]}"' in page


AGAIN = (0, 3, 6, 9, 13)
"""Sections with pictures, code, proofs, charts and numbers: a stock kernel takes seconds for each."""


@pytest.mark.slow
def test_a_second_run_compares_equal_cell_by_cell(tmp_path: Path) -> None:
    """nbval executes the executed notebooks again, with another hash seed, and finds the same outputs, proofs included."""
    run("music", {}, tmp_path / "verified", progress=False, verify=True)
    others = shutil.ignore_patterns(*(f"{number:02d}_*" for number in range(14) if number not in AGAIN))
    notebooks = shutil.copytree(tmp_path / "verified" / "notebooks", tmp_path / "notebooks", ignore=others)
    paths = os.pathsep.join(str(Path(path).resolve()) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)
    environment = {**os.environ, "WORKBOOK_HEADLESS": "1", "PYTHONHASHSEED": "1", "PYTHONPATH": paths}
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(notebooks)]
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=400)
    assert found.returncode == 0, found.stdout[-3000:]
    assert " passed" in found.stdout

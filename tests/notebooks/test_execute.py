"""Every notebook by papermill, for every example brief; and a second run that says the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from workbook.brief import examples
from workbook.run import run


@pytest.mark.slow
@pytest.mark.parametrize("brief", examples())
def test_all_notebooks_run_by_papermill(brief: str, tmp_path: Path) -> None:
    """Each section is done, each cell that shows something has shown HTML and Markdown, and the report has it all."""
    found = run(brief, {}, tmp_path, jobs=2, progress=False)
    assert [section.number for section in found.sections] == list(range(14))
    assert {section.notebook: section.error for section in found.failed} == {}
    page = (tmp_path / "report.html").read_text()
    for path in sorted((tmp_path / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and cell.source.startswith("book.show"):
                assert cell.outputs
                assert all({"text/html", "text/markdown"} <= set(output.data) for output in cell.outputs)
                assert f'data-block="{cell.source.split(chr(34))[1]}"' in page
    assert json.loads((tmp_path / "summary.json").read_text())["totals"]


@pytest.mark.slow
def test_a_second_run_compares_equal_cell_by_cell(tmp_path: Path) -> None:
    """nbval executes the executed notebooks again and finds the same outputs."""
    run("clinic", {}, tmp_path, jobs=2, progress=False)
    environment = {**os.environ, "WORKBOOK_HEADLESS": "1", "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(tmp_path / "notebooks")]
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=400)
    assert found.returncode == 0, found.stdout[-3000:]
    assert " passed" in found.stdout

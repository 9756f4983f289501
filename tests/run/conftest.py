"""A small brief and small notebooks, for tests of the run itself."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

BRIEF = """\
workbook: 1
system: Village noticeboard
statement: A noticeboard for one village.
populations:
  users: {daily_active: 2k, monthly_active: 20k}   # counted in spring
entities:
  notice: {fields: {id: id, body: string 200}, retention: 1 year}
operations:
  post: {does: create notice, rate: 1 per users per day, priority: P0, p99: 300 ms}
  read: {does: list notice, rate: 5 per users per day, priority: P0, p99: 300 ms}
"""


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    """A brief of the user's own."""
    path = tmp_path / "village.yaml"
    path.write_text(BRIEF, encoding="utf-8")
    return path


@pytest.fixture
def notebooks(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of notebooks from the source of one cell each."""

    def make(*sources: str) -> Path:
        folder = tmp_path / "own"
        folder.mkdir(exist_ok=True)
        for number, source in enumerate(sources):
            notebook = new_notebook(
                cells=[
                    new_markdown_cell(f"# {number}. Part {number}\n\nAbout part {number}.", id="title"),
                    new_code_cell('brief = "none"\noverrides = {}', id="parameters", metadata={"tags": ["parameters"]}),
                    new_code_cell(textwrap.dedent(source), id="body"),
                ],
                metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            )
            nbformat.write(notebook, folder / f"{number:02d}_part.ipynb")
        return folder

    return make

"""The notebooks are thin: what a reader would change is a cell, what must be right is a module."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from workbook import _files

FOLDER = _files.path("notebooks")
NAMES = sorted(path.name for path in FOLDER.glob("*.ipynb"))
SECTIONS = [
    "00_executive_summary", "01_requirements", "02_estimation", "03_api", "04_architecture", "05_deep_dives", "06_database", "07_caching",
    "08_messaging", "09_operations", "10_security", "11_cost_and_roadmap", "12_technology", "13_deliverables",
]  # fmt: skip
LOGIC = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.Try, ast.With, ast.comprehension, ast.ImportFrom)


def read(name: str) -> Any:
    """A notebook as it is in the repository."""
    return nbformat.read(FOLDER / name, as_version=4)


def code(name: str) -> list[Any]:
    """Its code cells."""
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


def test_there_is_one_for_each_section_and_an_index() -> None:
    """Fourteen sections, numbered, and the page that leads to them."""
    assert [*(f"{name}.ipynb" for name in SECTIONS), "index.ipynb"] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_short_and_without_outputs(name: str) -> None:
    """About ten cells, stable ids, a kernel that everyone has, nothing stored."""
    notebook = read(name)
    nbformat.validate(notebook)
    assert 4 <= len(notebook.cells) <= 14
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", cell.id) for cell in notebook.cells)
    assert all(not cell.outputs and cell.execution_count is None for cell in code(name))
    assert sum(len(cell.source.splitlines()) for cell in code(name)) <= 20


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_no_logic(name: str) -> None:
    """No def, class, loop or branch; no import but ours; one call a cell."""
    for cell in code(name):
        tree = ast.parse(cell.source)
        for node in ast.walk(tree):
            assert not isinstance(node, LOGIC)
            if isinstance(node, ast.Import):
                assert [alias.name for alias in node.names] == ["workbook"]


@pytest.mark.parametrize("name", NAMES)
def test_its_parameters_are_plain_and_one_a_line(name: str) -> None:
    """One tagged cell; papermill reads names and defaults from it."""
    from papermill.inspection import inspect_notebook

    tagged = [cell for cell in code(name) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    found = inspect_notebook(str(FOLDER / name))
    assert {parameter: value["default"] for parameter, value in found.items()} == {"brief": '"chat"', "overrides": "{}"}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "index.ipynb"])
def test_it_shows_its_own_section_one_subsection_a_cell(name: str) -> None:
    """The numbers in a notebook are those of its section, in order and without a gap."""
    shown = [found[1] for cell in code(name) if (found := re.match(r'book\.show\("([\d.]+)"\)', cell.source))]
    assert shown == [f"{int(name[:2])}.{index}" for index in range(1, len(shown) + 1)]
    assert read(name).cells[0].source.startswith(f"# {int(name[:2])}. ")


def test_the_index_leads_to_every_section() -> None:
    """Every link goes to a notebook that is there, and none is forgotten."""
    text = "\n".join(cell.source for cell in read("index.ipynb").cells if cell.cell_type == "markdown")
    assert re.findall(r"\]\((\w+\.ipynb)\)", text) == [f"{name}.ipynb" for name in SECTIONS]
    assert all(Path(FOLDER / name).exists() for name in NAMES)

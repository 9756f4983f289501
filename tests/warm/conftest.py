"""Running a notebook in a fork of the warm process, and beside it as papermill itself runs it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

Cells = Sequence[str | Mapping[str, str]]
Run = Callable[..., Any]

IMPORTS = (
    "workbook.run.warm.kernel",
    "workbook.run.preload",
    "workbook.run.preload_widgets",
    "matplotlib.pyplot",
    "tqdm.notebook",
)
"""Much is imported before the notebooks begin: whatever differs by that is to be seen."""


class Outcome(NamedTuple):
    """What came of a notebook: as it stands in the file, what papermill raised, and the folder it ran in."""

    notebook: Any
    error: Exception | None
    folder: Path


def cell(given: str | Mapping[str, str]) -> Any:
    """A cell from its source, or from {kind: source}."""
    if isinstance(given, str):
        return new_code_cell(given)
    ((kind, source),) = given.items()
    if kind in ("markdown", "raw"):
        return {"markdown": new_markdown_cell, "raw": new_raw_cell}[kind](source)
    return new_code_cell(source, metadata={"tags": [{"raises": "raises-exception"}.get(kind, kind)]})


def notebook(cells: Cells, kernel: str = "python3") -> Any:
    """A notebook of these cells."""
    return new_notebook(
        cells=[cell(one) for one in cells],
        metadata={"kernelspec": {"name": kernel, "display_name": "P", "language": "python"}},
    )


@pytest.fixture(scope="session", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The engine is known to papermill, and IPython's files are the tests' own: a startup file and a setting are among them."""
    from papermill.engines import papermill_engines

    from workbook.run import warm
    from workbook.run.warm.engine import WarmEngine

    papermill_engines.register("workbook", WarmEngine)
    place = tmp_path_factory.mktemp("ipython")
    profile = place / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "startup" / "00-first.py").write_text(
        "started_by_a_file = __name__, [n for n in dir() if n[0] != '_']\n"
    )
    settings = "c.InteractiveShellApp.exec_lines = ['configured = 5']\nc.InteractiveShell.enable_tip = False\n"
    (profile / "ipython_config.py").write_text(settings)
    runtime = tmp_path_factory.mktemp("runtime")
    with pytest.MonkeyPatch.context() as patch:
        found = os.environ.get("PYTHONPATH", "src").split(os.pathsep)
        patch.setenv("PYTHONPATH", os.pathsep.join(str(Path(one).resolve()) for one in found))
        for name, value in {
            "IPYTHONDIR": place,
            "JUPYTER_RUNTIME_DIR": runtime,
            "NOTED": "no",
            "PYTHONHASHSEED": "0",
        }.items():
            patch.setenv(name, str(value))
        yield place
    warm.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs cells (or a notebook) by an engine, ours unless told; returns the notebook."""

    def run(
        cells: Any,
        *,
        engine: str | None = "workbook",
        folder: Path | None = None,
        name: str = "run.ipynb",
        **options: Any,
    ) -> Any:
        from papermill import execute_notebook

        os.environ.pop("PYTEST_CURRENT_TEST", None)  # ipykernel captures no descriptors where it is set
        desk = tmp_path if folder is None else folder
        desk.mkdir(exist_ok=True)
        source = desk / f"source-of-{name}"
        nbformat.write(cells if hasattr(cells, "cells") else notebook(cells), source)
        if engine:
            options = {"imports": IMPORTS, **options}
        usual = {
            "progress_bar": False,
            "execution_timeout": 120,
            "kernel_name": "python3",
            "resources": {"metadata": {"path": str(desk)}},
        }
        return execute_notebook(str(source), str(desk / name), engine_name=engine, **{**usual, **options})

    return run


@pytest.fixture
def both(run: Run, tmp_path: Path) -> Callable[..., tuple[Outcome, Outcome]]:
    """Runs cells by papermill's own engine and by ours, at the same time, in two folders."""

    def both(cells: Any, **options: Any) -> tuple[Outcome, Outcome]:
        import copy

        def one(engine: str | None) -> Outcome:
            folder = tmp_path / ("ours" if engine else "theirs")
            error = None
            try:
                run(copy.deepcopy(cells), engine=engine, folder=folder, **options)
            except Exception as caught:  # noqa: BLE001 (which one is compared)
                error = caught
            return Outcome(nbformat.read(folder / "run.ipynb", as_version=4), error, folder)

        with ThreadPoolExecutor(2) as pool:
            theirs, ours = pool.map(one, (None, "workbook"))
        return theirs, ours

    return both

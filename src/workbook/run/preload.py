"""What surrounds the notebooks of a run: the variables they find, and what the warm process imports so that none waits for it."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path

from workbook.run.warm.which import KERNEL

MODULES = (KERNEL, "workbook.run.preload")
"""For the warm process of a run."""

APP_MODULES = (*MODULES, "workbook.run.preload_widgets")
"""For the warm process of JupyterLab and Voila: with what people use beside us."""


def warm_up() -> None:
    """Import everything that a section needs, and read what no brief changes."""
    from workbook import document

    for name in (
        "diagrams",
        "graphviz",
        "workbook.book",
        "workbook.document.show.drawn",
        "workbook.document.show.plots",
        "workbook.artifacts",
    ):
        importlib.import_module(name)
    with suppress(Exception):  # a broken catalog of the user's is explained where a notebook meets it
        document.prepare()


def warm_files() -> list[Path]:
    """What `warm_up` has read besides modules: once one changes, notebooks need another warm process."""
    from workbook import _files
    from workbook.catalog import loader

    return [
        file for folder in (*loader.folders("."), _files.path("assets")) for file in folder.rglob("*") if file.is_file()
    ]


def import_papermill() -> None:
    """Import papermill without a grammar that a library of a library builds on import, in longer than all the rest takes.

    It is for checking internationalized addresses, which no notebook's schema has.
    """
    if "jsonschema" in sys.modules or "rfc3987_syntax" in sys.modules:
        return
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        importlib.import_module("papermill")
    finally:
        del sys.modules["rfc3987_syntax"]


def start() -> None:
    """Let the warm process begin, if there can be one: it imports while the brief is being read."""
    from workbook.run import warm

    if not warm.unfit():
        warm.warm(environment(Path()), MODULES)


def environment(private: Path) -> dict[str, str]:
    """What a kernel finds around it: ours, with search paths made absolute and IPython's own files kept in a private folder."""
    found = dict(os.environ)
    for name in ("PYTHONPATH", "WORKBOOK_CATALOG", "WORKBOOK_PLUGINS"):
        if found.get(name):
            found[name] = os.pathsep.join(
                str(Path(entry).resolve()) for entry in found[name].split(os.pathsep) if entry
            )
    found.setdefault("HOME", str(private))
    found.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # its idle threads would take the other core, and a process without threads forks safely
    return found | {
        "WORKBOOK_HEADLESS": "1",
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(private),
        "PYTHONHASHSEED": "0",
    }

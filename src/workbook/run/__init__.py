"""How a workbook is executed: notebooks by papermill, and one report from what they put out.

The names are loaded when they are asked for: papermill, JupyterLab and Voila take the warm kernels from here and nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbook.run.pipeline import RunResult, SectionResult, run
    from workbook.run.tasks import BadRun, Interrupted

_PLACES = {
    "RunResult": "pipeline",
    "SectionResult": "pipeline",
    "run": "pipeline",
    "BadRun": "tasks",
    "Interrupted": "tasks",
}

__all__ = ["BadRun", "Interrupted", "RunResult", "SectionResult", "run"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)

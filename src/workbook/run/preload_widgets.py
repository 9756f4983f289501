"""What a live notebook imports besides: widgets, and the tables and plots of whoever goes on with the numbers."""

from __future__ import annotations

import importlib

_NAMES = (
    "ipywidgets", "nbformat", "pandas", "plotly.graph_objects", "plotly.express", "workbook.guide", "workbook.widgets.chooser",
    "workbook.widgets.forms", "workbook.widgets.views",
)  # fmt: skip


def warm_up() -> None:
    """Import them, and draw one figure: the first of a process loads plotly's templates.

    It is not shown: plotly decides how on the first showing, by whether there is a notebook, and here is none yet.
    """
    for name in _NAMES:
        importlib.import_module(name)
    importlib.import_module("plotly.express").line(x=[0, 1], y=[0, 1]).to_json()

"""What the warm process of a batch knows beside that of a run: what reads a brief, drives its notebooks and writes its report."""

from __future__ import annotations

import importlib
from contextlib import suppress

from workbook.run import preload
from workbook.run.preload import MODULES

ALL = (*MODULES, "workbook.run.batch.preload")
"""For the warm process of a batch."""

_NAMES = (
    "nbclient", "nbformat", "papermill.engines", "papermill.execute", "papermill.inspection", "workbook.review", "workbook.run.batch.child",
    "workbook.run.execute", "workbook.run.kernel", "workbook.run.outputs", "workbook.run.pipeline", "workbook.run.report",
    "workbook.run.warm.client", "workbook.run.warm.engine", "workbook.run.writing",
)  # fmt: skip


def warm_up() -> None:
    """Import it, and let each build what no brief changes: the schema of notebooks, the page's template, the samples of a range."""
    preload.import_papermill()
    for name in _NAMES:
        importlib.import_module(name)
    from papermill.inspection import inspect_notebook

    from workbook import _files
    from workbook.brief import examples, load
    from workbook.plan import derive
    from workbook.review import review
    from workbook.run import report, tasks

    with suppress(Exception):  # a broken catalog of the user's is explained where a brief meets it
        inspect_notebook(str(tasks.tasks(_files.path("notebooks"))[0].path))
        report.html(report.Cover("", "", "", "", (), "", ()), ())
        plan = derive(load(examples()[0]))
        plan.estimate(range=True)
        review(plan)

"""The worker in Python: every operation that an event, a queue or a clock starts."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import python_files
from workbook.plan import Plan

KIND = "worker"
DIALECTS = (python_files.DIALECT,)


def make(plan: Plan) -> Iterable[Artifact]:
    """A file an operation."""
    return python_files.operations(plan, asked=False)

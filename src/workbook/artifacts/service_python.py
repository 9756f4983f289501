"""The service in Python: every operation that somebody calls."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import python_files
from workbook.plan import Plan

KIND = "service"
DIALECTS = (python_files.DIALECT,)


def make(plan: Plan) -> Iterable[Artifact]:
    """A file an operation, what they import, and the ways in."""
    yield from python_files.operations(plan, asked=True)
    yield python_files.support(plan)
    yield python_files.routes(plan)

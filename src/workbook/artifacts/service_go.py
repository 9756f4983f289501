"""The service in Go: every operation that somebody calls."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import go_files
from workbook.plan import Plan

KIND = "service"
DIALECTS = (go_files.DIALECT,)


def make(plan: Plan) -> Iterable[Artifact]:
    """A function an operation, what they stand on, and the ways in."""
    yield from go_files.operations(plan, asked=True)
    yield go_files.support(plan)
    yield go_files.routes(plan)

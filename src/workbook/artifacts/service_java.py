"""The service in Java: every operation that somebody calls."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import java_files
from workbook.plan import Plan

KIND = "service"
DIALECTS = (java_files.DIALECT,)


def make(plan: Plan) -> Iterable[Artifact]:
    """A class an operation, what they stand on, and the ways in."""
    yield from java_files.operations(plan, asked=True)
    yield java_files.support(plan)
    yield java_files.routes(plan)

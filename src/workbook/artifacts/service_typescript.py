"""The service in TypeScript: every operation that somebody calls."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import typescript_files
from workbook.plan import Plan

KIND = "service"
DIALECTS = (typescript_files.DIALECT,)


def make(plan: Plan) -> Iterable[Artifact]:
    """A function an operation, what they stand on, and the ways in."""
    yield from typescript_files.operations(plan, asked=True)
    yield typescript_files.support(plan)
    yield typescript_files.routes(plan)

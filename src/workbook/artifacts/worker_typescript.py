"""The worker in TypeScript: every operation that an event, a queue or a clock starts."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import typescript_files
from workbook.plan import Plan

KIND = "worker"
DIALECTS = (typescript_files.DIALECT,)


def make(plan: Plan) -> Iterable[Artifact]:
    """A function an operation."""
    return typescript_files.operations(plan, asked=False)

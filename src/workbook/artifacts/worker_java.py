"""The worker in Java: every operation that an event, a queue or a clock starts."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import java_files
from workbook.plan import Plan

KIND = "worker"
DIALECTS = (java_files.DIALECT,)


def make(plan: Plan) -> Iterable[Artifact]:
    """A class an operation."""
    return java_files.operations(plan, asked=False)

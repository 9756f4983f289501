"""The worker of the critical write in Java."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts import code_text
from workbook.artifacts.base import Artifact
from workbook.plan import Plan

KIND = "worker"
DIALECTS = ("java",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One file, or nothing where there is nothing to tell."""
    return code_text.worker(plan, DIALECTS[0])

"""The read-and-merge service of the critical read in Java."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts import code_text
from workbook.artifacts.base import Artifact
from workbook.plan import Plan

KIND = "service"
DIALECTS = ("java",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One file, or nothing where there is nothing to read."""
    return code_text.service(plan, DIALECTS[0])

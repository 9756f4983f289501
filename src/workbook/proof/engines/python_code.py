"""Python's own compiler."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof.model import Check

ENGINE = "Python"


def takes(artifact: Artifact) -> bool:
    """Python modules."""
    return artifact.language == "python"


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """Each module on its own; nothing of it is run."""
    engine = f"{ENGINE} {platform.python_version()} (compiled)"
    for artifact in artifacts:
        try:
            compile(artifact.text, artifact.path, "exec", dont_inherit=True)
        except SyntaxError as error:
            yield Check(path=artifact.path, engine=engine, outcome="failed", message=str(error))
        else:
            yield Check(path=artifact.path, engine=engine, outcome="ok")

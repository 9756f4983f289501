"""Redis: runs every cache command and every stream command."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof.model import Check
from workbook.proof.servers import NotHere, redis

ENGINE = "Redis"


def takes(artifact: Artifact) -> bool:
    """Files of its commands."""
    return artifact.language == "redis"


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """One server for all."""
    try:
        with redis() as server:
            memory = plan.design.memory
            other = ""
            if memory is not None and memory.name != ENGINE and memory.dialect == "redis":
                other = f", whose commands {memory.name} speaks"
            for artifact in artifacts:
                wrong = server.run(artifact.text)
                yield Check(
                    path=artifact.path,
                    engine=f"{ENGINE} {server.version}{other}",
                    outcome="failed" if wrong else "ok",
                    message=wrong,
                )
    except NotHere as missing:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=str(missing)) for a in artifacts)

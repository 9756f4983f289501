"""What becomes of a brief: refused with reasons, a document of fourteen sections, or a crash; for the check and for the run alike."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from workbook import artifacts, document
from workbook.artifacts import Artifact
from workbook.brief import BriefError, loads
from workbook.document import show
from workbook.plan import Plan, derive
from workbook.proof.engines import graphql, grpc, json_schema, openapi, python_code
from workbook.review import review

READERS = (json_schema, openapi, graphql, grpc, python_code)
"""Engines that read an artifact in this process, or in one that ends at once."""
SECTIONS = 14


@dataclass(frozen=True)
class Outcome:
    """What `check` and what the work of `run` came to, and what the readers said of the artifacts."""

    check: str
    run: str
    crash: str = ""
    refused: tuple[str, ...] = ()
    """Artifacts that a reader did not take, with its words."""
    without_remedy: tuple[str, ...] = ()

    @property
    def agree(self) -> bool:
        """Whether what is good for the one is good for the other."""
        return self.check == self.run


def of(text: str, *, read: bool = True) -> Outcome:
    """The outcome of a brief's text."""
    try:
        plan = derive(loads(text, name="generated.yaml"))
    except BriefError as error:
        return Outcome("refused", "refused", without_remedy=tuple(str(p) for p in error.problems if not p.remedy))
    except Exception as error:  # noqa: BLE001 (whatever comes is counted)
        return Outcome("crash", "crash", _where(error))
    try:
        _checked(plan)
        check = "good"
    except Exception as error:  # noqa: BLE001
        return Outcome("crash", "", _where(error))
    try:
        made = _ran(plan)
    except Exception as error:  # noqa: BLE001
        return Outcome(check, "crash", _where(error))
    return Outcome(check, "good", refused=tuple(_unread(plan, made)) if read else ())


def _checked(plan: Plan) -> None:
    """The work of `workbook check`."""
    review(plan)
    assert all(problem.id and problem.remedy for problem in plan.problems)


def _ran(plan: Plan) -> tuple[Artifact, ...]:
    """The work of `workbook run`, without kernels."""
    json.dumps(plan.estimate(), allow_nan=False)
    sections = document.build(plan, flips=True)
    assert len(sections) == SECTIONS
    for section in sections:
        assert section.subsections
        assert show.section_html(section)
        assert show.section_markdown(section)
    return artifacts.build(plan)


def _where(error: Exception) -> str:
    """The exception, and the last line of ours in which it came."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "workbook" in frame.filename or "generated" in frame.filename
    ]
    last = frames[-1] if frames else None
    place = f"{last.filename.rpartition('workbook/')[2]}:{last.lineno}" if last else "?"
    return f"{type(error).__name__}: {str(error)[:80]} at {place}"


def _unread(plan: Plan, made: tuple[Artifact, ...]) -> Iterator[str]:
    for artifact in (a for a in made if a.text):
        if artifact.language in ("yaml", "json"):
            try:
                list(yaml.safe_load_all(artifact.text))
            except yaml.YAMLError as error:
                yield f"{artifact.path}: {str(error).splitlines()[0]}"
    for engine in READERS:
        mine = tuple(a for a in made if a.text and engine.takes(a))
        if mine:
            try:
                yield from (
                    f"{c.path}: {c.engine.split()[0]}: {c.message[:160]}"
                    for c in engine.check(plan, mine)
                    if c.outcome == "failed"
                )
            except Exception as error:  # noqa: BLE001 (a reader that breaks has not read it)
                yield f"{mine[0].path}: {type(error).__name__}: {str(error)[:160]}"

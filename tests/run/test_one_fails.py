"""What can't be made stands there with its error, and everything else comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbook.artifacts import Artifact
from workbook.document import show
from workbook.document.blocks import Diagram
from workbook.plan import Plan
from workbook.proof import verify
from workbook.proof.engines import python_code
from workbook.proof.model import Check
from workbook.run import run

SHOWS = "print('shown', brief)"
ARTIFACT = """
KIND, DIALECTS = "broken", ()
def make(plan):
    raise ZeroDivisionError("nothing to share")
"""
CHECK = """
title = why = remedy = source = "Ours"
def check(plan):
    raise RecursionError("round and round")
"""


def plugin(folder: Path, kind: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more decision, check or artifact, found by the search path; what was found before is forgotten."""
    (folder / kind).mkdir(parents=True)
    (folder / kind / "ours.py").write_text(text)
    monkeypatch.setenv("WORKBOOK_PLUGINS", str(folder))
    from workbook.artifacts.base import generators
    from workbook.review.base import checks

    monkeypatch.setattr("workbook.artifacts.base.generators", generators.__wrapped__)
    monkeypatch.setattr("workbook.review.base.checks", checks.__wrapped__)


def test_f5_an_artifact_that_cannot_be_made_leaves_the_report(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A generator that fails is named in the result, the summary and on the page; sections and other artifacts are there."""
    plugin(tmp_path / "plugins", "artifacts", ARTIFACT, monkeypatch)
    found = run(brief, {}, tmp_path / "out", notebooks=notebooks(SHOWS), progress=False)
    assert [(one.name, one.error) for one in found.unmade] == [
        ("The artifact broken", "ZeroDivisionError: nothing to share")
    ]
    assert found.exit_status == 3
    assert not found.failed
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["unmade"] == [{"name": "The artifact broken", "error": "ZeroDivisionError: nothing to share"}]
    assert "The artifact broken could not be made" in (tmp_path / "out" / "report.html").read_text()
    assert (tmp_path / "out" / "artifacts" / "api" / "openapi.yaml").exists()


def test_f5_a_diagram_that_cannot_be_drawn_leaves_the_report(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails, for whatever reason: it is named, and sections and artifacts are there."""

    def svg(diagram: Diagram) -> str:
        raise IndexError(f"no such corner in {diagram.id}")

    monkeypatch.setattr(show, "svg", svg)
    found = run(brief, {}, tmp_path / "out", notebooks=notebooks(SHOWS), progress=False)
    assert [one.name for one in found.unmade] == ["The diagram 4.1.diagram"]
    assert "no such corner" in found.unmade[0].error
    assert not found.failed
    assert (tmp_path / "out" / "artifacts" / "api" / "openapi.yaml").exists()


def test_f5_a_section_that_fails_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of the user's raises: the sections that ask it stand there with the error, all others are whole."""
    plugin(tmp_path / "plugins", "checks", CHECK, monkeypatch)
    found = run("clinic", {}, tmp_path / "out", progress=False)
    page = (tmp_path / "out" / "report.html").read_text()
    assert 0 < len(found.failed) < len(found.sections) == 14
    assert all("round and round" in section.error for section in found.failed)
    assert page.count("This section could not be made") == len(found.failed)


def test_f5_an_engine_whose_check_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was to check counts as not run, with the reason; the verdicts of the others are kept."""
    from workbook.artifacts import build
    from workbook.brief import load
    from workbook.plan import derive

    def broken(plan: Plan, artifacts: tuple[Artifact, ...]) -> Any:
        yield Check(path=artifacts[0].path, engine="Python", outcome="ok")
        raise KeyError("a name")

    monkeypatch.setattr(python_code, "check", broken)
    plan = derive(load("clinic"))
    found = verify(plan, [one for one in build(plan) if one.kind in ("worker", "service", "api")])
    mine = [check for check in found.checks if check.engine == "Python"]
    assert {(check.outcome, check.message) for check in mine} == {
        ("not run", "its check ended with KeyError: 'a name'")
    }
    assert found.ok

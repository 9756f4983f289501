"""The same brief gives the same document and the same artifacts, letter by letter, whatever order a process gives to sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

KEYS = Path(__file__).with_name("keys.yaml")
SAY = """
import sys, yaml
from workbook.artifacts import build
from workbook.brief import examples, load, loads
from workbook.catalog import loader
from workbook.document import build as sections
from workbook.document import show
from workbook.plan import derive

rich = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))["brief"]
briefs = {name: load(name) for name in examples()}
briefs |= {a: loads(f"system: S\\narchetypes: [{a}]\\n") for a in loader.archetypes()}
briefs["rich"] = loads(yaml.safe_dump(rich, sort_keys=False))
for name, brief in briefs.items():
    plan = derive(brief)
    for artifact in build(plan):
        print(name, artifact.path, artifact.text)
    for section in sections(plan):
        print(name, show.section_markdown(section))
"""


def said(seed: int) -> list[str]:
    """Everything that a process with that order of sets says of the examples, the archetypes and a brief with every key."""
    command = [sys.executable, "-c", SAY, str(KEYS)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
    )
    return done.stdout.splitlines()


@pytest.mark.slow
def test_a_document_follows_from_its_brief_alone() -> None:
    """Two processes agree line by line."""
    one, other = said(1), said(2)
    assert [(a, b) for a, b in zip(one, other, strict=False) if a != b][:3] == []
    assert len(one) == len(other) > 1000

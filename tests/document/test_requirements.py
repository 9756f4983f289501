"""Every row of the founding documents stands in the document of every example brief, and goes missing with its block."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
import reading

ROWS = yaml.safe_load((Path(__file__).parent / "requirements.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("brief", reading.BRIEFS)
@pytest.mark.parametrize("row", [pytest.param(r, marks=pytest.mark.requirement(r)) for r in ROWS])
def test_row_is_shown(row: str, brief: str) -> None:
    """The blocks named in the table say what the row promises, with this brief's own names."""
    assert reading.unmet(brief, ROWS[row], reading.blocks(brief)) == []


@pytest.mark.parametrize("brief", reading.BRIEFS)
@pytest.mark.parametrize("row", ROWS)
def test_row_goes_missing_with_its_block(row: str, brief: str) -> None:
    """Taking away the blocks of any of the row's patterns is noticed."""
    for pattern in reading.row_for(brief, ROWS[row])["blocks"]:  # type: ignore[attr-defined]
        gone = reading.matching(reading.blocks(brief), pattern)
        left = [b for b in reading.blocks(brief) if b not in gone]
        assert reading.unmet(brief, ROWS[row], left), f"{row} does not notice that {pattern} is gone"

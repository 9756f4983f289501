"""Every row of the founding documents is claimed or open, never both or neither."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
SENTENCE = 150


def known() -> set[str]:
    """The rows of the founding documents."""
    families = yaml.safe_load((HERE.parent / "requirements.yaml").read_text("utf-8")).values()
    return {row for family in families for row in family}


def claimed() -> set[str]:
    """The rows that a check of this folder is given for, read off the decorators and the table of numbers."""
    found = set(yaml.safe_load((HERE / "numbers.yaml").read_text("utf-8")))
    for path in HERE.glob("test_*.py"):
        for rows in re.findall(r'^@CLAIMS\(\s*((?:"[A-Z]+[\d.]*",?\s*)+)', path.read_text("utf-8"), re.MULTILINE):
            found |= set(re.findall(r'"([^"]+)"', rows))
    return found


def test_every_row_is_claimed_or_open() -> None:
    """A row that is shown needs no reason, and one that is not has one."""
    reasons = set(yaml.safe_load((HERE / "open.yaml").read_text("utf-8")))
    assert sorted(claimed() & reasons) == []
    assert sorted(known() - claimed() - reasons) == []
    assert sorted((claimed() | reasons) - known()) == []


def test_reasons_are_one_sentence() -> None:
    """What is missing is said in a line."""
    reasons = yaml.safe_load((HERE / "open.yaml").read_text("utf-8"))
    long = {row: why for row, why in reasons.items() if len(why) > SENTENCE or not why.endswith(".")}
    assert long == {}

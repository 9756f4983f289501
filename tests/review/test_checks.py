"""Every check has a brief that fires it and one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbook.brief import load
from workbook.plan import derive
from workbook.review import checks, review

CASES = {
    "single_copy": ("clinic", {"quality.availability": "95 %"}, "clinic", {}),
    "too_complex": ("chat", {"constraints.team.size": 3}, "clinic", {}),
    "ignored_cost": ("clinic", {"constraints.budget": "100 USD/month"}, "clinic", {}),
    "new_to_the_team": ("chat", {"constraints.team.skills": "[cobol]"}, "clinic", {}),
    "unclear_scaling": ("chat", {}, "clinic", {}),
    "no_security": ("clinic", {}, "music", {}),
    "no_monitoring": ("chat", {"choices.database.messages": "cockroachdb"}, "clinic", {}),
    "unkept_promise": ("clinic", {"promises": "[{fresh: no_such_thing}]"}, "clinic", {}),
    "slow_dependency": ("chat", {}, "clinic", {}),
    "nobody_writes": ("feed", {}, "clinic", {}),
    "slow_delivery": ("feed", {}, "feed", {"entities.follow_edge.per": "{followee: {largest: 20k}}"}),
}


def _state(identifier: str, brief: str, changes: dict[str, object]) -> str:
    return next(r.state for r in review(derive(load(brief, changes))) if r.id == identifier)


def test_every_check_has_its_case() -> None:
    """A check is listed here, or has a file of its own beside this one."""
    own = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert set(checks()) - set(CASES) - own == set()


@pytest.mark.parametrize("identifier", sorted(CASES))
def test_fires_and_holds(identifier: str) -> None:
    """The check fails on the brief made for it and holds on another."""
    bad, bad_changes, good, good_changes = CASES[identifier]
    assert _state(identifier, bad, bad_changes) == "fails"
    assert _state(identifier, good, good_changes) == "holds"

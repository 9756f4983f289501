"""Every approach of every capability that is built, pinned on small briefs of other fields, keeps all that it promises.

A file beside this one is named as the capability; it holds briefs by name. `approaches` names those that fit, where not all do.
One more capability needs one more file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import loads
from workbook.catalog import loader
from workbook.plan import Plan, derive
from workbook.proof.promises.base import Tested
from workbook.proof.promises.verdicts import verify
from workbook.proof.servers import NotHere, Postgresql, postgresql

FOLDER = Path(__file__).parent
SAID = {p.stem: yaml.safe_load(p.read_text("utf-8")) for p in sorted(FOLDER.glob("*.yaml"))}
BRIEFS: dict[str, dict[str, Any]] = {name: said for name, said in SAID.items() if isinstance(said, dict)}
LISTED = {
    (name, a) for name, said in SAID.items() if isinstance(said, list) for one in said for a in one["chosen_from"]
}
BUILT = {name: list(said.built) for name, said in loader.capabilities().items() if said.built}
PINNED = [
    (capability, brief, approach)
    for capability, approaches in BUILT.items()
    for brief in BRIEFS.get(capability, {})
    for approach in BRIEFS[capability][brief].get("approaches", approaches)
]
HOLD = {Tested.PASSED, Tested.STAND_IN_PASSED}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgresql]:
    """One throw-away server."""
    try:
        with postgresql() as made:
            yield made
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")


@cache
def planned(capability: str, brief: str, approach: str) -> Plan:
    """The plan of a small brief with one approach pinned."""
    said = {k: v for k, v in BRIEFS[capability][brief].items() if k != "approaches"} | {
        "choices": {capability: approach}
    }
    return derive(loads(yaml.safe_dump(said, sort_keys=False, allow_unicode=True)))


def test_every_approach_is_tried_on_a_small_brief() -> None:
    """What is built and tried nowhere but in its archetype may fit nothing else."""
    tried = {(capability, approach) for capability, _, approach in PINNED}
    assert {(c, a) for c, approaches in BUILT.items() for a in approaches} == tried | LISTED


@pytest.mark.parametrize(("capability", "brief", "approach"), PINNED)
def test_a_pinned_approach_is_built(capability: str, brief: str, approach: str) -> None:
    """The pinned approach is the one that is chosen, everybody it asks for is found, and nothing it needs is unknown."""
    plan = planned(capability, brief, approach)
    decided = [d.chosen.id for name, d in plan.decisions.items() if name.split(".")[0] == capability]
    assert decided == [approach]
    assert plan.unknown == (), plan.unknown


@pytest.mark.attack
@pytest.mark.parametrize(("capability", "brief", "approach"), PINNED)
def test_a_pinned_approach_keeps_its_promises(capability: str, brief: str, approach: str, server: Postgresql) -> None:
    """Each promise of the plan holds under attack, and breaks once what keeps it is taken out."""
    plan = planned(capability, brief, approach)
    found = verify(plan, server=server)
    assert {name: (one.tested.value, one.why) for name, one in found.items() if one.tested not in HOLD} == {}

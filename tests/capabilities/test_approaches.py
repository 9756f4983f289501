"""Capabilities on briefs of other fields than their archetype: they bind, they are kept under attack, they shrink, their tunables count.

Each file is named by its capability and lists briefs, with what must play each role and the approaches that can be built there.
One more capability needs one more file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import loads
from workbook.brief.quantities import parse
from workbook.catalog import loader
from workbook.plan import Plan, derive
from workbook.proof.promises import base
from workbook.proof.promises.verdicts import verify
from workbook.proof.servers import Postgresql
from workbook.run.contract import contract

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
TRIALS = {
    f"{path.stem}: {said['name']}": (path.stem, said)
    for path in FILES
    for said in yaml.safe_load(path.read_text("utf-8"))
}
BUILT = [(name, approach) for name, (_, said) in TRIALS.items() for approach in said["chosen_from"]]
HOLD = {base.Tested.PASSED, base.Tested.STAND_IN_PASSED}
FEWER = 1_000


def planned(name: str, approach: str = "", **more: Any) -> Plan:
    """The plan of a trial, with an approach pinned and parts of its brief replaced."""
    capability, said = TRIALS[name]
    brief = {**said["brief"], **more}
    if approach:
        brief["choices"] = {capability: approach}
    return derive(loads(yaml.safe_dump(brief, sort_keys=False)))


def test_every_approach_is_tried() -> None:
    """What is built and tried nowhere but in its archetype may fit nothing else."""
    tried = {(TRIALS[name][0], approach) for name, approach in BUILT}
    assert {(name, approach) for name, said in loader.capabilities().items() for approach in said.built} == tried


@pytest.mark.parametrize("name", TRIALS)
def test_every_role_is_bound(name: str) -> None:
    """Structure and words lead to the players that a reader of the brief would name."""
    capability, said = TRIALS[name]
    plan = planned(name)
    used = [u for u in plan.world.uses.built if u.binding.capability.id == capability]
    assert [o.why for o in plan.world.uses.open] == []
    assert {role: player.id for role, player in used[0].binding.players.items()} == said["roles"]


@pytest.mark.parametrize(("name", "approach"), BUILT)
def test_each_approach_is_read_without_a_problem(name: str, approach: str) -> None:
    """Pinned it is the one that is built, every name in its steps means something, and nothing it needs is unknown."""
    plan = planned(name, approach)
    decided = [d.chosen.id for n, d in plan.decisions.items() if n.startswith(f"{TRIALS[name][0]}.")]
    assert decided == [approach]
    assert [o for o in plan.unknown if not o.about.startswith("processors.")] == []
    assert [p for program in plan.world.programs.values() for p in program.problems] == []


@pytest.mark.attack
@pytest.mark.parametrize(("name", "approach"), BUILT)
def test_each_approach_holds_under_attack(name: str, approach: str, server: Postgresql) -> None:
    """Every promise of the trial passes on a real database, and fails once its guards are taken out."""
    found = verify(planned(name, approach), server=server)
    assert {n: v.why for n, v in found.items() if v.tested not in HOLD} == {}


@pytest.mark.parametrize("name", TRIALS)
def test_a_thousandth_of_the_load_is_one_application_and_one_database(name: str) -> None:
    """Up before out: no broker, no cache and no second service where few call."""
    populations = _thousandth(TRIALS[name][1]["brief"]["populations"])
    made = contract(planned(name, populations=populations))
    kinds = [c["kind"] for c in made["components"]]
    assert kinds.count("service") == 1
    assert kinds.count("database") == 1
    assert not {"cache", "messaging", "search"} & set(kinds)


def _thousandth(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: value if name == "growth" else _thousandth(value) for name, value in said.items()}
    if str(said).endswith("%"):
        return said
    few = parse(str(said), "number").best / FEWER
    return f"{max(1.0, few):g}"


@pytest.mark.parametrize(("name", "approach"), BUILT)
def test_each_tunable_of_an_approach_changes_the_plan(name: str, approach: str) -> None:
    """Nothing can be tuned that has no effect."""
    plan = planned(name, approach)
    plain = json.dumps(contract(plan), default=str, sort_keys=True)
    dead = []
    for tunable, value in plan.world.form.tunables.items():
        tuned = planned(
            name, approach, tunables={**TRIALS[name][1]["brief"].get("tunables", {}), tunable: _other(value)}
        )
        if json.dumps(contract(tuned), default=str, sort_keys=True) == plain:
            dead.append(tunable)
    assert dead == []


def _other(value: Any) -> Any:
    if isinstance(value, int | float):
        return value * 3
    number, _, unit = str(value).partition(" ")
    return f"{float(number) * 3:g} {unit}"

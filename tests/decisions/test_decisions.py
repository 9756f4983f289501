"""What an architect insists on, brief by brief: the table stands beside in `expected.yaml`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import load
from workbook.brief.problems import BriefError
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.document import section
from workbook.document.show import section_markdown
from workbook.document.wording import choices
from workbook.plan import Plan, derive
from workbook.plan.form.model import GroupKind
from workbook.plan.passes.model import ability
from workbook.plan.sizing.tiers import consumer_rate

HERE = Path(__file__).parent
EXPECTED: Mapping[str, Mapping[str, Any]] = yaml.safe_load((HERE / "expected.yaml").read_text(encoding="utf-8"))
OTHER = {"brief", "set", "says", "findings", "design", "open"}


@cache
def _plan(case: str) -> Plan:
    said = EXPECTED[case]
    name = said["brief"]
    sets = dict(s.split("=", 1) for s in said.get("set", ()))
    return derive(load(HERE / name if name.endswith(".yaml") else name, sets or None))


def _rows(*keys: str) -> list[Any]:
    return [pytest.param(c, k, id=f"{c}-{k}") for c, said in EXPECTED.items() for k in said if k not in OTHER]


@pytest.mark.parametrize(("case", "key"), _rows())
def test_the_choice_is_one_an_architect_would_sign(case: str, key: str) -> None:
    """The decision falls among the options that the table allows, and not on those it forbids."""
    wanted = EXPECTED[case][key]
    chosen = _plan(case).decisions[key.removeprefix("not ")].chosen.id
    assert (chosen not in wanted) if key.startswith("not ") else (chosen in wanted)


@pytest.mark.parametrize("case", [c for c, s in EXPECTED.items() if "says" in s])
def test_the_reason_names_what_decided(case: str) -> None:
    """The reason holds the number that the decision hangs on."""
    for decision, words in EXPECTED[case]["says"].items():
        assert words in choices.reason(_plan(case).decisions[decision])


@pytest.mark.parametrize("case", [c for c, s in EXPECTED.items() if "open" in s])
def test_what_is_not_built_is_said_by_name(case: str) -> None:
    """What nobody knows stands in `unknown`."""
    assert set(EXPECTED[case]["open"]) <= {o.about for o in _plan(case).unknown}


@pytest.mark.parametrize("case", [c for c, s in EXPECTED.items() if "findings" in s])
def test_what_the_brief_makes_dear_or_leaves_open_is_said(case: str) -> None:
    """Findings that must not be missed."""
    assert set(EXPECTED[case]["findings"]) <= {p.id for p in _plan(case).problems}


@pytest.mark.parametrize("case", EXPECTED)
def test_reasons_are_sentences(case: str) -> None:
    """A reason ends with a full stop and speaks no jargon of ours."""
    for decided in _plan(case).decisions.values():
        reason = choices.reason(decided)
        assert reason.endswith(".")
        assert ".." not in reason
        assert "complexity" not in reason


def _no_strong_data_cached(plan: Plan) -> None:
    """No row that must be fresh has a copy, and no memory is run in which nothing is kept."""
    form = plan.world.form
    copied = [of for s in form.structures.values() for of in s.of if s.shape is not Shape.SEARCH]
    assert not [n for n in copied if form.structures[n].consistency == "strong"]
    if "cache" in plan.world.stores:
        assert "cache" in plan.world.homes.values(), "memory is run and nothing is kept in it"


def _consumers_fit_partitions(plan: Plan) -> None:
    for topic in plan.design.topics:
        for hearer in topic.hearers:
            consumers = math.ceil(topic.per_second / consumer_rate(plan.design, hearer))
            assert topic.inside or consumers <= plan.sizing.partitions[topic.id]


def _bounds_hold_the_surge(plan: Plan) -> None:
    totals = plan.demand.total
    for service in plan.design.services:
        tier = plan.sizing.tiers[service.id]
        assert tier.least <= max(tier.fleet.nodes, tier.least) <= tier.most
        assert tier.least >= math.floor(tier.fleet.nodes * totals("total_average_qps") / totals("total_peak_qps"))
        if plan.complete.model.load.surge is not None:
            assert tier.most >= tier.fleet.nodes * totals("total_surge_qps") / totals("total_peak_qps") - 1


def _tells_before_it_answers(plan: Plan) -> None:
    """What others are told stands before the answer, in the transaction of what it tells."""
    steps = list(plan.world.programs[plan.design.critical_write].steps())
    told = next(i for i, (s, _) in enumerate(steps) if s.verb is Verb.PUBLISH)
    last = max(i for i, (s, _) in enumerate(steps) if s.verb is Verb.ANSWER)
    assert told < last
    assert any(g.kind is GroupKind.TOGETHER for g in steps[told][1])


def _region_loss_is_told(plan: Plan) -> None:
    """RPO 0 in one region is not RPO 0 without that region."""
    assert plan.complete.quality("rpo").best == 0
    if not ability(plan.decisions["regions"].chosen, "survives_region"):
        assert "do not hold for the loss of a region" in section_markdown(section(plan, 9))


def _few_machines(plan: Plan) -> None:
    assert plan.sizing.servers <= 6
    assert plan.sizing.monthly_usd < 1_000


CHECKS: Mapping[str, Callable[[Plan], None]] = {
    n.removeprefix("_"): f
    for n, f in list(globals().items())
    if n.startswith("_") and callable(f) and n not in ("_plan", "_rows") and "plan" in getattr(f, "__annotations__", {})
}


@pytest.mark.parametrize(("case", "check"), [(c, k) for c, s in EXPECTED.items() for k in s.get("design", ())])
def test_the_design_agrees_with_itself(case: str, check: str) -> None:
    """What one part of the design says holds in the others."""
    CHECKS[check](_plan(case))


@pytest.mark.parametrize("said", ["reminders.appointment", "reminders"])
@pytest.mark.parametrize("approach", ["due_column", "queue_of_jobs"])
def test_an_approach_is_pinned_by_its_capability(said: str, approach: str) -> None:
    """What the brief chooses for a capability, for one use or for all, is built, and nothing calls the choice unused."""
    plan = derive(load("clinic", {f"choices.{said}": approach}))
    decided = plan.decisions["reminders.appointment"]
    assert (decided.chosen.id, decided.pinned is not None) == (approach, True)
    assert not [p for p in plan.problems if p.id.startswith("unused:choices.")]


def test_a_pin_of_no_approach_names_those_there_are() -> None:
    """A use that nobody has, and an approach that is none, are errors with what could have been meant."""
    with pytest.raises(BriefError, match=r"Did you mean reminders\.appointment"):
        derive(load("clinic", {"choices.reminders.patient": "due_column"}))
    with pytest.raises(BriefError, match="queue_of_jobs, due_column"):
        derive(load("clinic", {"choices.reminders.appointment": "nothing"}))

"""What an architect insists on, brief by brief: the table stands beside in `expected.yaml`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from workbook.plan.decisions.base import ability

from workbook.brief import load
from workbook.document import section
from workbook.document.show import section_markdown
from workbook.plan import Plan, derive
from workbook.plan.sizing.tiers import consumer_rate

HERE = Path(__file__).parent
EXPECTED: Mapping[str, Mapping[str, Any]] = yaml.safe_load((HERE / "expected.yaml").read_text(encoding="utf-8"))
OTHER = {"brief", "set", "says", "findings", "design"}


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
        assert words in _plan(case).decisions[decision].reason


@pytest.mark.parametrize("case", [c for c, s in EXPECTED.items() if "findings" in s])
def test_what_the_brief_makes_dear_or_leaves_open_is_said(case: str) -> None:
    """Findings that must not be missed."""
    assert set(EXPECTED[case]["findings"]) <= {p.id for p in _plan(case).problems}


@pytest.mark.parametrize("case", EXPECTED)
def test_reasons_are_sentences(case: str) -> None:
    """A reason ends with a full stop and speaks no jargon of ours."""
    for decided in _plan(case).decisions.values():
        assert decided.reason.endswith(".")
        assert ".." not in decided.reason
        assert "complexity" not in decided.reason


def _no_strong_data_cached(plan: Plan) -> None:
    assert not [
        c.key
        for c in plan.design.caches
        if plan.complete.kind(c.entity) != "memory" and plan.complete.consistency(c.entity) == "strong"
    ]
    if not plan.design.caches:
        assert not plan.design.cache.port, "a cache is run and nothing is kept in it"


def _groups_fit_partitions(plan: Plan) -> None:
    for topic in plan.design.topics:
        consumers = math.ceil(topic.per_second / consumer_rate(plan.world, plan.design))
        assert consumers <= plan.sizing.partitions[topic.name]


def _bounds_hold_the_surge(plan: Plan) -> None:
    totals = plan.demand.total
    for service in plan.design.services:
        tier = plan.sizing.tiers[service.id]
        assert tier.least <= tier.fleet.nodes <= tier.most
        assert tier.least >= math.floor(tier.fleet.nodes * totals("total_average_qps") / totals("total_peak_qps"))
        if plan.complete.model.load.surge is not None:
            assert tier.most >= tier.fleet.nodes * totals("total_surge_qps") / totals("total_peak_qps") - 1


def _states_keep_the_said_ttl(plan: Plan) -> None:
    for entry in plan.design.caches:
        said = [
            v
            for n, v in plan.complete.model.tunables.items()
            if n.startswith(f"{entry.entity.split('_')[0].upper()}_TTL")
        ]
        if plan.complete.kind(entry.entity) == "memory" and said:
            assert entry.ttl_seconds == said[0]


def _private_caches_are_as_fresh_as_reads_must_be(plan: Plan) -> None:
    for entry in plan.design.caches:
        assert entry.ttl_seconds <= max(30, plan.complete.quality("staleness").best)


def _unique_keys_are_looked_up(plan: Plan) -> None:
    for name, entity in plan.complete.entities.items():
        store = plan.design.store_of(plan.complete.contexts[name])
        if store and store.technology.model in ("wide_column", "key_value"):
            assert all(any(t.partition == tuple(u) for t in plan.design.tables_of(name)) for u in entity.unique)


def _publishes_before_the_answer(plan: Plan) -> None:
    """Where store and event cannot be one transaction, nothing is acknowledged before the broker has it."""
    flow = next(f for f in plan.design.flows if f.operation == plan.design.critical_write)
    published = next(i for i, h in enumerate(flow.hops) if h.target == "messaging")
    answered = next(i for i, h in enumerate(flow.hops) if h.target == "client")
    assert published < answered
    waited = sum(h.budget_ms for h in flow.hops[: (flow.asynchronous_from or len(flow.hops) + 1) - 1])
    assert waited <= flow.target_ms


def _region_loss_is_told(plan: Plan) -> None:
    """RPO 0 in one region is not RPO 0 without that region."""
    assert plan.complete.quality("rpo").best == 0
    if not ability(plan.decisions["regions"].chosen, "survives_region"):
        assert "not of a region" in section_markdown(section(plan, 9))


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

"""What is watched: once for the table and the rules, at thresholds that can be reached, each with its runbook."""

from __future__ import annotations

import re

import pytest
import yaml

from workbook.artifacts import alerts_prometheus
from workbook.brief import load
from workbook.catalog import loader
from workbook.plan import Plan, derive
from workbook.plan.fold.layout import Table
from workbook.plan.operate.consumption import WAITS, consumptions
from workbook.plan.operate.runbooks import book_of, books
from workbook.plan.operate.signal import BURNS, LEAST_FAILURES, WINDOWS, Watch
from workbook.plan.operate.signals import burns, signals

BRIEFS = ("chat", "feed", "music", "clinic")


def _plan(name: str, **changes: str) -> Plan:
    return derive(load(name, {k.replace("__", "."): v for k, v in changes.items()}))


@pytest.mark.parametrize("name", BRIEFS)
def test_a14_rules_and_table_are_the_same_signals(name: str) -> None:
    """Every signal is one alert with its expression, and there is no other alert."""
    plan = _plan(name)
    text = next(iter(alerts_prometheus.make(plan))).text
    rules = {r["alert"]: r for g in yaml.safe_load(text)["groups"] for r in g["rules"] if "alert" in r}
    found = {s.id: s for s in signals(plan.design, plan.sizing)}
    assert set(rules) == set(found)
    assert all(rules[i]["expr"] == s.expression and rules[i]["labels"]["severity"] == s.told for i, s in found.items())


@pytest.mark.parametrize("availability", ["90 %", "99 %", "99.9 %", "99.99 %"])
def test_q1_a_burn_rate_can_be_reached(availability: str) -> None:
    """A share of failed calls above one is no threshold."""
    plan = _plan("chat", quality__availability=availability)
    assert all(s.limit < 1 for s in signals(plan.design, plan.sizing) if s.watch is Watch.BUDGET)


def test_d5_two_errors_wake_nobody() -> None:
    """Of a clinic with a hundredth of its visitors no burn rate is left that fewer than ten failures could fire."""
    plan = _plan("clinic", populations__users__daily_active="40", populations__doctors="2")
    calls = sum(plan.world.load.average_of(o) for o in plan.complete.operations)
    missing = 1 - plan.complete.quality("availability").best
    assert len(burns(plan.design)) < len(BURNS)
    assert all(calls * WINDOWS[b.long] * missing * b.factor >= LEAST_FAILURES * 0.5 for b in burns(plan.design))
    assert any(s.watch is Watch.ERRORS for s in signals(plan.design, plan.sizing))


@pytest.mark.parametrize("name", BRIEFS)
def test_everything_that_waits_is_watched(name: str) -> None:
    """Each consumer has a signal for its backlog, at the limit that section 8 shows."""
    plan = _plan(name)
    limits = {s.about: s.limit for s in signals(plan.design, plan.sizing) if s.watch is Watch.BACKLOG}
    waiting = {c.operation: c.page_at for c in consumptions(plan.design, plan.sizing) if c.starts in WAITS}
    assert limits == waiting


def test_b7_no_copies_no_hit_ratio() -> None:
    """A design without copies in memory watches none."""
    plan = _plan("clinic")
    assert not any(s.watch is Watch.COPIES for s in signals(plan.design, plan.sizing))
    assert not any(b.id.startswith("cache_") for b in books(plan.design, plan.sizing))


@pytest.mark.parametrize("name", BRIEFS)
def test_every_page_leads_to_a_runbook(name: str) -> None:
    """Whoever is woken is told what to do."""
    plan = _plan(name)
    known = books(plan.design, plan.sizing)
    lost = [s.id for s in signals(plan.design, plan.sizing) if s.told == "page" and book_of(s, known) is None]
    assert lost == []


@pytest.mark.parametrize("name", BRIEFS)
def test_a15_runbooks_name_columns_that_are_there(name: str) -> None:
    """Statements on our own tables name columns of those tables."""
    plan = _plan(name)
    for book in books(plan.design, plan.sizing):
        for text in (*book.check, *book.mend):
            for table, column in _named(text, plan):
                assert table.has(column), f"{book.id}: {table.name} has no column {column}"


def _named(text: str, plan: Plan) -> list[tuple[Table, str]]:
    found = re.search(r"FROM (\w+) WHERE (.+?);", text)
    if found is None or found[1] not in plan.design.tables:
        return []
    table = plan.design.tables[found[1]]
    words = re.findall(r"\b[a-z_]+\b(?!\()", found[2])
    return [(table, w) for w in words]


def test_runbooks_are_filled() -> None:
    """No name stays open in any runbook of any example."""
    for name in BRIEFS:
        plan = _plan(name)
        said = [t for b in books(plan.design, plan.sizing) for t in (b.title, b.symptom, *b.check, *b.mend, b.prevent)]
        assert not any("{{" in t for t in said)
    assert loader.runbooks()

"""Q1: the alerts on the error budget can fire, and do at the share of errors that the budget allows times the burn."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from workbook.artifacts import build_kind
from workbook.brief import loads
from workbook.plan import derive

BRIEF = """system: Notes
entities: {{note: {{size: 1 KB}}}}
operations: {{write: {{does: create note, rate: 1000/s}}}}
quality: {{availability: {availability}}}
"""


def budget(availability: str) -> tuple[set[str], list[dict[str, Any]]]:
    """The recorded series and the alerts of the error budget."""
    text = build_kind(derive(loads(BRIEF.format(availability=availability))), "alerts")[0].text
    groups = {g["name"]: g["rules"] for g in yaml.safe_load(text)["groups"]}
    return {r["record"] for r in groups["recorded"]}, groups["error-budget"]


def conditions(alert: dict[str, Any]) -> list[tuple[str, float]]:
    """The series that an alert compares, and with what."""
    parts = [re.fullmatch(r"(\S+) > (\S+)", part) for part in alert["expr"].split(" and ")]
    return [(part[1], float(part[2])) for part in parts if part]


def fires(alert: dict[str, Any], errors: float) -> bool:
    """Whether an alert fires while that share of requests fails for long."""
    return all(errors > bound for _, bound in conditions(alert))


@pytest.mark.parametrize("availability", ["50 %", "90 %", "95 %", "99 %", "99.9 %", "99.99 %", "99.999 %"])
def test_q1_every_alert_can_fire(availability: str) -> None:
    """No alert waits for more errors than there are requests, and each compares what is recorded."""
    recorded, alerts = budget(availability)
    assert alerts
    for alert in alerts:
        assert len(conditions(alert)) == 2
        assert {series for series, _ in conditions(alert)} <= recorded
        assert fires(alert, 1.0), alert["expr"]
        assert not fires(alert, 0.0)


@pytest.mark.parametrize(
    ("errors", "named"),
    [
        (0.0005, []),  # half of the 0.1 % that 99.9 % allows
        (0.0015, ["ErrorBudgetBurn3D"]),  # above 1 x 0.1 %
        (0.004, ["ErrorBudgetBurn1D", "ErrorBudgetBurn3D"]),  # above 3 x 0.1 %
        (0.007, ["ErrorBudgetBurn6H", "ErrorBudgetBurn1D", "ErrorBudgetBurn3D"]),  # above 6 x 0.1 %
        (
            0.02,
            ["ErrorBudgetBurn1H", "ErrorBudgetBurn6H", "ErrorBudgetBurn1D", "ErrorBudgetBurn3D"],
        ),  # above 14.4 x 0.1 %
    ],
)
def test_q1_an_alert_fires_at_its_burn(errors: float, named: list[str]) -> None:
    """With 99.9 % promised, the share of errors says which alerts fire."""
    assert [alert["alert"] for alert in budget("99.9 %")[1] if fires(alert, errors)] == named


def test_few_calls_are_counted_one_by_one() -> None:
    """Where a share of the budget would be less than a failure an hour, failures are counted instead."""
    text = build_kind(derive(loads(BRIEF.format(availability="99.999 %").replace("1000/s", "1/s"))), "alerts")[0].text
    alerts = {r["alert"] for g in yaml.safe_load(text)["groups"] for r in g["rules"] if "alert" in r}
    assert "CallsFail" in alerts
    assert not {a for a in alerts if a.startswith("ErrorBudget")}

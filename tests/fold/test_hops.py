"""Who begins an operation, and by which way: callers and other systems come through the gateway, events are fetched."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from workbook.brief import loads
from workbook.plan import Plan, derive
from workbook.plan.fold.hops import HopKind

SHOP: dict[str, Any] = {
    "system": "Shop",
    "populations": {"users": {"daily_active": 1000}},
    "entities": {"order": {"fields": {"id": "id", "paid": "bool = false"}, "count": 1000}},
    "topics": {"paid": {"key": ["order"], "fields": {"order": "ref order"}}},
    "operations": {
        "buy": {"does": "create order", "rate": "1 per users per day", "by": "visitor"},
        "hear": {
            "starts": "webhook",
            "rate": "1 per buy",
            "steps": [
                {"together": ["change order by id = body.id set paid = true", "publish paid by order = body.id"]},
                "answer",
            ],
        },
        "pack": {"starts": "event paid", "steps": ["get order by id = event.order"]},
    },
    "personas": {"visitor": {"is": "none"}},
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A small shop that other systems call."""
    return derive(loads(yaml.safe_dump(SHOP, sort_keys=False)))


@pytest.mark.parametrize("operation", ["buy", "hear"])
def test_who_calls_comes_through_the_gateway(plan: Plan, operation: str) -> None:
    """People and other systems pass the gateway, and wait."""
    first = plan.design.hops[operation][0]
    service = plan.design.service_of(operation).id
    assert (first.kind, first.way, first.awaited) == (HopKind.CALLED, ("client", "gateway", service), True)


def test_an_event_is_fetched_where_it_rests(plan: Plan) -> None:
    """The worker goes to the store of the topic; nobody waits for it."""
    first = plan.design.hops["pack"][0]
    service = plan.design.service_of("pack").id
    assert (first.kind, first.way, first.awaited) == (HopKind.TOLD, (service, plan.world.homes["paid"]), False)

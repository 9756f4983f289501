"""Unclear scaling: what is left after a zone is lost does not carry the peak, or a store is at its end from the first day."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan import Plan
from workbook.plan.fold.components import Kind
from workbook.plan.operate.scaling import Growth, stores, zone_losses
from workbook.review.base import Fails

title = "Unclear scaling"
why = "Capacity that is there only while nothing fails is not there when it is needed."
remedy = "More headroom, a store that grows by itself, or a decision to shed P1 meanwhile."
source = "System Design Agent, red flags; AWS whitepaper, Static stability using Availability Zones, 2019"
LITTLE_ROOM = 1.5
"""A store that has to be split by hand before its load has grown by half is at its end (our assumption)."""


def check(plan: Plan) -> Iterator[Fails]:
    """Every part carries the peak without one zone, and every database can grow."""
    for loss in zone_losses(plan.design, plan.sizing):
        if loss.busy > 1:
            yield Fails(
                loss.component, f"without a zone {plan.design.title(loss.component)} is {loss.busy:.0%} busy at peak"
            )
    for store in stores(plan.design, plan.sizing):
        if store.kind is Kind.DATABASE and store.next is Growth.SHARD and store.room < LITTLE_ROOM:
            yield Fails(
                store.store,
                f"{plan.design.title(store.store)} has to be split by hand at {store.room:.3g} times today's load",
            )

"""What is left after a loss, how long a restore takes, and what a cheaper choice saves."""

from __future__ import annotations

import pytest

from workbook.brief import load
from workbook.plan import derive
from workbook.plan.fold.components import Kind
from workbook.plan.operate.degradation import Effect, absences
from workbook.plan.operate.levers import Means, levers
from workbook.plan.operate.recovery import RESTORE_BYTES_PER_SECOND, Backup, Disaster, disasters, stores
from workbook.plan.operate.scaling import zone_losses

BRIEFS = ("chat", "feed", "music", "clinic")


@pytest.mark.parametrize("name", BRIEFS)
def test_c10_too_little_left_after_a_zone_is_said(name: str) -> None:
    """How busy the rest is follows from the machines that are left, never from those that are gone."""
    plan = derive(load(name))
    for loss in zone_losses(plan.design, plan.sizing):
        tier = plan.sizing.tiers[loss.component]
        need = tier.fleet.binding
        if loss.busy and need:
            assert loss.busy == pytest.approx(need.nodes * (1 - plan.world.headroom) / loss.left)
            assert loss.left <= loss.nodes * (1 - 1 / loss.zones) + 1e-9


def test_q1_a_restore_takes_its_bytes() -> None:
    """Hours of the largest database are its bytes over what its machines read back."""
    plan = derive(load("chat"))
    largest = max((s for s in stores(plan.design, plan.sizing) if s.backup is Backup.SNAPSHOT), key=lambda s: s.bytes)
    fleet = plan.sizing.tiers[largest.store].fleet
    copies = fleet.copies if fleet.ring else 1
    assert largest.seconds == pytest.approx(largest.bytes * copies / largest.parallel / RESTORE_BYTES_PER_SECOND)


def test_the_loss_of_a_region_is_held_against_rpo() -> None:
    """In one region an RPO of nothing does not hold for its loss, and is not said to."""
    plan = derive(load("chat", {"quality.rpo": "0 s"}))
    lost = next(o for o in disasters(plan.design, plan.sizing) if o.disaster is Disaster.REGION)
    assert not lost.rpo


def test_without_memory_copies_only_cost_time() -> None:
    """What is looked up in copies goes on by the database when the memory is away."""
    plan = derive(load("feed", {"choices.fan_out_feed": "on_read"}))
    memory = next(a for a in absences(plan.design) if a.kind is Kind.MEMORY)
    assert "open_post" in memory.effects[Effect.SLOWER]
    assert Effect.STOPS not in memory.effects


@pytest.mark.parametrize("name", ["chat", "music"])
def test_a14_what_another_language_saves_is_what_pinning_it_saves(name: str) -> None:
    """The saving of the lever and the bill with the choice pinned are the same number."""
    plan = derive(load(name))
    for lever in levers(plan.design, plan.sizing):
        if lever.means is Means.CHOICE and lever.about == "language":
            option = next(j.option.id for j in plan.decisions["language"].judged if j.option.name == lever.option)
            pinned = derive(load(name, {"document.LANGUAGE": option}))
            assert pinned.sizing.monthly_usd == pytest.approx(plan.sizing.monthly_usd - lever.usd)

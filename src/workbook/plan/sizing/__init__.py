"""How many of each, at what cost, until when? Nodes, shards, partitions, the bill, growth."""

from workbook.plan.fold.design import Design
from workbook.plan.sizing import cost, growth, tiers
from workbook.plan.sizing.model import Sizing


def size(design: Design) -> Sizing:
    """Machines and money for a design."""
    world = design.world
    made = tiers.tiers(design)
    items = cost.costs(design, made)
    months = growth.timeline(world, items)
    total = sum(i.monthly_usd for i in items)
    users = world.demand.inputs.populations.get("users", {}).get("monthly_active")
    per_user = total / float(users[0]) if users is not None and users[0] > 0 else None
    return Sizing(
        tiers=made,
        partitions=tiers.partitions(design),
        shards=tiers.shards(design.stores, made),
        costs=items,
        timeline=months,
        thresholds=growth.thresholds(design, made, months),
        monthly_usd=total,
        per_user_usd=per_user,
        growth_per_year=growth.growth_per_year(world.complete),
        reach_their_end=growth.reach_their_end(world, months),
    )


__all__ = ["Sizing", "size"]

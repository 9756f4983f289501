"""The bill of a month by major item: today's traffic at peak with headroom, and the storage twelve months from now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.capacity import GB, SECONDS_A_MONTH
from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.passes.world import World
from workbook.plan.sizing.model import CostItem, Item, Tier
from workbook.plan.sizing.prices import tariff
from workbook.plan.texts import brief_number
from workbook.prose import say

ZONES_CROSSED = 2 * 2 / 3
"""A call passes two hops inside, and with three zones two of three go to another zone (our assumption)."""
DAYS_A_MONTH = 30.4
_OF_KIND: Mapping[Kind, Item] = {
    Kind.GATEWAY: Item.GATEWAY,
    Kind.SERVICE: Item.COMPUTE,
    Kind.DATABASE: Item.DATABASE,
    Kind.MEMORY: Item.CACHE,
    Kind.BROKER: Item.STREAM,
    Kind.OBJECTS: Item.OBJECTS,
    Kind.SEARCH: Item.SEARCH,
}
_COPIED = (Item.COMPUTE, Item.DATABASE, Item.CACHE, Item.STREAM, Item.SEARCH)
"""What stands a second time, smaller, for development and tests."""


def costs(design: Design, tiers: Mapping[str, Tier]) -> tuple[CostItem, ...]:
    """Every item that applies; what does not is absent."""
    world = design.world
    made = [*_machines(design, tiers), *_traffic(world), *_outside(world), *_observed(world, tiers)]
    share = world.complete.default("sizing.non_production", "share").best
    base = sum(i.monthly_usd for i in made if i.id in _COPIED)
    how = say(f"{share:.0%} of compute and stores ({brief_number(base)} USD)")
    made.append(
        CostItem(
            id=Item.NON_PRODUCTION, monthly_usd=base * share, how=how, source="our assumption: one scaled-down copy"
        )
    )
    subtotal = sum(i.monthly_usd for i in made)
    support = tariff("support_share", world.complete)
    how = say(f"business support on {brief_number(subtotal)} USD, from {support.first:.0%}")
    made.append(CostItem(id=Item.SUPPORT, monthly_usd=support.cost(subtotal), how=how, source=support.origin))
    return tuple(made)


def _machines(design: Design, tiers: Mapping[str, Tier]) -> Iterator[CostItem]:
    for kind, item in _OF_KIND.items():
        parts = [t for t in tiers.values() if t.kind is kind]
        if parts:
            yield CostItem(
                id=item,
                monthly_usd=sum(t.monthly_usd for t in parts),
                how=say("; ".join(_how(t, design) for t in parts)),
                source="prices of the nodes in the catalog, on demand, 730 h a month",
            )


def _how(tier: Tier, design: Design) -> str:
    fleet, name = tier.fleet, design.title(tier.id)
    regions = f" x {tier.multiplier:g} for the regions" if tier.multiplier != 1 else ""
    if fleet.nodes:
        disk = f" + {fleet.storage_gb:,.0f} GB" if fleet.storage_usd else ""
        return f"{name}: {fleet.nodes} x {fleet.instance} at {fleet.hourly_usd:g} USD/h{disk}{regions}"
    return f"{name}: {fleet.storage_gb:,.0f} GB, requests {brief_number(fleet.requests_usd)} USD{regions}"


def _traffic(world: World) -> Iterator[CostItem]:
    complete, demand = world.complete, world.demand
    by_edge = sum(demand.of_operation("egress", n) for n in _fetching(world)) / 8 * SECONDS_A_MONTH / GB
    direct = demand.total("total_egress") / 8 * SECONDS_A_MONTH / GB - by_edge
    inside = (demand.total("total_ingress") / 8 * SECONDS_A_MONTH / GB + direct) * ZONES_CROSSED
    out = tariff("egress", complete)
    if direct > 0:
        how = say(f"{brief_number(direct)} GB a month, from {out.first:g} {out.unit}")
        yield CostItem(
            id=Item.TRAFFIC_OUT, monthly_usd=out.cost(direct), how=how, source=out.origin, prices=("egress",)
        )
    if by_edge > 0:
        edge = tariff("cdn", complete)
        how = say(f"{brief_number(by_edge)} GB of files a month, from {edge.first:g} {edge.unit}")
        yield CostItem(id=Item.CDN, monthly_usd=edge.cost(by_edge), how=how, source=edge.origin, prices=("cdn",))
    if inside > 0:
        zone = tariff("cross_zone", complete)
        how = say(f"{brief_number(inside)} GB cross a zone, paid on both sides at {zone.first:g} {zone.unit}")
        yield CostItem(
            id=Item.CROSS_ZONE, monthly_usd=zone.cost(inside) * 2, how=how, source=zone.origin, prices=("cross_zone",)
        )


def _fetching(world: World) -> Iterator[str]:
    """Operations by which callers fetch files."""
    for name in world.complete.operations:
        program = world.programs.get(name)
        steps = program.steps() if program else ()
        if any(s.verb is Verb.GET and s.direct and s.shape is Shape.OBJECT for s, _ in steps):
            yield name


def _outside(world: World) -> Iterator[CostItem]:
    """Calls of integrations that have a price."""
    load, usd, said = world.load, 0.0, []
    for i, run in enumerate(load.steps):
        if run.step.verb is not Verb.CALL:
            continue
        name, _, call = run.step.target.partition(".")
        price = world.form.integrations[name].calls[call].price
        if price is not None:
            calls = float(load.average["keys"][i, 0]) * SECONDS_A_MONTH
            usd += calls * price.best
            said.append(f"{brief_number(calls)} x {name} at {price.text}")
    if said:
        yield CostItem(id=Item.INTEGRATIONS, monthly_usd=usd, how=say("; ".join(said)), source="prices of the brief")


def _observed(world: World, tiers: Mapping[str, Tier]) -> Iterator[CostItem]:
    complete = world.complete
    share, line = complete.default("sizing.log_share", "share").best, complete.default("sizing.log_bytes", "size").best
    gigabytes = world.demand.total("total_calls_per_day") * DAYS_A_MONTH * share * line / GB
    hosts = sum(t.nodes for t in tiers.values())
    logs, metrics = tariff("logs_ingest_gb", complete), tariff("metrics_host_month", complete)
    usd = logs.cost(gigabytes) + metrics.cost(hosts)
    logged = f"{brief_number(gigabytes)} GB of logs at {logs.first:g} USD/GB ({share:.0%} of the calls)"
    how = say(f"{logged}, {hosts} hosts at {metrics.first:g} USD")
    paid = ("logs_ingest_gb", "metrics_host_month")
    yield CostItem(id=Item.OBSERVED, monthly_usd=usd, how=how, source=logs.origin, prices=paid)

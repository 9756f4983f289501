"""The bill of a month by major item: today's traffic at peak with headroom, and the storage twelve months from now."""

from __future__ import annotations

from workbook.plan.capacity import GB, SECONDS_A_MONTH
from workbook.plan.decisions.base import World, brief_number
from workbook.plan.design.model import Design
from workbook.plan.sizing.model import CostItem, Tier
from workbook.plan.sizing.prices import tariff

ZONES_CROSSED = 2 * 2 / 3
"""A call passes two hops inside, and with three zones two of three go to another zone (our assumption)."""
NAMES = {
    "compute": "Compute",
    "database": "Databases",
    "cache": "Cache",
    "stream": "Streams and queues",
    "object_storage": "Object storage",
    "search": "Search",
    "traffic_out": "Traffic out",
    "cdn": "CDN",
    "cross_zone": "Traffic across zones",
    "logs_and_metrics": "Logs and metrics",
    "non_production": "Non-production",
    "support": "Support",
}


def costs(world: World, design: Design, tiers: dict[str, Tier]) -> tuple[CostItem, ...]:
    """Every item that applies; what does not is absent."""
    made = [*_machines(tiers), *_traffic(world), *_observed(world, tiers)]
    share = world.complete.default("sizing.non_production", "share").best
    base = sum(i.monthly_usd for i in made if i.id in ("compute", "database", "cache", "stream", "search"))
    made.append(
        CostItem(
            id="non_production",
            name=NAMES["non_production"],
            monthly_usd=base * share,
            how=f"{share:.0%} of compute and stores ({brief_number(base)} USD)",
            source="our assumption: one scaled-down copy",
        )
    )
    subtotal = sum(i.monthly_usd for i in made)
    support = tariff("support_share", world.complete)
    made.append(
        CostItem(
            id="support",
            name=NAMES["support"],
            monthly_usd=support.cost(subtotal),
            how=f"business support on {brief_number(subtotal)} USD, from {support.first:.0%}",
            source=support.origin,
        )
    )
    return tuple(made)


def _machines(tiers: dict[str, Tier]) -> list[CostItem]:
    made = []
    for kind in ("compute", "database", "cache", "stream", "object_storage", "search"):
        parts = [t for t in tiers.values() if t.kind == kind]
        if parts:
            how = "; ".join(_how(t) for t in parts)
            made.append(
                CostItem(
                    id=kind,
                    name=NAMES[kind],
                    monthly_usd=sum(t.monthly_usd for t in parts),
                    how=how,
                    source="prices of the nodes in the catalog, on demand, 730 h a month",
                )
            )
    return made


def _how(tier: Tier) -> str:
    fleet = tier.fleet
    regions = f" x {tier.multiplier:g} for the regions" if tier.multiplier != 1 else ""
    if fleet.nodes:
        disk = f" + {fleet.storage_gb:,.0f} GB" if fleet.storage_usd else ""
        return f"{tier.name}: {fleet.nodes} x {fleet.instance} at {fleet.hourly_usd:g} USD/h{disk}{regions}"
    return f"{tier.name}: {fleet.storage_gb:,.0f} GB, requests {brief_number(fleet.requests_usd)} USD{regions}"


def _traffic(world: World) -> list[CostItem]:
    complete, demand = world.complete, world.demand
    files = [
        n
        for n, o in complete.operations.items()
        if o.verb == "download" or (o.verb == "stream" and complete.kind(o.entity) == "object")
    ]
    by_edge = sum(demand.of_operation("egress", n) for n in files) / 8 * SECONDS_A_MONTH / GB
    direct = demand.total("total_egress") / 8 * SECONDS_A_MONTH / GB - by_edge
    inside = (demand.total("total_ingress") / 8 * SECONDS_A_MONTH / GB + direct) * ZONES_CROSSED
    made = []
    out = tariff("egress", complete)
    if direct > 0:
        made.append(
            CostItem(
                id="traffic_out",
                name=NAMES["traffic_out"],
                monthly_usd=out.cost(direct),
                how=f"{brief_number(direct)} GB a month, from {out.first:g} {out.unit}",
                source=out.origin,
                prices=("egress",),
            )
        )
    if by_edge > 0:
        edge = tariff("cdn", complete)
        made.append(
            CostItem(
                id="cdn",
                name=NAMES["cdn"],
                monthly_usd=edge.cost(by_edge),
                how=f"{brief_number(by_edge)} GB of files a month, from {edge.first:g} {edge.unit}",
                source=edge.origin,
                prices=("cdn",),
            )
        )
    if inside > 0:
        zone = tariff("cross_zone", complete)
        made.append(
            CostItem(
                id="cross_zone",
                name=NAMES["cross_zone"],
                monthly_usd=zone.cost(inside) * 2,
                how=f"{brief_number(inside)} GB cross a zone, paid on both sides at {zone.first:g} {zone.unit}",
                source=zone.origin,
                prices=("cross_zone",),
            )
        )
    return made


def _observed(world: World, tiers: dict[str, Tier]) -> list[CostItem]:
    complete = world.complete
    share, line = complete.default("sizing.log_share", "share").best, complete.default("sizing.log_bytes", "size").best
    gigabytes = world.demand.total("total_calls_per_day") * 30.4 * share * line / GB
    hosts = sum(t.nodes for t in tiers.values())
    logs, metrics = tariff("logs_ingest_gb", complete), tariff("metrics_host_month", complete)
    usd = logs.cost(gigabytes) + metrics.cost(hosts)
    how = f"{brief_number(gigabytes)} GB of logs at {logs.first:g} USD/GB ({share:.0%} of the calls), {hosts} hosts at {metrics.first:g} USD"
    return [
        CostItem(
            id="logs_and_metrics",
            name=NAMES["logs_and_metrics"],
            monthly_usd=usd,
            how=how,
            source=logs.origin,
            prices=("logs_ingest_gb", "metrics_host_month"),
        )
    ]

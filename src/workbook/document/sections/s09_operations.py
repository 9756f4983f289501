"""9 Scalability, high availability and operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbook.catalog import loader
from workbook.document import words as w
from workbook.document.blocks import Block, Subsection, Table
from workbook.document.matrices import matrix
from workbook.document.page import Page, fill
from workbook.document.sections.s06_database import databases, hot_scenario
from workbook.plan.decisions.base import ability
from workbook.plan.design.model import first_service
from workbook.plan.sizing.model import Tier
from workbook.plan.sizing.tiers import zones as zones_of

NUMBER = 9
TITLE = "Scalability, high availability and operations"
MOST_RUNBOOKS = 9
RESTORE_BYTES_PER_SECOND = 200e6
REGION_COPY_SECONDS, REGION_LAG_SECONDS = 3600.0, 60.0
"""Snapshots and logs reach another region within the hour, asynchronous copies lag up to a minute (our assumptions)."""
WINDOWS = (
    (14.4, "1 h and 5 min", "page", 0.02),
    (6.0, "6 h and 30 min", "page", 0.05),
    (1.0, "3 days and 6 h", "ticket", 0.1),
)
"""Burn rates of the Google SRE workbook, ch. 5: rate, windows, what it does, share of the 30-day budget spent."""


def build(page: Page) -> Iterator[Subsection]:
    """Autoscaling, regions, backup, monitoring, runbooks."""
    yield _autoscaling(page)
    yield _regions(page)
    yield _backup(page)
    yield _monitoring(page)
    yield _runbooks(page)


def _autoscaling(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for service in plan.design.services:
        tier = plan.sizing.tiers[service.id]
        need = tier.fleet.binding
        signal = {
            "api": f"requests per second above {w.count((need.have if need else 0) * 1.0)} an instance, or CPU above {w.percent(1 - plan.world.headroom)}",
            "realtime": f"connections above {w.count(plan.demand.total('concurrent_connections') / max(1, tier.fleet.nodes))} an instance",
            "worker": "lag above one minute of events, or CPU above " + w.percent(1 - plan.world.headroom),
        }[service.role]
        rows.append(
            (
                service.name,
                service.role,
                f"{tier.fleet.nodes} x {tier.fleet.instance}",
                f"{tier.least} … {tier.most}",
                signal,
                "2 min out, 15 min in",
            )
        )
    stores = []
    for store in plan.design.stores:
        store_tier = plan.sizing.tiers.get(store.id)
        if store_tier is None or not store_tier.fleet.nodes:
            continue
        how = (
            f"a replica when reads pass {w.percent(1 - plan.world.headroom)} of the nodes"
            if store.role == "database" and not store.technology.abilities.get("automatic_sharding")
            else f"a node when {store_tier.fleet.binding.what if store_tier.fleet.binding else 'use'} passes {w.percent(1 - plan.world.headroom)}"
        )
        limit = next(
            (t for t in plan.sizing.thresholds if t.component in (store.name, store_tier.name) and t.month is not None),
            None,
        )
        when = (
            f"review in month {limit.month}: {limit.mark}"
            if limit and limit.month
            else ("review mark already passed" if limit else "not within the horizon")
        )
        stores.append(
            (
                store_tier.name,
                f"{store_tier.fleet.nodes} x {store_tier.fleet.instance}",
                "up to the next size first, then out" if store_tier.fleet.nodes <= 3 else "out",
                how,
                when,
            )
        )
    return Subsection(
        id="9.1",
        title="Autoscaling",
        blocks=(
            Table(
                id="9.1.services",
                columns=("Service", "Type", "Now", "Bounds", "Scales on", "Reacts in"),
                rows=tuple(rows),
            ),
            Table(
                id="9.1.stores",
                title="Stores grow by plan, not by themselves",
                columns=("Store", "Now", "Up or out", "Adds", "When"),
                rows=tuple(stores) or (("all pay by use", "–", "–", "–", "–"),),
            ),
            Table(
                id="9.1.which", title="Which way to scale, and when", columns=("Way", "Here"), rows=tuple(_ways(page))
            ),
        ),
    )


def _ways(page: Page) -> Iterator[tuple[str, str]]:
    plan = page.plan
    called = [s for s in plan.design.services if s.role != "worker"] or list(plan.design.services)
    if called:
        api = plan.sizing.tiers[called[0].id]
        yield "Horizontal", f"{api.name} from {api.least} to {api.most} instances: it keeps no state"
    first = databases(page)[0] if databases(page) else None
    if first:
        fleet = plan.sizing.tiers[first.id].fleet
        yield (
            "Vertical",
            f"{first.name} on {fleet.instance} ({fleet.vcpu:g} vCPU)"
            if fleet.nodes
            else f"{first.name} has nothing to size",
        )
        reads = sum(plan.world.contexts[c].reads for c in first.contexts)
        yield (
            "Read replicas",
            f"{fleet.copies} copies answer {w.rate(reads)}"
            if fleet.shards <= 1
            else f"{fleet.copies} copies in each of {fleet.shards} shards",
        )
        yield (
            "Sharding",
            f"{fleet.shards} shards now"
            if fleet.shards > 1
            else f"{fleet.nodes} nodes share the keys"
            if fleet.ring
            else f"not before {w.rate(sum(plan.world.contexts[c].writes for c in first.contexts) * 10)} of writes, ten times today's",
        )
    taken = 1 - sum(c.reads for c in plan.world.contexts.values()) / max(
        1e-9, sum(c.points + c.ranges + c.searches + c.aggregates for c in plan.world.contexts.values())
    )
    yield "Caching", f"{plan.design.cache.name} takes {w.percent(round(max(0.0, taken), 2))} of the reads"
    ratio = plan.demand.total("total_average_read_qps") / max(1e-9, plan.demand.total("total_average_write_qps"))
    yield (
        "CQRS",
        f"{w.count(ratio)} reads per write: "
        + (
            "a read model of its own pays"
            if plan.decisions["architecture_style"].chosen.source.abilities.get("separate_models") == 1.0
            else "the cache and indexes are read model enough"
        ),
    )
    events = sum(t.per_second for t in plan.design.topics)
    yield "Async", f"{w.rate(events)} of events at peak on {plan.design.messaging.name}" if events else "nothing waits"


def _regions(page: Page) -> Subsection:
    plan = page.plan
    chosen = plan.decisions["regions"].chosen
    zones = zones_of(plan.world, plan.design)
    rows = []
    for tier in plan.sizing.tiers.values():
        if tier.fleet.nodes:
            rows.append(
                (
                    tier.name,
                    f"{tier.fleet.nodes} over {_over(tier, zones)} zones",
                    "active-active"
                    if tier.kind == "compute" or plan.design.messaging.name == tier.name
                    else "leader and standby"
                    if tier.fleet.copies == 2
                    else "every node serves",
                    _loses(page, tier, _over(tier, zones)),
                )
            )
    shares = plan.complete.model.constraints.regions
    where = tuple((w.words(n), w.percent(s.best)) for n, s in shares.items()) or (("one region", "100 %"),)
    return Subsection(
        id="9.2",
        title="Regions and replication",
        blocks=(
            Table(
                id="9.2.zones",
                title=f"{zones} zones; {chosen.name.lower()}",
                columns=("Part", "Spread", "Mode", "When a zone is lost"),
                rows=tuple(rows),
            ),
            Table(
                id="9.2.users", title="Where the calls come from", columns=("Region", "Share"), align="<>", rows=where
            ),
            Table(
                id="9.2.health",
                title="Health and shutdown",
                columns=("Check", "Value"),
                rows=(
                    ("/health (process)", "every 5 s; 3 failures restart it"),
                    (
                        "/ready (stores)",
                        f"every 5 s; asks {', '.join(dict.fromkeys(s.name for s in plan.design.stores if s.role == 'database')) or 'no store'}; 2 failures take it out",
                    ),
                    (
                        "Graceful shutdown",
                        f"stops accepting, drains for {max(10, int(max((f.target_ms for f in plan.design.flows), default=0.0) / 1000 * 3))} s, hands back unfinished events",
                    ),
                ),
            ),
            matrix(page, "9.2.decision", "regions"),
        ),
    )


def _over(tier: Tier, zones: int) -> int:
    """The zones a tier spreads over: as many as it has copies of its data, else all."""
    copies = tier.fleet.copies if tier.kind in ("database", "cache", "search") else zones
    return max(1, min(tier.fleet.nodes, copies if copies > 1 else zones, max(zones, copies)))


def _loses(page: Page, tier: Tier, zones: int) -> str:
    """What is left without one zone, how busy that is at peak, and what has to happen."""
    nodes = tier.fleet.nodes
    left = nodes - -(-nodes // zones)
    if not left:
        return "it stops until it is started elsewhere"
    if tier.kind in ("database", "cache", "search") and not tier.fleet.ring:
        return f"standbys in the other zone lead: {tier.fleet.shards} of {tier.fleet.shards} leaders go on after the failover"
    need = tier.fleet.binding
    busy = need.nodes * (1 - page.plan.world.headroom) / left if need else 0.0
    lost = "data stays readable and writable by majority; " if tier.kind in ("database", "stream") else ""
    after = (
        "lost nodes are replaced by hand" if tier.kind in ("database", "stream") else "autoscaling refills in minutes"
    )
    over = (
        ""
        if busy <= 1
        else ", too much: P1 is shed meanwhile"
        if tier.kind == "compute"
        else ", too much if it is lost at peak: P1 is shed"
    )
    if need and need.what.startswith("bytes"):
        return f"{left} of {nodes} go on; {lost}{after}"
    return f"{left} of {nodes} go on, {w.percent(round(busy, 2))} busy at peak{over}; {lost}{after}"


def _backup(page: Page) -> Subsection:
    plan = page.plan
    rpo, rto = plan.complete.quality("rpo").best, plan.complete.quality("rto").best
    survives = ability(plan.decisions["regions"].chosen, "survives_region")
    rows = []
    slowest = 0.0
    for store in plan.design.stores:
        if store.role == "database":
            stored = sum(plan.world.contexts[c].bytes_year for c in store.contexts)
            fleet = plan.sizing.tiers[store.id].fleet if store.id in plan.sizing.tiers else None
            parallel = max(1, (fleet.nodes if fleet.ring else fleet.shards) if fleet else 1)
            log = f"log archived {'as it is written' if rpo == 0 else 'at least every ' + w.duration(rpo)}" + (
                "; every write reaches a second zone before it is acknowledged" if rpo == 0 else ""
            )
            copied = stored * (fleet.copies if fleet and fleet.ring else 1) / parallel
            hours = copied / RESTORE_BYTES_PER_SECOND
            slowest = max(slowest, hours)
            rows.append(
                (
                    plan.design.label(store),
                    f"snapshot each night, 35 days; {log}",
                    f"point in time, {w.size(stored)}: about {w.duration(hours)}, {parallel} in parallel at 200 MB/s each",
                    "longer than the RTO: a copy takes over first, a restore only where data is wrong"
                    if hours > rto
                    else "fits the RTO",
                    "quarterly, timed",
                )
            )
        elif store.role == "object_store":
            rows.append(
                (
                    store.name,
                    "versions kept 30 days; inventory each week",
                    "by version",
                    "no restore of the whole needed",
                    "twice a year, a sample",
                )
            )
        elif store.role == "cache" and store.technology.port:
            rows.append(
                (
                    store.name,
                    "none: it can be made again",
                    f"warms up under {w.rate(plan.demand.total('total_peak_read_qps'))}",
                    "P1 reads are shed while it warms",
                    "with each failover drill",
                )
            )
    lost = "; ".join(g.text for g in plan.complete.model.goals[:1])
    disaster = (
        (
            "Zone lost",
            f"copies in the other zones take over; RPO {'0' if ability(plan.decisions[next(k for k in plan.decisions if k.startswith('replication.'))].chosen, 'rpo_zero') else 'seconds'}"
            if any(k.startswith("replication.") for k in plan.decisions)
            else "nothing is stored, so nothing is lost",
            w.duration(min(rto, 120)),
        ),
        (
            "Region lost",
            "traffic moves to the other region"
            + (
                f"; copies between regions lag, so up to {w.duration(REGION_LAG_SECONDS)} of writes are lost: RPO {w.duration(rpo)} holds within a region only"
                if rpo < REGION_LAG_SECONDS
                else ""
            )
            if survives
            else f"rebuilt in another region from the snapshots and logs copied there: up to {w.duration(REGION_COPY_SECONDS)} of {plan.complete.model.system} is lost. "
            + (
                f"RPO {w.duration(rpo)} and RTO {w.duration(rto)} hold for the loss of a zone, not of a region{f' ({lost})' if lost and rpo == 0 else ''}; "
                "to hold then too needs a second region written before the answer (see 9.2)"
                if rpo < REGION_COPY_SECONDS
                or rto < max(slowest, ability(plan.decisions["regions"].chosen, "rto_minutes") * 60)
                else "That is within RPO and RTO"
            ),
            w.duration(
                max(slowest if not survives else 0.0, ability(plan.decisions["regions"].chosen, "rto_minutes") * 60)
            ),
        ),
        (
            "Data destroyed by a fault of ours",
            f"point-in-time restore beside the running store, then copy back {w.listed(plan.complete.entities, 3)}",
            w.duration(max(slowest, 1800.0)),
        ),
    )
    return Subsection(
        id="9.3",
        title="Backup and DR",
        blocks=(
            Table(
                id="9.3.backup",
                title=f"Against RPO {w.duration(rpo)} and RTO {w.duration(rto)}",
                columns=("Store", "Backup", "Restore", "Against the RTO", "Drill"),
                rows=tuple(rows) or (("nothing is stored", "–", "–", "–", "–"),),
            ),
            Table(id="9.3.disaster", title="Disasters", columns=("What", "Then", "Back in"), rows=disaster),
        ),
    )


def _monitoring(page: Page) -> Subsection:
    plan = page.plan
    target = plan.complete.quality("availability").best
    metrics = []
    for service in plan.design.services:
        calls = sum(plan.demand.of_operation("peak_qps", n) for n in service.operations)
        metrics.append(
            (
                f"rate of {service.name}",
                w.code(f'http_requests_total{{service="{service.id}"}}'),
                f"{w.rate(calls)} at peak" if calls else "events only",
            )
        )
    metrics.append(("errors", w.code('http_requests_total{status=~"5.."}'), f"below {w.percent(1 - target)}"))
    metrics.append(
        (
            "duration",
            w.code("http_request_seconds_bucket"),
            ", ".join(
                f"{w.words(n)} p99 {w.milliseconds(plan.complete.latency(n).best * 1000)}"
                for n in dict.fromkeys((plan.design.critical_write, plan.design.critical_read))
                if n
            ),
        )
    )
    for topic in plan.design.topics[:4]:
        metrics.append(
            (
                f"lag of {topic.groups[0][0]}",
                w.code(f'consumer_lag{{topic="{topic.name}"}}'),
                f"below {w.count(max(100, topic.per_second * 60))} events, a minute",
            )
        )
    hit = plan.complete.default("sizing.hit_ratio", "share").best
    if plan.design.caches:
        metrics.append(
            (
                f"hit ratio of {plan.design.cache.name}",
                w.code("cache_hits_total / cache_requests_total"),
                f"above {w.percent(hit)}",
            )
        )
    for store in databases(page):
        tier = plan.sizing.tiers[store.id]
        metrics.append(
            (
                f"saturation of {store.name} ({w.listed(store.contexts, 2)})",
                w.code(f'store_utilisation{{store="{store.id}"}}'),
                f"below {w.percent(1 - plan.world.headroom)} of {tier.fleet.nodes} nodes"
                if tier.fleet.nodes
                else "throttled calls: none",
            )
        )
    business = tuple(
        (
            f"{w.words(n)} a minute",
            w.code(f"{n}_total"),
            f"{w.count(plan.demand.of_operation('average_qps', n) * 60)} on average; half of that for 10 min is an alert",
        )
        for n in plan.complete.operations
        if plan.complete.priority(n) == "P0"
    )
    alerts = [
        (
            f"error budget burns {rate:g} times too fast",
            f"{w.percent((1 - target) * rate)} of calls fail over {windows}",
            action,
            f"{w.percent(spent)} of the month's budget gone",
        )
        for rate, windows, action, spent in WINDOWS
    ]
    for name in dict.fromkeys((plan.design.critical_write, plan.design.critical_read)):
        if name:
            alerts.append(
                (
                    f"{w.words(name)} is slow",
                    f"p99 above {w.milliseconds(plan.complete.latency(name).best * 1000)} for 10 min",
                    "page" if plan.complete.priority(name) == "P0" else "ticket",
                    "[9.5](#9.5)",
                )
            )
    for topic in plan.design.topics[:2]:
        alerts.append(
            (
                f"{topic.groups[0][0]} lags",
                f"lag above {w.count(max(1000, topic.per_second * 600))} for 5 min",
                "page" if plan.complete.priority(topic.operation) == "P0" else "ticket",
                "[9.5](#9.5)",
            )
        )
    tools = [t for t in loader.technologies().values() if t.kind in ("metrics", "logs", "traces")]
    picked = {
        k: min(
            (t for t in tools if t.kind == k),
            key=lambda t: (
                t.id not in plan.complete.model.constraints.existing,
                t.complexity > 3,
                t.id != "prometheus",
                t.id,
            ),
        )
        for k in ("metrics", "logs", "traces")
    }
    answers = {
        "metrics": f"is {plan.complete.model.system} healthy?",
        "logs": f"what happened to this {w.words(plan.design.critical_write or plan.design.critical_read)}?",
        "traces": "which hop took the time?",
    }
    blocks: list[Block] = [
        Table(
            id="9.4.metrics",
            title="Rate, errors, duration, lag, hit ratio, saturation",
            columns=("What", "Metric", "Normal"),
            rows=tuple(metrics),
        ),
        Table(
            id="9.4.business",
            title="Business metrics",
            columns=("What", "Metric", "Normal"),
            rows=business
            or (
                (
                    f"calls of {plan.complete.model.system}",
                    "`calls_total`",
                    w.count(plan.demand.total("total_average_qps")),
                ),
            ),
        ),
        Table(
            id="9.4.alerts",
            title="Alerts on symptoms",
            columns=("Alert", "Threshold", "Does", "Means"),
            rows=tuple(alerts),
        ),
        Table(
            id="9.4.tools",
            title="Three pillars",
            columns=("Pillar", "Tool", "Answers"),
            rows=tuple((k.capitalize(), t.name, answers[k]) for k, t in picked.items()),
        ),
    ]
    blocks += [page.code(f"9.4.rules{i}", a) for i, a in enumerate(page.made("alerts"), start=1)]
    return Subsection(id="9.4", title="Monitoring and alerts", blocks=tuple(blocks))


def _runbooks(page: Page) -> Subsection:
    blocks: list[Block] = []
    for identifier, runbook, names in chosen_runbooks(page):
        title = fill(runbook.title, names)
        steps = [
            ("Symptom", runbook.symptom),
            *(("Check", c) for c in runbook.check[:3]),
            *(("Mend", m) for m in runbook.mend[:4]),
            ("Prevent", runbook.prevent),
        ]
        rows = tuple((i, kind, fill(text, names)) for i, (kind, text) in enumerate(steps))
        blocks.append(Table(id=f"9.5.{identifier}", title=title, columns=("#", "Step", "Do"), rows=rows, align="><<"))
    return Subsection(id="9.5", title="Runbooks", blocks=tuple(blocks))


def chosen_runbooks(page: Page) -> Iterator[tuple[str, Any, dict[str, str]]]:
    """The runbooks of this design: one or two a role, those of the chosen dialects first, the hot spot always."""
    plan = page.plan
    dialects = {s.technology.dialect for s in plan.design.stores} | {
        plan.design.messaging.dialect,
        plan.design.language.dialect,
    }
    names = _names(page)
    used = {
        "cache": 2,
        "messaging": 2,
        "hot_spot": 1,
        "database": 2,
        "service": 1,
        "external": 1 if plan.complete.model.integrations else 0,
        "object_store": 0,
        "region": 1,
    }
    fitting = [r for r in loader.runbooks().items() if not r[1].dialects or set(r[1].dialects) & dialects]
    for role, most in used.items():
        own = sorted(
            (r for r in fitting if r[1].role == role),
            key=lambda r: (
                not r[1].dialects,
                not any(x in r[0] for x in ("lag", "node", "failover", "hot", "down", "latency", "zone")),
                r[0],
            ),
        )
        for identifier, runbook in own[:most]:
            yield identifier, runbook, names


def _names(page: Page) -> dict[str, str]:
    plan = page.plan
    topic = plan.design.topics[0] if plan.design.topics else None
    write = plan.design.critical_write or plan.design.critical_read
    entity = plan.complete.operations[write].entity if write else next(iter(plan.complete.entities), "")
    home = plan.design.store_of(plan.complete.contexts[entity]) if entity else None
    table = page.table_of(entity) if entity else None
    return {
        **page.names,
        "database": home.name if home else page.names["database"],
        "service": plan.design.service_of(write).name if write else first_service(plan.design),
        "topic": topic.name if topic else "no topic",
        "consumer_group": topic.groups[0][0] if topic else "no group",
        "table": table.name if table else entity,
        "hot_key": hot_scenario(page)
        if "HOTSPOT_SCENARIO" not in plan.complete.model.document
        else plan.complete.model.document["HOTSPOT_SCENARIO"],
        "integration": w.words(next(iter(plan.complete.model.integrations), "the integration")),
        "hit_ratio": w.percent(plan.complete.default("sizing.hit_ratio", "share").best),
        "peak_qps": w.count(plan.demand.total("total_peak_qps")),
        "lag_limit": w.count(max(1000, (topic.per_second if topic else 0) * 600)),
    }

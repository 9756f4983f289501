"""11 Cost, trade-offs and future roadmap."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Subsection, Table
from workbook.document.page import Page
from workbook.plan.decisions.base import ability
from workbook.plan.sizing.prices import tariff

NUMBER = 11
TITLE = "Cost, trade-offs and future roadmap"
RESERVED = 0.37
"""What a one-year commitment without payment in advance saves on machines (our assumption within published 25-40 %)."""


def build(page: Page) -> Iterator[Subsection]:
    """Drivers and levers, trade-offs, roadmap."""
    yield _drivers(page)
    yield _tradeoffs(page)
    yield _roadmap(page)


def _drivers(page: Page) -> Subsection:
    sizing = page.plan.sizing
    ordered = sorted(sizing.costs, key=lambda c: -c.monthly_usd)
    drivers = tuple(
        (
            c.name,
            w.usd(c.monthly_usd),
            w.percent(round(c.monthly_usd / sizing.monthly_usd, 3)) if sizing.monthly_usd else "–",
            c.how,
        )
        for c in ordered[:6]
    )
    levers = sorted(_levers(page), key=lambda lever: -lever[2])
    rows = tuple((name, how, w.usd(saved), price) for name, how, saved, price in levers if saved > 0)
    demanding = tuple(_demanding(page))
    return Subsection(
        id="11.1",
        title="Cost drivers",
        blocks=(
            Table(id="11.1.drivers", columns=("Driver", "A month", "Share", "How"), align="<>><", rows=drivers),
            Table(
                id="11.1.levers",
                title="Levers, the largest first",
                columns=("Lever", "What is done", "Saves a month", "Price of it"),
                align="<<><",
                rows=rows,
            ),
            Table(
                id="11.1.questions",
                title="Requirements that cost most: are they meant so?",
                columns=("Requirement", "What it costs", "If it were softer"),
                rows=demanding or (("none stands out", "–", "–"),),
            ),
        ),
    )


def _cost(page: Page, identifier: str) -> float:
    return next((c.monthly_usd for c in page.plan.sizing.costs if c.id == identifier), 0.0)


def _levers(page: Page) -> Iterator[tuple[str, str, float, str]]:
    plan = page.plan
    machines = sum(_cost(page, i) for i in ("compute", "database", "cache", "stream", "search"))
    yield (
        "Commit for a year",
        f"{w.percent(RESERVED)} off the machines that run all day ({w.usd(machines)})",
        machines * RESERVED,
        "bound for a year: commit to the base, not to the peak",
    )
    active = plan.demand.total("total_average_qps") / max(plan.demand.total("total_peak_qps"), 1e-9)
    compute = _cost(page, "compute")
    least = sum(t.least for t in plan.sizing.tiers.values() if t.kind == "compute")
    if plan.sizing.servers > least:
        yield (
            "Scale in at night",
            f"average load is {w.percent(round(active, 2))} of the peak",
            compute * (1 - active) * 0.6,
            "slow to follow a sudden burst",
        )
    files = [e for e in plan.complete.entities if plan.complete.kind(e) == "object"]
    stored = _cost(page, "object_storage")
    if files and stored:
        yield (
            "Colder storage class",
            f"{w.listed(files, 2)} not read for 30 days (taken as 70 %)",
            stored * 0.7 * 0.45,
            "reads of old files cost more and may take longer",
        )
    out = _cost(page, "cdn")
    if out:
        yield (
            "Compress or shrink files",
            f"a fifth fewer bytes of {w.listed(files, 2)}",
            out * 0.2,
            "work at upload; quality must be judged",
        )
        price = tariff("cdn", plan.complete)
        yield (
            "Negotiate the CDN",
            f"list price {price.first:g} USD/GB; contracts above 100 TB a month are far below",
            out * 0.4 if out > 5000 else 0.0,
            "a minimum to be paid in any case",
        )
    language = plan.decisions["language"]
    best = max((j for j in language.judged), key=lambda j: ability(j.option, "throughput"))
    mine = ability(language.chosen, "throughput")
    if best.option.id != language.chosen.id and mine:
        yield (
            f"Write the busiest service in {best.option.name}",
            f"{ability(best.option, 'throughput') / mine:.1f} times the requests per core",
            compute * 0.8 * (1 - mine / ability(best.option, "throughput")),
            "a second language to know",
        )
    logs = _cost(page, "logs_and_metrics")
    yield "Sample logs further", "2 % instead of 10 % of the good calls", logs * 0.3, "rare faults are harder to find"
    if ability(plan.decisions["regions"].chosen, "cost_factor") > 1.2:
        factor = ability(plan.decisions["regions"].chosen, "cost_factor")
        yield (
            "One region",
            f"without the second: {plan.decisions['regions'].chosen.name.lower()} costs {factor:.1f} times",
            machines * (1 - 1 / factor),
            "distance for some users, no recovery from the loss of a region",
        )


def _demanding(page: Page) -> Iterator[tuple[str, str, str]]:
    plan = page.plan
    quality = plan.complete.quality
    if quality("availability").best >= 0.9999:
        yield (
            f"availability {w.percent(quality('availability').best)}",
            f"three zones and copies: {w.usd(_cost(page, 'database') / 3)} of the databases",
            "99.9 % needs two",
        )
    headroom = plan.world.headroom
    yield (
        f"headroom {w.percent(headroom)}",
        w.usd(sum(_cost(page, i) for i in ("compute", "database", "cache")) * headroom),
        "halved, a failover leaves less room",
    )
    longest = max(plan.complete.entities, key=lambda e: plan.demand.of_entity("bytes_retained", e), default="")
    if longest:
        days = min(plan.demand.of_entity("kept", longest), plan.demand.total("horizon"))
        yield (
            f"{w.words(longest)} kept {w.count(days)} days",
            f"{w.size(plan.demand.of_entity('bytes_retained', longest))} at the horizon",
            "half as long, half as much",
        )


def _tradeoffs(page: Page) -> Subsection:
    plan = page.plan
    staleness = w.duration(plan.complete.quality("staleness").best)
    strong = [e for e in plan.complete.entities if plan.complete.consistency(e) == "strong"]
    weak = [e for e in plan.complete.entities if plan.complete.consistency(e) != "strong"]
    cache = _cost(page, "cache")
    rows = [
        (
            "Consistency against freshness and latency",
            f"{w.listed(strong, 4) or 'nothing'} strong; {w.listed(weak, 4) or 'nothing'} up to {staleness} old",
            f"all strong: {w.rate(plan.demand.total('total_peak_read_qps'))} of reads go to leaders"
            if weak
            else "nothing left to relax",
        ),
        (
            "Memory against latency",
            f"{plan.design.cache.name} for {w.usd(cache)} a month"
            if cache
            else f"{plan.design.cache.name}: memory of the servers, no extra cost",
            f"without it the database answers {w.rate(sum(c.points + c.ranges for c in plan.world.contexts.values()))}",
        ),
    ]
    if "fan_out" in plan.decisions:
        fan = plan.decisions["fan_out"]
        mine = fan.of(fan.chosen.id)
        rival = fan.of(fan.runner_up.id) if fan.runner_up else mine
        rows.append(
            (
                "Fan-out against pull",
                f"{fan.chosen.name}: {mine.scores['rows touched'].evidence}",
                f"{rival.option.name}: {rival.scores['rows touched'].evidence or '; '.join(rival.excuses)}",
            )
        )
    else:
        first = w.words(plan.design.critical_read or plan.design.critical_write)
        rows.append(
            (
                "Fan-out against pull",
                f"pull: {first} reads what it needs",
                "nothing here concerns many recipients at once",
            )
        )
    options = []
    for decision in ("architecture_style", "messaging", "regions"):
        decided = plan.decisions[decision]
        if decided.runner_up:
            a, b = decided.of(decided.chosen.id), decided.of(decided.runner_up.id)
            for criterion in list(decided.weights)[:4]:
                options.append(
                    (
                        w.words(decision),
                        criterion,
                        f"{a.option.name} {a.scores[criterion].value:.2f}",
                        f"{b.option.name} {b.scores[criterion].value:.2f}",
                    )
                )
    return Subsection(
        id="11.2",
        title="Trade-offs",
        blocks=(
            Table(id="11.2.tradeoffs", columns=("Trade-off", "Here", "The other way"), rows=tuple(rows)),
            Table(
                id="11.2.aspects",
                title="Chosen against runner-up, aspect by aspect (1 is best)",
                columns=("Decision", "Aspect", "Chosen", "Runner-up"),
                rows=tuple(options),
            ),
        ),
    )


def _roadmap(page: Page) -> Subsection:
    plan = page.plan
    model = plan.complete.model
    launch = (model.constraints.launch or plan.complete.default("constraints.launch", "time")).best / 86_400 / 30
    first = [page.feature_title(f) for f in page.ordered_features if page.feature_priority(f) == "P0"]
    second = [page.feature_title(f) for f in page.ordered_features if page.feature_priority(f) != "P0"]
    uncertain = plan.complete.assumptions
    riskiest = plan.design.critical_write or plan.design.critical_read
    marks = [f"{t.component}: {t.mark} in month {t.month}" for t in plan.sizing.thresholds if t.month]
    phases = [
        (
            f"0 Prototype, month 1-{max(1, round(launch * 0.2))}",
            f"{w.words(riskiest)} end to end under {w.rate(plan.demand.of_operation('peak_qps', riskiest))}"
            if riskiest
            else "a first page",
            f"p99 below {w.milliseconds(plan.complete.latency(riskiest).best * 1000) if riskiest else 'its target'} on {plan.design.stores[0].name}",
        ),
        (
            f"1 MVP, until month {max(2, round(launch * 0.7))}",
            ", ".join(first) or ", ".join(second[:2]),
            f"all P0 operations in one region, {plan.design.messaging.name} in place",
        ),
        (
            f"2 Launch, month {round(launch)}",
            ", ".join(second[:6]) or "hardening",
            f"load test at {w.rate(plan.demand.total('total_peak_qps') * 1.3)}, restore drill, runbooks rehearsed",
        ),
        (
            "3 After it",
            "; ".join(marks[:3]) or f"reviews of {w.words(riskiest) if riskiest else 'the design'} each quarter",
            "decisions of [4.5](#4.5) and [6.1](#6.1) asked again with measured numbers",
        ),
    ]
    later = tuple((f, _touches(page, f)) for f in model.future) or (("none named", "add `future` to the brief"),)
    integrations = tuple((w.words(i), v.does) for i, v in model.integrations.items()) or (
        (
            "none yet",
            f"events of {plan.design.topics[0].name if plan.design.topics else model.system} are open to others",
        ),
    )
    prototypes = tuple(
        (
            w.code(a.path),
            a.value,
            "measure it in the prototype"
            if a.path.startswith(("operations", "populations", "load"))
            else "ask who knows",
        )
        for a in uncertain[:6]
    )
    return Subsection(
        id="11.3",
        title="Roadmap",
        blocks=(
            Table(
                id="11.3.phases", title="MVP to long term", columns=("Phase", "Builds", "Done when"), rows=tuple(phases)
            ),
            Table(id="11.3.future", title="Future features", columns=("Feature", "Touches"), rows=later),
            Table(id="11.3.integrations", title="Integrations", columns=("With", "What it does"), rows=integrations),
            Table(
                id="11.3.prototype",
                title="Uncertain: to be prototyped or asked first",
                columns=("Value", "Assumed", "How to know"),
                rows=prototypes or (("nothing is assumed", "–", "–"),),
            ),
        ),
    )


def _touches(page: Page, feature: str) -> str:
    wanted = {t.rstrip("s") for t in feature.lower().replace("-", " ").split() if len(t) > 3}
    found = [e for e in page.plan.complete.entities if wanted & {t.rstrip("s") for t in e.split("_")}]
    main = (
        page.plan.complete.operations[page.plan.design.critical_write].entity
        if page.plan.design.critical_write
        else next(iter(page.plan.complete.entities), "")
    )
    context = page.plan.complete.contexts.get((found or [main])[0], "")
    return f"{w.listed(found) or w.words(main)}: a further module beside {w.words(context)}, fed by its events"

"""Rows of the template, sections 9 to 13, and those of every section: how it runs, what it costs, what is handed over."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import yaml
from claims import Claims, Document, said
from documents import put
from readings import Fact, bare, money, near, number, numbers, same, says, true

from workbook.brief.steps.syntax import Verb
from workbook.catalog import loader
from workbook.plan import Plan
from workbook.plan.names import words

CLAIMS = Claims()
RESTORED_A_SECOND = 200e6
SOONEST_RESTORE = 1800
BURN_RATES = (14.4, 6.0, 3.0, 1.0)
SEVERAL = 3
TIE = 0.021
"""Within two hundredths the simpler option wins."""


@CLAIMS(
    "H9.1",
    plants=(
        put("sizing", "tiers", "identity_service", "least", to=1),
        put("sizing", "tiers", "messages_database", "fleet", "nodes", to=5),
        said(load__headroom="50 %"),
    ),
)
def every_part_has_bounds_and_what_moves_it(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each service has its machines, bounds around them and a trigger by its kind; each store what fills first and when it is looked at."""
    cpu = 1 - plan.demand.total("headroom")
    triggers = {"api": "requests per second", "worker": "backlog", "realtime": "connections"}
    for service in plan.design.services:
        row, tier = document.row("9.1.services", Service=plan.design.title(service.id)), plan.sizing.tiers[service.id]
        yield same(f"{service.id}: now", f"{tier.fleet.nodes} x {tier.fleet.instance}", row.get("Now"))
        yield same(f"{service.id}: bounds", f"{tier.least} … {tier.most}", row.get("Bounds"))
        yield true(f"{service.id}: bounds are around it", tier.least <= tier.fleet.nodes <= tier.most, row)
        trigger = row.get("Adds an instance at", "")
        yield says(f"{service.id}: trigger", triggers[service.role.value], trigger)
        yield near(f"{service.id}: processors", cpu, trigger.rpartition("CPU above ")[2])
    for store in plan.design.stores:
        if store.id in plan.sizing.tiers:
            row, fleet = (
                document.row("9.1.stores", Store=plan.design.title(store.id)),
                plan.sizing.tiers[store.id].fleet,
            )
            expected = f"{fleet.nodes} x {fleet.instance}" if fleet.nodes else fleet.instance
            yield same(f"{store.id}: now", expected, row.get("Now"))
            yield true(f"{store.id}: what fills first", not fleet.nodes or "used" in row.get("Fills first", ""), row)


@CLAIMS(
    "H9.2",
    plants=(
        put("sizing", "tiers", "identity_service", "fleet", "nodes", to=5),
        said(quality__availability="99 %"),
        put("world", "decided", "regions", "chosen", "name", to="The moon"),
    ),
)
def a_lost_zone_leaves_what_is_said(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each part says in how many zones it stands and how many machines are left without one; the topology is that chosen."""
    yield says("regions", plan.decisions["regions"].chosen.name.lower(), document.title("9.2.zones"))
    most = number(document.title("9.2.zones"))
    for tier in plan.sizing.tiers.values():
        row, nodes = document.row("9.2.zones", Part=plan.design.title(tier.id)), tier.fleet.nodes
        if not nodes:
            yield says(tier.id, "goes on", row.get("When a zone is lost", ""))
            continue
        machines, zones = numbers(row.get("Stands in", "0 in 1"))[:2]
        yield same(f"{tier.id}: machines", float(nodes), machines)
        yield true(f"{tier.id}: zones", zones <= most, row)
        then = row.get("When a zone is lost", "")
        if "go on" in then:
            left, of = numbers(then)[:2]
            yield same(f"{tier.id}: left of {nodes} in {zones:g}", nodes - math.ceil(nodes / zones), int(left))
            yield same(f"{tier.id}: of", float(nodes), of)
            busy = re.search(r"([\d.,]+) % busy", then)
            need = tier.fleet.binding
            if busy and need:
                expected = need.nodes * (1 - plan.demand.total("headroom")) / left
                yield true(f"{tier.id}: busy", abs(number(busy[0]) - expected) <= 0.006, then)
                yield true(f"{tier.id}: too busy is said", (expected > 1.005) <= ("too much" in then), then)


@CLAIMS(
    "H9.3",
    "G18",
    plants=(
        said(quality__rto="10 h"),
        said(quality__rpo="7 min"),
        put("world", "stores", "identity_database", "role", to="object_store"),
    ),
)
def restores_take_as_long_as_their_bytes(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each database has a nightly snapshot, a log as often as the RPO, a restore as long as its bytes need, against the RTO, and a drill."""
    rpo, rto = plan.complete.quality("rpo").best, plan.complete.quality("rto").best
    title = document.title("9.3.backup")
    for store in plan.design.stores:
        row = document.row("9.3.backup", Store=plan.design.title(store.id))
        yield true(f"{store.id}: way back and drill", bool(row.get("Backup")) and bool(row.get("Drill")), row)
        if store.role != "database":
            continue
        yield same("targets", [rpo, rto], numbers(title))
        every = row.get("Backup", "").rpartition("log archived ")[2]
        yield true(f"{store.id}: log", numbers(every)[:1] == [rpo] if rpo else every == "as it is written", every)
        bytes_, seconds = row.get("Restore", ""), row.get("Restore", "").rpartition(": ")[2]
        fleet = plan.sizing.tiers[store.id].fleet
        parallel = max(1, fleet.nodes if fleet.ring else fleet.shards)
        copies = fleet.copies if fleet.ring else 1
        expected = max(SOONEST_RESTORE, (numbers(bytes_) or [0])[0] * copies / parallel / RESTORED_A_SECOND)
        yield near(f"{store.id}: restore", expected, seconds, 0.02)
        fits = "within" if expected <= rto else "longer"
        yield true(f"{store.id}: against {rto} s", row.get("Within the RTO", "").startswith(fits), row)
    region = document.row("9.3.disaster", What="The region is lost")
    kept = "against an RPO" not in region.get("Lost", "") and "against an RTO" not in region.get(
        "Serves again after", ""
    )
    yield true("what a lost region breaks is said", kept or "RPO and RTO do not hold" in document.note("9.3.disaster"))


@CLAIMS(
    "H9.4",
    plants=(
        said(quality__availability="99 %"),
        said(operations__send_message__p99="90 ms"),
    ),
)
def alerts_are_those_of_the_rules(plan: Plan, document: Document) -> Iterator[Fact]:
    """Burn rates follow from the objective, latencies from their targets; the table and the rules have the same metrics and thresholds."""
    rules = yaml.safe_load(document.files["alerts/rules.yml"])
    alerts = [r for g in rules["groups"] for r in g["rules"] if "alert" in r]
    expressions = " ".join(r["expr"] for g in rules["groups"] for r in g["rules"])
    for row in document.rows("9.4.metrics"):
        yield says(row["Watched"], row["Metric"], expressions)
    missing = 1 - plan.complete.quality("availability").best
    burning = [r["Threshold"] for r in document.rows("9.4.alerts") if "pace of the budget" in r["Threshold"]]
    for shown in burning:
        factor = next(b for b in BURN_RATES if f"({b:g} times" in shown)
        yield near(f"burn rate {factor:g}", min(1.0, missing * factor), shown)
        yield says(f"rule of {factor:g}", f"{missing * factor:.6g}", expressions)
    watched = {r["Watched"] for r in document.rows("9.4.metrics")}
    if any(t.hearers for t in plan.design.topics):
        yield true("lag is watched", "backlog" in watched, watched)
    if any(s.of for s in plan.world.form.structures.values() if plan.world.homes.get(s.id) == "cache"):
        yield true("hit ratio is watched", "hit ratio" in watched, watched)
    for name in plan.complete.operations:
        rule = next(
            (a for a in alerts if a["alert"] == "Slow" + "".join(p.capitalize() for p in name.split("_"))), None
        )
        if rule is not None:
            target = plan.complete.latency(name).best
            yield says(f"{name}: rule", f"> {target:.6g}", rule["expr"])
            table = [r for r in document.rows("9.4.alerts") if r["Watched"] == "latency"]
            named = [r for r in table if words(name) in r["Of"] or " more" in r["Of"]]
            yield true(f"{name}: table", any(abs(number(r["Threshold"][3:]) - target) < 0.001 for r in named), table)


@CLAIMS(
    "H10.3",
    plants=(
        said(quality__compliance=["gdpr"]),
        put("world", "form", "structures", "visit_note", "sensitive", to=""),
    ),
    on="clinic",
)
def laws_are_answered_from_what_is_built(plan: Plan, document: Document) -> Iterator[Fact]:
    """Every rule of every law stands with an answer, deletion, export and consent among them; data about people has its end and copies."""
    laws = [loader.compliance()[name] for name in plan.complete.model.quality.compliance]
    asked = " ".join(r["Asks for"] for r in document.rows("10.3.rules"))
    for law in laws:
        for rule in law.rules:
            yield says(law.id, bare(" ".join(rule.text.split())), " ".join(asked.split()))
    if laws:
        rows = document.rows("10.3.rules")
        for topic in ("deletion", "export", "consent"):
            answers = [r for r in rows if r["Asks for"].startswith(topic)]
            yield true(f"{topic} is answered", bool(answers) and all(r["Here"] and r["Answer"] for r in answers), rows)
        kept = {p.structure for p in plan.world.pledges if p.kind.value == "erased"}
        deletion = next((r for r in rows if r["Asks for"].startswith("deletion")), {"Here": ""})
        yield true("deletion is open where nothing erases", bool(kept) or deletion["Here"] == "open", deletion)
    for name, structure in plan.world.form.structures.items():
        if structure.sensitive:
            row = document.row("10.3.data", Structure=name)
            yield same(f"{name}: class", structure.sensitive, row.get("Class"))
            removed = _removed(plan, name) or (structure.retention or structure.ttl) is not None
            yield same(f"{name}: ends", not removed, row.get("Ends", "never") == "never")


def _removed(plan: Plan, name: str) -> bool:
    steps = (s for p in plan.world.programs.values() for s, _ in p.steps())
    return any(s.target == name and s.verb is Verb.REMOVE for s in steps)


@CLAIMS(
    "H11.1",
    plants=(
        put("sizing", "costs", 1, "monthly_usd", to=lambda usd: usd * 3 + 100),
        said(load__headroom="60 %"),
    ),
)
def drivers_and_levers_are_of_this_bill(plan: Plan, document: Document) -> Iterator[Fact]:
    """The largest lines of the bill stand largest first; each lever has its saving, and a year's commitment saves its share of the machines."""
    costs = sorted((c.monthly_usd for c in plan.sizing.costs), reverse=True)
    rows = document.rows("11.1.drivers")
    for row, usd in zip(rows, costs, strict=False):
        yield money(row["Driver"], usd, row["A month"])
    yield true("drivers", len(rows) >= min(3, len([c for c in costs if c > 0])), rows)
    levers = document.rows("11.1.levers")
    saved = [number(r["Saves a month"]) for r in levers]
    yield same("levers, the largest first", sorted(saved, reverse=True), saved)
    yield true("every lever has its price", all(r["Price of it"] for r in levers), levers)
    machines = sum(
        c.monthly_usd for c in plan.sizing.costs if c.id.value in ("compute", "database", "cache", "stream", "search")
    )
    for row in levers:
        if row["Lever"] == "Commit for a year":
            share, base = numbers(row["What is done"])[:2]
            yield near("machines", machines, f"{base} USD", 0.02)
            yield money("commitment", machines * share, row["Saves a month"])


@CLAIMS(
    "H12.3",
    plants=(
        said(integrations__sms_gateway__availability="91 %"),
        put("world", "form", "operations", "remind_visitor", "nodes", to=()),
    ),
    on="clinic",
)
def every_integration_says_how_it_fails(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each system that a step calls has its callers, our patience of 1.5 times its p99, a breaker, and its availability; others are named."""
    for name, integration in plan.world.form.integrations.items():
        callers = {
            n: s.target.partition(".")[2]
            for n, p in plan.world.programs.items()
            for s, _ in p.steps()
            if s.verb is Verb.CALL and s.target.partition(".")[0] == name
        }
        title = words(name).capitalize()
        rows = [r for r in document.rows("12.3.integrations") if r["System"].startswith(title)]
        if not callers:
            yield true(f"{name} is not called", not rows and words(name) in document.note("12.3.integrations"), rows)
            continue
        for operation, call in callers.items():
            row = next((r for r in rows if words(operation) in r["Called by"]), {})
            yield true(f"{name}: called by {operation}", bool(row), rows)
            p99 = integration.calls[call].p99
            if p99 is not None:
                yield near(f"{name}: patience", p99.best * 1.5, row.get("We wait", ""))
            yield says(f"{name}: breaker", "breaker opens at", row.get("We wait", ""))
            if integration.availability is not None:
                yield near(f"{name}: available", integration.availability.best, row.get("Available", ""), 1e-6)


@CLAIMS(
    "HX3",
    plants=(
        put("world", "decided", "architecture_style", "judged", 0, "total", to=0.99),
        put("world", "decided", "regions", "weights", to=lambda weights: dict.fromkeys(weights, 0.9)),
        put("world", "decided", "api_style", "chosen", "name", to="Pigeons"),
    ),
)
def every_choice_is_weighed(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each matrix adds up, its choice is the best that no limit excludes unless the brief pins it, and its reason names it."""
    matrices = document.matrices()
    yield true("several approaches compared", sum(len(m.options) > 1 for m in matrices) >= SEVERAL, len(matrices))
    for matrix in matrices:
        for option in matrix.options:
            total = sum(s * w for s, w in zip(option.scores, matrix.weights, strict=True))
            yield true(f"{matrix.id}: {option.name} adds up", abs(total - option.total) < 1e-6, (total, option.total))
        yield says(f"{matrix.id}: reason", matrix.chosen, matrix.reason)
        allowed = {o.name: o.total for o in matrix.options if not o.excuse}
        if "pinned by the brief" not in matrix.reason:
            best = max(allowed.values(), default=0.0)
            yield true(f"{matrix.id}: the best", allowed.get(matrix.chosen, -1.0) >= best - TIE, allowed)
    names = {
        d.chosen.name for d in plan.decisions.values() if d.decision in ("architecture_style", "api_style", "regions")
    }
    yield true("choices of the plan are shown", names <= {m.chosen for m in matrices}, names)


@CLAIMS(
    "HX5",
    plants=(
        put("design", "titles", "database", to="Some box"),
        put("design", "calls", to=lambda calls: calls[:1]),
    ),
    on="clinic",
)
def the_picture_is_drawn_in_characters(plan: Plan, document: Document) -> Iterator[Fact]:
    """The Markdown of the architecture has no image and no tag; every component is drawn by name, every arrow has its row."""
    text = document.markdown(4)
    yield true("no image", "![" not in text and "<img" not in text and "<svg" not in text)
    drawn = re.sub(r"[^\w]+", "", text.partition("## 4.2")[0])
    for component in plan.design.components:
        yield true(f"{component.id} is drawn", re.sub(r"[^\w]+", "", plan.design.title(component.id)) in drawn)
    links = text.partition("## 4.2")[2]
    for call in plan.design.calls:
        row = f"| {plan.design.title(call.source)} | {plan.design.title(call.target)} |"
        yield true(f"{row} stands", row in links)


test_holds = CLAIMS.holds()
test_speaks_of_several_fields = CLAIMS.spoken_of()
test_a_planted_fault_is_seen = CLAIMS.planted()

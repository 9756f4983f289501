"""Rows of the design agent and the workflows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import yaml
from claims import Claims, Document, said
from documents import array, put
from readings import ROUNDING, Fact, bare, near, number, numbers, same, says, true

from workbook.document.blocks import Formulas, Plot
from workbook.plan import Plan
from workbook.plan.names import words
from workbook.plan.operate.runbooks import book_of, books
from workbook.plan.operate.scaling import zone_losses
from workbook.plan.operate.signals import signals

CLAIMS = Claims()
DAY = 86_400
DAYS_A_MONTH = 365 / 12
PUT_IN = 0.012
"""Numbers put into a formula are rounded themselves, so their product may be off by more."""


@CLAIMS(
    "A2",
    plants=(
        put("world", "decided", "architecture_style", "chosen", "name", to="A heap"),
        put("design", "services", to=lambda found: (*found, replace(found[0], id="spare", operations=()))),
        put("design", "components", to=lambda found: found[:-1]),
    ),
)
def the_overview_counts_what_is_built(plan: Plan, document: Document) -> Iterator[Fact]:
    """Two or three sentences name the style, count the services by kind and the stores; each component has purpose, product and why."""
    text = " ".join(document.block("4.1.overview").paragraphs)  # type: ignore[union-attr]
    sentences = re.findall(r"\.(?: |$)", text)
    if plan.complete.operations:
        yield true("two or three sentences", 2 <= len(sentences) <= 3, text)
    yield says("style", plan.decisions["architecture_style"].chosen.name.lower(), text)
    for role, name in (("api", "API service"), ("realtime", "gateway for open connections"), ("worker", "worker")):
        count = sum(s.role.value == role for s in plan.design.services)
        if count:
            yield says(role, f"{count} {name}", text)
    for store in plan.design.stores:
        if store.role in ("database", "object_store"):
            yield says("stores", store.technology.name, text)
    rows = {r["Component"]: r for r in document.rows("4.2.components")}
    for component in plan.design.components:
        row = rows.get(plan.design.title(component.id), {})
        yield true(f"{component.id}: purpose, why", bool(row.get("Purpose") and row.get("Why")), row)
        if component.technology is not None:
            yield same(f"{component.id}: technology", component.technology.name, row.get("Technology"))


@CLAIMS(
    "A4",
    plants=(
        put("world", "decided", "architecture_style", "judged", 1, "total", to=0.33),
        put("world", "decided", "architecture_style", "judged", 0, "excuses", to=("too large for us",)),
    ),
)
def five_styles_have_a_verdict(plan: Plan, document: Document) -> Iterator[Fact]:
    """Monolith, microservices, event-driven, layered and CQRS: when, pros, cons, and chosen, out by which limit, or by how much it lost."""
    decided = plan.decisions["architecture_style"]
    best = decided.of(decided.chosen.id).total
    names = " ".join(r["Style"] for r in document.rows("4.5.styles")).lower()
    for style in ("monolith", "microservices", "event-driven", "layered", "cqrs"):
        yield says("styles", style, names)
    for judged in decided.judged:
        row = document.row("4.5.styles", Style=judged.option.name)
        for column in ("When", "Pros", "Cons"):
            yield true(f"{judged.option.name}: {column}", bool(row.get(column)), row)
        verdict = row.get("Verdict here", "")
        if judged.option.id == decided.chosen.id:
            yield true(f"{judged.option.name}: verdict", verdict.startswith("chosen"), verdict)
        elif judged.excuses:
            yield says(f"{judged.option.name}: verdict", str(judged.excuses[0]), verdict)
        else:
            yield same(f"{judged.option.name}: verdict", [round(judged.total, 2), round(best, 2)], numbers(verdict)[:2])


@CLAIMS(
    "A9",
    plants=(array("average_qps"), array("bytes_per_day"), said(load__peak="5x")),
    on="worked_requests",
    briefs=("worked_requests",),
    fields=1,
)
def a_million_users_come_out(plan: Plan, document: Document) -> Iterator[Fact]:
    """1M users a day x 50: 50M a day, 579 a second, 1,736 at peak; 1 KB each: 50 GB a day, 1.5 TB within the first month."""
    calls = document.row("2.1.metrics", Metric="write post")
    load = document.row("2.2.qps", Operation="write post")
    stored = document.row("2.2.storage", Entity="post")
    yield near("calls a day", 50e6, calls.get("A day", ""))
    yield near("average", 50e6 / DAY, load.get("QPS average", ""))
    yield near("peak", 3 * 50e6 / DAY, load.get("QPS peak", ""))
    yield near("bytes a day", 50e9, stored.get("Bytes a day", ""))
    plot = document.block("2.5.cost")
    assert isinstance(plot, Plot)
    gigabytes = next(s for s in plot.series if "GB" in s.name)
    months = float(gigabytes.x[1]) - float(gigabytes.x[0])
    yield near("gigabytes a month", 50 * DAYS_A_MONTH, (gigabytes.y[1] - gigabytes.y[0]) / months)


FLAGS = {
    "single_copy": "Single point of failure",
    "no_monitoring": "No monitoring",
    "unclear_scaling": "Unclear scaling",
    "slow_dependency": "Missing error handling",
    "too_complex": "Overly complex",
    "no_security": "No security",
    "ignored_cost": "Ignoring operational costs",
    "new_to_the_team": "Not considering team expertise",
}


@CLAIMS(
    "A10",
    plants=(
        put("sizing", "tiers", "application", "fleet", "nodes", to=1),
        put("sizing", "monthly_usd", to=9e9),
        lambda plan: put("sizing", "tiers", "worker", "fleet", "nodes", to=90)(
            put("sizing", "tiers", "application", "fleet", "nodes", to=90)(plan)
        ),
    ),
    on="music",
)
def eight_red_flags_are_looked_for(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each of the eight has an answer, and those of cost, copies, zones, signals and others' latency are what the numbers say."""
    items = document.items("13.1.review")
    states = {i: next((v[0] for k, v in items.items() if k.startswith(title)), "") for i, title in FLAGS.items()}
    details = {i: next((v[1] for k, v in items.items() if k.startswith(title)), "") for i, title in FLAGS.items()}
    yield true("all eight have an answer", all(states.values()), states)
    model = plan.complete.model
    accepted = {a.finding for a in model.accepted}
    fails = {
        "ignored_cost": model.constraints.budget is not None
        and plan.sizing.monthly_usd > model.constraints.budget.best,
        "single_copy": any(t.kind.value == "service" and t.nodes < 2 for t in plan.sizing.tiers.values()),
        "no_monitoring": _signals_without_book(plan),
    }
    if model.constraints.budget is None:
        fails.pop("ignored_cost")
        yield true("no budget", states["ignored_cost"] in ("open", "failed"), states)
    for flag, failed in fails.items():
        if flag not in accepted:
            yield same(flag, failed, states[flag] == "failed")
    if any(z.busy > 1 for z in zone_losses(plan.design, plan.sizing)):
        yield same("too busy without a zone", "failed", states["unclear_scaling"])
    if any(_late(plan)) and "slow_dependency" not in accepted:
        yield same("slower than its caller", "failed", states["slow_dependency"])
    team = plan.complete.model.constraints.team
    if team and team.skills and states["new_to_the_team"] == "failed":
        for skill in team.skills:
            yield true(f"{skill} is known", f": {skill} " not in details["new_to_the_team"], details)


def _signals_without_book(plan: Plan) -> bool:
    known = books(plan.design, plan.sizing)
    return any(book_of(signal, known) is None for signal in signals(plan.design, plan.sizing))


def _late(plan: Plan) -> Iterator[str]:
    """Operations that somebody waits for and that call what takes longer."""
    for name in plan.complete.operations:
        program = plan.world.programs[name]
        for step, _ in program.steps():
            system, _, call = step.target.partition(".")
            integration = plan.world.form.integrations.get(system)
            if step.verb.value == "call" and integration is not None and program.starts.value == "caller":
                p99 = integration.calls[call].p99
                if p99 and p99.best > plan.complete.latency(name).best:
                    yield name


def evaluated(text: str) -> float | None:
    """The value of numbers put into products, quotients and differences; nothing where words stand among them."""
    plain = text.replace(",", "").replace(" s", "").replace(" x ", "*")
    if not re.fullmatch(r"[\d.e+\-*/() ]+", plain):
        return None
    value = 1.0
    for operator, factor in re.findall(r"([*/]?)\s*(\([^)]*\)|[\d.]+(?:e[+-]?\d+)?)", plain):
        put_in = float(factor) if factor[0] != "(" else _difference(factor[1:-1])
        value = value / put_in if operator == "/" else value * put_in
    return value


def _difference(text: str) -> float:
    first, *others = (float(part) for part in text.split(" - "))
    return first - sum(others)


@CLAIMS(
    "W3",
    plants=(array("average_qps"), array("bytes_per_year_replicated"), array("ingress"), array("peak_egress")),
)
def the_formulas_give_what_stands_behind_them(plan: Plan, document: Document) -> Iterator[Fact]:
    """Requests a second = users x requests a day / 86,400; bytes a year = a day x 365 x copies; bandwidth = size x requests: reckoned again."""
    block = document.block("2.3.formulas")
    lines = block.lines if isinstance(block, Formulas) else ()
    for line in lines:
        value = evaluated(bare(line.numbers))
        if value is not None and value > 0:
            yield near(f"{line.name} = {line.numbers}", value, line.result, PUT_IN)
        if "bytes" in line.name:
            yield true(f"{line.name} is a size", re.search(r"\d [KMGTPE]?B$", line.result) is not None, line.result)
    for name, operation in plan.complete.operations.items():
        row = document.row("2.2.qps", Operation=words(name))
        rate = re.fullmatch(r"([\d.]+) per (\w+) per day", " + ".join(r.text for r in operation.rate or ()))
        population = plan.demand.inputs.populations.get(rate[2], {}) if rate else {}
        people = population.get("daily_active", population.get("count"))
        if rate and people is not None:
            yield near(
                f"{name}: requests a second", float(rate[1]) * float(people[0]) / DAY, row.get("QPS average", "")
            )
        sizes = numbers(row.get("Sent per call", "")) + numbers(row.get("QPS peak", ""))
        if len(sizes) == 2 and sizes[0] * sizes[1] > 1000:
            yield near(f"{name}: bandwidth", sizes[0] * sizes[1] * 8, row.get("Out at peak", ""), PUT_IN)
    for name in plan.complete.entities:
        daily = plan.values.get(f"entities.{name}.bytes_per_day")
        yearly = next((line for line in lines if line.name == f"{words(name)}: bytes per year replicated"), None)
        if daily is not None and yearly is not None:
            copies = plan.complete.replicas(name)
            yield near(f"{name}: bytes a year", daily.best * 365 * copies, yearly.result, PUT_IN)


MARKS = {
    "requests per second on one node": 10_000,
    "bytes on one node in a year": 1e12,
    "open connections per server": 1000,
    "memory in use per node": 0.8,
    "events per second per broker": 50_000,
}


@CLAIMS(
    "W5",
    plants=(
        put("sizing", "thresholds", 0, "limit", to=777.0),
        put("sizing", "thresholds", 4, "month", to=3),
        put("sizing", "timeline", 11, "peak_qps", to=lambda qps: qps * 90),
    ),
)
def review_marks_are_those_of_the_workflows(plan: Plan, document: Document) -> Iterator[Fact]:
    """10k requests, 1 TB, 1,000 connections, 80 % of memory, 50k events: each where it applies, and the month in which growth reaches it."""
    rows = document.rows("2.5.thresholds")
    for row in rows:
        yield near(row["Mark"], MARKS[row["Mark"]], row["Review at"])
        now, mark = number(row["Now"]), MARKS[row["Mark"]]
        over = now >= mark
        if not now or abs(now - mark) < mark * ROUNDING:
            continue
        if row["Mark"] != "bytes on one node in a year":
            yield same(f"{row['Component']}: {row['Mark']} reached", over, row["Reached"] == "already")
        if row["Mark"] == "requests per second on one node" and not over:
            yield from _month(plan, row, document)
    for tier in plan.sizing.tiers.values():
        if tier.kind.value == "database" and tier.fleet.nodes:
            marks = {r["Mark"] for r in rows if r["Component"] == plan.design.title(tier.id)}
            yield true(
                f"{tier.id}: marks", {"requests per second on one node", "bytes on one node in a year"} <= marks, marks
            )


def _month(plan: Plan, row: dict[str, str], document: Document) -> Iterator[Fact]:
    """When requests that grow as all traffic does reach the mark; of less than one a second the curve shows too few digits."""
    plot = document.block("2.5.traffic")
    assert isinstance(plot, Plot)
    grown = plot.series[0].y
    if grown[0] < 1:
        return
    needed = MARKS[row["Mark"]] / number(row["Now"]) * grown[0]
    reached = next((float(x) for x, y in zip(plot.series[0].x, grown, strict=True) if y >= needed * 0.99), None)
    if reached is None:
        yield says(f"{row['Component']}: requests", "not within the horizon", row["Reached"])
    else:
        months = numbers(row["Reached"])
        yield true(
            f"{row['Component']}: month {reached:g}", bool(months) and abs(months[0] - reached) <= 12, row["Reached"]
        )


@CLAIMS(
    "W7",
    plants=(
        put("design", "tables", "sale_order", "uniques", to=()),
        put("design", "tables", "sale_order", "uniques", 0, "tests", to=()),
    ),
    on="flash_sale",
    briefs=("clinic", "flash_sale", "appointments", "music", "payment_ledger"),
)
def schemas_have_conditions_times_and_identifiers(plan: Plan, document: Document) -> Iterator[Fact]:
    """On PostgreSQL a promise with a condition is a partial unique index or exclusion over columns of its table; times and ids have types."""
    homes = plan.world.stores
    for name, table in plan.design.tables.items():
        if homes[plan.world.homes[name]].technology.id != "postgresql":
            continue
        schema = "\n".join(t for p, t in document.files.items() if p.startswith("schema/"))
        made = re.search(rf'CREATE (?:\w+ )*TABLE "?{name}"? \((.*?)\n\)', schema, re.DOTALL)
        yield true(f"{name} is made", made is not None)
        body = made[1] if made else ""
        structure = plan.world.form.structures.get(name)
        for field, kind in structure.fields.items() if structure else ():
            wanted = {"time": "timestamptz", "id": "uuid", "ref": "uuid"}.get(kind.kind)
            if wanted and table.has(field):
                yield true(
                    f"{name}.{field} is {wanted}", re.search(rf'^\s+"?{field}"? {wanted}', body, re.M) is not None
                )
        for unique in table.uniques:
            if unique.tests:
                index = re.search(rf'UNIQUE INDEX \w+ ON "?{name}"? \(([^)]*)\) WHERE (.*?);', schema)
                yield true(f"{name}: partial unique index", index is not None)
                columns = set(re.findall(r"\w+", index[1])) if index else set()
                yield same(f"{name}: its columns", set(unique.columns), columns)
                yield true(f"{name}: they are of the table", columns <= {c.name for c in table.columns}, columns)
        for exclusion in table.exclusions:
            if exclusion.tests:
                yield true(f"{name}: partial exclusion", re.search(r"EXCLUDE USING gist .* WHERE", body) is not None)


@CLAIMS(
    "W10",
    plants=(
        put("design", "endpoints", to=lambda found: tuple(e for e in found if e.operation != "open_chart")),
        put("world", "form", "operations", "audit_access", "nodes", to=()),
    ),
    on="clinic",
)
def paged_answers_are_typed(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each list that goes on from a cursor takes it and a limit, and answers rows with whether and from where there are more."""
    text = next((t for p, t in document.files.items() if p == "api/openapi.yaml"), "")
    if not text:
        return
    written = yaml.safe_load(text)
    operations = {
        o["operationId"]: o for path in written["paths"].values() for o in path.values() if "operationId" in o
    }
    page_info = written["components"]["schemas"].get("PageInfo", {}).get("properties", {})
    for name, program in plan.world.programs.items():
        if program.starts.value != "caller" or not any(s.after is not None for s, _ in program.steps()):
            continue
        if plan.design.endpoint(name) is not None and plan.design.endpoint(name).style.value == "rest":  # type: ignore[union-attr]
            operation = operations.get(name, {})
            given = str(operation.get("parameters", ""))
            yield true(f"{name}: cursor and limit", "Cursor" in given and "limit" in given, given)
            answer = str(operation.get("responses", {}).get("200", ""))
            yield true(f"{name}: typed answer", "'data'" in answer and "PageInfo" in answer, answer[:200])
            yield same("page info", {"has_next_page", "end_cursor"}, set(page_info))
    types = document.code("3.3.types")
    yield true(
        "by cursor and by offset", not types or all(t in types for t in ("Page<T>", "OffsetPage<T>", "end_cursor"))
    )


test_holds = CLAIMS.holds()
test_speaks_of_several_fields = CLAIMS.spoken_of()
test_a_planted_fault_is_seen = CLAIMS.planted()

"""Rows of the template, sections 0 to 3: what is asked of the system, how much of it, and the ways in."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from claims import Claims, Document, said
from documents import array, changed, put
from readings import Fact, money, near, number, numbers, same, says, true

from workbook.plan import Plan
from workbook.plan.names import words

CLAIMS = Claims()
HOURS_A_MONTH = 730
MINUTES_A_MONTH = 30 * 24 * 60
HOURS_A_YEAR = 365 * 24
TABLES = yaml.safe_load((Path(__file__).parent / "numbers.yaml").read_text(encoding="utf-8"))


def titled(plan: Plan, feature: str) -> str:
    """What a feature is called."""
    return plan.complete.model.features[feature].title or words(feature).capitalize()


@CLAIMS(
    "H0",
    plants=(
        put("world", "form", "promises", to=()),
        array("total_peak_qps"),
        put("world", "decided", "language", "chosen", "source", "name", to="Fortran"),
    ),
    on="clinic",
)
def the_summary_has_goals_with_what_keeps_them(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each goal stands with its promise and what keeps it, or is named as unkept; style, language and stores are those chosen."""
    rows, note = document.rows("0.1.promises"), document.note("0.1.promises")
    served = {goal for promise in plan.world.form.promises for goal in promise.goals}
    for goal in plan.complete.model.goals:
        if goal.text in served:
            kept = [r["Kept by"] for r in rows if goal.text in r["Goal"]]
            yield true(f"what keeps {goal.text}", bool(kept) and all(kept), kept)
        elif rows:
            yield says("goals without a promise", goal.text, note)
    summary = "\n".join(document.block("0.1.summary").paragraphs)  # type: ignore[union-attr]
    design = plan.design
    chosen = [plan.decisions["architecture_style"].chosen.name, design.language.name]
    for name in (*chosen, *(s.technology.name for s in design.stores if s.role == "database")):
        yield says("summary", name, summary)
    if "totals.average_qps" not in plan.values:
        return
    average, peak = numbers(document.row("0.1.numbers", Number="Requests per second, average / peak")["Value"])[:2]
    yield near("average", plan.values["totals.average_qps"].best, average)
    yield near("peak", plan.values["totals.peak_qps"].best, peak)


@CLAIMS(
    "H1.1",
    plants=(
        said(operations__send_message__priority="P2"),
        said(operations__send_message__p99="90 ms"),
        said(features__message_delivery__operations=["send_message"]),
    ),
)
def every_feature_is_tasks_with_priority_and_target(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each operation of each feature is a task with its priority, who does it, its p99 and its peak."""
    complete = plan.complete
    for feature, meant in complete.model.features.items():
        for name in (o for o in meant.operations if o in complete.operations):
            row = document.row("1.1.tasks", Feature=titled(plan, feature), Operation=name)
            yield same(f"{name}: priority", complete.priority(name), row.get("Priority"))
            by = complete.operations[name].by
            yield says(name, f"{words(by)} {words(name)}" if by else words(name), row.get("Task", ""))
            target = re.search(r", ([\d,]+ ms) at p99, up to (.*)", row.get("Task", ""))
            p99, rate = target.groups() if target else ("", "")
            yield near(f"{name}: p99", complete.latency(name).best, p99)
            yield near(f"{name}: peak", plan.world.load.peak_of(name), rate)


@CLAIMS(
    "H1.2",
    plants=(
        said(personas__recipient__wants="nothing at all"),
        put("complete", "model", "operations", "confirm_delivery", "by", to="chat_admin"),
    ),
)
def every_persona_has_needs_and_operations(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each persona of the brief stands with what they want, all they call (cut after six, with how many more) and its features."""
    model = plan.complete.model
    for name, persona in model.personas.items():
        row = document.row("1.2.personas", Persona=words(name))
        if persona.wants:
            yield same(f"{name} needs", persona.wants, row.get("Needs"))
        calls = [o for o, operation in plan.complete.operations.items() if operation.by == name]
        for operation in calls[:6]:
            yield says(f"{name} does", words(operation), row.get("Does", ""))
        if len(calls) > 6:
            yield says(f"{name} does", f"and {len(calls) - 6} more", row.get("Does", ""))
        for feature, meant in model.features.items():
            if set(meant.operations) & set(calls):
                yield says(f"features of {name}", titled(plan, feature), row.get("Features", ""))


@CLAIMS(
    "H1.4",
    "W2",
    plants=(said(quality__availability="99 %"), said(operations__send_message__p99="90 ms"), said(quality__rto="3 h")),
)
def objectives_follow_from_the_availability(plan: Plan, document: Document) -> Iterator[Fact]:
    """Latency by operation, error budget in minutes of 30 days, downtime in hours of a year, RPO and RTO, reckoned here again."""
    complete = plan.complete
    for name, operation in complete.operations.items():
        row = document.row("1.4.latency", Operation=words(name))
        for percentile in ("p50", "p95", "p99"):
            yield near(f"{name}: {percentile}", complete.latency(name, percentile).best, row.get(percentile, ""), 0.02)
        told = bool(operation.p99 or complete.model.quality.p99)
        yield same(f"{name}: origin", "said" if told else "assumed", row.get("Origin"))
    table = {r["Objective"]: r for r in document.rows("1.4.objectives")}
    missing = 1 - complete.quality("availability").best
    down, budget = table["Availability (SLO)"]["Meaning"].split(";")
    yield near("availability", 1 - missing, table["Availability (SLO)"]["Target"], 1e-6)
    yield near("down a year", missing * HOURS_A_YEAR * 3600, down)
    yield near("error budget", missing * MINUTES_A_MONTH * 60, budget)
    yield near("SLA", 1 - 2 * missing, table["Availability (SLA, to customers)"]["Target"], 1e-6)
    yield near("RPO", complete.quality("rpo").best, table["Recovery point (RPO)"]["Target"])
    yield near("RTO", complete.quality("rto").best, table["Recovery time (RTO)"]["Target"])


@CLAIMS(
    "H1.5",
    plants=(put("world", "form", "tunables", 0, to="7 fortnights"), put("world", "form", "tunables", to={})),
    briefs=("chat", "clinic", "feed", "payment_ledger"),
)
def every_tunable_is_used_where_it_says(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each NAME = VALUE stands with operations, structures or promises whose own text names it, or is said to have no effect."""
    form = plan.world.form
    texts = {words(n): " ".join((p.operation.starts.text, *_lines(plan, n))) for n, p in plan.world.programs.items()}
    texts |= {words(n): f"{s.ttl} {s.retention} {dict(s.settings)}" for n, s in form.structures.items()}
    texts |= {words(p.id): str(dict(p.said)) for p in form.promises}
    for name, value in form.tunables.items():
        row = document.row("1.5.tunables", Parameter=f"{name} = {value}")
        used = row.get("Used in", "")
        users = [place for place, text in texts.items() if re.search(rf"\b{name}\b", text)]
        if not users:
            yield says(name, "no effect", used)
            continue
        shown = re.sub(r" and \d+ more$", "", used).split(", ")
        yield true(f"{name} is used in {used}", bool(used) and set(shown) <= set(users), users)


def _lines(plan: Plan, operation: str) -> list[str]:
    """An operation as it is written, groups included."""
    return [str(node) for node in plan.world.form.operations[operation].nodes]


def from_a_table(row: str, table: dict[str, Any]) -> None:
    """Claims a row by a table of `numbers.yaml`."""

    def check(plan: Plan, document: Document) -> Iterator[Fact]:
        """Each cell is the value of that name, as far as it is printed."""
        for thing in _things(plan, table["of"]):
            cells = document.row(table["block"], **{table["key"]: words(thing)})
            for column, name in table["columns"].items():
                value = plan.values.get(f"{table['of']}.{thing}.{name}")
                if value is not None:
                    yield near(f"{thing}: {column}", value.best, cells.get(column, ""))

    check.__name__ = table["name"]
    CLAIMS(row, plants=tuple(array(formula) for formula in table["plants"]))(check)


def _things(plan: Plan, kind: str) -> Iterator[str]:
    yield from plan.complete.operations if kind == "operations" else plan.complete.entities


for _row, _tables in TABLES.items():
    for _table in _tables:
        from_a_table(_row, _table)


@CLAIMS("H2.1", plants=(said(populations__users__daily_active="9M"),))
def the_scenario_has_every_population(plan: Plan, document: Document) -> Iterator[Fact]:
    """MAU, DAU, CCU or the plain count of each population, with who says it."""
    shown = {"monthly_active": "MAU", "daily_active": "DAU", "concurrent": "CCU", "count": "count"}
    for name, values in plan.demand.inputs.populations.items():
        for attribute in shown.keys() & values.keys():
            row = document.row("2.1.populations", Population=f"{words(name)}: {shown[attribute]}")
            yield near(f"{name}: {attribute}", float(values[attribute][0]), row.get("Size", ""))
            yield true(f"{name}: {attribute} has an origin", bool(row.get("Origin")))


@CLAIMS("H2.2", plants=(array("total_peak_qps"), array("storage_bytes_per_day"), array("total_peak_egress")))
def totals_are_those_of_the_plan(plan: Plan, document: Document) -> Iterator[Fact]:
    """Every total stands with its value, and each topic with its events and bytes."""
    rows = {r["Total"].lower(): r["Value"] for r in document.rows("2.2.totals")}
    for name, value in plan.values.items():
        key = words(name.removeprefix("totals.")).lower()
        if name.startswith("totals.") and key in rows:
            yield near(name, value.best, rows[key])
    for wanted in ("average qps", "peak qps", "concurrent connections"):
        yield true(f"{wanted} is a total", wanted in rows or f"totals.{wanted.replace(' ', '_')}" not in plan.values)
    for topic in plan.design.topics:
        row = document.row("2.2.messaging", Topic=topic.id)
        yield near(f"{topic.id}: events", topic.per_second, row.get("Events", ""))
        yield near(f"{topic.id}: bytes", topic.per_second * topic.bytes, row.get("Bytes", ""))


@CLAIMS(
    "H2.4",
    plants=(
        put("sizing", "costs", 1, "monthly_usd", to=lambda usd: usd * 1.5 + 40),
        put("sizing", "costs", 2, "how", to="nothing"),
        put("sizing", "monthly_usd", to=lambda usd: usd * 2 + 40),
    ),
    on="clinic",
)
def the_bill_adds_up(plan: Plan, document: Document) -> Iterator[Fact]:
    """Items add up to the total; compute is machines times their price times 730 hours, databases cost no less than that."""
    rows = document.rows("2.4.items")
    items = {item.id.value: item.monthly_usd for item in plan.sizing.costs}
    yield same("items", len(items), len(rows))
    for row, (name, usd) in zip(rows, items.items(), strict=False):
        yield money(name, usd, row["USD"])
        yield true(f"{name} has its reckoning", bool(numbers(row["How"])), row["How"])
    yield money("total", sum(items.values()), document.title("2.4.items").partition(":")[2])
    machines = r"(\d+) x [^;]*? at ([\d.]+) USD/h"
    for row in rows:
        hours = sum(int(n) * float(price) for n, price in re.findall(machines, row["How"])) * HOURS_A_MONTH
        if row["Item"] == "Compute":
            yield true(f"{row['USD']} for {row['How']}", abs(number(row["USD"]) - hours) <= max(1, hours * 0.01), hours)
        if row["Item"] == "Databases":
            yield true(f"{row['USD']} for {row['How']}", number(row["USD"]) >= hours * 0.99 - 1, hours)


@CLAIMS(
    "H3.2",
    plants=(
        put("design", "endpoints", 1, "path", to="/v1/elsewhere"),
        said(features__media_sharing__operations=["upload_media"]),
    ),
)
def endpoints_and_features_name_each_other(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each way in has its features and each feature its ways in, none left out."""
    features = {n: f for n, f in plan.complete.model.features.items() if f.operations}
    for endpoint in plan.design.endpoints:
        way = f"{endpoint.method} {endpoint.path}"
        row = document.row("3.2.endpoints", Endpoint=way)
        yield same(f"{way}: operation", words(endpoint.operation), row.get("Operation"))
        for name, feature in features.items():
            if endpoint.operation in feature.operations:
                yield says(f"{way}: feature", titled(plan, name), row.get("Feature", ""))
                back = document.row("3.2.features", Feature=titled(plan, name))
                yield says(f"{name}: ways in", way, back.get("Endpoints", ""))
    ways = [r for r in document.rows("3.2.endpoints") if r["Endpoint"] != "none"]
    yield same("ways in", len(plan.design.endpoints), len(ways))
    stated = {w for r in document.rows("3.2.features") for w in re.findall(r"[A-Z]+ /\S+?(?=,|$)", r["Endpoints"])}
    known = {f"{e.method} {e.path}" for e in plan.design.endpoints}
    yield true("features name known ways in", stated <= known, stated - known)


def ordered(plan: Plan, operation: str) -> list[str]:
    """By which columns an operation's pages are told apart, from its step and the key: the order, then what the key needs more."""
    for step, _ in plan.world.programs[operation].steps():
        if step.after is not None and step.target in plan.world.form.structures:
            key = plan.world.form.structures[step.target].key
            given = {g.field for g in step.by}
            first = [step.order[0]] if step.order else [k for k in key if k not in given][:1]
            return [*first, *(k for k in key if k not in given and k not in first)]
    return []


def _cursor_after(operation: str) -> dict[str, object]:
    return {"v": 1, "op": operation, "after": {"elsewhere": 1}}


@CLAIMS(
    "H3.3",
    "H5.6",
    plants=(
        lambda plan: changed(plan, ("design",), _reading(plan, "audit_access")),
        put("world", "form", "structures", "visit_note", "key", to=("id", "doctor")),
    ),
    on="clinic",
)
def the_cursor_holds_what_orders_the_page(plan: Plan, document: Document) -> Iterator[Fact]:
    """The base64 is that of the JSON, which names the list and the columns that order its pages, and the next page begins behind them."""
    paged = {e.operation: ordered(plan, e.operation) for e in plan.design.endpoints if ordered(plan, e.operation)}
    if not paged:
        return
    for endpoint in plan.design.endpoints:
        if endpoint.operation in paged:
            row = document.row("3.3.parameters", Path=endpoint.path)
            yield says(f"{endpoint.path}: order", ", ".join(paged[endpoint.operation]), row.get("Order", ""))
    for plain, encoded in (("3.3.cursor", "3.3.base64"), ("5.6.json", "5.6.base64")):
        payload = json.loads(document.code(plain) or "{}")
        text = document.code(encoded).strip()
        yield same(encoded, payload, json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) or "{}"))
        shown = payload.get("op", "")
        read = plan.design.critical_read
        yield true(f"{plain} is of a list", shown == read if read in paged else shown in paged, shown)
        yield same(f"{plain}: columns", paged.get(shown), list(payload.get("after", {})))
    columns = ", ".join(paged.get(shown, ()))
    yield says("next page", f"({columns})", " ".join(r["Rule"] for r in document.rows("3.3.rules")))
    algorithm = " ".join(r["Step"] for r in document.rows("5.6.algorithm"))
    for word in (shown, columns, "one row"):
        yield says("algorithm", word, algorithm)


def _reading(plan: Plan, operation: str) -> object:
    return changed(plan.design, ("focus", "critical_read"), operation)


test_holds = CLAIMS.holds()
test_speaks_of_several_fields = CLAIMS.spoken_of()
test_a_planted_fault_is_seen = CLAIMS.planted()

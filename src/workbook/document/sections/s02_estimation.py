"""2 Back-of-the-envelope estimation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from workbook.document import words as w
from workbook.document.blocks import FormulaLine, Formulas, Note, Plot, Series, Subsection, Table
from workbook.document.page import Page
from workbook.plan.demand import Demand, graph
from workbook.plan.demand.results import TOTAL_NAMES

NUMBER = 2
TITLE = "Back-of-the-envelope estimation"


def build(page: Page) -> Iterator[Subsection]:
    """Scenario, load, formulas with assumptions, cost, growth."""
    yield _scenario(page)
    yield _load(page)
    yield _formulas(page)
    yield _cost(page)
    yield _growth(page)


def _scenario(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    names = {"monthly_active": "MAU", "daily_active": "DAU", "concurrent": "CCU", "count": "count"}
    for population, sizes in plan.demand.inputs.populations.items():
        for attribute in ("monthly_active", "daily_active", "concurrent", "count"):
            if attribute in sizes:
                origin = plan.complete.origin("populations", population, attribute)
                given = getattr(plan.complete.model.populations[population], attribute) is not None
                rows.append(
                    (
                        f"{w.words(population)}: {names[attribute]}",
                        w.count(float(sizes[attribute][0])),
                        origin.who if given else "default",
                    )
                )
    metrics = []
    for name, operation in plan.complete.operations.items():
        said = " + ".join(r.text for r in operation.rate) if operation.rate else "open"
        metrics.append(
            (
                w.words(name),
                w.count(plan.demand.of_operation("calls_per_day", name)),
                said,
                plan.complete.origin("operations", name, "rate").who,
            )
        )
    return Subsection(
        id="2.1",
        title="Scenario",
        blocks=(
            Table(
                id="2.1.populations",
                title="Who and what drives the load",
                columns=("Population", "Size", "Origin"),
                align="<><",
                rows=tuple(rows) or (("none: all rates are totals", "–", "brief"),),
            ),
            Table(
                id="2.1.metrics",
                title="Domain metrics",
                columns=("Metric", "A day", "Rate", "Origin"),
                align="<><<",
                rows=tuple(metrics),
                note=_surges(page),
            ),
        ),
    )


def _surges(page: Page) -> str:
    """Bursts beyond the daily peak, as the brief says them."""
    model = page.plan.complete.model
    said = {"all calls": model.load.surge, **{w.words(n): o.surge for n, o in model.operations.items()}}
    shown = [
        f"{name} {surge.factor} the average" + (f" for {surge.lasts}" if surge.lasts else "")
        for name, surge in said.items()
        if surge
    ]
    return f"Surge: {'; '.join(shown)}." if shown else ""


def _load(page: Page) -> Subsection:
    plan = page.plan
    demand = plan.demand
    rows = []
    for name, operation in plan.complete.operations.items():
        value = partial(_of_operation, demand, name)
        surge = w.count(value("surge_qps")) if f"operations.{name}.surge_qps" in plan.values else "–"
        rows.append(
            (
                w.words(name),
                "read" if operation.reads else "write",
                w.count(value("average_qps")),
                w.count(value("peak_qps")),
                surge,
                w.size(value("request_bytes")),
                w.size(value("sent_bytes")),
                w.bits(value("peak_ingress")),
                w.bits(value("peak_egress")),
            )
        )
    entities = []
    for name in plan.complete.entities:
        worth = partial(_of_entity, demand, name)
        entities.append(
            (
                w.words(name),
                plan.complete.kind(name),
                w.size(worth("row_bytes")),
                w.count(worth("rows_per_day")),
                w.size(worth("bytes_per_day")),
                w.size(worth("bytes_retained")),
                w.size(worth("bytes_retained_replicated")) if plan.complete.kind(name) != "memory" else "memory",
                w.size(worth("cache_bytes")),
            )
        )
    totals = [
        (w.words(n).capitalize(), _shown(plan.values[f"totals.{n}"].best, plan.values[f"totals.{n}"].unit))
        for n in TOTAL_NAMES
        if f"totals.{n}" in plan.values
    ]
    messaging = [
        (
            f"{plan.design.messaging.name}: {t.name}",
            w.rate(t.per_second),
            w.size(t.per_second * t.bytes) + "/s",
            plan.sizing.partitions[t.name],
        )
        for t in plan.design.topics
    ]
    own = [
        (w.words(n), _rule(page, n), w.count(plan.values[f"capacity.{n}.units"].best))
        for n in plan.complete.model.capacity
    ]
    return Subsection(
        id="2.2",
        title="Load and storage",
        blocks=(
            Table(
                id="2.2.qps",
                title="Per operation",
                columns=(
                    "Operation",
                    "Kind",
                    "QPS average",
                    "QPS peak",
                    "QPS surge",
                    "Request",
                    "Sent per call",
                    "In at peak",
                    "Out at peak",
                ),
                align="<<>>>>>>>",
                rows=tuple(rows),
            ),
            Table(
                id="2.2.storage",
                title="Per entity",
                columns=(
                    "Entity",
                    "Kind",
                    "Row",
                    "Rows a day",
                    "Bytes a day",
                    "Retained",
                    "With copies",
                    f"Hot for {plan.design.cache.name}",
                ),
                align="<<>>>>>>",
                rows=tuple(entities),
                note=f"Retained at the end of the horizon of {w.duration(demand.total('horizon') * 86_400)}; indexes add {w.percent(plan.complete.default('sizing.index_overhead', 'share').best)} in the sizing of stores.",
            ),
            Table(
                id="2.2.messaging",
                title=f"{plan.design.messaging.name} throughput at peak",
                columns=("Topic", "Events", "Bytes", "Partitions"),
                align="<>>>",
                rows=tuple(messaging) or (("no operation writes", "–", "–", "–"),),
            ),
            Table(id="2.2.totals", title="Totals", columns=("Total", "Value"), align="<>", rows=tuple(totals)),
            *(
                (
                    Table(
                        id="2.2.capacity",
                        title="Your own rules of thumb",
                        columns=("Rule", "Means", "Units"),
                        align="<<>",
                        rows=tuple(own),
                    ),
                )
                if own
                else ()
            ),
        ),
    )


def _of_operation(demand: Demand, name: str, formula: str) -> float:
    return demand.of_operation(formula, name)


def _of_entity(demand: Demand, name: str, formula: str) -> float:
    return demand.of_entity(formula, name)


def _rule(page: Page, name: str) -> str:
    rule = page.plan.complete.model.capacity[name]
    return f"{' + '.join(rule.of)} / {rule.holds}"


def _shown(value: float, unit: str) -> str:
    if unit == "B":
        return w.size(value)
    if unit == "bit/s":
        return w.bits(value)
    if unit == "1/s":
        return w.rate(value)
    if unit == "s":
        return w.duration(value)
    return w.count(value)


def _formulas(page: Page) -> Subsection:
    plan = page.plan
    write, read = plan.design.critical_write, plan.design.critical_read
    lines = [line for name in dict.fromkeys((write, read)) if name for line in _operation_lines(page, name)]
    entity = plan.complete.operations[write].entity if write else next(iter(plan.complete.entities), "")
    if entity:
        lines += list(_entity_lines(page, entity))
    lines.append(_totals_line(page))
    assumptions = tuple(
        (w.code(a.path), a.value, a.origin.who, a.why or a.origin.source, a.origin.source or "–")
        for a in plan.complete.assumptions
    )
    return Subsection(
        id="2.3",
        title="Formulas and assumptions",
        blocks=(
            Formulas(id="2.3.formulas", title="The formulas with numbers put in", lines=tuple(lines)),
            Table(
                id="2.3.assumptions",
                title="What the brief does not say and this design assumes",
                columns=("Value", "Assumed", "By", "Why", "Source"),
                rows=assumptions or (("everything is said", "–", "–", "–", "–"),),
            ),
        ),
    )


def _operation_lines(page: Page, name: str) -> Iterator[FormulaLine]:
    plan = page.plan
    demand = plan.demand
    operation = plan.complete.operations[name]
    title = w.words(name)
    of = partial(_of_operation, demand, name)
    said = " + ".join(r.text for r in operation.rate) if operation.rate else "no rate"
    yield FormulaLine(
        name=f"{title}: calls a day",
        formula="rate x population, in a day",
        numbers=_rate_numbers(page, name) or said,
        result=w.count(of("calls_per_day")),
        source="workflows, estimation formula",
    )
    yield FormulaLine(
        name=f"{title}: average",
        formula="calls per day / 86,400 s",
        numbers=f"{of('calls_per_day'):,.0f} / 86,400",
        result=w.rate(of("average_qps")),
        source="workflows, RPS = DAU x requests / 86400",
    )
    active = f"{of('active_qps'):,.4g}"
    peak = plan.complete.peak(operation)
    factor = f"{active} x {peak.factor.best:g}" if peak.factor else f"said: {peak.per_second}"
    yield FormulaLine(
        name=f"{title}: peak",
        formula="active QPS x peak factor",
        numbers=factor,
        result=w.rate(of("peak_qps")),
        source="workflows, peak ~3-5x",
    )
    if of("request_bytes"):
        yield FormulaLine(
            name=f"{title}: traffic in",
            formula="average QPS x request x 8",
            numbers=f"{of('average_qps'):,.4g} x {of('request_bytes'):,.4g} B x 8",
            result=w.bits(of("ingress")),
            source="workflows, bandwidth = request size x RPS",
        )
    if of("sent_bytes"):
        yield FormulaLine(
            name=f"{title}: traffic out",
            formula="average QPS x (response + fan-out x delivered) x 8",
            numbers=f"{of('average_qps'):,.4g} x {of('sent_bytes'):,.4g} B x 8",
            result=w.bits(of("egress")),
        )
    if f"operations.{name}.deliveries_per_second" in plan.values:
        yield FormulaLine(
            name=f"{title}: deliveries",
            formula="average QPS x recipients",
            numbers=f"{of('average_qps'):,.4g} x {of('recipients'):,.4g}",
            result=w.rate(of("deliveries_per_second")),
        )
    if f"operations.{name}.in_progress" in plan.values:
        yield FormulaLine(
            name=f"{title}: in progress",
            formula="average QPS x how long one lasts",
            numbers=f"{of('average_qps'):,.4g} x {of('lasts'):,.4g} s",
            result=w.count(of("in_progress")),
            source="Little's law, 1961",
        )


def _rate_numbers(page: Page, name: str) -> str:
    plan = page.plan
    parts = []
    for rate in plan.complete.operations[name].rate or ():
        if rate.kind == "members":
            sizes = plan.demand.inputs.populations.get(rate.of, {})
            found = sizes.get(rate.attribute) if rate.attribute else sizes.get("daily_active", sizes.get("count"))
            population = float(found[0]) if found is not None else plan.demand.of_entity("initial_rows", rate.of)
            times = 86_400 / rate.seconds
            parts.append(
                f"{rate.amount.best:g} x {population:,.0f}"
                + (f" / {rate.per:g}" if rate.per != 1 else "")
                + (f" x {times:g} a day" if times != 1 else "")
            )
        elif rate.kind == "funnel":
            calls = plan.demand.of_operation("calls_per_day", rate.of)
            parts.append(
                f"{rate.amount.best:g} x {calls:,.0f} of {w.words(rate.of)}"
                + (f" / {rate.per:g}" if rate.per != 1 else "")
            )
        elif rate.kind == "total":
            parts.append(f"{rate.amount.best:,.4g} x 86,400 / {rate.seconds:,.0f}")
        else:
            parts.append(f"in progress of {w.words(rate.of)} x {rate.amount.best:g} / {rate.seconds:g} s x 86,400")
    return " + ".join(parts)


def _entity_lines(page: Page, entity: str) -> Iterator[FormulaLine]:
    plan = page.plan
    of = partial(_of_entity, plan.demand, entity)
    title = w.words(entity)
    fields = plan.complete.entities[entity].fields
    if plan.complete.entities[entity].size is None and fields:
        yield FormulaLine(
            name=f"{title}: row",
            formula="sum of the fields",
            numbers=" + ".join(f"{n} {f.bytes:g}" for n, f in fields.items()),
            result=w.size(of("row_bytes")),
        )
    if of("rows_per_day"):
        yield FormulaLine(
            name=f"{title}: bytes a day",
            formula="rows per day x row / compression",
            numbers=f"{of('rows_per_day'):,.0f} x {of('row_bytes'):,.0f} B / {of('compression'):g}",
            result=w.size(of("bytes_per_day")),
        )
        yield FormulaLine(
            name=f"{title}: bytes a year",
            formula="bytes per day x 365 x replicas",
            numbers=f"{w.size(of('bytes_per_day'))} x 365 x {of('replicas'):g}",
            result=w.size(of("bytes_per_year_replicated")),
            source="workflows, storage per year",
        )
    kept = min(of("kept"), plan.demand.total("horizon"))
    yield FormulaLine(
        name=f"{title}: retained",
        formula="(rows from the start + rows per day x days kept) x row / compression",
        numbers=f"({of('initial_rows'):,.0f} + {of('rows_per_day'):,.0f} x {kept:,.0f}) x {of('row_bytes'):,.0f} B / {of('compression'):g}",
        result=w.size(of("bytes_retained")),
    )
    if f"entities.{entity}.cache_bytes" in plan.values:
        yield FormulaLine(
            name=f"{title}: {plan.design.cache.name} memory",
            formula="hot share x rows read a day x row, at most all",
            numbers=f"{of('hot'):g} x {of('rows_read_per_day'):,.0f} x {of('row_bytes'):,.0f} B",
            result=w.size(of("cache_bytes")),
        )


def _totals_line(page: Page) -> FormulaLine:
    demand = page.plan.demand
    formula = graph.formulas()["storage_bytes_provisioned"]
    return FormulaLine(
        name="Storage to provision",
        formula=str(formula.shows).replace("{", "").replace("}", "").replace("_", " "),
        numbers=f"{w.size(demand.total('storage_bytes_retained_replicated'))} / (1 - {page.plan.world.headroom:g})",
        result=w.size(demand.total("storage_bytes_provisioned")),
    )


def _cost(page: Page) -> Subsection:
    sizing = page.plan.sizing
    rows = tuple(
        (
            c.name,
            w.usd(c.monthly_usd),
            w.percent(round(c.monthly_usd / sizing.monthly_usd, 3)) if sizing.monthly_usd else "–",
            c.how,
            c.source,
        )
        for c in sizing.costs
    )
    per_user = f" per monthly active user {sizing.per_user_usd:.4g} USD." if sizing.per_user_usd else ""
    return Subsection(
        id="2.4",
        title="Monthly cost",
        blocks=(
            Table(
                id="2.4.items",
                title=f"A month on {page.plan.complete.cloud}: {w.usd(sizing.monthly_usd)}",
                columns=("Item", "USD", "Share", "How", "Source"),
                align="<>><<",
                rows=rows,
                note=f"Today's traffic at peak with {w.percent(page.plan.world.headroom)} headroom, storage twelve months from now;{per_user}",
            ),
            Plot(
                id="2.4.plot",
                title="Where the money goes",
                kind="bar",
                series=(
                    Series(
                        name="USD a month",
                        x=tuple(c.name for c in sizing.costs),
                        y=tuple(round(c.monthly_usd, 2) for c in sizing.costs),
                    ),
                ),
                y_label="USD/month",
            ),
        ),
    )


def _growth(page: Page) -> Subsection:
    sizing = page.plan.sizing
    months = sizing.timeline
    x = tuple(float(m.month) for m in months)
    budget = page.plan.complete.model.constraints.budget
    rows = tuple(
        (
            t.component,
            t.mark,
            _mark(t.now, t.unit),
            _mark(t.limit, t.unit),
            "already" if t.month == 0 else f"in month {t.month}" if t.month else "not within the horizon",
        )
        for t in sizing.thresholds
    )
    growth = (
        f"{w.percent(sizing.growth_per_year - 1)} a year"
        if sizing.growth_per_year != 1
        else "no growth said: flat traffic, storage adds up"
    )
    short = [
        e
        for e in page.plan.complete.entities
        if page.plan.demand.of_entity("kept", e) < (months[-1].month if months else 0) * 30.4
    ]
    opening = (
        f"Month 0 is the opening with {w.size(months[0].storage_bytes)} from the start; the rest fills at today's rate"
        + (
            f", until {w.listed(short, 3)} reach the end of their retention and only grow with the traffic."
            if short
            else " and is kept for good."
        )
    )
    return Subsection(
        id="2.5",
        title="Growth and thresholds",
        blocks=(
            Plot(
                id="2.5.traffic",
                title=f"Peak requests per second ({growth})",
                kind="line",
                series=(Series(name="QPS at peak", x=x, y=tuple(round(m.peak_qps, 2) for m in months)),),
                x_label="months from now",
                y_label="1/s",
            ),
            Plot(
                id="2.5.cost",
                title="Cost and storage",
                kind="line",
                series=(
                    Series(name="USD a month", x=x, y=tuple(round(m.monthly_usd, 2) for m in months)),
                    Series(name="stored GB, one copy", x=x, y=tuple(round(m.storage_bytes / 1e9, 3) for m in months)),
                ),
                x_label="months from now",
                log_y=True,
                marks=((("budget", budget.best),) if budget else ()),
            ),
            Note(id="2.5.opening", title="How the curve begins", text=opening),
            Table(
                id="2.5.thresholds",
                title="When growth reaches the review marks",
                columns=("Component", "Mark", "Now", "Review at", "Reached"),
                align="<<>><",
                rows=rows,
            ),
        ),
    )


def _mark(value: float, unit: str) -> str:
    return w.size(value) if unit == "B" else w.percent(round(value, 3)) if unit == "share" else w.count(value)

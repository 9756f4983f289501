"""2 Back-of-the-envelope estimation."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, FormulaLine, Formulas, Note, Plot, Series, Subsection, Table
from workbook.document.page import Page
from workbook.document.wording import costs, growth, rates
from workbook.document.wording.formulas import line, shown
from workbook.plan.demand.results import TOTAL_NAMES
from workbook.plan.passes import resting

NUMBER = 2
TITLE = "Back-of-the-envelope estimation"
_SIZES = {"monthly_active": "MAU", "daily_active": "DAU", "concurrent": "CCU", "count": "count"}
_OF_OPERATION = ("average_qps", "peak_qps", "ingress", "egress", "deliveries_per_second", "in_progress")
_OF_ENTITY = ("bytes_per_day", "bytes_per_year_replicated", "bytes_retained", "cache_bytes")
_OF_ALL = ("total_peak_qps", "storage_bytes_provisioned")


def build(page: Page) -> Iterator[Subsection]:
    """Scenario, load as asked and as built, formulas with assumptions, cost, growth."""
    yield _scenario(page)
    yield _load(page)
    yield _formulas(page)
    yield _cost(page)
    yield _growth(page)


def _scenario(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for population, sizes in plan.demand.inputs.populations.items():
        for attribute in (a for a in _SIZES if a in sizes):
            origin = plan.complete.origin("populations", population, attribute)
            given = getattr(plan.complete.model.populations[population], attribute) is not None
            name = f"{w.words(population)}: {_SIZES[attribute]}"
            rows.append((name, w.count(float(sizes[attribute][0])), origin.who if given else "default"))
    metrics = tuple(
        (
            w.words(name),
            w.count(plan.demand.of_operation("calls_per_day", name)),
            " + ".join(r.text for r in operation.rate) if operation.rate else "open",
            plan.complete.origin("operations", name, "rate").who,
        )
        for name, operation in plan.complete.operations.items()
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
                rows=metrics,
                note=rates.surges(plan),
            ),
        ),
    )


# Load -----------------------------------------------------------------------------------------------------------------


def _load(page: Page) -> Subsection:
    blocks: list[Block] = [_operations(page), _entities(page), _built(page), _rests(page)]
    if page.plan.design.topics:
        blocks.append(_events(page))
    blocks.append(_totals(page))
    if page.plan.complete.model.capacity:
        blocks.append(_rules(page))
    return Subsection(id="2.2", title="Load and storage", blocks=tuple(blocks))


def _operations(page: Page) -> Table:
    plan, of = page.plan, page.plan.demand.of_operation
    rows = tuple(
        (
            w.words(name),
            "read" if operation.reads else "write",
            w.count(of("average_qps", name)),
            w.count(of("peak_qps", name)),
            w.count(of("surge_qps", name)) if f"operations.{name}.surge_qps" in plan.values else "–",
            w.size(of("request_bytes", name)),
            w.size(of("sent_bytes", name)),
            w.bits(of("peak_ingress", name)),
            w.bits(of("peak_egress", name)),
        )
        for name, operation in plan.complete.operations.items()
    )
    return Table(
        id="2.2.qps",
        title="What is asked, operation by operation",
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
        rows=rows,
    )


def _entities(page: Page) -> Table:
    plan, of = page.plan, page.plan.demand.of_entity
    rows = []
    for name in plan.complete.entities:
        kept = plan.complete.kind(name) != "memory"
        rows.append(
            (
                w.words(name),
                plan.complete.kind(name),
                w.size(of("row_bytes", name)),
                w.count(of("rows_per_day", name)),
                w.size(of("bytes_per_day", name)),
                w.size(of("bytes_retained", name)),
                w.size(of("bytes_retained_replicated", name)) if kept else "memory",
                w.size(of("cache_bytes", name)),
            )
        )
    horizon = w.duration(plan.world.load.measures.horizon_seconds)
    overhead = w.percent(plan.complete.default("sizing.index_overhead", "share").best)
    return Table(
        id="2.2.storage",
        title="What is asked, entity by entity",
        columns=("Entity", "Kind", "Row", "Rows a day", "Bytes a day", "Retained", "With copies", "Hot"),
        align="<<>>>>>>",
        rows=tuple(rows),
        note=f"Retained at the end of the horizon of {horizon}; indexes add {overhead} in the sizing of stores.",
    )


def _built(page: Page) -> Table:
    """What the design makes of it: operations that mechanisms and choices add, and how often each runs."""
    world = page.plan.world
    rows = tuple(
        (
            w.words(name),
            "the brief" if page.asked(name) else w.words(world.form.operations[name].added_by),
            w.rate(world.load.average_of(name)),
            w.rate(world.load.peak_of(name)),
            len(tuple(program.steps())),
        )
        for name, program in page.programs.items()
    )
    return Table(
        id="2.2.built",
        title="As built: every operation with what starts of itself",
        columns=("Operation", "From", "Average", "Peak", "Steps"),
        align="<<>>>",
        rows=rows,
    )


def _rests(page: Page) -> Table:
    world = page.plan.world
    rows = []
    for name, structure in page.structures.items():
        home = world.home(name)
        rows.append(
            (
                w.code(name),
                structure.shape.value,
                page.title(home.id) if home else "–",
                w.count(world.load.rows(name)),
                w.size(resting.resting_bytes(world, name)),
                w.rate(world.load.of_structure("lookups", name)),
                w.rate(world.load.of_structure("rows_written", name)),
            )
        )
    return Table(
        id="2.2.structures",
        title="As built: what every structure holds and bears at peak, before copies",
        columns=("Structure", "Shape", "Home", "Rows", "Bytes", "Look-ups", "Rows written"),
        align="<<<>>>>",
        rows=tuple(rows),
    )


def _events(page: Page) -> Table:
    plan = page.plan
    rows = tuple(
        (
            w.code(t.id),
            page.title(t.home) if t.home else "–",
            w.rate(t.per_second),
            f"{w.size(t.bytes_per_second)}/s",
            plan.sizing.partitions.get(t.id, "–"),
        )
        for t in plan.design.topics
    )
    return Table(
        id="2.2.messaging",
        title="Events at peak",
        columns=("Topic", "On", "Events", "Bytes", "Partitions"),
        align="<<>>>",
        rows=rows,
    )


def _totals(page: Page) -> Table:
    values = page.plan.values
    rows = tuple(
        (w.words(n).capitalize(), shown(values[f"totals.{n}"].best, values[f"totals.{n}"].unit))
        for n in TOTAL_NAMES
        if f"totals.{n}" in values
    )
    return Table(id="2.2.totals", title="Totals", columns=("Total", "Value"), align="<>", rows=rows)


def _rules(page: Page) -> Table:
    rules = page.plan.complete.model.capacity
    rows = tuple(
        (w.words(n), f"{' + '.join(r.of)} / {r.holds}", w.count(page.plan.values[f"capacity.{n}.units"].best))
        for n, r in rules.items()
    )
    title = "Your own rules of thumb"
    return Table(id="2.2.capacity", title=title, columns=("Rule", "Means", "Units"), align="<<>", rows=rows)


# Formulas -------------------------------------------------------------------------------------------------------------


def _formulas(page: Page) -> Subsection:
    plan = page.plan
    assumptions = tuple(
        (w.code(a.path), a.value, a.origin.who, a.why or a.origin.source, a.origin.source or "–")
        for a in plan.complete.assumptions
    )
    return Subsection(
        id="2.3",
        title="Formulas and assumptions",
        blocks=(
            Formulas(id="2.3.formulas", title="The formulas with numbers put in", lines=tuple(_lines(page))),
            Table(
                id="2.3.assumptions",
                title="What the brief does not say and this design assumes",
                columns=("Value", "Assumed", "By", "Why", "Source"),
                rows=assumptions or (("everything is said", "–", "–", "–", "–"),),
            ),
        ),
    )


def _lines(page: Page) -> Iterator[FormulaLine]:
    plan = page.plan
    operations = [n for n in (plan.design.critical_write, plan.design.critical_read) if n]
    for name in dict.fromkeys(operations):
        calls = line(plan.demand, "calls_per_day", name)
        yield FormulaLine(
            name=calls.name,
            formula="rate x population, in a day",
            numbers=rates.numbers(plan, name),
            result=calls.result,
            source="workflows, estimation formula",
        )
        for formula in _OF_OPERATION:
            if plan.demand.of_operation(formula, name):
                yield line(plan.demand, formula, name)
    entities = [plan.complete.operations[n].entity for n in operations]
    for entity in dict.fromkeys(e for e in entities if e in plan.complete.entities):
        for formula in _OF_ENTITY:
            if plan.demand.of_entity(formula, entity):
                yield line(plan.demand, formula, entity)
    for formula in _OF_ALL:
        yield line(plan.demand, formula)


# Cost and growth ------------------------------------------------------------------------------------------------------


def _cost(page: Page) -> Subsection:
    sizing = page.plan.sizing
    rows = tuple(
        (costs.name(c.id), w.usd(c.monthly_usd), w.percent(c.share), str(c.how), c.source) for c in sizing.items
    )
    per_user = f"; per monthly active user {sizing.per_user_usd:.4g} USD" if sizing.per_user_usd else ""
    headroom = w.percent(page.plan.world.headroom)
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
                note=f"Today's traffic at peak with {headroom} headroom, storage twelve months from now{per_user}.",
            ),
            Plot(
                id="2.4.plot",
                title="Where the money goes",
                kind="bar",
                series=(
                    Series(
                        name="USD a month",
                        x=tuple(costs.name(c.id) for c in sizing.costs),
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
            page.title(t.component),
            growth.mark(t.mark),
            growth.value(t.now, t.unit),
            growth.value(t.limit, t.unit),
            growth.when(t),
        )
        for t in sizing.thresholds
    )
    return Subsection(
        id="2.5",
        title="Growth and thresholds",
        blocks=(
            Plot(
                id="2.5.traffic",
                title=f"Peak requests per second ({growth.rate(sizing.growth_per_year)})",
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
                    Series(name="stored GB, one copy", x=x, y=tuple(round(m.storage_gb, 3) for m in months)),
                ),
                x_label="months from now",
                log_y=True,
                marks=((("budget", budget.best),) if budget else ()),
            ),
            Note(id="2.5.opening", title="How the curve begins", text=growth.opening(page.plan)),
            Table(
                id="2.5.thresholds",
                title="When growth reaches the review marks",
                columns=("Component", "Mark", "Now", "Review at", "Reached"),
                align="<<>><",
                rows=rows,
            ),
        ),
    )

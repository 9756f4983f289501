"""1 Functional and non-functional requirements."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Bullets, Note, Subsection, Table
from workbook.document.page import Page
from workbook.plan import acceptance
from workbook.plan.design.model import first_service

NUMBER = 1
TITLE = "Functional and non-functional requirements"
MONTH_MINUTES = 30 * 24 * 60


def build(page: Page) -> Iterator[Subsection]:
    """Features, personas, complexities, objectives, tunables, journeys and what is open."""
    yield _features(page)
    yield _personas(page)
    yield _complexities(page)
    yield _objectives(page)
    yield _tunables(page)
    yield _journeys(page)


def _features(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for feature in page.ordered_features:
        for name in page.features[feature]:
            operation = plan.complete.operations[name]
            by = f"Let {w.words(operation.by)}" if operation.by else "Have the system"
            task = f"{by} {w.words(name)}, {w.milliseconds(plan.complete.latency(name).best * 1000)} at p99, up to {w.rate(plan.demand.of_operation('peak_qps', name))}"
            rows.append((plan.complete.priority(name), page.feature_title(feature), task, w.code(name)))
    bare = {name: said for name, said in plan.complete.model.features.items() if not said.operations}
    rows += [(said.priority or "–", page.feature_title(name), "no operation yet", "–") for name, said in bare.items()]
    return Subsection(
        id="1.1",
        title="Features",
        blocks=(Table(id="1.1.tasks", columns=("Priority", "Feature", "Task", "Operation"), rows=tuple(rows)),),
    )


def _personas(page: Page) -> Subsection:
    complete = page.plan.complete
    rows = []
    by = {
        p: [n for n, o in complete.operations.items() if o.by == p]
        for p in {
            **{n: p.wants for n, p in complete.model.personas.items()},
            **{o.by: "" for o in complete.operations.values() if o.by},
        }
    }
    for persona, operations in by.items():
        features = [
            f
            for f, v in complete.model.features.items()
            if persona in v.personas or set(v.operations) & set(operations)
        ]
        known = complete.model.personas.get(persona)
        need = (known.wants if known else "") or f"to {w.listed(operations, 3)} without waiting"
        rows.append(
            (
                w.words(persona),
                need,
                w.listed(operations) or "–",
                ", ".join(page.feature_title(f) for f in features) or "–",
            )
        )
    if not rows:
        rows.append(("caller", f"to {w.listed(complete.operations, 3)}", w.listed(complete.operations), "all"))
    return Subsection(
        id="1.2",
        title="Personas",
        blocks=(Table(id="1.2.personas", columns=("Persona", "Needs", "Does", "Features"), rows=tuple(rows)),),
    )


def _complexities(page: Page) -> Subsection:
    rows = []
    for feature in page.ordered_features:
        said = page.plan.complete.model.features.get(feature)
        technical = [k.fill(t) for k in page.knowledge(feature) for t in k.capability.technical[:2]]
        business = [k.fill(t) for k in page.knowledge(feature) for t in k.capability.business[:1]]
        extra = list(said.complexities) if said else []
        if not technical:
            technical = _plain(page, feature)
        rows.append(
            (
                page.feature_title(feature),
                " · ".join([*extra, *technical][:4]),
                " · ".join(business[:3]) or _business(page, feature),
            )
        )
    return Subsection(
        id="1.3",
        title="Complexities",
        blocks=(Table(id="1.3.complexities", columns=("Feature", "Technical", "Business"), rows=tuple(rows)),),
    )


def _plain(page: Page, feature: str) -> list[str]:
    """Where no capability speaks: what the numbers say by themselves."""
    plan = page.plan
    name = max(page.features[feature], key=lambda n: plan.demand.of_operation("peak_qps", n))
    entity = plan.complete.operations[name].entity
    return [
        f"{w.words(name)} at {w.rate(plan.demand.of_operation('peak_qps', name))} within {w.milliseconds(plan.complete.latency(name).best * 1000)}",
        f"{w.count(plan.demand.of_entity('rows_retained', entity))} rows of {w.words(entity)} kept",
    ]


def _business(page: Page, feature: str) -> str:
    plan = page.plan
    marked = {plan.complete.entities[plan.complete.operations[o].entity].sensitive for o in page.features[feature]} - {
        None
    }
    if marked:
        return f"{', '.join(sorted(str(m) for m in marked))} data: a leak is reported to the authority and to those concerned"
    return f"{page.feature_priority(feature)}: " + (
        "the system is worthless without it"
        if page.feature_priority(feature) == "P0"
        else "the first release can do without it for a while"
    )


def _objectives(page: Page) -> Subsection:
    plan = page.plan
    complete = plan.complete
    target = complete.quality("availability").best
    budget = (1 - target) * MONTH_MINUTES
    latency = []
    for name in sorted(complete.operations, key=complete.priority):
        p50, p95, p99 = (complete.latency(name, p).best * 1000 for p in ("p50", "p95", "p99"))
        origin = "said" if complete.operations[name].p99 or complete.model.quality.p99 else "assumed"
        latency.append(
            (
                w.words(name),
                complete.priority(name),
                w.milliseconds(p50),
                w.milliseconds(p95),
                w.milliseconds(p99),
                origin,
            )
        )
    softer = 1 - (1 - target) * 2
    whole = (
        (
            "Availability (SLO)",
            w.percent(target),
            f"{w.duration((1 - target) * 365 * 86_400)} down a year; error budget {budget:.3g} minutes in 30 days",
        ),
        (
            "Availability (SLA, to customers)",
            w.percent(softer),
            f"half as strict as the SLO: credits begin after {budget * 2:.3g} minutes in 30 days",
        ),
        (
            "Errors",
            w.percent(1 - target),
            f"of {w.count(plan.demand.total('total_calls_per_day'))} calls a day {w.count(plan.demand.total('total_calls_per_day') * (1 - target))} may fail",
        ),
        (
            "Recovery point (RPO)",
            w.duration(complete.quality("rpo").best),
            "data that may be lost" if complete.quality("rpo").best else "no acknowledged write may be lost",
        ),
        ("Recovery time (RTO)", w.duration(complete.quality("rto").best), "until it serves again"),
        (
            "Staleness",
            w.duration(complete.quality("staleness").best),
            "how old a read may be where eventual consistency is allowed",
        ),
        *_durability(page),
    )
    return Subsection(
        id="1.4",
        title="SLOs and SLAs",
        blocks=(
            Table(
                id="1.4.latency",
                title="Latency targets",
                columns=("Operation", "Priority", "p50", "p95", "p99", "Origin"),
                align="<^>>><",
                rows=tuple(latency),
                note=_assumed_percentiles(page),
            ),
            Table(
                id="1.4.objectives",
                title="Service levels",
                columns=("Objective", "Target", "Meaning"),
                align="<><",
                rows=whole,
            ),
        ),
    )


def _durability(page: Page) -> Iterator[tuple[str, str, str]]:
    """The share of what is kept that must still be there after a year, where the brief says one."""
    said = page.plan.complete.model.quality.durability
    if said:
        yield "Durability", said.text or w.percent(said.best), "of what is acknowledged is still there after a year"


def _assumed_percentiles(page: Page) -> str:
    operations = page.plan.complete.operations
    open_ = [n for n, o in operations.items() if not o.p50 or not o.p95]
    return (
        f"{len(open_)} of {len(operations)} operations do not say their p50 or p95: taken as 20 % and 60 % of the p99 (our assumption)."
        if open_
        else ""
    )


def _tunables(page: Page) -> Subsection:
    plan = page.plan
    rows = [(w.code(f"{n} = {v}"), "brief", where_used(page, n)) for n, v in plan.complete.model.tunables.items()]
    rows += [(w.code(f"{n} = {v}"), origin, where) for n, v, origin, where in derived_tunables(page)]
    return Subsection(
        id="1.5",
        title="Tunable parameters",
        blocks=(Table(id="1.5.tunables", columns=("Parameter", "From", "Used in"), rows=tuple(rows)),),
    )


def where_used(page: Page, name: str) -> str:
    """The part of the design a tunable speaks of: what shares a word with it, else the service's configuration."""
    wanted = {t.rstrip("s") for t in name.lower().split("_") if len(t) > 3}
    design = page.plan.design
    for operation in page.plan.complete.operations:
        if wanted & {t.rstrip("s") for t in operation.split("_")}:
            service = design.service_of(operation)
            return f"{w.words(operation)} ({service.name}), constant in the code of [5.5](#5.5)"
    for entity in page.plan.complete.entities:
        if wanted & {t.rstrip("s") for t in entity.split("_")}:
            return f"{w.words(entity)}, constant in the code of [5.5](#5.5)"
    return f"configuration of {first_service(design)}, constant in the code of [5.5](#5.5)"


def derived_tunables(page: Page) -> Iterator[tuple[str, str, str, str]]:
    """The parameters that the design itself brings along, with values of this plan."""
    plan = page.plan
    yield (
        "HEADROOM",
        w.percent(plan.world.headroom),
        plan.complete.origin("load", "headroom").who,
        "sizing of every tier ([9.1](#9.1))",
    )
    for entry in plan.design.caches[:4]:
        yield f"TTL_{entry.id.upper()}", f"{entry.ttl_seconds} s", "design", f"`{entry.key}` ([7.3](#7.3))"
    if plan.design.topics:
        yield (
            "MAX_ATTEMPTS",
            "5",
            "design",
            f"{plan.design.topics[0].name} before {plan.design.topics[0].dead_letter} ([8.4](#8.4))",
        )


def _journeys(page: Page) -> Subsection:
    model = page.plan.complete.model
    journeys = [
        (
            page.feature_title(f),
            v.journey or " → ".join(w.words(o) for o in v.operations),
            ", ".join(w.words(p) for p in v.personas) or "–",
        )
        for f, v in model.features.items()
    ] or [(page.feature_title(f), w.words(f), "–") for f in page.features]
    questions = [f"{w.code(p.place)}: {p.what}. {p.remedy}" for p in page.plan.problems]
    assumed = [
        a for a in page.plan.complete.assumptions if a.path.startswith(("quality", "populations", "constraints"))
    ]
    questions += [f"{w.code(a.path)} is assumed to be {a.value}: is it?" for a in assumed[:8]]
    return Subsection(
        id="1.6",
        title="Journeys, goals, open questions",
        blocks=(
            Table(
                id="1.6.journeys",
                title="User journeys",
                columns=("Feature", "Journey", "Persona"),
                rows=tuple(journeys),
            ),
            Bullets(
                id="1.6.goals",
                title="Goals",
                items=tuple(g.text for g in model.goals)
                or (f"serve {w.listed(page.plan.complete.operations, 3)} within the targets of 1.4",),
            ),
            Bullets(
                id="1.6.non_goals",
                title="Non-goals",
                items=tuple(model.non_goals)
                or (f"anything beyond {', '.join(page.feature_title(f) for f in page.ordered_features[:5])}",),
            ),
            *_questions(page, questions),
        ),
    )


def _questions(page: Page, questions: list[str]) -> Iterator[Block]:
    """What is open, and how far the guide was walked where somebody confirmed a stage or nothing else is open."""
    if questions:
        yield Bullets(id="1.6.questions", title="Open questions", items=tuple(questions[:14]))
    if not questions or page.plan.complete.model.confirmed:
        identifier, title = ("1.6.guide", "Guide") if questions else ("1.6.questions", "Open questions")
        nothing = "" if questions else "Nothing that counts is assumed, and no finding is open. "
        yield Note(id=identifier, title=title, text=nothing + acceptance.walked(page.plan.complete))

"""1 Functional and non-functional requirements."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Bullets, Note, Subsection, Table
from workbook.document.page import Page
from workbook.document.wording import complexities
from workbook.document.wording.objectives import said as objectives_said
from workbook.plan import acceptance
from workbook.plan.form.tunables import uses
from workbook.plan.operate.objectives import latencies, objectives

NUMBER = 1
TITLE = "Functional and non-functional requirements"
MOST_ASSUMED, MOST_QUESTIONS = 8, 14


def build(page: Page) -> Iterator[Subsection]:
    """Features, personas, complexities, objectives, tunables, journeys and what is open."""
    yield _features(page)
    yield _personas(page)
    yield _complexities(page)
    yield _objectives(page)
    yield _tunables(page)
    yield _journeys(page)


def _features(page: Page) -> Subsection:
    rows = []
    for feature in page.ordered_features:
        for name in page.features[feature]:
            rows.append((page.priority(name), page.feature_title(feature), _task(page, name), w.code(name)))
    bare = {n: f for n, f in page.plan.complete.model.features.items() if n not in page.features}
    rows += [(said.priority or "–", said.title or w.words(n), "no operation yet", "–") for n, said in bare.items()]
    return Subsection(
        id="1.1",
        title="Features",
        blocks=(Table(id="1.1.tasks", columns=("Priority", "Feature", "Task", "Operation"), rows=tuple(rows)),),
    )


def _task(page: Page, name: str) -> str:
    program = page.programs[name]
    by = f"Let {w.words(program.operation.caller)}" if program.operation.caller else "Have the system"
    target = ""
    if page.asked(name):
        target = f", {w.time(page.plan.complete.latency(name).best)} at p99"
    return f"{by} {w.words(name)}{target}, up to {w.rate(page.plan.world.load.peak_of(name))}"


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


MOST_TECHNICAL = 4


def _complexities(page: Page) -> Subsection:
    rows = []
    for feature in page.ordered_features:
        said = page.plan.complete.model.features.get(feature)
        extra = list(said.complexities) if said else []
        technical = [*extra, *complexities.technical(page, feature)][:MOST_TECHNICAL]
        rows.append((page.feature_title(feature), " · ".join(technical), complexities.business(page, feature)))
    return Subsection(
        id="1.3",
        title="Complexities",
        blocks=(Table(id="1.3.complexities", columns=("Feature", "Technical", "Business"), rows=tuple(rows)),),
    )


def _objectives(page: Page) -> Subsection:
    plan = page.plan
    targets = latencies(plan.complete)
    rows = tuple(
        (
            w.words(t.operation),
            page.priority(t.operation),
            w.time(t.p50),
            w.time(t.p95),
            w.time(t.p99),
            "said" if t.said else "assumed",
        )
        for t in targets
    )
    guessed = sum(t.guessed for t in targets)
    note = f"{guessed} of {len(targets)} operations do not say their p50 or p95: taken as 20 % and 60 % of the p99 (our assumption)."
    return Subsection(
        id="1.4",
        title="SLOs and SLAs",
        blocks=(
            Table(
                id="1.4.latency",
                title="Latency targets",
                columns=("Operation", "Priority", "p50", "p95", "p99", "Origin"),
                align="<^>>><",
                rows=rows,
                note=note if guessed else "",
            ),
            Table(
                id="1.4.objectives",
                title="Service levels",
                columns=("Objective", "Target", "Meaning"),
                align="<><",
                rows=objectives_said(objectives(plan.complete, plan.demand)),
            ),
        ),
    )


def _tunables(page: Page) -> Subsection:
    plan = page.plan
    used = uses(plan.world.form, plan.world.programs, plan.world.pledges)
    said = plan.complete.model.tunables
    rows = [
        (
            w.code(f"{n} = {v}"),
            "brief" if n in said else "mechanism",
            w.listed(used[n], 4) or "**nothing: it has no effect**",
        )
        for n, v in plan.world.form.tunables.items()
    ]
    rows.append(
        (
            w.code(f"HEADROOM = {w.percent(plan.world.headroom)}"),
            plan.complete.origin("load", "headroom").who,
            "sizing of every tier ([9.1](#9.1))",
        )
    )
    return Subsection(
        id="1.5",
        title="Tunable parameters",
        blocks=(Table(id="1.5.tunables", columns=("Parameter", "From", "Used in"), rows=tuple(rows)),),
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
    questions += [f"{w.code(o.about)}: {o.why}" for o in page.plan.unknown]
    assumed = [
        a for a in page.plan.complete.assumptions if a.path.startswith(("quality", "populations", "constraints"))
    ]
    questions += [f"{w.code(a.path)} is assumed to be {a.value}: is it?" for a in assumed[:MOST_ASSUMED]]
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
        yield Bullets(id="1.6.questions", title="Open questions", items=tuple(questions[:MOST_QUESTIONS]))
    if not questions or page.plan.complete.model.confirmed:
        identifier, title = ("1.6.guide", "Guide") if questions else ("1.6.questions", "Open questions")
        nothing = "" if questions else "Nothing that counts is assumed, and no finding is open. "
        yield Note(id=identifier, title=title, text=nothing + acceptance.walked(page.plan.complete))

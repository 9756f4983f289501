"""12 Technology recommendations."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.document import words as w
from workbook.document.blocks import Subsection, Table
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.document.sections.s10_security import pick
from workbook.plan import vocabulary

NUMBER = 12
TITLE = "Technology recommendations"


def build(page: Page) -> Iterator[Subsection]:
    """The stack, how it is delivered, who else is called."""
    yield _stack(page)
    yield _delivery(page)
    yield _integrations(page)


def _stack(page: Page) -> Subsection:
    plan = page.plan
    design = plan.design
    language = design.language
    rows = [
        ("Language", language.name, plan.decisions["language"].reason),
        (
            "Framework",
            str(language.details.get("framework", "–")),
            f"for {len(design.endpoints)} endpoints and {len(design.topics)} kinds of events",
        ),
    ]
    for store in design.stores:
        if store.role == "cache":
            continue
        label = {"database": "Database", "object_store": "Files", "search": "Search"}[store.role]
        offered = store.technology.offered.get(plan.complete.cloud)
        decided = plan.decisions.get(f"database.{store.contexts[0]}")
        why = decided.reason if decided and store.role == "database" else store.technology.use_when
        rows.append(
            (
                f"{label}: {w.listed(store.contexts, 3)}",
                store.name + (f" ({offered})" if offered and offered != store.name else ""),
                why,
            )
        )
    rows.append(("Cache", design.cache.name, plan.decisions["cache"].reason))
    rows.append(("Messaging", design.messaging.name, plan.decisions["messaging"].reason))
    cloud = next((t for t in loader.technologies().values() if t.kind == "cloud" and t.id == plan.complete.cloud), None)
    rows.append(
        (
            "Cloud",
            cloud.name if cloud else plan.complete.cloud,
            "said in the brief"
            if plan.complete.model.constraints.cloud
            else "assumed: the prices of section 2 are its",
        )
    )
    styles = tuple(
        (d.chosen.name, w.words(n), d.runner_up.name if d.runner_up else "–", d.reason)
        for n, d in plan.decisions.items()
    )
    return Subsection(
        id="12.1",
        title="Stack",
        blocks=(
            Table(id="12.1.stack", columns=("Layer", "Recommended", "Why"), rows=tuple(rows)),
            matrix(page, "12.1.language", "language"),
            Table(
                id="12.1.decisions",
                title="Every decision at a glance",
                columns=("Chosen", "Decision", "Runner-up", "Because"),
                rows=styles,
            ),
        ),
    )


def _pick(page: Page, kind: str, prefer: tuple[str, ...] = ()) -> Technology | None:
    constraints = page.plan.complete.model.constraints
    offers = vocabulary.offers(kind, constraints.avoid)
    named = [t for t in offers if t.id in (*constraints.must_use, *constraints.existing)]
    liked = [t for i in prefer for t in offers if t.id == i]
    return next(iter([*named, *liked, *sorted(offers, key=lambda t: (t.complexity, t.id))]), None)


def _delivery(page: Page) -> Subsection:
    plan = page.plan
    language = plan.design.language.details
    ci = _pick(page, "ci")
    iac = _pick(page, "iac", ("terraform",))
    servers = plan.sizing.servers
    orchestrator = _pick(
        page,
        "orchestrator",
        ("kubernetes",)
        if servers > 20 or plan.complete.team_size > 15
        else ("ecs_fargate",)
        if plan.complete.cloud == "aws"
        else ("kubernetes",),
    )
    metrics = _pick(page, "metrics", ("prometheus",))
    stages = (
        ("lint", str(language.get("lint", "the language's linter"))),
        ("test", f"{language.get('test', 'unit tests')}; the worker given one event twice"),
        (
            "build",
            f"image of {', '.join(s.id for s in plan.design.services[:4])}{' …' if len(plan.design.services) > 4 else ''}",
        ),
        ("security-scan", ", ".join(plan.complete.model.quality.scanning) or "dependency audit"),
        ("deploy-staging", f"{iac.name if iac else 'scripts'} plan, migrations forward"),
        (
            "integration-test",
            f"{w.words(plan.design.critical_write or plan.design.critical_read)}, then {w.words(plan.design.critical_read or plan.design.critical_write)} sees it",
        ),
        (
            "deploy-production",
            f"5 % of {w.rate(plan.demand.total('total_peak_qps'))} first, ten minutes, then all; back by itself when the error budget burns",
        ),
    )
    tools = (
        ("CI/CD", ci.name if ci else "–", f"{len(stages)} stages below"),
        (
            "Infrastructure as code",
            iac.name if iac else "–",
            f"{len(plan.design.stores)} stores, {len(plan.design.services)} services, a network of their own",
        ),
        (
            "Runs on",
            orchestrator.name if orchestrator else "–",
            f"{servers} machines, team of {plan.complete.team_size}",
        ),
        ("Metrics", metrics.name if metrics else "–", "rules of [9.4](#9.4)"),
        ("Identity", pick(page, "identity"), "[10.1](#10.1)"),
        ("Secrets", pick(page, "secrets"), "[10.1](#10.1)"),
        (
            "Migrations",
            str(language.get("migration_tool", "plain SQL files")),
            "one step forward, old and new code side by side",
        ),
    )
    pipeline = [page.code(f"12.2.file{i}", a) for i, a in enumerate(page.made("pipeline"), start=1)]
    return Subsection(
        id="12.2",
        title="Delivery",
        blocks=(
            Table(id="12.2.tools", columns=("For", "Tool", "Because of"), rows=tools),
            Table(id="12.2.stages", title="Pipeline", columns=("Stage", "Here"), rows=stages),
            *pipeline,
        ),
    )


def _integrations(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for name, integration in plan.complete.model.integrations.items():
        calls = sum(plan.demand.of_operation("peak_qps", o) for o in integration.operations)
        budget = integration.p99.best * 1000 if integration.p99 else plan.complete.quality("p99").best * 500
        rows.append(
            (
                w.words(name),
                integration.does,
                w.listed(integration.operations) or "in the background",
                w.rate(calls) if calls else "–",
                f"timeout {w.milliseconds(budget * 1.5)}, breaker at 50 % of 20 calls, half-open after 30 s",
                w.percent(integration.availability.best) if integration.availability else "not said",
            )
        )
    if not rows:
        rows.append(("none", f"{plan.complete.model.system} stands alone", "–", "–", "–", "–"))
    return Subsection(
        id="12.3",
        title="Integrations",
        blocks=(
            Table(
                id="12.3.integrations",
                columns=("Service", "Does", "Called by", "Peak", "Protected by", "Available"),
                rows=tuple(rows),
            ),
        ),
    )

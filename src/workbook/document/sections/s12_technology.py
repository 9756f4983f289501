"""12 Technology recommendations."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Note, Subsection, Table
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.document.wording import choices
from workbook.document.wording import technology as say
from workbook.plan.operate.dependencies import dependencies, uncalled
from workbook.plan.operate.rollout import rollout
from workbook.plan.passes.world import DATABASE, MEMORY, MESSAGING, OBJECTS, SEARCH

NUMBER = 12
TITLE = "Technology recommendations"
LAYERS = {DATABASE: "Database", MEMORY: "Cache", MESSAGING: "Messaging", OBJECTS: "Files", SEARCH: "Search"}
EDGE = ("api_style", "gateway", "cdn", "machine", "regions", "cloud")
TOOLS = ("ci", "iac", "orchestrator", "migration", "metrics", "logs", "traces", "identity", "secrets")
TITLES = {"ci": "CI/CD"}
"""What the field calls a choice that we title otherwise."""


def build(page: Page) -> Iterator[Subsection]:
    """The stack, how it is delivered, who else is called."""
    yield _stack(page)
    yield _delivery(page)
    yield _integrations(page)


def _stack(page: Page) -> Subsection:
    design, chosen = page.plan.design, page.plan.decisions
    language = design.language
    rows: list[tuple[str, str, str]] = []
    if "architecture_style" in chosen:
        style = chosen["architecture_style"]
        rows.append(("Style", style.chosen.name, choices.reason(style)))
    rows.append(("Language", language.name, choices.reason(chosen["language"])))
    framework = str(language.details.get("framework", "none known"))
    events = len(page.plan.world.form.topics)
    rows.append(
        (
            "Framework",
            framework,
            f"the usual one of {language.name}: {len(design.endpoints)} endpoints, {events} kinds of events",
        )
    )
    for store in design.stores:
        names = [d for d in chosen.values() if d.decision == store.role and d.chosen.id == store.technology.id]
        kept = f" of {w.listed(store.contexts, 3)}" if store.role == DATABASE else ""
        why = choices.reason(names[0]) if names else store.technology.summary
        rows.append((f"{LAYERS[store.role]}{kept}", say.offered(store, page), why))
    for decision, layer in ((MEMORY, "Cache"), (MESSAGING, "Messaging"), (SEARCH, "Search")):
        if decision in chosen and decision not in page.plan.world.stores:
            rows.append((layer, chosen[decision].chosen.name, choices.reason(chosen[decision])))
    rows += [(chosen[d].title, chosen[d].chosen.name, choices.reason(chosen[d])) for d in EDGE if d in chosen]
    shown = {"language", "architecture_style", *EDGE, *TOOLS}
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for name, one in chosen.items():
        if name not in shown and one.decision not in LAYERS:
            rival = one.runner_up.name if one.runner_up else "–"
            alike.setdefault((one.title, one.chosen.name, rival, choices.reason(one)), []).append(say.about(one))
    others = tuple(
        (f"{title} of {', '.join(names)}" if any(names) else title, *rest) for (title, *rest), names in alike.items()
    )
    blocks: list[Block] = [
        Table(id="12.1.stack", columns=("Layer", "Recommended", "Why"), rows=tuple(rows)),
        matrix(page, "12.1.language", "language"),
    ]
    if others:
        blocks.append(
            Table(
                id="12.1.decisions",
                title="Further choices: how it is built, laid out and copied",
                columns=("Choice", "Chosen", "Runner-up", "Because"),
                rows=others,
            )
        )
    return Subsection(id="12.1", title="Stack", blocks=tuple(blocks))


def _delivery(page: Page) -> Subsection:
    chosen, design = page.plan.decisions, page.plan.design
    tools = tuple(
        (TITLES.get(d, chosen[d].title), chosen[d].chosen.name, choices.reason(chosen[d])) for d in TOOLS if d in chosen
    )
    language = design.language.details
    images = ", ".join(page.title(s.id) for s in design.services)
    migrates = chosen["migration"].chosen.name if "migration" in chosen else ""
    forward = f"; {migrates} forward, old and new code side by side" if migrates else ""
    audit = w.code(str(language.get("dependency_audit", "dependency audit")))
    stages = (
        ("lint", ", ".join(str(language[k]) for k in ("formatter", "lint", "type_checker") if k in language) or "–"),
        ("test", say.tests(page)),
        ("build", f"image of {images}"),
        ("security-scan", audit),
        ("deploy-staging", f"{chosen['iac'].chosen.name if 'iac' in chosen else 'the infrastructure'}{forward}"),
        ("integration-test", say.smoke(page)),
        ("deploy-production", say.canary(rollout(design, page.plan.sizing))),
    )
    blocks: list[Block] = [
        Table(id="12.2.tools", title="Tools", columns=("For", "Tool", "Why"), rows=tools),
        Table(id="12.2.stages", title="Pipeline", columns=("Stage", "Here"), rows=stages),
    ]
    for i, artifact in enumerate(page.made("pipeline"), start=1):
        proof = page.proofs.get(artifact.path, "")
        text = f"{w.code(artifact.path)}.{f' {proof}.' if proof else ''}"
        blocks.append(Note(id=f"12.2.file{i}", title=artifact.title, text=text))
    return Subsection(id="12.2", title="Delivery", blocks=tuple(blocks))


def _integrations(page: Page) -> Subsection:
    found, idle = dependencies(page.plan.design), uncalled(page.plan.design)
    if not found:
        system = page.plan.complete.model.system
        text = f"No operation of {system} calls another system."
        if idle:
            text = f"{text} The brief names {w.listed(idle)}, and no step calls them."
        note = Note(id="12.3.integrations", title="No integrations", text=text)
        return Subsection(id="12.3", title="Integrations", blocks=(note,))
    rows = tuple(
        (
            page.title(d.integration),
            page.plan.complete.model.integrations[d.integration].does or w.words(d.call),
            w.listed(d.operations, 3),
            w.rate(d.per_second),
            say.waits(d),
            say.unanswered(d),
            w.percent(d.available) if d.available is not None else "not said",
        )
        for d in found
    )
    table = Table(
        id="12.3.integrations",
        columns=("System", "Does", "Called by", "Peak", "We wait", "No answer", "Available"),
        align="<<<><<>",
        rows=rows,
        note=say.remark(found, idle),
    )
    return Subsection(id="12.3", title="Integrations", blocks=(table,))

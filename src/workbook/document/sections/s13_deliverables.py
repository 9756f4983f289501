"""13 Deliverables checklist."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Checklist, Item, Subsection
from workbook.document.page import Page
from workbook.review import review

NUMBER = 13
TITLE = "Deliverables checklist"
WHERE = {
    "schema": ("Schemas", "6.2"),
    "query": ("Queries", "6.2"),
    "cache": ("Cache commands", "5.4"),
    "topics": ("Topics and queues", "8.1"),
    "event_schema": ("Event schemas", "8.1"),
    "api": ("API specification", "3.1"),
    "worker": ("Worker code", "5.5"),
    "service": ("Service code", "5.5"),
    "alerts": ("Alert rules", "9.4"),
    "pipeline": ("Pipeline", "12.2"),
}


def build(page: Page) -> Iterator[Subsection]:
    """What was produced, where it stands, and whether an engine accepted it."""
    plan = page.plan
    items = []
    kinds = list(dict.fromkeys(a.kind for a in page.artifacts))
    for kind in kinds:
        made = page.made(kind)
        name, where = WHERE.get(kind, (w.words(kind).capitalize(), "13.1"))
        missing = [a.missing for a in made if a.missing]
        good = [a for a in made if a.text]
        proved = [a for a in good if page.accepted(a.path)]
        refused = [a for a in good if page.proofs.get(a.path, "").startswith("refused")]
        engines = sorted({page.proofs[a.path] for a in proved})
        detail = f"{len(good)} for {plan.complete.model.system}" + (f"; {'; '.join(missing)}" if missing else "")
        if proved:
            detail += f"; verified {len(proved)} of {len(good)}: {', '.join(engines[:3])}"
        elif good:
            unseen = next(
                (page.proofs[a.path] for a in good if a.path in page.proofs),
                "not verified in this run (`workbook run --verify`)",
            )
            detail += f"; {unseen}"
        if refused:
            detail += f"; {len(refused)} refused: {page.proofs[refused[0].path]}"
        items.append(
            Item(
                text=name,
                state="failed"
                if refused
                else "done"
                if good and not missing
                else "open"
                if missing
                else "not applicable",
                detail=detail,
                link=where,
            )
        )
    decisions = len(plan.decisions)
    items += [
        Item(
            text="Estimates with formulas",
            state="done",
            detail=f"{len(plan.values)} numbers, {len(plan.complete.assumptions)} of their inputs assumed",
            link="2.3",
        ),
        Item(
            text="Cost estimate",
            state="done",
            detail=f"{len(plan.sizing.costs)} items, {w.usd(plan.sizing.monthly_usd)} a month",
            link="2.4",
        ),
        Item(
            text="Architecture diagram",
            state="done",
            detail=f"{len(plan.design.components)} components, {len(plan.design.links)} connections",
            link="4.1",
        ),
        Item(
            text="Flows with latency budgets", state="done", detail=f"{len(plan.design.flows)} operations", link="4.3"
        ),
        Item(text="Decisions with trade-offs", state="done", detail=f"{decisions} matrices", link="12.1"),
        Item(
            text="Monitoring plan and runbooks",
            state="done",
            detail=f"alerts for {w.words(plan.design.critical_write or plan.design.critical_read)} and {len(plan.design.topics)} topics",
            link="9.4",
        ),
        Item(
            text="Access rules",
            state="done",
            detail=f"{len(plan.design.access)} rules over {len(plan.design.tables)} tables",
            link="10.2",
        ),
    ]
    items += [
        Item(text=f"Finding: {p.what}", state="open" if p.severity != "error" else "failed", detail=p.remedy)
        for p in plan.problems
        if p.severity != "info"
    ]
    flags = tuple(
        Item(
            text=r.title,
            state={"holds": "done", "fails": "failed", "does not apply": "not applicable", "waiting": "open"}[r.state]
            if not r.accepted
            else "done",  # type: ignore[arg-type]
            detail="; ".join(r.details[:3]) + (f"; {r.remedy}" if r.state == "fails" else "") or "holds",
        )
        for r in review(plan)
    )
    yield Subsection(
        id="13.1",
        title="Checklist",
        blocks=(
            Checklist(id="13.1.artifacts", title=f"{len(page.artifacts)} artifacts", items=tuple(items)),
            Checklist(id="13.1.review", title="Red flags looked for", items=flags),
        ),
    )

"""13 Deliverables checklist."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.artifacts import kinds
from workbook.catalog.model import Pattern
from workbook.document import words as w
from workbook.document.blocks import Block, Checklist, Item, Subsection, Table
from workbook.document.page import Page
from workbook.document.wording import deliverables as say
from workbook.plan.operate.runbooks import books
from workbook.plan.operate.signals import signals
from workbook.plan.operate.trials import trials
from workbook.review import review

NUMBER = 13
TITLE = "Deliverables checklist"


def build(page: Page) -> Iterator[Subsection]:
    """What was produced and verified, what is to be tested, which red flags were looked for, who has read it."""
    made = {kind: page.made(kind) for kind in kinds()}
    count = sum(bool(a.text) for found in made.values() for a in found)
    blocks: list[Block] = [
        Checklist(
            id="13.1.artifacts",
            title=f"Produced: {count} files and these parts of the document",
            items=(*(say.artifacts(k, found, page) for k, found in made.items() if found), *_parts(page)),
        ),
        Checklist(
            id="13.1.tests",
            title="To be tested before the launch: how, and what came out",
            items=tuple(say.trial(t, page) for t in trials(page.plan.design, page.plan.sizing)),
        ),
        Checklist(id="13.1.review", title="Red flags looked for", items=tuple(say.flag(r) for r in review(page.plan))),
        *_findings(page),
        _signed(page),
        *_frameworks(page),
    ]
    yield Subsection(id="13.1", title="Checklist", blocks=tuple(blocks))


def _parts(page: Page) -> Iterator[Item]:
    plan, design = page.plan, page.plan.design
    watched, known = signals(design, plan.sizing), books(design, plan.sizing)
    weighed = [d for d in plan.decisions.values() if d.judged]
    parts = (
        (
            "Estimates with formulas",
            f"{len(plan.values)} numbers, {len(plan.complete.assumptions)} inputs assumed",
            "2.3",
        ),
        ("Cost estimate", f"{len(plan.sizing.costs)} items, {w.usd(plan.sizing.monthly_usd)} a month", "2.4"),
        ("Architecture diagram", f"{len(design.components)} components, {len(design.calls)} calls", "4.1"),
        ("Flows", f"{len(design.hops)} operations", "4.3"),
        ("Decisions with trade-offs", f"{len(weighed)} choices", "12.1"),
        ("Monitoring plan", f"{len(watched)} signals", "9.4"),
        ("Runbooks", f"{len(known)}, by the parts that can fail; none was rehearsed", "9.5"),
        (
            "Access rules",
            f"{len(design.rules)} rules over {len({r.structure for r in design.rules})} structures",
            "10.2",
        ),
        ("Test plan", f"{len(trials(design, plan.sizing))} tests", "13.1"),
    )
    for text, detail, link in parts:
        yield Item(text=text, state="done", detail=detail, link=link)


def _findings(page: Page) -> Iterator[Checklist]:
    found = [p for p in page.plan.problems if p.severity != "info"]
    if found:
        items = tuple(
            Item(text=p.what, state="failed" if p.severity == "error" else "open", detail=p.remedy) for p in found
        )
        yield Checklist(id="13.1.findings", title="Findings", items=items)


def _signed(page: Page) -> Checklist:
    """Who has confirmed what: the state of the review."""
    content = page.plan.brief.content
    items = [
        Item(
            text=f"Stage {c.stage}",
            state="done" if c.revision == content else "open",
            detail=say.confirmed(c, content),
        )
        for c in page.plan.complete.model.confirmed
    ]
    if not items:
        items = [Item(text="Review", state="open", detail="nobody has confirmed a stage yet: `confirmed` in the brief")]
    unknown = page.plan.unknown
    if unknown:
        detail = f"{len(unknown)}: {', '.join(w.code(o.about) for o in unknown[:5])}{' …' if len(unknown) > 5 else ''}"
        items.append(Item(text="Open questions", state="open", detail=detail, link="1.6"))
    return Checklist(id="13.1.signed", title="Read and confirmed", items=tuple(items))


def _frameworks(page: Page) -> Iterator[Table]:
    """Patterns that this design uses, with where they are described."""
    used: dict[str, tuple[Pattern, list[str]]] = {}
    for decided in page.plan.decisions.values():
        source = decided.chosen.source
        if isinstance(source, Pattern) and source.source and source.complexity > 0:
            used.setdefault(source.id, (source, []))[1].append(decided.title)
    rows = tuple((p.name, ", ".join(dict.fromkeys(titles)), p.source) for p, titles in used.values())
    if rows:
        title = "Methods and patterns used"
        yield Table(id="13.1.frameworks", title=title, columns=("Pattern", "For", "Described in"), rows=rows)

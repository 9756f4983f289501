"""The way of an operation through the parts, as a block: read off its hops."""

from __future__ import annotations

from workbook.document import words as w
from workbook.document.blocks import Step, Steps
from workbook.document.page import Page
from workbook.document.wording import steps
from workbook.plan.fold.hops import CLIENT, Hop
from workbook.plan.fold.services import ASKED
from workbook.plan.operate.allowances import allowances


def target(page: Page, operation: str) -> float | None:
    """What the operation may take at p99 [s]; None where nobody waits for it."""
    program = page.programs[operation]
    return page.plan.complete.latency(operation).best if page.asked(operation) and program.starts in ASKED else None


def flow(page: Page, identifier: str, operation: str, title: str = "") -> Steps:
    """Every hop of an operation: who, to whom, what, by which protocol, within which time, and what if it fails."""
    hops, limit = page.plan.design.hops[operation], target(page, operation)
    allowed = allowances(hops, limit, page.plan.design) if limit else (None,) * len(hops)
    made = tuple(_step(page, operation, h, a) for h, a in zip(hops, allowed, strict=True))
    return Steps(
        id=identifier,
        title=title or w.words(operation).capitalize(),
        steps=made,
        target_ms=limit * 1000 if limit else None,
        note=_note(page, operation, hops),
    )


def _step(page: Page, operation: str, hop: Hop, allowed: float | None) -> Step:
    program, form, design = page.programs[operation], page.plan.world.form, page.plan.design
    through = [page.title(c) for c in hop.way[1:-1]]
    by_way = f", by way of {' and '.join(through)}" if through else ""
    return Step(
        source=page.title(hop.source),
        target=page.title(hop.target),
        action=f"{steps.hop(hop, program, form)}{by_way}",
        protocol=design.protocols.get(hop.target if hop.target != CLIENT else hop.source, ""),
        budget_ms=round(allowed * 1000, 1) if allowed is not None else None,
        failure=steps.failure(hop, dict(design.titles)),
        remedy=steps.remedy(hop, program, form, operation in page.repeatable),
    )


def _note(page: Page, operation: str, hops: tuple[Hop, ...]) -> str:
    """What follows once the caller has the answer."""
    behind = [o for o in page.plan.world.programs if o != operation and _starts_by(page, operation, o)]
    late = [h for h in hops if not h.awaited]
    said = f"Then, without the caller waiting: {w.listed(behind)}." if behind else ""
    return said or ("Nobody waits for it." if late and len(late) == len(hops) else "")


def _starts_by(page: Page, operation: str, other: str) -> bool:
    on = page.programs[other].operation.starts.on
    touched = {s.target for s, _ in page.programs[operation].steps() if s.verb in ("publish", "put", "append")}
    return bool(on) and on in touched and page.programs[other].starts in ("event", "queue")

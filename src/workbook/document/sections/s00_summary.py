"""0 Executive summary."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Note, Subsection, Table, Text, Tone
from workbook.document.page import Page
from workbook.document.wording import promises, summary
from workbook.plan.form.keeping import Keeping
from workbook.proof.promises.base import Tested

NUMBER = 0
TITLE = "Executive summary"
MOST_PROMISES = 8


def build(page: Page) -> Iterator[Subsection]:
    """What it must hold to and how it is known to; the architecture in a line; the key numbers; what is not met."""
    yield Subsection(
        id="0.1",
        title="Summary",
        blocks=(
            Text(id="0.1.summary", paragraphs=summary.paragraphs(page.plan)),
            _promises(page),
            Table(
                id="0.1.numbers",
                title="Key numbers",
                columns=("Number", "Value", "Derived in"),
                align="<><",
                rows=summary.numbers(page.plan),
            ),
            *_problems(page),
        ),
    )


def leading(page: Page) -> tuple[Keeping, ...]:
    """The promises that lead: those that stand for goals, those of the brief, then those that mechanisms bring along."""
    order = sorted(page.plan.world.kept, key=lambda k: (not k.pledge.promise.goals, k.pledge.promise.origin != "brief"))
    return tuple(order[:MOST_PROMISES])


def _promises(page: Page) -> Table | Note:
    rows = tuple(
        (
            "; ".join(k.pledge.promise.goals) or "–",
            w.sentence(promises.promise(k.pledge)),
            promises.kept(k, page.steps),
            tested(page, k),
        )
        for k in leading(page)
    )
    if not rows:
        text = "The brief promises nothing that could be attacked, and no mechanism of it brings a promise along: add `promises`."
        return Note(id="0.1.promises", title="What must never break", text=text, tone="warning")
    return Table(
        id="0.1.promises",
        title="What must never break, what keeps it, and what became of the attack on it",
        columns=("Goal", "Promise", "Kept by", "Attack"),
        rows=rows,
        note=_unpromised(page),
    )


def _unpromised(page: Page) -> str:
    """Goals that no promise stands for."""
    served = {g for k in page.plan.world.kept for g in k.pledge.promise.goals}
    open_ = [g.text for g in page.plan.complete.model.goals if g.text not in served]
    return f"No promise stands for: {'; '.join(open_)}." if open_ else ""


def tested(page: Page, keeping: Keeping) -> str:
    """How the attack on a promise came out."""
    verdict = page.verdicts.get(keeping.pledge.id)
    if verdict is None:
        return "not run: `workbook verify`"
    said = {
        Tested.PASSED: f"failed to break it on {verdict.on}",
        Tested.FAILED: f"**broke it** on {verdict.on}: {verdict.why}",
        Tested.STAND_IN_PASSED: f"failed to break the protocol on {verdict.on}, which stands in for {verdict.stands_in_for}",
        Tested.STAND_IN_FAILED: f"**broke the protocol** on {verdict.on}: {verdict.why}",
        Tested.CANNOT_TELL: f"cannot tell: {verdict.why}",
        Tested.NOT_RUN: f"not run: {verdict.why}",
    }
    return said[verdict.tested]


def _problems(page: Page) -> Iterator[Note]:
    for i, problem in enumerate(p for p in page.plan.problems if p.severity != "info"):
        tone: Tone = "danger" if problem.severity == "error" else "warning"
        yield Note(
            id=f"0.1.finding{i + 1}",
            title="Not met" if tone == "danger" else "To look at",
            text=f"`{problem.place}` {problem.what}. {problem.remedy}",
            tone=tone,
        )

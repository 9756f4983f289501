"""A decision as a trade-off matrix, and as the record that is kept of it (ADR)."""

from __future__ import annotations

from workbook.document.blocks import Matrix, Option
from workbook.document.page import Page
from workbook.plan.decisions.engine import decisions


def title_of(decision: str) -> str:
    """The title of a kind of decision."""
    return next((d.title for d in decisions() if d.id == decision), decision)


def matrix(page: Page, identifier: str, decision: str) -> Matrix:
    """The matrix of a decision, with its flip point where the page shows them."""
    decided = page.plan.decisions[decision]
    criteria = tuple(decided.weights)
    options = tuple(
        Option(
            name=j.option.name,
            scores=tuple(j.scores[c].value for c in criteria),
            total=j.total,
            excuse="; ".join(j.excuses),
            note=j.scores[max(criteria, key=lambda c: decided.weights[c])].evidence if criteria else "",
        )
        for j in sorted(decided.judged, key=lambda j: (bool(j.excuses), -j.total))
    )
    subject = f" of {decided.subject.replace('_', ' ')}" if decided.subject else ""
    consequence = " ".join(decided.consequences)
    reason = (
        decided.reason
        + (f" It gives up {decided.gives_up}." if decided.pinned else "")
        + (f" {consequence}" if consequence else "")
    )
    return Matrix(
        id=identifier,
        title=f"{title_of(decided.decision)}{subject}: {decided.question}",
        criteria=criteria,
        weights=tuple(decided.weights.values()),
        options=options,
        chosen=decided.chosen.name,
        runner_up=decided.runner_up.name if decided.runner_up and not decided.of(decided.runner_up.id).excuses else "",
        reason=reason,
        flip=page.plan.flip_point(decision) if page.flips else "",
    )

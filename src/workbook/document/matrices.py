"""A choice as a trade-off matrix, and as the record that is kept of it (ADR)."""

from __future__ import annotations

from workbook.document.blocks import Matrix, Option
from workbook.document.page import Page
from workbook.document.wording import choices
from workbook.plan.passes.model import Decided, Judged


def titled(decided: Decided) -> str:
    """The title of a choice with what it is about."""
    return f"{decided.title}{f' of {choices.subject(decided)}' if decided.subject else ''}"


def ranked(decided: Decided) -> list[Judged]:
    """Options that may be chosen first, the best of them on top."""
    return sorted(decided.judged, key=lambda j: (bool(j.excuses), -j.total))


def of_kind(page: Page, decision: str) -> dict[str, Decided]:
    """The answers to one kind of question, by id."""
    return {n: d for n, d in page.plan.decisions.items() if d.decision == decision}


def matrix(page: Page, identifier: str, decision: str) -> Matrix:
    """The matrix of a choice, with its flip point where the page shows them."""
    decided = page.plan.decisions[decision]
    criteria = tuple(decided.weights)
    heaviest = max(criteria, key=lambda c: decided.weights[c], default="")
    options = tuple(
        Option(
            name=j.option.name,
            scores=tuple(j.scores[c].value for c in criteria),
            total=j.total,
            excuse="; ".join(str(e) for e in j.excuses),
            note=str(j.scores[heaviest].evidence) if heaviest else "",
        )
        for j in ranked(decided)
    )
    rival = decided.of(decided.runner_up.id) if decided.runner_up else None
    said = [choices.reason(decided), *(str(c) for c in decided.consequences)]
    return Matrix(
        id=identifier,
        title=f"{titled(decided)}: {decided.question}",
        criteria=criteria,
        weights=tuple(decided.weights.values()),
        options=options,
        chosen=decided.chosen.name,
        runner_up=rival.option.name if rival is not None and not rival.excuses else "",
        reason=" ".join(said),
        flip=page.plan.flip_point(decision) if page.flips else "",
    )

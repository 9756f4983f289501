"""What a caller is told: the status of each way in which an operation ends."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.services import ASKED
from workbook.plan.form.model import Group, GroupKind, Program, Step
from workbook.plan.form.terms import is_list
from workbook.plan.form.verbs import MAKES_ROWS, WRITES

MISSING, CONFLICT, GONE, UNACCEPTABLE, TOO_MANY = 404, 409, 410, 422, 429
_OF_VERB = {
    Verb.GET: MISSING,
    Verb.REMOVE: CONFLICT,
    Verb.APPEND: CONFLICT,
    Verb.CLAIM: CONFLICT,
    Verb.MOVE: CONFLICT,
    Verb.PUT: CONFLICT,
    Verb.ADD: CONFLICT,
    Verb.NEXT: CONFLICT,
    Verb.RELEASE: CONFLICT,
    Verb.TAKE: GONE,
    Verb.CALL: UNACCEPTABLE,
}
OF_WORD = {"conflict": CONFLICT, "missing": MISSING, "gone": GONE, "forbidden": 403, "busy": TOO_MANY}
"""Statuses of `refuse WORD`; other words are not acceptable."""


def of_refusal(step: Step) -> int:
    """The status that a caller gets when a step is refused."""
    if step.shape is Shape.BUCKET:
        return TOO_MANY
    if step.verb is Verb.CHANGE:
        return CONFLICT if step.only_if else MISSING
    return _OF_VERB.get(step.verb, CONFLICT)


def of_word(word: str) -> int:
    """The status of `refuse WORD`."""
    return OF_WORD.get(word, UNACCEPTABLE)


def refusable(step: Step) -> bool:
    """Whether a step may be refused."""
    if step.verb is Verb.GET:
        return step.found is None and not any(is_list(g.value) for g in step.by)
    if step.verb in (Verb.PUT, Verb.REMOVE):
        return bool(step.only_if)
    if step.verb in (Verb.ADD, Verb.NEXT):
        return step.shape is Shape.ROWS or bool(step.only_if)
    return step.verb in (Verb.APPEND, Verb.CHANGE, Verb.MOVE, Verb.CLAIM, Verb.TAKE, Verb.CALL)


def statuses(program: Program) -> tuple[int, ...]:
    """Every status with which a caller's operation may end, the good one first."""
    found = [_good(program)]
    for step, around in program.steps():
        if step.verb is Verb.REFUSE:
            found.append(of_word(step.target))
        elif refusable(step) and not _excused(step, around):
            found.append(of_refusal(step))
    if program.request:
        found.append(400)
    if program.operation.caller:
        found += [401, 403]
    first, *rest = [*found, 503]
    return (first, *sorted(set(rest) - {first}))


def _excused(step: Step, around: tuple[Group, ...]) -> bool:
    """Whether a `try` goes on behind it. Only the tried step itself stands directly inside."""
    return any(g.kind is GroupKind.TRY and step in g.steps for g in around)


def _good(program: Program) -> int:
    answers = [s for s, _ in program.steps() if s.verb is Verb.ANSWER]
    writes = [s for s, _ in program.steps() if s.verb in WRITES]
    told = any(s.verb is Verb.PUBLISH for s, _ in program.steps())
    if not any(s.answers for s in answers):
        return 202 if told and not writes else 204
    if any(s.verb in MAKES_ROWS and _answered(s, answers) for s in writes):
        return 201
    return 200


def _answered(step: Step, answers: list[Step]) -> bool:
    """Whether the row that it makes is what the caller gets."""
    return any(str(v).split(".")[0] == step.name for a in answers for v in a.answers)


def takes_part(program: Program) -> Iterator[Step]:
    """Steps whose refusal the caller of an operation is told."""
    if program.starts in ASKED:
        yield from (s for s, around in program.steps() if refusable(s) and not _excused(s, around))

"""No two rows alike: twenty callers ask for the same, at once and one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.promises import PromiseKind
from workbook.plan.form.pledges import Pledge
from workbook.proof.promises.base import Broken, CannotAttack, makers, rows_of
from workbook.proof.stage.frame import Row
from workbook.proof.stage.theatre import Theatre

KIND = PromiseKind.UNIQUE
CALLERS = 20
ROUNDS = 3


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"{CALLERS} callers ask for the same {' and '.join(pledge.by)} at once, then one after the other"


def attack(pledge: Pledge, theatre: Theatre) -> Iterator[Broken]:
    """Rows alike after a race of every operation that makes them."""
    operations = makers(theatre.form, theatre.programs, pledge.structure)
    if not operations:
        raise CannotAttack(f"no operation that somebody calls makes rows of {pledge.structure}")
    found_one = False
    for operation in operations:
        fitting = theatre.fitting(operation)
        if fitting is None:
            continue
        found_one = True
        for _ in range(ROUNDS):
            theatre.reset()
            frames = [
                theatre.frame(operation, caller=_caller(theatre, operation, fitting[0], n), body=dict(fitting[1]))
                for n in range(CALLERS)
            ]
            theatre.race(operation, frames)
            theatre.run(operation, theatre.frame(operation, caller=fitting[0], body=dict(fitting[1])))
            alike = twice(theatre, pledge)
            if alike:
                shown = rows_of(alike, pledge.by)
                yield Broken(
                    f"{len(alike)} rows of {pledge.structure} are alike: {shown}", (f"{CALLERS} x {operation}",)
                )
                return
    if not found_one:
        raise CannotAttack(f"no request was found with which {' or '.join(operations)} succeeds")


def _caller(theatre: Theatre, operation: str, first: Row, number: int) -> Row:
    """Different people want the same thing."""
    return dict(first) if number == 0 else theatre.requests().caller(theatre.programs[operation])


def twice(theatre: Theatre, pledge: Pledge) -> list[Row]:
    """Rows that share their values with another, while the promise holds for both."""
    frame = theatre.frame(pledge.id)
    seen: dict[tuple[str, ...], Row] = {}
    alike: list[Row] = []
    for row in theatre.rows(pledge.structure):
        if not frame.holds(pledge.tests, row) or any(row[c] is None for c in pledge.by):
            continue
        key = tuple(str(row[c]) for c in pledge.by)
        if key in seen:
            alike.append(row)
        seen[key] = row
    return alike

"""How much later than its time an operation may start."""

from __future__ import annotations

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.steps.syntax import Amount
from workbook.plan.form.model import Form
from workbook.plan.form.terms import Ref, Root, Value


def lateness(form: Form, operation: str) -> Value | None:
    """What a promise says of it. None: however late it is, it is done."""
    for promise in form.promises:
        if promise.kind is PromiseKind.ON_TIME and promise.about == operation:
            return said_time(promise.said.get("late"))
    return None


def said_time(said: object) -> Value | None:
    """A time that a promise says, or the tunable that holds it."""
    if isinstance(said, Quantity):
        return Amount(said)
    return Ref(Root.TUNABLE, said) if isinstance(said, str) else None

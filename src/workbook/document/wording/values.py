"""Values and conditions of steps, as a person would say them."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.brief.steps.syntax import Amount, Chance
from workbook.document import words as w
from workbook.plan.form.terms import Applied, Every, Found, Given, Ref, Root, Sum, Test, Value

_OPERATORS = {"=": "is", "!=": "is not", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "has": "has"}
_FUNCTIONS = {"count": "the number of", "hash": "the hash of", "size": "the size of", "sum": "the sum of"}
_ROOTS = {Root.BODY: "the request", Root.EVENT: "the event", Root.ITEM: "the item", Root.LOST: "what was lost"}


def value(said: Value) -> str:
    """A value: `the caller`, `body of the request`, `LIMIT`."""
    if isinstance(said, Amount):
        return said.quantity.text
    if isinstance(said, Every):
        return f"each {value(said.of)}"
    if isinstance(said, Applied):
        return f"{_FUNCTIONS.get(said.function, said.function)} {value(said.value)}"
    if isinstance(said, Sum):
        return f"{value(said.left)} {said.operator} {value(said.right)}"
    return _ref(said)


def _ref(said: Ref) -> str:
    path = " of the ".join(w.words(f) for f in reversed(said.fields))
    if said.root is Root.TUNABLE:
        return w.code(said.name)
    if said.root is Root.WORD:
        return w.words(said.name)
    if said.root is Root.NOW:
        return "now"
    if said.root is Root.NEW:
        return "a new identifier"
    if said.root is Root.HERE:
        return "this instance"
    if said.root is Root.CALLER:
        return f"the caller's {path}" if path else "the caller"
    if said.root is Root.OWN:
        return path
    where = _ROOTS.get(said.root, f"the {w.words(said.name)}")
    return f"{path} of {where}" if path else where


def test(said: Test) -> str:
    """A condition: `status is free and at > now`."""
    if isinstance(said, Chance):
        return f"in {said.share.text} of the cases"
    if isinstance(said, Found):
        return f"{w.words(said.name)} {'was found' if said.present else 'was not found'}"
    right = " or ".join(value(v) for v in said.right)
    return f"{value(said.left)} {_OPERATORS[said.operator]} {right}"


def tests(said: Iterable[Test]) -> str:
    """Several conditions."""
    return " and ".join(test(t) for t in said)


def fields(given: Iterable[Given]) -> str:
    """The fields that something is asked by."""
    return " and ".join(w.words(g.field) for g in given)

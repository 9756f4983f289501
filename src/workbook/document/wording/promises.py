"""Promises in words: what is promised, what keeps it, what the attack on it found."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.brief.promises import PromiseKind
from workbook.document import words as w
from workbook.document.wording.values import tests, value
from workbook.plan.form.keeping import Keeping, KeptBy
from workbook.plan.form.model import Step
from workbook.plan.form.pledges import Pledge

_BY = {
    KeptBy.CONSTRAINT: "a constraint of the database",
    KeptBy.TRANSACTION: "one transaction",
    KeptBy.ATOMIC: "a conditional write",
    KeptBy.PROTOCOL: "the order of steps",
    KeptBy.NOTHING: "nothing yet",
}


def promise(pledge: Pledge) -> str:
    """What must never be broken."""
    about = w.words(pledge.structure or pledge.operation or pledge.promise.about)
    while_ = f" while {tests(pledge.tests)}" if pledge.tests and pledge.kind is not PromiseKind.PRIVATE else ""
    by = " and ".join(w.words(b) for b in pledge.by)
    said = pledge.said
    made = {
        PromiseKind.UNIQUE: f"no two rows of {about} have the same {by}{while_}",
        PromiseKind.NO_OVERLAP: f"no two rows of {about} with the same {by} overlap{while_}",
        PromiseKind.BOUNDED: f"{w.words(pledge.column)} of {about} stays {_bounds(pledge)}",
        PromiseKind.FOLLOWS: f"{w.words(pledge.column) or 'the state'} of {about} moves only along its arrows, whoever comes first",
        PromiseKind.TAKEN_ONCE: f"each of {about} is given to one taker only",
        PromiseKind.REPEATABLE: f"{about}, sent again, has one effect and one answer",
        PromiseKind.ORDERED: f"rows of {about} are read in the order in which they were committed, none passed over",
        PromiseKind.DELIVERED: f"each row of {about} reaches everybody whom it concerns, once",
        PromiseKind.AGREES: f"{about} agrees with {w.listed(said.get('with', ()))}",
        PromiseKind.SETTLED: f"every row of {about} comes to an end",
        PromiseKind.TRACED: f"nobody sees or changes {about} without a row in {w.words(str(said.get('in', '')))}",
        PromiseKind.PRIVATE: f"{about} is seen only by whom it concerns{_of_whom(pledge)}",
        PromiseKind.ERASED: f"{about} can be erased, with everything that was copied from it",
        PromiseKind.FRESH: f"a read of {about} sees the last write",
        PromiseKind.ON_TIME: f"{about} happens once, at its time{while_}",
        PromiseKind.UNCHANGED: f"nobody changes or removes a row of {about}",
    }
    return made.get(pledge.kind, f"{w.words(pledge.kind.value)}: {about}")


def _of_whom(pledge: Pledge) -> str:
    """By which way from the caller to the row."""
    if pledge.tests:
        return f" ({tests(pledge.tests)})"
    ways = [
        f"the caller is {' of '.join(w.words(p) for p in reversed(one.path))} of a {w.words(one.structure)} of the same {w.words(one.field)}"
        for one in pledge.shared
        if not one.claim
    ]
    return f" ({' or '.join(ways)})" if ways else ""


def _bounds(pledge: Pledge) -> str:
    low, high = pledge.values.get("min"), pledge.values.get("max")
    if low is not None and high is not None:
        return f"between {value(low)} and {value(high)}"
    if low is not None:
        return f"at {value(low)} or above"
    return f"at {value(high)} or below" if high is not None else "in its bounds"


def kept(keeping: Keeping, steps: Mapping[str, Step]) -> str:
    """How it is kept, with the place."""
    if keeping.by is KeptBy.NOTHING:
        return f"not kept: {keeping.lacks}"
    places = [_place(name, steps) for name in keeping.where[:2]]
    where = f": {' and '.join(places)}" if places else ""
    return f"{_BY[keeping.by]}{where}"


def _place(name: str, steps: Mapping[str, Step]) -> str:
    found = steps.get(name)
    return w.code(found.text) if found is not None else f"table {w.code(name)}"

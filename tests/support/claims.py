"""Claims: what a row of the founding documents promises, held against the plan, and a fault that must turn it red.

A claim compares the document with the plan of the same brief. Its plants change one value of what the document is made from; the
document of the changed plan, held against the plan as it is, must then fail the same check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from documents import Document
from published import brief_of
from readings import Fact

from workbook.brief import load
from workbook.plan import Plan, derive

EXAMPLES = ("chat", "clinic", "feed", "music")
BRIEFS = (*EXAMPLES, "payment_ledger", "url_shortener")
"""The four examples and two archetypes on their own: people who talk, a practice, media, money, plain links."""
FIELDS = 2
"""A row is met for any brief, so a claim speaks of at least so many, unless the row itself names one system."""

CASES = Path(__file__).resolve().parents[1] / "cases"
"""Briefs of calculations that others published."""
CONFIRMED = " confirmed"
"""After the name of an example: with its first stage confirmed as it stands."""

Check = Callable[[Plan, Document], Iterator[Fact]]
Plant = Callable[[Plan], Plan]


def confirmation(brief: str) -> dict[str, object]:
    """What a person adds to a brief who has read the first stage of it."""
    return {"stage": 1, "by": "Ann", "date": "2026-05-04", "revision": load(brief).content}


@cache
def plan(brief: str) -> Plan:
    """The plan of an example, of an archetype on its own, or of a published calculation."""
    if brief.endswith(CONFIRMED):
        example = brief.removesuffix(CONFIRMED)
        return derive(load(example, {"confirmed": [confirmation(example)]}))
    case = CASES / f"{brief}.yaml"
    return derive(load(case) if case.exists() else brief_of(brief))


@cache
def document(brief: str) -> Document:
    """The document of that plan."""
    return Document(plan(brief))


def said(**values: object) -> Plant:
    """Plants another value in the brief that the plan is made from: `quality__rto="1 min"`."""
    sets = {path.replace("__", "."): value for path, value in values.items()}
    return lambda whole: derive(load(_source(whole), sets))


def _source(whole: Plan) -> str | Path:
    """The example or file that a plan is of."""
    cases = {path.stem: path for path in CASES.glob("worked_*.yaml")}
    name = next(n for n in (*EXAMPLES, *cases) if plan(n) is whole)
    return cases.get(name, name)


@dataclass(frozen=True)
class Claim:
    """A row, what must be so in every brief, and the faults that it sees in one of them."""

    rows: tuple[str, ...]
    name: str
    check: Check
    plants: tuple[Plant, ...]
    on: str
    briefs: tuple[str, ...]
    fields: int

    def facts(self, brief: str) -> tuple[Fact, ...]:
        """What the document of a brief says, and what it should."""
        return _facts(self, brief)

    def of(self, changed: Plan) -> tuple[Fact, ...]:
        """What the document of a changed plan says, against the plan as it is."""
        return tuple(self.check(plan(self.on), Document(changed)))


@cache
def _facts(claim: Claim, brief: str) -> tuple[Fact, ...]:
    return tuple(claim.check(plan(brief), document(brief)))


class Claims:
    """The claims of a file: a decorator that gathers them, and the tests over them."""

    def __init__(self) -> None:
        self.all: list[Claim] = []

    def __call__(
        self,
        *rows: str,
        plants: tuple[Plant, ...],
        on: str = "chat",
        briefs: tuple[str, ...] = BRIEFS,
        fields: int = FIELDS,
    ) -> Callable[[Check], Check]:
        """Claims rows by the check that follows."""
        assert plants, f"{rows} is claimed without a fault to plant"

        def taken(check: Check) -> Check:
            self.all.append(Claim(rows, check.__name__, check, plants, on, briefs, fields))
            return check

        return taken

    def holds(self) -> Callable[..., None]:
        """The test that every fact of every claim is so, for each brief that it speaks of."""

        @pytest.mark.parametrize(("claim", "brief"), [_case(c, b) for c in self.all for b in c.briefs])
        def test(claim: Claim, brief: str) -> None:
            """What the document says is what the plan has; `spoken_of` wants briefs that say something."""
            wrong = [str(f) for f in claim.facts(brief) if not f.agrees]
            if wrong:
                pytest.fail("\n".join(wrong), pytrace=False)

        return test

    def spoken_of(self) -> Callable[..., None]:
        """The test that a claim has something to compare in briefs of different fields."""

        @pytest.mark.parametrize("claim", [_case(c) for c in self.all])
        def test(claim: Claim) -> None:
            """As many briefs as it needs give facts."""
            spoken = [brief for brief in claim.briefs if claim.facts(brief)]
            assert len(spoken) >= claim.fields, spoken

        return test

    def planted(self) -> Callable[..., None]:
        """The test that each planted fault turns its claim red."""

        @pytest.mark.parametrize(("claim", "number"), [_case(c, n) for c in self.all for n in range(len(c.plants))])
        def test(claim: Claim, number: int) -> None:
            """The document of a plan with one wrong value fails the check that the right one passes."""
            changed = claim.plants[number](plan(claim.on))
            assert [f for f in claim.of(changed) if not f.agrees], "the fault is not seen"

        return test


def _case(claim: Claim, *further: Any) -> Any:
    named = "-".join(("+".join(claim.rows), claim.name, *map(str, further)))
    return pytest.param(claim, *further, id=named, marks=pytest.mark.requirement(*claim.rows))

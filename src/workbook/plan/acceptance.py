"""What people said of the design: findings they accept, for good or up to a day, and stages of the guide that they confirmed.

Everything here is pure: the day is handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from workbook._plugins import names
from workbook.brief.frame import STAGES, Accepted
from workbook.brief.load import Brief
from workbook.brief.model import Model
from workbook.brief.problems import BriefError, Problem, nearest
from workbook.brief.quantities import shown
from workbook.plan.complete import Complete

FAMILIES = (
    "over_budget",
    "limit",
    "latency",
    "availability",
    "read_write",
    "pinned_language",
    "far_users",
    "untouched",
    "open_rate",
    "unknown",
    "unused",
    "must_use",
    "all_avoided",
    "nobody",
    "unneeded",
    "unconfirmed",
    "withdrawn",
)
"""What stands before the colon in the ids of findings."""
SEVERITIES = {"error": 0, "warning": 1, "info": 2}


@cache
def checks() -> tuple[str, ...]:
    """The ids of the checks of the design, which are the names of their files."""
    return names(Path(__file__).parents[1] / "review" / "checks", "checks")


def check(complete: Complete) -> None:
    """Raises BriefError where a finding is accepted that there cannot be."""
    known = (*FAMILIES, *checks())
    problems = []
    for at, accepted in enumerate(complete.model.accepted):
        family = accepted.finding.partition(":")[0]
        if family not in known:
            place = complete.brief.place(("accepted", at, "finding"))
            remedy = nearest(family, known) or "`workbook check` shows the names of findings and checks in brackets."
            problems.append(Problem(place, f'"{shown(accepted.finding)}" is the name of no finding', remedy))
    if problems:
        raise BriefError(problems)


def in_force(model: Model, finding: str, day: date) -> Accepted | None:
    """By what a finding is accepted on that day."""
    said = (a for a in model.accepted if a.finding == finding and (a.until is None or day <= a.until))
    return next(said, None)


def lapsed(model: Model, finding: str, day: date) -> date | None:
    """Until when a finding was accepted that no longer is."""
    ends = [a.until for a in model.accepted if a.finding == finding and a.until is not None]
    return max(ends) if ends and in_force(model, finding, day) is None else None


def passed(until: date) -> str:
    """How a finding says that its acceptance is over."""
    return f"accepted until {until}, which has passed"


def standing(found: tuple[Problem, ...], complete: Complete, day: date) -> tuple[Problem, ...]:
    """The findings as they stand on a day, the worst first: without those accepted, with what was accepted in vain."""
    model = complete.model
    kept = []
    for problem in found:
        until = lapsed(model, problem.id, day)
        if until is not None:
            kept.append(replace(problem, what=f"{problem.what} ({passed(until)})"))
        elif in_force(model, problem.id, day) is None:
            kept.append(problem)
    kept += [p for p in _about(found, complete) if in_force(model, p.id, day) is None]
    return tuple(sorted(kept, key=lambda problem: SEVERITIES[problem.severity]))


def _about(found: tuple[Problem, ...], complete: Complete) -> Iterator[Problem]:
    yield from _unneeded({problem.id for problem in found}, complete.model)
    yield from _confirmations(complete.model, complete.brief)


def _unneeded(found: set[str], model: Model) -> Iterator[Problem]:
    for at, accepted in enumerate(model.accepted):
        if accepted.finding not in found and accepted.finding not in checks():
            remedy = nearest(accepted.finding, found, 0.8) or "Take it out."
            what = f"{shown(accepted.finding)} is not found in this design, so there is nothing to accept"
            yield Problem(f"accepted.{at}", what, remedy, "info", f"unneeded:{accepted.finding}")


def _confirmations(model: Model, brief: Brief) -> Iterator[Problem]:
    for at, said in enumerate(model.confirmed):
        place = f"confirmed.{at}"
        if not said.revision:
            what = f"stage {said.stage} is confirmed without a revision, so nobody can tell whether it still holds"
            yield Problem(place, what, f'Add revision: "{brief.content}".', "info", f"unconfirmed:{said.stage}")
        elif said.revision != brief.content:
            what = (
                f"stage {said.stage}, confirmed by {said.by} on {said.date}, is withdrawn: the brief has changed since"
            )
            remedy = f'Look at it again, then write revision: "{brief.content}".'
            yield Problem(place, what, remedy, "warning", f"withdrawn:{said.stage}")


def confirmed(complete: Complete) -> Mapping[int, str]:
    """The stages of the guide that are confirmed for what the brief says now, with by whom and when."""
    content = complete.brief.content
    return {c.stage: f"{c.by} on {c.date}" for c in complete.model.confirmed if c.revision == content}


def walked(complete: Complete) -> str:
    """How far the guide was walked, in a sentence or two."""
    found = confirmed(complete)
    if not found:
        return f"None of the {len(STAGES)} stages of the guide is confirmed for this brief."
    who = "; ".join(f"{number} ({STAGES[number]}) by {by}" for number, by in sorted(found.items()))
    left = ", ".join(f"{number} ({what})" for number, what in STAGES.items() if number not in found)
    return f"Confirmed stages of the guide: {who}." + (f" Not confirmed: {left}." if left else "")

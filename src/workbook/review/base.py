"""What a check is: a question to the design that answers *holds*, *fails because*, *does not apply because* or *waits for an answer*.

One check a file in `checks/`, found by scanning it: `title`, `why`, `remedy`, `source`, and `check(plan)`, which yields a
`Fails` for each part that fails, one `DoesNotApply`, or one `Waiting`; yielding nothing means that it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

from workbook._plugins import modules
from workbook.brief.today import today
from workbook.plan import Plan, acceptance

State = Literal["holds", "fails", "does not apply", "waiting"]


@dataclass(frozen=True)
class Fails:
    """A part of the design that fails the check, and in what."""

    part: str
    because: str


@dataclass(frozen=True)
class DoesNotApply:
    """Why the question makes no sense here."""

    because: str


@dataclass(frozen=True)
class Waiting:
    """Which answer of the user is missing."""

    question: str


@dataclass(frozen=True)
class Result:
    """The answer of one check, with its own documentation."""

    id: str
    title: str
    state: State
    details: tuple[str, ...]
    why: str
    remedy: str
    source: str
    accepted: str = ""
    """Why the user knowingly accepts it."""


@cache
def checks() -> Mapping[str, ModuleType]:
    """Every check by id (the file's name). Raises where two share an id or one lacks its documentation."""
    found: dict[str, ModuleType] = {}
    for module in modules(f"{__package__}.checks", Path(__file__).parent / "checks", "checks"):
        identifier = module.__name__.rsplit(".", 1)[-1]
        missing = [n for n in ("title", "why", "remedy", "source", "check") if not hasattr(module, n)]
        if missing:
            raise RuntimeError(f"the check {identifier} lacks {', '.join(missing)}")
        if identifier in found:
            raise RuntimeError(f"two checks have the id {identifier}")
        found[identifier] = module
    return found


def review(plan: Plan) -> tuple[Result, ...]:
    """The answers of all checks on a plan."""
    return tuple(_asked(identifier, module, plan) for identifier, module in checks().items())


def _asked(identifier: str, module: ModuleType, plan: Plan) -> Result:
    answers = list(module.check(plan))
    fails = [a for a in answers if isinstance(a, Fails)]
    day = today()
    accepted = acceptance.in_force(plan.complete.model, identifier, day)
    over = acceptance.lapsed(plan.complete.model, identifier, day)
    state: State = "holds"
    details: tuple[str, ...] = ()
    if fails:
        state, details = "fails", tuple(f"{f.part}: {f.because}" for f in fails)
        details += (acceptance.passed(over),) if over else ()
    elif answers and isinstance(answers[0], DoesNotApply):
        state, details = "does not apply", (answers[0].because,)
    elif answers and isinstance(answers[0], Waiting):
        state, details = "waiting", (answers[0].question,)
    return Result(
        identifier,
        module.title,
        state,
        details,
        module.why,
        module.remedy,
        module.source,
        accepted.why if accepted else "",
    )


def failed(results: tuple[Result, ...]) -> Iterator[Result]:
    """Those that fail and that nobody accepted."""
    return (r for r in results if r.state == "fails" and not r.accepted)

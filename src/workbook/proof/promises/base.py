"""What an attack on a promise is, and how it is judged: as built it must fail, and with all guards taken out it must succeed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from workbook._plugins import modules
from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Verb
from workbook.plan.form.lateness import said_time
from workbook.plan.form.model import GroupKind, Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Given, Root, refs
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Scenario
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Play
from workbook.proof.stage.scene import Scene


class Tested(StrEnum):
    """How an attack came out."""

    PASSED = "passed"
    FAILED = "failed"
    STAND_IN_PASSED = "stand_in_passed"
    STAND_IN_FAILED = "stand_in_failed"
    CANNOT_TELL = "cannot_tell"
    NOT_RUN = "not_run"


@dataclass(frozen=True)
class Verdict:
    """The result for one promise."""

    promise: str
    tested: Tested
    why: str = ""
    attack: str = ""
    guards: tuple[str, ...] = ()
    """What keeps it: with all of it taken out the attack succeeds."""
    idle: tuple[str, ...] = ()
    """Guards without which it still held."""
    history: tuple[str, ...] = ()
    on: str = ""
    stands_in_for: str = ""
    seed: int = 0


class CannotAttack(Exception):
    """Why a promise cannot be attacked here, in a sentence."""


class Kind(Protocol):
    """A module of this folder: one kind of promise."""

    KIND: PromiseKind

    def describe(self, pledge: Pledge) -> str:
        """What the attack does, in one sentence."""

    def scenarios(self, pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
        """What is tried. Raises CannotAttack."""

    def broken(self, pledge: Pledge, play: Play, scenario: Scenario) -> str:
        """How the promise was broken in a scenario that is over; empty where it holds."""

    def guards(self, pledge: Pledge, scene: Scene) -> list[Guard]:
        """What keeps it, to be taken out."""


@cache
def kinds() -> Mapping[PromiseKind, Kind]:
    """The attacks by kind of promise."""
    found: dict[PromiseKind, Kind] = {}
    for module in modules(__package__ or "", Path(__file__).parent, "promises"):
        if hasattr(module, "KIND"):
            if module.KIND in found:
                raise RuntimeError(f"two files attack {module.KIND}")
            found[module.KIND] = cast(Kind, module)
    return found


def makers(scene: Scene, structure: str) -> list[str]:
    """Operations that somebody calls and that make rows of a structure."""
    return [n for n in writers(scene, structure, MAKES_ROWS) if scene.programs[n].starts in CALLED]


def writers(scene: Scene, structure: str, verbs: Iterable[Verb]) -> list[str]:
    """Operations with one of these verbs on a structure."""
    wanted = set(verbs)
    return [
        n for n, p in scene.programs.items() if any(s.target == structure and s.verb in wanted for s, _ in p.steps())
    ]


def steps_on(program: Program, structure: str, verbs: Iterable[Verb]) -> list[Step]:
    """The steps of an operation with one of these verbs on a structure."""
    wanted = set(verbs)
    return [s for s, _ in program.steps() if s.target == structure and s.verb in wanted]


def points(program: Program) -> list[str]:
    """Everything before which an operation may die: its steps, and its commits."""
    made: list[str] = []
    for step, around in program.steps():
        made.append(step.id)
        made += [f"{g.id}.commit" for g in around if g.kind is GroupKind.TOGETHER]
    return list(dict.fromkeys(made))


def by_caller(given: Iterable[Given]) -> bool:
    """Whether who calls is part of what fields are given or compared with."""
    return any(ref.root is Root.CALLER for one in given for ref in refs(one.value))


def span(pledge: Pledge, play: Play, parameter: str, otherwise: timedelta = timedelta(0)) -> timedelta:
    """A time that a promise says, as it is in a history."""
    said = said_time(pledge.said.get(parameter))
    found = play.frame(pledge.id).value(said) if said is not None else otherwise
    return found if isinstance(found, timedelta) else timedelta(seconds=float(found))


def given_rows(play: Play, structure: str, verbs: Iterable[Verb] = MAKES_ROWS) -> list[Row]:
    """The rows that steps of what was called gave, in the order of the calls."""
    wanted = set(verbs)
    found: list[Row] = []
    for result in play.results:
        for step, given in result.given:
            if step.target == structure and step.verb in wanted and given:
                found += given if isinstance(given, list) else [given]
    return found


def shown_rows(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Rows for a message: a few of them, with a few columns."""
    few = list(rows)[:3]
    return "; ".join(", ".join(f"{c} {row.get(c)}" for c in columns) for row in few)


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same, whatever the driver makes of them."""
    return str(left) == str(right)

"""What an attack on a promise is, and how it is judged: as built it must fail, and with all guards taken out it must succeed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from workbook._plugins import modules
from workbook.artifacts.dialects.statement import Gives, Refusal, Statement
from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.layout import Table
from workbook.plan.form.model import Form, GroupKind, Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.proof.stage.frame import Row
from workbook.proof.stage.theatre import Theatre

CALLED = (Start.CALLER, Start.WEBHOOK)


class Tested(StrEnum):
    """How an attack came out."""

    PASSED = "passed"
    FAILED = "failed"
    STAND_IN_PASSED = "stand_in_passed"
    STAND_IN_FAILED = "stand_in_failed"
    CANNOT_TELL = "cannot_tell"
    NOT_RUN = "not_run"


@dataclass(frozen=True)
class Broken:
    """What an attack found: the promise in one sentence with the rows that break it, and the history that led there."""

    what: str
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The result for one promise."""

    promise: str
    tested: Tested
    why: str = ""
    attack: str = ""
    guards: tuple[str, ...] = ()
    """What keeps it: each taken out together let the attack succeed."""
    idle: tuple[str, ...] = ()
    """Guards without which it still held."""
    history: tuple[str, ...] = ()
    on: str = ""
    stands_in_for: str = ""


class CannotAttack(Exception):
    """Why a promise cannot be attacked here, in a sentence."""


class Kind(Protocol):
    """A module of this folder."""

    KIND: PromiseKind

    def attack(self, pledge: Pledge, theatre: Theatre) -> Iterator[Broken]:
        """Tries to break the promise; gives what it broke. Raises CannotAttack."""

    def describe(self, pledge: Pledge) -> str:
        """What the attack does, in one sentence."""


@cache
def kinds() -> Mapping[PromiseKind, ModuleType]:
    """The attacks by kind of promise."""
    found: dict[PromiseKind, ModuleType] = {}
    for module in modules(__package__ or "", Path(__file__).parent, "promises"):
        if hasattr(module, "KIND"):
            if module.KIND in found:
                raise RuntimeError(f"two files attack {module.KIND}")
            found[module.KIND] = module
    return found


@dataclass(frozen=True)
class Guard:
    """Something that keeps a promise, and how to take it out: of the tables, or of a step's statement."""

    name: str
    tables: Callable[[dict[str, Table]], dict[str, Table]] = lambda tables: tables
    step: str = ""
    change: Callable[[Statement], Statement] = lambda statement: statement
    program: Callable[[Program], Program] = lambda program: program


@dataclass(frozen=True)
class Without:
    """A stage with guards taken out."""

    guards: tuple[Guard, ...] = field(default_factory=tuple)

    def tables(self, tables: dict[str, Table]) -> dict[str, Table]:
        """The tables that are left."""
        for guard in self.guards:
            tables = guard.tables(tables)
        return tables

    def programs(self, programs: Mapping[str, Program]) -> dict[str, Program]:
        """The programs that are left."""
        made = dict(programs)
        for guard in self.guards:
            made = {n: guard.program(p) for n, p in made.items()}
        return made

    def change(self, statement: Statement, step: Step) -> Statement:
        """A statement without its guard."""
        for guard in self.guards:
            if guard.step == step.id:
                statement = guard.change(statement)
        return statement


def makers(form: Form, programs: Mapping[str, Program], structure: str) -> list[str]:
    """Operations that somebody calls and that make rows of a structure."""
    return [
        n
        for n, p in programs.items()
        if p.starts in CALLED and any(s.target == structure and s.verb in MAKES_ROWS for s, _ in p.steps())
    ]


def writers(programs: Mapping[str, Program], structure: str, verbs: Iterable[Verb]) -> list[str]:
    """Operations with one of these verbs on a structure."""
    wanted = set(verbs)
    return [n for n, p in programs.items() if any(s.target == structure and s.verb in wanted for s, _ in p.steps())]


def together_with(program: Program, structure: str) -> list[Step]:
    """The steps of the same transactions as the writes on a structure, and those on the structure itself."""
    inside: list[Step] = []
    every = list(program.steps())
    groups = {g.id for s, around in every if s.target == structure for g in around if g.kind is GroupKind.TOGETHER}
    for step, around in every:
        if step.target == structure or any(g.id in groups for g in around):
            inside.append(step)
    return inside


def relaxed(statement: Statement) -> Statement:
    """A statement that is never refused: what it asked is left out where that can be, else its refusal is not heeded."""
    return replace(statement, refusal=Refusal.NEVER)


def without_condition(step: Step) -> Callable[[Statement], Statement]:
    """Takes `if`, the states of a `move` and the lease of a `claim` out of a statement."""

    def change(statement: Statement) -> Statement:
        from workbook.proof.promises.disarm import disarmed

        return disarmed(statement, step)

    return change


def constraint_guards(pledge: Pledge, tables: Mapping[str, Table]) -> list[Guard]:
    """The constraints that a promise stands for."""
    made = []
    for name, table in tables.items():
        for part in ("uniques", "exclusions", "checks"):
            if any(getattr(one, "promise", "") == pledge.id for one in getattr(table, part)):
                made.append(Guard(f"{part[:-1]} constraint on {name}", _dropping(name, part, pledge.id)))
    return made


def _dropping(name: str, part: str, promise: str) -> Callable[[dict[str, Table]], dict[str, Table]]:
    def drop(tables: dict[str, Table]) -> dict[str, Table]:
        table = tables[name]
        kept: dict[str, Any] = {part: tuple(o for o in getattr(table, part) if getattr(o, "promise", "") != promise)}
        return {**tables, name: replace(table, **kept)}

    return drop


def step_guards(pledge: Pledge, programs: Mapping[str, Program], structure: str) -> list[Guard]:
    """Steps that may be refused, in the transactions that write a structure."""
    made = []
    for program in programs.values():
        for step in together_with(program, structure):
            if step.verb in (Verb.MOVE, Verb.CLAIM, Verb.TAKE) or step.only_if or step.verb is Verb.NEXT:
                made.append(Guard(f"{step.id}: {step.text}", step=step.id, change=without_condition(step)))
    return made


def rows_of(rows: Iterable[Row], shown: tuple[str, ...]) -> str:
    """Rows for a message: a few of them, with a few columns."""
    few = list(rows)[:3]
    return "; ".join(", ".join(f"{c} {row.get(c)}" for c in shown) for row in few)


def answered(outcomes: Iterable[Any]) -> int:
    """How many callers were told that it worked."""
    return sum(o.kind == "answered" for o in outcomes)


__all__ = ["Broken", "CannotAttack", "Gives", "Guard", "Kind", "Tested", "Verdict", "Without", "kinds"]

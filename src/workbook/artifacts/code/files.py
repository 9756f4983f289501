"""Operations as files: which belong to the service and which to the worker, and what each begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from workbook.artifacts.base import databases
from workbook.artifacts.code.printer import Printer, Written
from workbook.artifacts.dialects.postgresql.statements import PostgreSQL
from workbook.plan import Plan
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED
from workbook.plan.form import tunables
from workbook.plan.form.model import Program

SQL = ("postgresql",)
"""Dialects whose statements stand in the code; other stores are asked by ports."""
_WRITTEN: WeakKeyDictionary[Design, dict[str, Mapping[str, Written]]] = WeakKeyDictionary()


def asked(program: Program) -> bool:
    """Whether it belongs to the service: somebody calls. The rest is the worker's."""
    return program.starts in ASKED


def written(plan: Plan, printer: type[Printer]) -> Mapping[str, Written]:
    """Every operation as code in one language."""
    known = _WRITTEN.setdefault(plan.design, {})
    if printer.__name__ not in known:
        dialects = {s.id: PostgreSQL(dict(t)) for s, t in databases(plan, SQL)}
        world = plan.world
        known[printer.__name__] = {n: printer(world, p, dialects).write() for n, p in world.programs.items()}
    return known[printer.__name__]


def constants(plan: Plan, operation: str) -> Iterator[str]:
    """The tunables that an operation uses."""
    world = plan.world
    for name, places in tunables.uses(world.form, world.programs, world.pledges).items():
        if operation in places:
            yield name

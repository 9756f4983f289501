"""How each structure is asked: by which fields, in which order, by which step. Indexes and tables follow from these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.model import Form, Program, Step
from workbook.plan.form.terms import Compared, Ref, Root
from workbook.plan.form.verbs import ON_STRUCTURES, READS

RANGES = ("<", "<=", ">", ">=")


@dataclass(frozen=True)
class Access:
    """One step on a structure: the fields it gives, those it bounds, and the order it wants."""

    structure: str
    operation: str
    step: str
    verb: Verb
    equals: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """Field and whether the largest come first."""

    @property
    def reads(self) -> bool:
        """Whether it only reads."""
        return self.verb in READS


def accesses(form: Form, programs: Mapping[str, Program]) -> dict[str, tuple[Access, ...]]:
    """Every access by structure, in the order of the operations."""
    made: dict[str, list[Access]] = {name: [] for name in form.structures}
    for program in programs.values():
        for access in (*_of_start(program, form), *_of_steps(program)):
            if access.structure in made:
                made[access.structure].append(access)
    return {name: tuple(found) for name, found in made.items()}


def _of_steps(program: Program) -> Iterator[Access]:
    for step, _ in program.steps():
        if step.verb in ON_STRUCTURES and step.target:
            yield _access(program, step)


def _access(program: Program, step: Step) -> Access:
    given = () if step.verb is Verb.SUMMARISE else tuple(g.field for g in step.by)
    equals, bounds = list(given), []
    for test in step.where:
        if not isinstance(test, Compared) or not isinstance(test.left, Ref) or test.left.root is not Root.OWN:
            continue
        name = test.left.fields[0]
        if len(test.left.fields) == 1 and test.operator == "=" and name not in equals:
            equals.append(name)
        elif len(test.left.fields) == 1 and test.operator in RANGES and name not in bounds:
            bounds.append(name)
    order = (step.order,) if step.order is not None else ()
    return Access(
        structure=step.target,
        operation=program.id,
        step=step.id,
        verb=step.verb,
        equals=tuple(equals),
        bounds=tuple(b for b in bounds if b not in equals),
        order=order,
    )


def _of_start(program: Program, form: Form) -> Iterator[Access]:
    """What a clock asks for: rows whose time has come."""
    start = program.operation.starts
    if start.kind is Start.DUE and start.on in form.structures:
        equals = tuple(
            t.left.fields[0]
            for t in program.condition
            if isinstance(t, Compared) and isinstance(t.left, Ref) and t.operator == "=" and len(t.right) == 1
        )
        yield Access(
            structure=start.on,
            operation=program.id,
            step=f"{program.id}.starts",
            verb=Verb.LIST,
            equals=equals,
            bounds=(start.field,),
            order=((start.field, False),),
        )

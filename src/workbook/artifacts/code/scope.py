"""Names of a program as variables: which hold a row, rows or a number, and which gather over a loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from workbook.brief.steps.syntax import Verb
from workbook.plan.form.model import (
    Applied,
    Compared,
    Every,
    Form,
    Found,
    Group,
    GroupKind,
    Part,
    Program,
    Ref,
    Root,
    Step,
    Sum,
    Test,
    Value,
    walk,
)

_MANY = frozenset({Verb.LIST, Verb.SCAN, Verb.SEARCH, Verb.NEAR, Verb.SIMILAR, Verb.COMPLETE, Verb.SUMMARISE})
_NUMBERS = frozenset({Verb.COUNT, Verb.RANK})


class Kind(StrEnum):
    """What a variable holds."""

    ROW = "row"
    ROWS = "rows"
    NUMBER = "number"


def kind_of(step: Step) -> Kind:
    """What a step gives."""
    if step.verb in _NUMBERS:
        return Kind.NUMBER
    listed = any(isinstance(g.value, Every) for g in (*step.by, *step.sets))
    return (
        Kind.ROWS if step.verb in _MANY or listed or (step.rows is not None and step.verb is Verb.APPEND) else Kind.ROW
    )


@dataclass(frozen=True)
class Scope:
    """The variables of one program."""

    form: Form
    program: Program

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every name that a step binds, with what it holds."""
        made: dict[str, Kind] = {}
        for step, _ in self.program.steps():
            if step.name and step.name not in made:
                made[step.name] = kind_of(step)
        return made

    @cached_property
    def used(self) -> frozenset[str]:
        """Names that some value or test uses."""
        found = {n for s, _ in self.program.steps() for v in s.values for n in names(v)}
        found |= {n for g in groups(self.program.parts) for n in _of_group(g)}
        return frozenset(found)

    @cached_property
    def gathered(self) -> Mapping[str, str]:
        """Names bound in a loop that are used behind it -> the list that they are gathered in."""
        made: dict[str, str] = {}
        for group in groups(self.program.parts):
            if group.kind is not GroupKind.EACH:
                continue
            inside = {s.name for s, _ in walk(group.steps) if s.name}
            behind = _after(self.program.parts, group)
            made.update({n: f"all_{n}" for n in inside & behind})
        return made


def names(value: Value | None) -> Iterator[str]:
    """The bound names in a value."""
    if isinstance(value, Ref):
        if value.root is Root.BOUND:
            yield value.name
    elif isinstance(value, Every):
        yield from names(value.of)
    elif isinstance(value, Applied):
        yield from names(value.value)
    elif isinstance(value, Sum):
        yield from (*names(value.left), *names(value.right))


def _of_test(test: Test) -> Iterator[str]:
    if isinstance(test, Found):
        yield test.name
    elif isinstance(test, Compared):
        for side in (test.left, *test.right):
            yield from names(side)


def _of_group(group: Group) -> Iterator[str]:
    for test in (*group.tests, *group.until):
        yield from _of_test(test)
    for value in (group.listed, group.less, group.about):
        yield from names(value)
    if group.read is not None:
        yield group.read.name


def groups(parts: tuple[Part, ...]) -> Iterator[Group]:
    """Every group, outer ones first."""
    for part in parts:
        if isinstance(part, Group):
            yield part
            yield from groups(part.steps)


def _after(parts: tuple[Part, ...], loop: Group) -> set[str]:
    """Names that are used behind a loop."""
    found: set[str] = set()
    passed = False
    for part in parts:
        if part is loop:
            passed = True
        elif isinstance(part, Group) and _holds(part, loop):
            found |= _after(part.steps, loop)
            passed = True
        elif passed:
            found |= _used_in(part)
    return found


def _holds(group: Group, inner: Group) -> bool:
    return any(g is inner for g in groups(group.steps))


def _used_in(part: Part) -> set[str]:
    if isinstance(part, Step):
        return {n for v in part.values for n in names(v)}
    found = set(_of_group(part))
    return found.union(*(_used_in(p) for p in part.steps))

"""Promises with their names resolved: which structure or operation they are about, under which tests, with which values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbook.brief.problems import nearest
from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Amount, Binary, Comparison, Each, Function, Path, Starts
from workbook.plan.form import values
from workbook.plan.form.model import Form, Operation, Promise
from workbook.plan.form.reading import known_names
from workbook.plan.form.scope import Bound, Scope, Unresolved
from workbook.plan.form.terms import Test, Value

ABOUT_OPERATIONS = frozenset({PromiseKind.REPEATABLE, PromiseKind.ON_TIME, PromiseKind.LIMITED})
_VALUES = ("min", "max", "at", "amount")
_FIELDS = ("from", "to", "number")
"""What a promise calls a field by, besides `by`."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Rows that are somebody's because rows of another structure are, which say the same in a field."""

    field: str
    structure: str
    other: str
    path: tuple[str, ...]
    """From the other structure to the caller."""
    claim: tuple[str, ...] = ()
    """Of the caller's token; empty for the caller themselves."""


@dataclass(frozen=True, kw_only=True)
class Pledge:
    """A promise that is understood."""

    promise: Promise
    structure: str = ""
    column: str = ""
    operation: str = ""
    by: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()
    """`while` or `through`: when it counts, or whose rows."""
    shared: tuple[Shared, ...] = ()
    """`through` another structure."""
    values: Mapping[str, Value] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The promise's."""
        return self.promise.id

    @property
    def kind(self) -> PromiseKind:
        """The promise's."""
        return self.promise.kind

    @property
    def said(self) -> Mapping[str, Any]:
        """What the promise is told besides."""
        return self.promise.said


def pledges(form: Form) -> tuple[Pledge, ...]:
    """Every promise of a form. What cannot be understood carries its problems."""
    return tuple(_pledge(form, promise) for promise in form.promises)


def _pledge(form: Form, promise: Promise) -> Pledge:
    problems: list[str] = []
    structure, name, operation = _about(form, promise, problems)
    own = structure or _structure_in(promise.said.get("at"), form)
    scope = Scope(form, Operation(id=promise.id, starts=Starts(), nodes=(), context=""), _rows(form, own))
    tests: tuple[Test, ...] = ()
    resolved: dict[str, Value] = {}
    shared = tuple(_shared(form, own, promise.said.get("through", ())))
    for key, said in promise.said.items():
        try:
            if key == "through" and shared:
                continue
            if key in ("while", "through") and isinstance(said, tuple):
                tests = values.conditions(said, scope, own)
            elif key in _VALUES and isinstance(said, Path | Amount | Each | Function | Binary):
                resolved[key] = values.resolve(said, scope, own)
        except Unresolved as error:
            problems.append(f"{promise.id}: {error}")
    by = promise.said.get("by", ())
    fields = tuple(b for b in by if isinstance(b, str)) if isinstance(by, tuple) else ()
    if structure and operation == "":
        problems += _unknown_fields(form, promise, structure, fields)
    return Pledge(
        promise=promise,
        structure=structure,
        column=name,
        operation=operation,
        by=fields,
        tests=tests,
        shared=shared,
        values=resolved,
        problems=tuple(problems),
    )


def _about(form: Form, promise: Promise, problems: list[str]) -> tuple[str, str, str]:
    first, _, rest = promise.about.partition(".")
    if promise.kind in ABOUT_OPERATIONS:
        if first not in form.operations:
            problems.append(_no(promise, first, "an operation", form.operations))
        return "", "", first
    if first not in form.structures:
        problems.append(_no(promise, first, "a structure", form.structures))
        return "", "", ""
    if rest and rest not in form.structures[first].fields:
        problems.append(_no(promise, rest, f"a field of {first}", form.structures[first].fields))
        return first, "", ""
    return first, rest, ""


def _no(promise: Promise, name: str, what: str, known: Mapping[str, object]) -> str:
    return f'{promise.kind.value} is promised of "{name}", which is not {what}. {nearest(name, known) or known_names(known)}'


def _unknown_fields(form: Form, promise: Promise, structure: str, fields: tuple[str, ...]) -> list[str]:
    if promise.kind not in (
        PromiseKind.UNIQUE,
        PromiseKind.NO_OVERLAP,
        PromiseKind.ORDERED,
        PromiseKind.GAPLESS,
        PromiseKind.CONSERVED,
    ):
        return []
    known = form.structures[structure].fields
    named = (promise.said.get(name) for name in _FIELDS)
    every = (*fields, *(f for f in named if isinstance(f, str)))
    return [_no(promise, f, f"a field of {structure}", known) for f in every if f not in known]


def _structure_in(value: object, form: Form) -> str:
    """The structure whose rows a value speaks of: `appointment.starts_at - BEFORE`."""
    if isinstance(value, Path) and value.parts[0] in form.structures:
        return value.parts[0]
    for part in (getattr(value, "left", None), getattr(value, "right", None)):
        found = _structure_in(part, form) if part is not None else ""
        if found:
            return found
    return ""


def _shared(form: Form, own: str, through: object) -> Iterator[Shared]:
    """`member.person = caller`, where rows of the structure and of `member` refer to the same thing."""
    for said in through if isinstance(through, tuple) else ():
        if not isinstance(said, Comparison) or not isinstance(said.left, Path) or len(said.right) != 1:
            continue
        first, *path = said.left.parts
        right = said.right[0]
        near = first in form.structures and own in form.structures and first not in form.structures[own].fields
        if near and path and isinstance(right, Path) and right.parts[0] == "caller":
            pair = _common(form, own, first)
            if pair:
                yield Shared(pair[0], first, pair[1], tuple(path), right.parts[1:])


def _common(form: Form, own: str, other: str) -> tuple[str, str] | None:
    """A field of each that refer to the same structure, or to one of the two."""
    here, there = form.structures[own], form.structures[other]
    for name, type_ in there.fields.items():
        if type_.ref == own and len(here.key) == 1:
            return here.key[0], name
    for name, type_ in here.fields.items():
        if type_.ref == other and len(there.key) == 1:
            return name, there.key[0]
        if type_.ref:
            mate = next((n for n, t in there.fields.items() if t.ref == type_.ref), "")
            if mate:
                return name, mate
    return None


def _rows(form: Form, own: str) -> dict[str, Bound]:
    return {own: Bound(structure=own)} if own else {}

"""What columns are set to. MySQL assigns from left to right and reads what is assigned already (reference manual, UPDATE differences)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbook.artifacts.dialects.dialect import NoStatement
from workbook.artifacts.dialects.mysql.expressions import Rows
from workbook.artifacts.dialects.statement import Part, flat, joined
from workbook.plan.form.model import Step
from workbook.plan.form.terms import Compared, Ref, Root, Test, Value, refs


@dataclass(frozen=True)
class Assigned:
    """A column, what it is set to, and the columns that this reads besides itself."""

    field: str
    parts: tuple[Part, ...]
    reads: frozenset[str] = frozenset()

    @staticmethod
    def of(field: str, value: Value, parts: tuple[Part, ...]) -> Assigned:
        """With what a value reads of its row."""
        return Assigned(field, parts, _own(refs(value)) - {field})


def _own(found: Iterable[Ref]) -> frozenset[str]:
    return frozenset(r.fields[0] for r in found if r.root is Root.OWN and r.fields)


def arranged(sets: Iterable[Assigned]) -> list[Assigned]:
    """In an order in which each reads the row as it was. Raises NoStatement where two read each other."""
    left, made = list(sets), []
    while left:
        free = next((s for s in left if not any(s.field in other.reads for other in left if other is not s)), None)
        if free is None:
            names = " and ".join(s.field for s in left)
            raise NoStatement(f"MySQL reads what it has just assigned: {names} cannot be set from each other")
        made.append(free)
        left.remove(free)
    return made


def given_to(
    values: Mapping[str, str], tests: list[tuple[Part, ...]], conditions: tuple[Test, ...], rows: Rows
) -> list[Assigned]:
    """Columns of a row that is there already, each only if the tests hold; those that the tests read come last, one at most."""
    if not tests:
        return [Assigned(f, (v,)) for f, v in values.items()]
    asked = list(joined(tests, " AND "))
    read = _own(r for t in conditions if isinstance(t, Compared) for v in (t.left, *t.right) for r in refs(v))
    late = [f for f in values if f in read]
    if len(late) > 1:
        raise NoStatement(f"MySQL reads what it has just assigned: {' and '.join(late)} cannot both be asked and set")
    return [
        Assigned(f, flat("IF(", asked, f", {values[f]}, {rows.column(f)})"))
        for f in sorted(values, key=late.__contains__)
    ]


def unread(rows: Rows, step: Step) -> None:
    """Raises NoStatement where a step changes the table that it looks something up in: the engine refuses that."""
    tests = [t for t in (*step.only_if, *step.where) if isinstance(t, Compared)]
    values = [*(g.value for g in (*step.sets, *step.plus)), *(v for t in tests for v in (t.left, *t.right))]
    for ref in (r for value in values for r in refs(value)):
        behind = ref.root is Root.OWN and len(ref.fields) > 1
        if behind and rows.table.column(ref.fields[0]).type.ref == rows.table.name:
            raise NoStatement(f"MySQL cannot change {rows.table.name} by what it looks up in {rows.table.name}")

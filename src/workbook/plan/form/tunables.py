"""Where each tunable is used: in steps, lifetimes, starts, promises. One that nothing uses changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbook.brief.quantities import Quantity
from workbook.plan.form.model import Form, Program
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Compared, Root, Test, Value, refs


def uses(form: Form, programs: Mapping[str, Program], pledges: tuple[Pledge, ...]) -> dict[str, tuple[str, ...]]:
    """Tunable -> operations, structures and promises that use it."""
    found: dict[str, list[str]] = {name: [] for name in form.tunables}
    for place, name in (*_in_programs(programs), *_in_structures(form), *_in_promises(pledges)):
        if name in found and place not in found[name]:
            found[name].append(place)
    return {name: tuple(places) for name, places in found.items()}


def _in_programs(programs: Mapping[str, Program]) -> Iterator[tuple[str, str]]:
    for program in programs.values():
        for said in (program.every, program.batch, program.offset, *_compared(program.condition)):
            yield from ((program.id, n) for n in names(said))
        for step, around in program.steps():
            for value in (*step.values, step.rows, step.found, step.size):
                yield from ((program.id, n) for n in names(value))
            for group in around:
                for value in (group.batch, group.width, group.about, *_compared((*group.tests, *group.until))):
                    yield from ((program.id, n) for n in names(value))


def _compared(tests: tuple[Test, ...]) -> Iterator[Value]:
    for test in tests:
        if isinstance(test, Compared):
            yield from (test.left, *test.right)


def names(value: Value | None) -> Iterator[str]:
    """The tunables in a value."""
    yield from (ref.name for ref in (refs(value) if value is not None else ()) if ref.root is Root.TUNABLE)


def _in_structures(form: Form) -> Iterator[tuple[str, str]]:
    for structure in form.structures.values():
        said: list[Any] = [structure.ttl, structure.retention, *structure.settings.values()]
        yield from ((structure.id, value) for value in said if isinstance(value, str))


def _in_promises(pledges: tuple[Pledge, ...]) -> Iterator[tuple[str, str]]:
    for pledge in pledges:
        for said in pledge.said.values():
            if isinstance(said, str) and not isinstance(said, Quantity):
                yield pledge.id, said
        for value in (*pledge.values.values(), *_compared(pledge.tests)):
            yield from ((pledge.id, n) for n in names(value))

"""Statements of an operation with the sample row's values put in, so that they run as they stand; and the sample rows themselves."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.artifacts.dialects.dialect import NoStatement, SqlDialect
from workbook.artifacts.dialects.schema import ordered
from workbook.artifacts.dialects.statement import Slot, Statement
from workbook.artifacts.writing.sql import comment
from workbook.brief.steps.syntax import Start
from workbook.plan.fold import samples
from workbook.plan.fold.layout import COMMITTED, ENTRY, Table
from workbook.plan.form.lateness import lateness
from workbook.plan.form.model import Form, Group, GroupKind, Part, Program, Step
from workbook.plan.form.terms import Ref

_AROUND = {
    GroupKind.EACH: "for each {name}",
    GroupKind.WHEN: "when this holds: {tests}",
    GroupKind.ELSE: "else",
    GroupKind.TRY: "this may be refused",
    GroupKind.REFUSED: "if it was refused",
    GroupKind.UNKNOWN: "if nobody knows whether it was done",
    GroupKind.AT_ONCE: "at the same time",
}


def written(statement: Statement, dialect: SqlDialect, form: Form, program: Program) -> str:
    """A statement with sample values."""

    def value(position: int, slot: Slot) -> str:
        if isinstance(slot.value, Ref) and slot.value.root in dialect.calls:
            return dialect.calls[slot.value.root]
        return dialect.literal(samples.of_value(slot.value, form, program), slot)

    return statement.write(value) + ";"


def script(program: Program, dialect: SqlDialect, form: Form) -> str:
    """What an operation sends to one database, in order; a transaction stands between BEGIN and COMMIT. Empty where it sends nothing."""
    lines = [*_asked(program, dialect, form), *_parts(program.parts, program, dialect, form)]
    remark = [comment(dialect.remark)] if dialect.remark else []
    return "\n".join([*remark, *lines]) + "\n" if any(not one.startswith("--") for one in lines) else ""


def _asked(program: Program, dialect: SqlDialect, form: Form) -> Iterator[str]:
    """What a worker asks again and again to find what its operation starts on."""
    start = program.operation.starts
    if start.on not in dialect.tables or program.starts not in (Start.DUE, Start.DEAD):
        return
    if program.starts is Start.DUE:
        found = dialect.due(program, lateness(form, program.id))
    else:
        found = dialect.dead(start.on)
    yield comment(f"asked again and again: {start.text}")
    yield written(found, dialect, form, program)


def _parts(
    parts: tuple[Part, ...], program: Program, dialect: SqlDialect, form: Form, *, together: bool = False
) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Step):
            yield from _step(part, program, dialect, form, together)
            continue
        if part.read is not None:
            yield from _step(part.read, program, dialect, form, together)
        transaction = part.kind is GroupKind.TOGETHER
        inner = list(_parts(part.steps, program, dialect, form, together=together or transaction))
        if not inner:
            continue
        if transaction:
            yield from (dialect.begin, *inner, "COMMIT;")
        else:
            yield from (comment(_around(part)), *inner)


def _around(group: Group) -> str:
    tests = " and ".join(str(t) for t in group.tests)
    return " ".join(_AROUND.get(group.kind, group.kind.value).format(name=group.name, tests=tests).split())


def _step(step: Step, program: Program, dialect: SqlDialect, form: Form, together: bool) -> Iterator[str]:
    if step.target not in dialect.tables:
        return
    try:
        statements = dialect.statements(step)
    except NoStatement as missing:
        yield comment(str(missing))
        return
    alone = dialect.several and len(statements) > 1 and not together
    yield comment(step.text)
    if alone:
        yield dialect.begin
    for statement in statements:
        yield written(statement, dialect, form, program)
    if alone:
        yield "COMMIT;"


# Sample rows ----------------------------------------------------------------------------------------------------------


def rows(dialect: SqlDialect) -> str:
    """A sample row of every table, those first that others refer to; a repeat changes nothing."""
    return "\n".join(_row(t, dialect) for t in ordered(dialect.tables.values())) + "\n"


def _row(table: Table, dialect: SqlDialect) -> str:
    columns = [c for c in table.columns if c.name not in (ENTRY, COMMITTED) or c.name in table.structure.fields]
    values = [samples.value(table.name, c.name, c.type) for c in columns]
    return dialect.sample_row(table, [c.name for c in columns], values)

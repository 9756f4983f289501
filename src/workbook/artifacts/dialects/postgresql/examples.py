"""Statements of an operation with the sample row's values put in, so that they run as they stand; and the sample rows themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbook.artifacts.dialects.postgresql import starts
from workbook.artifacts.dialects.postgresql.expressions import type_of
from workbook.artifacts.dialects.postgresql.statements import NoStatement, PostgreSQL
from workbook.artifacts.dialects.postgresql.tables import ordered
from workbook.artifacts.dialects.statement import Slot, Statement
from workbook.artifacts.writing.sql import comment
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.artifacts.writing.sql import string as quoted
from workbook.artifacts.writing.text import compact
from workbook.brief.steps.syntax import Start
from workbook.plan.fold import samples
from workbook.plan.fold.layout import COMMITTED, ENTRY, Column, Table
from workbook.plan.form.lateness import lateness
from workbook.plan.form.model import Form, Group, GroupKind, Part, Program, Step
from workbook.plan.form.terms import Ref, Root
from workbook.plan.names import SAMPLE_TIME

_AROUND = {
    GroupKind.EACH: "for each {name}",
    GroupKind.WHEN: "when this holds: {tests}",
    GroupKind.ELSE: "else",
    GroupKind.TRY: "this may be refused",
    GroupKind.REFUSED: "if it was refused",
    GroupKind.UNKNOWN: "if nobody knows whether it was done",
    GroupKind.AT_ONCE: "at the same time",
}


def literal(value: Any, type_: str) -> str:
    """A JSON value as a literal of an engine's type; what is of no type in the examples, as a cursor, takes a value of the type."""
    if value is None:
        return "NULL"
    base = type_.removesuffix("[]")
    if isinstance(value, list):
        return f"ARRAY[{', '.join(literal(v, base) for v in value)}]::{base}[]"
    if type_.endswith("[]"):
        return literal([value], type_)
    if base == "bytea":
        return "'\\x01020304'::bytea"
    if base == "point" and isinstance(value, dict):
        return f"point({value['lon']}, {value['lat']})"
    if base == "jsonb":
        return f"{quoted(compact(value))}::jsonb"
    if base == "interval":
        return (
            f"interval '{value:.15g} seconds'" if isinstance(value, int | float) else quoted(str(value)) + "::interval"
        )
    if base == "boolean":
        return "true" if value else "false"
    if base in _NUMBERS:
        return f"{value:.15g}" if isinstance(value, int | float) else "1"
    if base in _TIMES and not _DAY.match(str(value)):
        value = SAMPLE_TIME
    return quoted(str(value)) + ("" if base == "text" else f"::{base}")


_NUMBERS = ("bigint", "integer", "numeric", "numeric(18,4)", "numeric(14,2)", "double precision", "real")
_TIMES = ("timestamptz", "date")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def written(statement: Statement, form: Form, program: Program) -> str:
    """A statement with sample values."""

    def value(position: int, slot: Slot) -> str:
        if isinstance(slot.value, Ref) and slot.value.root is Root.NOW:
            return "now()"
        if isinstance(slot.value, Ref) and slot.value.root is Root.NEW:
            return "gen_random_uuid()"
        said = samples.of_value(slot.value, form, program)
        return literal(said if isinstance(said, list) or not slot.many else [said], _type(slot))

    return statement.write(value) + ";"


def _type(slot: Slot) -> str:
    return f"{slot.type}[]" if slot.many and not slot.type.endswith("[]") else slot.type


def script(program: Program, dialect: PostgreSQL, form: Form) -> str:
    """What an operation sends to one database, in order; a transaction stands between BEGIN and COMMIT. Empty where it sends nothing."""
    lines = [*_asked(program, dialect, form), *_parts(program.parts, program, dialect, form)]
    return "\n".join(lines) + "\n" if any(not one.startswith("--") for one in lines) else ""


def _asked(program: Program, dialect: PostgreSQL, form: Form) -> Iterator[str]:
    """What a worker asks again and again to find what its operation starts on."""
    start = program.operation.starts
    if start.on not in dialect.tables or program.starts not in (Start.DUE, Start.DEAD):
        return
    if program.starts is Start.DUE:
        found = starts.due(program, dialect.tables, lateness(form, program.id))
    else:
        found = starts.dead(dialect.tables[start.on])
    yield comment(f"asked again and again: {start.text}")
    yield written(found, form, program)


def _parts(parts: tuple[Part, ...], program: Program, dialect: PostgreSQL, form: Form) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Step):
            yield from _step(part, program, dialect, form)
            continue
        if part.read is not None:
            yield from _step(part.read, program, dialect, form)
        inner = list(_parts(part.steps, program, dialect, form))
        if not inner:
            continue
        if part.kind is GroupKind.TOGETHER:
            yield from ("BEGIN;", *inner, "COMMIT;")
        else:
            yield from (comment(_around(part)), *inner)


def _around(group: Group) -> str:
    tests = " and ".join(str(t) for t in group.tests)
    return " ".join(_AROUND.get(group.kind, group.kind.value).format(name=group.name, tests=tests).split())


def _step(step: Step, program: Program, dialect: PostgreSQL, form: Form) -> Iterator[str]:
    if step.target not in dialect.tables:
        return
    try:
        statements = dialect.statements(step)
    except NoStatement as missing:
        yield comment(str(missing))
        return
    yield comment(step.text)
    for statement in statements:
        yield written(statement, form, program)


# Sample rows ----------------------------------------------------------------------------------------------------------


def rows(tables: Mapping[str, Table]) -> str:
    """A sample row of every table, those first that others refer to; a repeat changes nothing."""
    return "\n".join(_row(t) for t in ordered(tables.values())) + "\n"


def _row(table: Table) -> str:
    columns = [c for c in table.columns if c.name not in (ENTRY, COMMITTED) or c.name in table.structure.fields]
    values = ", ".join(literal(_sample(c, table), type_of(c.type)) for c in columns)
    into = f"INSERT INTO {name(table.name)} ({names(tuple(c.name for c in columns))})"
    return f"{into}\nVALUES ({values})\nON CONFLICT DO NOTHING;"


def _sample(column: Column, table: Table) -> Any:
    return samples.value(table.name, column.name, column.type)

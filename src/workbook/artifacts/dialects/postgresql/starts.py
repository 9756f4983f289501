"""What starts operations that nobody calls, in PostgreSQL: events are read, rows become due, items end or are tried again."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.dialects import starts
from workbook.artifacts.dialects.postgresql.expressions import Rows, equalities, where
from workbook.artifacts.dialects.reads import NOW, selected
from workbook.artifacts.dialects.starts import HORIZON, READERS, release
from workbook.artifacts.dialects.statement import Gives, Part, Refusal, Slot, Statement, flat
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.artifacts.writing.sql import string as quoted
from workbook.plan.fold.layout import ATTEMPTS, COMMITTED, DEAD, ENTRY, FENCE, LEASE, Table, due_of
from workbook.plan.form.model import Program
from workbook.plan.form.terms import Ref, Root, Sum, Value

READER = Ref(Root.BOUND, "reader")
REACHED = Ref(Root.BOUND, HORIZON)
WAIT = Ref(Root.BOUND, "wait")
_OLDEST = "pg_snapshot_xmin(pg_current_snapshot())"


def fetch(table: Table) -> Statement:
    """The events behind a consumer's horizon whose transactions, and all before them, are over; in the order told.

    By number alone it would lose those that commit late. An event whose predecessor of the same key is not yet read waits for it: the
    horizon stays below both.
    """
    columns = (*selected(table), ENTRY)
    same = "".join(f" AND earlier.{name(k)} = later.{name(k)}" for k in lane(table))
    parts = flat(
        f"WITH RECURSIVE reached AS (\nSELECT coalesce((SELECT {HORIZON} FROM {READERS} WHERE topic = {quoted(table.name)} AND reader = ",
        Slot(READER, "text"),
        "), '0'::xid8) AS horizon\n), ahead AS (",
        f"\nSELECT {_OLDEST} AS horizon\nUNION ALL\nSELECT waiting.{COMMITTED}\nFROM ahead CROSS JOIN reached CROSS JOIN LATERAL (",
        f"\nSELECT later.{COMMITTED} FROM {name(table.name)} AS later JOIN {name(table.name)} AS earlier",
        f" ON earlier.{ENTRY} < later.{ENTRY}{same}",
        f"\nWHERE later.{COMMITTED} >= reached.horizon AND later.{COMMITTED} < ahead.horizon AND earlier.{COMMITTED} >= ahead.horizon",
        f"\nORDER BY later.{COMMITTED} LIMIT 1\n) AS waiting\n), until AS (SELECT horizon FROM ahead ORDER BY horizon LIMIT 1)",
        f"\nSELECT {names(columns)}, until.horizon::text AS {HORIZON}\nFROM {name(table.name)} CROSS JOIN reached CROSS JOIN until",
        f"\nWHERE {COMMITTED} >= reached.horizon AND {COMMITTED} < until.horizon\nORDER BY {ENTRY}",
    )
    return Statement(parts, Gives.ROWS, (*columns, HORIZON), Refusal.NEVER, table.name)


def lane(table: Table) -> tuple[str, ...]:
    """The fields whose events stay in order among themselves."""
    return tuple(table.structure.settings.get("lane", ()))


def behind(table: Table) -> Statement:
    """How many events a consumer has not read, those included that cannot be read yet."""
    parts = flat(
        f"SELECT count(*) AS number\nFROM {name(table.name)}\nWHERE {COMMITTED} >= coalesce((",
        f"SELECT {HORIZON} FROM {READERS} WHERE topic = {quoted(table.name)} AND reader = ",
        Slot(READER, "text"),
        "), '0'::xid8)",
    )
    return Statement(parts, Gives.NUMBER, ("number",), Refusal.NEVER, table.name)


def advance(table: Table) -> Statement:
    """A consumer has handled everything below a horizon; it never goes back."""
    parts = flat(
        f"INSERT INTO {READERS} (topic, reader, {HORIZON})\nVALUES ({quoted(table.name)}, ",
        Slot(READER, "text"),
        ", ",
        Slot(REACHED, "xid8"),
        f")\nON CONFLICT (topic, reader) DO UPDATE SET {HORIZON} = greatest({READERS}.{HORIZON}, EXCLUDED.{HORIZON})",
    )
    return Statement(parts, table=READERS)


def due(program: Program, tables: dict[str, Table], late: Value | None = None) -> Statement:
    """The rows whose time has come and whose condition still holds; those that are more than `late` are left."""
    return starts.due(program, Rows(tables[program.operation.starts.on], tables), late)


def _held(rows: Rows) -> list[tuple[Part, ...]]:
    """The item as it was taken: whoever took it since has another fence."""
    fields = (*rows.table.key, FENCE)
    return equalities([(f, Ref(Root.ITEM, "", (f,))) for f in fields], rows)


def done(table: Table, tables: dict[str, Table]) -> Statement:
    """An item is handled; refused where its lease was over and another has it."""
    rows = Rows(table, tables)
    parts = flat(f"DELETE FROM {name(table.name)}", where(_held(rows)), f"\nRETURNING {names(table.key)}")
    return Statement(parts, Gives.ROW, table.key, Refusal.NO_ROW, table.name)


def again(table: Table, tables: dict[str, Table]) -> Statement:
    """An item that failed comes back after a while."""
    rows = Rows(table, tables)
    later = Slot(Sum("+", NOW, WAIT), "timestamptz")
    parts = flat(
        f"UPDATE {name(table.name)}\nSET {LEASE} = NULL, {name(due_of(table.structure))} = ", later, where(_held(rows))
    )
    return Statement(parts, table=table.name)


def given_up(table: Table, tables: dict[str, Table]) -> Statement:
    """An item that failed for the last time."""
    rows = Rows(table, tables)
    parts = flat(f"UPDATE {name(table.name)}\nSET {LEASE} = NULL, {DEAD} = true", where(_held(rows)))
    return Statement(parts, table=table.name)


def dead(table: Table) -> Statement:
    """The items that were given up."""
    return starts.dead(Rows(table, {}))


def all_rows(table: Table, columns: Iterable[str]) -> str:
    """Every row of a table: for what runs once for each."""
    return f"SELECT {names(tuple(columns))}\nFROM {name(table.name)}\nORDER BY {names(table.key)}"


__all__ = ["ATTEMPTS", "DEAD", "HORIZON", "LEASE", "READERS", "Rows", "due_of", "release"]

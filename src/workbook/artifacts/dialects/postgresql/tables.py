"""Tables, constraints and indexes in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook.artifacts.dialects.postgresql.expressions import Rows
from workbook.artifacts.dialects.schema import STAYS, Beside, Schema, kept_for, number_of, ordered, with_it, words_of
from workbook.artifacts.dialects.starts import HORIZON, READERS
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.brief.shapes import Loss, Shape
from workbook.plan.fold.layout import COMMITTED, ENTRY, Column, Exclusion, Index, Table, Unique


def readers() -> str:
    """How far each consumer has read each topic."""
    return (
        f"CREATE TABLE {READERS} (\n    topic text NOT NULL,\n    reader text NOT NULL,\n"
        f"    {HORIZON} xid8 NOT NULL,\n    PRIMARY KEY (topic, reader)\n);"
    )


def create(tables: Mapping[str, Table], tunables: Mapping[str, object]) -> str:
    """All tables in the order of their references, then what stands beside them."""
    return PostgresqlSchema(tables, tunables).create()


class PostgresqlSchema(Schema):
    """What only PostgreSQL has: exclusions, partial and word indexes, tables that are not logged, triggers as functions."""

    rows = Rows

    def before(self) -> list[str]:
        """The extension that exclusions need."""
        needed = any(t.exclusions for t in self.tables.values())
        return ["CREATE EXTENSION IF NOT EXISTS btree_gist;"] if needed else []

    def readers(self) -> str:
        """What says how far events were read."""
        return readers()

    def table(self, table: Table) -> str:
        """A table, and what stands beside it."""
        lines = [self.column(c, table) for c in table.columns]
        lines += [*self.constraints(table), *(self._exclusion(e, table) for e in table.exclusions)]
        unlogged = " UNLOGGED" if table.structure.loss is not Loss.NEVER else ""
        made = [f"CREATE{unlogged} TABLE {name(table.name)} (\n" + ",\n".join(lines) + "\n);"]
        made += [self._partial(u, table) for u in table.uniques if u.tests]
        made += [self._index(i, table) for i in table.indexes]
        return "\n".join([*made, *self._append_only(table)])

    def serial(self, column: Column, table: Table) -> str:
        """Numbers of events, and their transactions."""
        if table.structure.shape is not Shape.TOPIC:
            return ""
        return {ENTRY: "bigint GENERATED ALWAYS AS IDENTITY", COMMITTED: "xid8"}.get(column.name, "")

    def call(self, function: str) -> str:
        """A default that is worked out."""
        return function

    def default_of_commit(self) -> str:
        """The transaction that tells an event."""
        return "pg_current_xact_id()"

    def reference(self, column: Column, table: Table) -> str:
        """Where a column refers to, said beside it."""
        target = table.references.get(column.name, "")
        return f"REFERENCES {name(target)}{with_it(column, table)}" if target in self.placed else ""

    def _exclusion(self, exclusion: Exclusion, table: Table) -> str:
        same = "".join(f"{name(b)} WITH =, " for b in exclusion.by)
        span = f"tstzrange({name(exclusion.begin)}, {name(exclusion.end)}) WITH &&"
        tests = self.tests(exclusion.tests, table)
        title = self.beside.of(table, "apart", *exclusion.by, promise=exclusion.promise)
        return f"    CONSTRAINT {title} EXCLUDE USING gist ({same}{span}){f' WHERE ({tests})' if tests else ''}"

    def _partial(self, unique: Unique, table: Table) -> str:
        title = self.beside.of(table, "once", *unique.columns, promise=unique.promise)
        tests = self.tests(unique.tests, table)
        return f"CREATE UNIQUE INDEX {title} ON {name(table.name)} ({names(unique.columns)}) WHERE {tests};"

    def _index(self, index: Index, table: Table) -> str:
        title, columns = self.beside.of(table, *words_of(index)), tuple(c for c, _ in index.columns)
        if index.kind == "words":
            return f"CREATE INDEX {title} ON {name(table.name)} USING gin ({vector_of(columns)});"
        sorted_ = ", ".join(f"{name(c)} DESC" if down else name(c) for c, down in index.columns)
        return f"CREATE INDEX {title} ON {name(table.name)} ({sorted_});"

    def _append_only(self, table: Table) -> Iterator[str]:
        """What makes a table append-only: nobody may change or take away a row, whatever they were granted, before its time is over."""
        if not table.append_only:
            return
        function, emptied = (self.beside.of(table, word) for word in STAYS)
        begun, seconds = kept_for(table, self.tunables)
        over = f"OLD.{name(begun)} < now() - interval '{seconds:.0f} seconds'"
        spared = f"IF TG_OP = 'DELETE' THEN IF {over} THEN RETURN OLD; END IF; END IF; " if begun else ""
        yield (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {spared}RAISE EXCEPTION '{table.name} is append-only' USING ERRCODE = 'restrict_violation'; END $$;"
        )
        run = f"ON {name(table.name)} {{}}EXECUTE FUNCTION {function}();"
        yield f"CREATE TRIGGER {function} BEFORE UPDATE OR DELETE {run.format('FOR EACH ROW ')}"
        yield f"CREATE TRIGGER {emptied} BEFORE TRUNCATE {run.format('')}"


def vector_of(columns: tuple[str, ...]) -> str:
    """The words of several columns as one text-search vector."""
    text = " || ' ' || ".join(f"coalesce({name(c)}, '')" for c in columns)
    return f"to_tsvector('simple', {text})"


__all__ = ["HORIZON", "READERS", "STAYS", "Beside", "create", "number_of", "ordered", "readers", "vector_of"]

"""Tables, constraints and indexes in MySQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook.artifacts.dialects.mysql.expressions import IDENTIFIER, Rows
from workbook.artifacts.dialects.mysql.lengths import Lengths
from workbook.artifacts.dialects.schema import STAYS, Schema, kept_for, with_it, words_of
from workbook.artifacts.dialects.starts import HORIZON, READERS
from workbook.artifacts.writing.sql import comment
from workbook.artifacts.writing.sql import identifier as quoted
from workbook.brief.shapes import Shape
from workbook.plan.fold.layout import ENTRY, Column, Index, Table, Unique
from workbook.plan.naming import Space

TURNS = "topic_turn"
OPTIONS = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
"""Texts are compared byte by byte, as they are in PostgreSQL; those that are searched for words, as people read them."""
SEARCHED = "COLLATE utf8mb4_unicode_ci"
LONGEST_COLUMN = 64


def name(text: str) -> str:
    """A name as it stands in a statement."""
    return quoted(text, "mysql")


def create(tables: Mapping[str, Table], tunables: Mapping[str, object]) -> str:
    """All tables in the order of their references, then what stands beside them."""
    return MysqlSchema(tables, tunables).create()


class MysqlSchema(Schema):
    """What only MySQL has: lengths of texts in keys, references that stand by themselves, a column where others have a partial index."""

    rows = Rows

    def kinds(self, table: Table) -> Iterator[tuple[tuple[str, ...], str]]:
        """What stands beside a table: as everywhere, and each reference by a name."""
        yield from super().kinds(table)
        yield from ((("of", column), "") for column in table.references)

    def readers(self) -> str:
        """Whose turn it is to tell an event (whoever tells one holds the number until it has committed), and how far each was read."""
        topic = f"    topic varchar({LONGEST_COLUMN}) NOT NULL"
        return (
            f"CREATE TABLE {TURNS} (\n{topic},\n    turn bigint NOT NULL,\n    PRIMARY KEY (topic)\n) {OPTIONS};\n\n"
            f"CREATE TABLE {READERS} (\n{topic},\n    reader varchar({LONGEST_COLUMN}) NOT NULL,\n"
            f"    {HORIZON} bigint NOT NULL,\n    PRIMARY KEY (topic, reader)\n) {OPTIONS};"
        )

    def table(self, table: Table) -> str:
        """A table, and what stands beside it."""
        self.lengths = Lengths(table)
        flags = self._flags(table)
        lines = [self.column(c, table) for c in table.columns]
        lines += [
            f"    {name(column)} tinyint GENERATED ALWAYS AS (CASE WHEN {self.tests(unique.tests, table)} THEN 1 END) VIRTUAL"
            for column, unique in flags
        ]
        lines += self.constraints(table)
        lines += [self._partial(unique, column, table) for column, unique in flags]
        lines += [self._index(i, table) for i in table.indexes if self.lengths.takes(i)]
        lines += [
            f"    UNIQUE ({name(c.name)})" for c in table.columns if self.serial(c, table) and c.name != table.key[0]
        ]
        lines += self._references(table)
        made = [*self._left_out(table), f"CREATE TABLE {name(table.name)} (\n" + ",\n".join(lines) + f"\n) {OPTIONS};"]
        return "\n".join([*made, *self._append_only(table)])

    def column(self, column: Column, table: Table) -> str:
        """A column with its type and default: texts are as long as the keys that they stand in allow."""
        made = super().column(column, table)
        bare, type_ = self.of(table).bare(column.name), self.of(table).type(column.name)
        return made.replace(f"    {bare} {type_}", f"    {bare} {self._sized(column, type_, table)}", 1)

    def _sized(self, column: Column, type_: str, table: Table) -> str:
        if type_ == "char(36)":
            return IDENTIFIER
        sized = self.lengths.type(column, type_)
        searched = any(i.kind == "words" and column.name in {c for c, _ in i.columns} for i in table.indexes)
        return f"{sized} {SEARCHED}" if searched else sized

    def serial(self, column: Column, table: Table) -> str:
        """Numbers of events."""
        return "bigint NOT NULL AUTO_INCREMENT" if table.structure.shape is Shape.TOPIC and column.name == ENTRY else ""

    def call(self, function: str) -> str:
        """A default that is worked out."""
        return f"({function})"

    def default_of_commit(self) -> str:
        """The turn in which an event is told, where a statement says none."""
        return "0"

    def _flags(self, table: Table) -> list[tuple[str, Unique]]:
        """A column for each partial unique index: 1 where its conditions hold, else nothing, and nothing is never twice."""
        space = Space((c.name for c in table.columns), longest=LONGEST_COLUMN, end="", alike=str.lower)
        return [(space.take("_".join(("once", *u.columns))), u) for u in table.uniques if u.tests]

    def _partial(self, unique: Unique, column: str, table: Table) -> str:
        title = self.beside.of(table, "once", *unique.columns, promise=unique.promise)
        return f"    CONSTRAINT {title} UNIQUE ({self.of(table).list(unique.columns)}, {name(column)})"

    def _index(self, index: Index, table: Table) -> str:
        title, rows = self.beside.of(table, *words_of(index)), self.of(table)
        if index.kind == "words":
            return f"    FULLTEXT KEY {title} ({rows.list(c for c, _ in index.columns)})"
        lengths = self.lengths.of(index)
        parts = (f"{rows.bare(c)}{lengths[c]}{' DESC' if down else ''}" for c, down in index.columns)
        return f"    KEY {title} ({', '.join(parts)})"

    def _references(self, table: Table) -> Iterator[str]:
        for column, target in table.references.items():
            if target in self.placed:
                other, ends = self.of(self.tables[target]), with_it(table.column(column), table)
                title = self.beside.of(table, "of", column)
                yield (
                    f"    CONSTRAINT {title} FOREIGN KEY ({self.of(table).bare(column)})"
                    f" REFERENCES {name(target)} ({other.list(self.tables[target].key)}){ends}"
                )

    def _left_out(self, table: Table) -> Iterator[str]:
        """What the table should have and MySQL does not."""
        for one in table.exclusions:
            yield comment(
                f"not here: no two rows of the same {', '.join(one.by)} whose {one.begin} to {one.end} overlap"
            )
        for index in table.indexes:
            if not self.lengths.takes(index):
                yield comment(f"not here: an index on {', '.join(c for c, _ in index.columns)}")

    def _append_only(self, table: Table) -> Iterator[str]:
        """What makes a table append-only: no row is changed, and none taken away before its time is over."""
        if not table.append_only:
            return
        changed, gone = (self.beside.of(table, word) for word in STAYS)
        rows = self.of(table)
        same = " AND ".join(f"NEW.{rows.bare(c.name)} <=> OLD.{rows.bare(c.name)}" for c in table.columns)
        begun, seconds = kept_for(table, self.tunables)
        over = f"OLD.{rows.bare(begun)} < utc_timestamp(6) - INTERVAL {seconds:.0f} SECOND" if begun else "false"
        refuse = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = {self.sql.string(f'{table.name} is append-only')}"
        yield comment("TRUNCATE is not refused by a trigger: whoever writes here is not granted DROP")
        yield "DELIMITER //"
        for title, event, spared in ((changed, "UPDATE", same), (gone, "DELETE", over)):
            yield f"CREATE TRIGGER {title} BEFORE {event} ON {rows.name} FOR EACH ROW"
            yield f"IF NOT coalesce({spared}, false) THEN\n    {refuse};\nEND IF//"
        yield "DELIMITER ;"

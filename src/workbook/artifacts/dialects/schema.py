"""Tables of a store in SQL: columns, keys and constraints in the order of their references."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar

from workbook.artifacts.dialects.rows import Rows, conditions, expression
from workbook.artifacts.dialects.spelling import Spelling
from workbook.artifacts.dialects.statement import Part, Slot, flat, joined
from workbook.artifacts.writing.sql import Dialect, identifier
from workbook.brief.quantities import NotAQuantity, Quantity
from workbook.brief.shapes import Shape
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount, Path
from workbook.catalog import loader
from workbook.plan.fold.layout import COMMITTED, Check, Column, Index, Table
from workbook.plan.form.structures import began
from workbook.plan.form.terms import Ref, Root, Sum, Test, Value
from workbook.plan.naming import Space, shortened

Kinds = Callable[[Table], Iterable[tuple[tuple[str, ...], str]]]


class Beside:
    """Names of constraints, indexes and triggers, which are neither each other's nor a table's; the same for the same tables."""

    def __init__(self, tables: Iterable[Table], dialect: Dialect = "postgresql", kinds: Kinds | None = None) -> None:
        every = list(tables)
        longest = loader.name_rules()[dialect].longest
        given = [shortened(t.name, longest) for t in every]
        self._space = Space([*given, *(f"{t}_pkey" for t in given)], longest=longest, end="", alike=str.lower)
        self._named = {
            (table.name, words, of): identifier(self._space.take("_".join((table.name, *words[1:], words[0]))), dialect)
            for table in every
            for words, of in dict.fromkeys((kinds or beside)(table))
        }

    def of(self, table: Table, *words: str, promise: str = "") -> str:
        """The name of what is of a kind (the first word), about columns, for a promise if it is there for one."""
        return self._named[table.name, words, promise]


def beside(table: Table) -> Iterator[tuple[tuple[str, ...], str]]:
    """What stands beside a table: kind and columns, and the promise that it is there for."""
    yield from ((("known", c.name), "") for c in table.columns if c.type.values)
    yield from ((("once" if u.tests else "key", *u.columns), u.promise) for u in table.uniques)
    yield from ((("bounded", c.column), c.promise) for c in table.checks)
    yield from ((("apart", *e.by), e.promise) for e in table.exclusions)
    yield from ((words_of(i), "") for i in table.indexes)
    if table.append_only:
        yield from (((word,), "") for word in STAYS)


STAYS = ("stays", "stays_full")
"""Triggers by which rows stay: one for rows, one for the table as a whole."""


def words_of(index: Index) -> tuple[str, ...]:
    """What an index is called by: its kind and its columns."""
    if index.kind == "words":
        return (index.kind, *(c for c, _ in index.columns))
    return ("idx", *(f"{c}_desc" if down else c for c, down in index.columns))


def ordered(tables: Iterable[Table]) -> list[Table]:
    """Tables after those they refer to; a reference in a circle stays a plain identifier."""
    placed: list[Table] = []
    left = list(tables)
    while left:
        done = {p.name for p in placed}
        ready = next((t for t in left if all(r in done or r == t.name for r in t.references.values())), left[0])
        placed.append(ready)
        left.remove(ready)
    return placed


def number_of(value: Value, tunables: Mapping[str, object]) -> float | None:
    """A number, tunable or arithmetic on them; None for what is known only later."""
    if isinstance(value, Amount):
        return value.quantity.best
    if isinstance(value, Ref) and value.root is Root.TUNABLE:
        said = tunables.get(value.name)
        if isinstance(said, int | float):
            return float(said)
        try:
            return quantity(str(said)).best
        except NotAQuantity:
            return None
    if isinstance(value, Sum):
        left, right = number_of(value.left, tunables), number_of(value.right, tunables)
        if left is None or right is None:
            return None
        return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1.0)}.get(value.operator)
    return None


class Schema(ABC):
    """The tables of one store in one dialect."""

    rows: ClassVar[type[Rows]]

    def __init__(self, tables: Mapping[str, Table], tunables: Mapping[str, object]) -> None:
        self.tables, self.tunables = dict(tables), tunables
        self.beside = Beside(self.tables.values(), self.sql.id, self.kinds)
        self.placed: set[str] = set()

    @property
    def sql(self) -> Spelling:
        """How it spells."""
        return self.rows.sql

    def kinds(self, table: Table) -> Iterable[tuple[tuple[str, ...], str]]:
        """What stands beside a table."""
        return beside(table)

    def create(self) -> str:
        """All tables in the order of their references, then what stands beside them."""
        made = self.before()
        for table in ordered(self.tables.values()):
            self.placed.add(table.name)
            made.append(self.table(table))
        if any(t.structure.shape is Shape.TOPIC for t in self.tables.values()):
            made.append(self.readers())
        return "\n\n".join(made) + "\n"

    def before(self) -> list[str]:
        """What comes first."""
        return []

    @abstractmethod
    def readers(self) -> str:
        """What says how far events were read."""

    @abstractmethod
    def table(self, table: Table) -> str:
        """A table, and what stands beside it."""

    @abstractmethod
    def serial(self, column: Column, table: Table) -> str:
        """The type of a column that the engine fills; empty where it is any other."""

    @abstractmethod
    def call(self, function: str) -> str:
        """A default that is worked out."""

    def default_of_commit(self) -> str:
        """What an event's place among transactions begins with."""
        return ""

    def reference(self, column: Column, table: Table) -> str:
        """Where a column refers to, said beside it."""
        return ""

    def of(self, table: Table) -> Rows:
        """The rows of a table."""
        return self.rows(table, self.tables)

    def column(self, column: Column, table: Table) -> str:
        """A column with its type and default."""
        serial = self.serial(column, table)
        parts = [f"    {self.of(table).bare(column.name)} {serial or self.of(table).type(column.name)}"]
        default = self.default(column, table)
        if default:
            parts.append(f"DEFAULT {default}")
        if not column.optional and not serial:
            parts.append("NOT NULL")
        reference = self.reference(column, table)
        return " ".join([*parts, reference] if reference else parts)

    def default(self, column: Column, table: Table) -> str:
        """What a new row has where nobody says otherwise."""
        said = column.type.default
        if column.name == COMMITTED and table.structure.shape is Shape.TOPIC:
            return self.default_of_commit()
        if column.type.counted:
            return "0"
        if said == Path(("new",)):
            return self.call(self.sql.new)
        if said == Path(("now",)):
            return self.call(self.sql.now)
        if isinstance(said, Amount):
            return f"{said.quantity.best:g}"
        if isinstance(said, Path) and said.parts[0] in ("true", "false"):
            return said.parts[0]
        named = isinstance(said, Path) and said.parts[0] in column.type.values
        return self.sql.string(said.parts[0]) if named and isinstance(said, Path) else ""

    def constraints(self, table: Table) -> Iterator[str]:
        """The key, known values, unique columns and bounds."""
        rows, beside = self.of(table), self.beside
        yield f"    PRIMARY KEY ({rows.list(table.key)})"
        for column in table.columns:
            if column.type.values:
                listed = ", ".join(self.sql.string(v) for v in column.type.values)
                title = beside.of(table, "known", column.name)
                yield f"    CONSTRAINT {title} CHECK ({rows.bare(column.name)} IN ({listed}))"
        for unique in table.uniques:
            if not unique.tests:
                title = beside.of(table, "key", *unique.columns, promise=unique.promise)
                yield f"    CONSTRAINT {title} UNIQUE ({rows.list(unique.columns)})"
        yield from (self.check(c, table) for c in table.checks)

    def check(self, check: Check, table: Table) -> str:
        """The bounds of a column."""
        rows = self.of(table)
        type_ = rows.type(check.column)
        bounds = [
            f"{rows.bare(check.column)} {sign} {self.literal(expression(bound, rows, type_))}"
            for sign, bound in ((">=", check.least), ("<=", check.most))
            if bound is not None
        ]
        title = self.beside.of(table, "bounded", check.column, promise=check.promise)
        return f"    CONSTRAINT {title} CHECK ({' AND '.join(bounds)})"

    def tests(self, tests: tuple[Test, ...], table: Table) -> str:
        """Conditions of a constraint."""
        return self.literal(flat(list(joined(conditions(tests, self.of(table)), " AND "))))

    def literal(self, parts: Iterable[Part]) -> str:
        """Parts of a constraint as text: it knows tunables and values of enumerations, and nothing that comes later."""
        return "".join(self._constant(p) if isinstance(p, Slot) else p for p in parts)

    def _constant(self, slot: Slot) -> str:
        value = slot.value
        if isinstance(value, Ref) and value.root is Root.WORD:
            return value.name if value.name in ("true", "false") else self.sql.string(value.name)
        number = number_of(value, self.tunables)
        if number is None:
            raise ValueError(f"a constraint cannot hold {value}")
        return self.sql.seconds(number) if slot.type == self.sql.span else f"{number:g}"


def with_it(column: Column, table: Table) -> str:
    """What becomes of a row whose other row is removed: what the design keeps beside it, and what is named by it, goes with it; what
    may stand alone forgets it. All else, and what nobody may change, keeps the other row where it is.
    """
    if table.append_only:
        return ""
    named_by_it = column.name in table.key and len(table.key) > 1
    if table.structure.added_by or named_by_it:
        return " ON DELETE CASCADE"
    return " ON DELETE SET NULL" if column.optional else ""


def kept_for(table: Table, tunables: Mapping[str, object]) -> tuple[str, float]:
    """The column that says when a row begins and the seconds until its time is over; nothing where it never is."""
    kept, begun = table.structure.retention, began(table.structure)
    if kept is None or not begun or not table.has(begun):
        return "", 0.0
    seconds = kept.best if isinstance(kept, Quantity) else number_of(Ref(Root.TUNABLE, kept), tunables)
    return (begun, seconds) if seconds else ("", 0.0)

"""Tables, constraints and indexes in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workbook.artifacts.dialects.postgresql.expressions import Rows, conditions, expression, type_of
from workbook.artifacts.dialects.statement import Part, Slot, flat, joined
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import identifiers as names
from workbook.artifacts.writing.sql import string as quoted
from workbook.brief.quantities import NotAQuantity, Quantity
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount, Path
from workbook.catalog import loader
from workbook.plan.fold.layout import COMMITTED, ENTRY, Check, Column, Exclusion, Index, Table, Unique
from workbook.plan.form.structures import began
from workbook.plan.form.terms import Ref, Root, Sum, Value
from workbook.plan.naming import Space, shortened

READERS = "topic_reader"
HORIZON = "horizon"


class Beside:
    """Names of constraints, indexes and triggers, which are neither each other's nor a table's; the same for the same tables."""

    def __init__(self, tables: Iterable[Table]) -> None:
        every = list(tables)
        longest = loader.name_rules()["postgresql"].longest
        given = [shortened(t.name, longest) for t in every]
        self._space = Space([*given, *(f"{t}_pkey" for t in given)], longest=longest, end="", alike=str.lower)
        self._named = {
            (table.name, words, of): name(self._space.take("_".join((table.name, *words[1:], words[0]))))
            for table in every
            for words, of in dict.fromkeys(_beside(table))
        }

    def of(self, table: Table, *words: str, promise: str = "") -> str:
        """The name of what is of a kind (the first word), about columns, for a promise if it is there for one."""
        return self._named[table.name, words, promise]


def _beside(table: Table) -> Iterator[tuple[tuple[str, ...], str]]:
    """What stands beside a table: kind and columns, and the promise that it is there for."""
    yield from ((("known", c.name), "") for c in table.columns if c.type.values)
    yield from ((("once" if u.tests else "key", *u.columns), u.promise) for u in table.uniques)
    yield from ((("bounded", c.column), c.promise) for c in table.checks)
    yield from ((("apart", *e.by), e.promise) for e in table.exclusions)
    yield from ((_words(i), "") for i in table.indexes)
    if table.append_only:
        yield from (((word,), "") for word in STAYS)


STAYS = ("stays", "stays_full")
"""Triggers by which rows stay: one for rows, one for the table as a whole."""


def _words(index: Index) -> tuple[str, ...]:
    if index.kind == "words":
        return (index.kind, *(c for c, _ in index.columns))
    return ("idx", *(f"{c}_desc" if down else c for c, down in index.columns))


def readers() -> str:
    """How far each consumer has read each topic."""
    return (
        f"CREATE TABLE {READERS} (\n    topic text NOT NULL,\n    reader text NOT NULL,\n"
        f"    {HORIZON} xid8 NOT NULL,\n    PRIMARY KEY (topic, reader)\n);"
    )


def create(tables: Mapping[str, Table], tunables: Mapping[str, object]) -> str:
    """All tables in the order of their references, then what stands beside them."""
    every = list(tables.values())
    made = [_extensions(every)] if _extensions(every) else []
    placed: set[str] = set()
    beside = Beside(every)
    for table in ordered(every):
        placed.add(table.name)
        made.append(_table(table, dict(tables), placed, tunables, beside))
    if any(t.structure.shape is Shape.TOPIC for t in every):
        made.append(readers())
    return "\n\n".join(made) + "\n"


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


def _extensions(tables: list[Table]) -> str:
    return "CREATE EXTENSION IF NOT EXISTS btree_gist;" if any(t.exclusions for t in tables) else ""


def _table(
    table: Table, tables: dict[str, Table], placed: set[str], tunables: Mapping[str, object], beside: Beside
) -> str:
    lines = [_column(c, table, placed) for c in table.columns]
    lines.append(f"    PRIMARY KEY ({names(table.key)})")
    lines += [
        f"    CONSTRAINT {beside.of(table, 'known', c.name)} CHECK ({_known(c)})"
        for c in table.columns
        if c.type.values
    ]
    lines += [
        f"    CONSTRAINT {beside.of(table, 'key', *u.columns, promise=u.promise)} UNIQUE ({names(u.columns)})"
        for u in table.uniques
        if not u.tests
    ]
    lines += [_check(c, table, tables, tunables, beside) for c in table.checks]
    lines += [_exclusion(e, table, tables, tunables, beside) for e in table.exclusions]
    unlogged = " UNLOGGED" if table.structure.loss is not Loss.NEVER else ""
    made = [f"CREATE{unlogged} TABLE {name(table.name)} (\n" + ",\n".join(lines) + "\n);"]
    made += [_partial(u, table, tables, tunables, beside) for u in table.uniques if u.tests]
    made += [_index(i, table, beside) for i in table.indexes]
    made += list(_append_only(table, tunables, beside))
    return "\n".join(made)


def _column(column: Column, table: Table, placed: set[str]) -> str:
    parts = [f"    {name(column.name)} {_serial(column, table) or type_of(column.type)}"]
    default = _default(column, table)
    if default:
        parts.append(f"DEFAULT {default}")
    if not column.optional and not _serial(column, table):
        parts.append("NOT NULL")
    target = table.references.get(column.name, "")
    if target in placed:
        parts.append(f"REFERENCES {name(target)}{_with_it(column, table)}")
    return " ".join(parts)


def _with_it(column: Column, table: Table) -> str:
    """What becomes of a row whose other row is removed: what the design keeps beside it, and what is named by it, goes with it; what
    may stand alone forgets it. All else, and what nobody may change, keeps the other row where it is.
    """
    if table.append_only:
        return ""
    named_by_it = column.name in table.key and len(table.key) > 1
    if table.structure.added_by or named_by_it:
        return " ON DELETE CASCADE"
    return " ON DELETE SET NULL" if column.optional else ""


def _serial(column: Column, table: Table) -> str:
    if table.structure.shape is not Shape.TOPIC:
        return ""
    return {ENTRY: "bigint GENERATED ALWAYS AS IDENTITY", COMMITTED: "xid8"}.get(column.name, "")


def _default(column: Column, table: Table) -> str:
    said = column.type.default
    if column.name == COMMITTED and table.structure.shape is Shape.TOPIC:
        return "pg_current_xact_id()"
    if column.type.counted:
        return "0"
    if said == Path(("new",)):
        return "gen_random_uuid()"
    if said == Path(("now",)):
        return "now()"
    if isinstance(said, Amount):
        return f"{said.quantity.best:g}"
    if isinstance(said, Path) and said.parts[0] in ("true", "false"):
        return said.parts[0]
    return quoted(said.parts[0]) if isinstance(said, Path) and said.parts[0] in column.type.values else ""


def _known(column: Column) -> str:
    return f"{name(column.name)} IN ({', '.join(quoted(v) for v in column.type.values)})"


def _check(check: Check, table: Table, tables: dict[str, Table], tunables: Mapping[str, object], beside: Beside) -> str:
    rows = Rows(table, tables)
    type_ = rows.type(check.column)
    bounds = []
    for sign, bound in ((">=", check.least), ("<=", check.most)):
        if bound is not None:
            bounds.append(f"{name(check.column)} {sign} {literal(expression(bound, rows, type_), tunables)}")
    return f"    CONSTRAINT {beside.of(table, 'bounded', check.column, promise=check.promise)} CHECK ({' AND '.join(bounds)})"


def _exclusion(
    exclusion: Exclusion, table: Table, tables: dict[str, Table], tunables: Mapping[str, object], beside: Beside
) -> str:
    same = "".join(f"{name(b)} WITH =, " for b in exclusion.by)
    span = f"tstzrange({name(exclusion.begin)}, {name(exclusion.end)}) WITH &&"
    tests = _tests(exclusion.tests, table, tables, tunables)
    return f"    CONSTRAINT {beside.of(table, 'apart', *exclusion.by, promise=exclusion.promise)} EXCLUDE USING gist ({same}{span}){f' WHERE ({tests})' if tests else ''}"


def _partial(
    unique: Unique, table: Table, tables: dict[str, Table], tunables: Mapping[str, object], beside: Beside
) -> str:
    tests = _tests(unique.tests, table, tables, tunables)
    return f"CREATE UNIQUE INDEX {beside.of(table, 'once', *unique.columns, promise=unique.promise)} ON {name(table.name)} ({names(unique.columns)}) WHERE {tests};"


def _tests(tests: tuple[object, ...], table: Table, tables: dict[str, Table], tunables: Mapping[str, object]) -> str:
    made = conditions(tests, Rows(table, tables))  # type: ignore[arg-type]
    return literal(flat(list(joined(made, " AND "))), tunables)


def literal(parts: Iterable[Part], tunables: Mapping[str, object]) -> str:
    """Parts of a constraint as text: it knows tunables and values of enumerations, and nothing that comes later."""
    return "".join(_constant(p, tunables) if isinstance(p, Slot) else p for p in parts)


def _constant(slot: Slot, tunables: Mapping[str, object]) -> str:
    value = slot.value
    if isinstance(value, Ref) and value.root is Root.WORD:
        return value.name if value.name in ("true", "false") else quoted(value.name)
    number = number_of(value, tunables)
    if number is None:
        raise ValueError(f"a constraint cannot hold {value}")
    return f"interval '{number:.15g} seconds'" if slot.type == "interval" else f"{number:g}"


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


def _index(index: Index, table: Table, beside: Beside) -> str:
    columns = tuple(c for c, _ in index.columns)
    if index.kind == "words":
        return f"CREATE INDEX {beside.of(table, *_words(index))} ON {name(table.name)} USING gin ({words_of(columns)});"
    sorted_ = ", ".join(f"{name(c)} DESC" if down else name(c) for c, down in index.columns)
    return f"CREATE INDEX {beside.of(table, *_words(index))} ON {name(table.name)} ({sorted_});"


def words_of(columns: tuple[str, ...]) -> str:
    """The words of several columns as one text-search vector."""
    text = " || ' ' || ".join(f"coalesce({name(c)}, '')" for c in columns)
    return f"to_tsvector('simple', {text})"


def _append_only(table: Table, tunables: Mapping[str, object], beside: Beside) -> Iterator[str]:
    """What makes a table append-only: nobody may change or take away a row, whatever they were granted, before its time is over."""
    if not table.append_only:
        return
    function, emptied = (beside.of(table, word) for word in STAYS)
    over = _over(table, tunables)
    spared = f"IF TG_OP = 'DELETE' THEN IF {over} THEN RETURN OLD; END IF; END IF; " if over else ""
    yield (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {spared}RAISE EXCEPTION '{table.name} is append-only' USING ERRCODE = 'restrict_violation'; END $$;"
    )
    run = f"ON {name(table.name)} {{}}EXECUTE FUNCTION {function}();"
    yield f"CREATE TRIGGER {function} BEFORE UPDATE OR DELETE {run.format('FOR EACH ROW ')}"
    yield f"CREATE TRIGGER {emptied} BEFORE TRUNCATE {run.format('')}"


def _over(table: Table, tunables: Mapping[str, object]) -> str:
    """When the time of a row is over; empty where it never is."""
    kept, begun = table.structure.retention, began(table.structure)
    if kept is None or not begun or not table.has(begun):
        return ""
    seconds = kept.best if isinstance(kept, Quantity) else number_of(Ref(Root.TUNABLE, kept), tunables)
    return f"OLD.{name(begun)} < now() - interval '{seconds:.0f} seconds'" if seconds else ""

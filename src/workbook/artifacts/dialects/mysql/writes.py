"""Steps that write, in MySQL, which gives no row back: the number of changed rows says whether it was done, and the row is read again.

That number is what it is by default, without CLIENT_FOUND_ROWS: a row that stays as it is counts as none. So a change that may set what
is there already is told from a refused one by its condition, which then still holds. The two statements stand in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from workbook.artifacts.dialects.mysql.assigning import Assigned, arranged, given_to, unread
from workbook.artifacts.dialects.mysql.expressions import Rows, batch
from workbook.artifacts.dialects.mysql.tables import TURNS
from workbook.artifacts.dialects.reads import NOW, alive, selected
from workbook.artifacts.dialects.rows import conditions, equalities, expression, where
from workbook.artifacts.dialects.statement import Gives, Part, Refusal, Slot, Statement, flat, joined
from workbook.artifacts.dialects.writes import ONE, has_lists, keyed, leads, moved, of_file, values_of
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount, Path
from workbook.plan.fold.layout import COMMITTED, FENCE, UNTIL
from workbook.plan.form.model import Step, most_kept, names_one
from workbook.plan.form.terms import Given, Ref, Root, Value, is_list

DONE = "ROW_COUNT() > 0"
COUNTED = "SELECT ROW_COUNT() AS number"
Tests = list[tuple[Part, ...]]
Pairs = list[tuple[str, Value]]


def source(given: Pairs, rows: Rows, more: Mapping[str, str] = MappingProxyType({})) -> tuple[Part, ...]:
    """The row, or the rows of a batch: columns that are lists are walked together, the others, and `more`, are the same in each."""
    columns = rows.list((*(f for f, _ in given), *more))
    if not has_lists(given):
        slots = list(
            joined([*(expression(v, rows, rows.type(f)) for f, v in given), *((m,) for m in more.values())], ", ")
        )
        return flat(f" ({columns})\nVALUES (", slots, ")")
    shown: list[tuple[Part, ...]] = []
    lists: list[tuple[str, Slot]] = []
    for number, (field, value) in enumerate(given):
        if is_list(value):
            lists.append((f"part_{number}", Slot(value, rows.type(field), many=True)))
            shown.append((f"part_{number}",))
        elif isinstance(value, Ref) and value.root is Root.NEW:
            shown.append((rows.sql.new,))
        else:
            shown.append(expression(value, rows, rows.type(field)))
    shown += [(m,) for m in more.values()]
    return flat(f" ({columns})\nSELECT ", list(joined(shown, ", ")), "\nFROM ", batch(lists))


def with_key(given: Pairs, rows: Rows) -> Pairs:
    """A new identifier, and a moment in a key, are given by whoever writes, so that the row can be found again."""
    known = {f for f, _ in given}
    new = [k for k in rows.table.key if k not in known and rows.table.column(k).type.default == Path(("new",))]
    pairs = [*given, *((k, Ref(Root.NEW)) for k in new)]
    moments = {f: Ref(Root.BOUND, "moment", (f,), rows.table.column(f).type) for f, v in pairs if v == NOW}
    return [(f, moments[f] if f in moments and f in rows.table.key else v) for f, v in pairs]


def again(given: Pairs, rows: Rows, done: Tests, refusal: Refusal) -> Statement:
    """The row that was written, by its key; of several, or where the engine made the key, how many there were."""
    by_key = [(f, v) for f, v in given if f in rows.table.key]
    if has_lists(given) or len(by_key) < len(rows.table.key):
        fewer = Refusal.FEWER if refusal is not Refusal.NEVER and has_lists(given) else refusal
        return Statement((COUNTED,), Gives.NUMBER, ("number",), fewer, rows.table.name)
    columns = selected(rows.table)
    parts = flat(f"SELECT {rows.list(columns)}\nFROM {rows.name}", where([*equalities(by_key, rows), *done]))
    return Statement(parts, Gives.ROW, columns, refusal, rows.table.name)


def inserted(given: Pairs, rows: Rows, over: Iterable[Assigned] = ()) -> Statement:
    """Rows put in; over those that are there already what is assigned, or nothing."""
    first = rows.bare(rows.table.key[0])
    sets = list(joined((flat(f"{rows.bare(a.field)} = ", a.parts) for a in over), ", "))
    kept = sets or [f"{first} = {rows.name}.{first}"]
    parts = flat(f"INSERT INTO {rows.name}", source(given, rows), "\nON DUPLICATE KEY UPDATE ", kept)
    return Statement(parts, table=rows.table.name)


def offered(field: str, rows: Rows) -> str:
    """What an insert would have put in."""
    return f"VALUES({rows.bare(field)})"


def append(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """A new row; refused where the key or a unique index stands against it."""
    given = with_key(values_of(step, rows) + of_file(rows), rows)
    return (inserted(given, rows), again(given, rows, [(DONE,)], Refusal.NO_ROW))


def put(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The row as given, whether it was there or not; with `if` only over a row that meets it, and never over another one's."""
    given = with_key(values_of(step, rows) + of_file(rows), rows)
    own = rows.called(rows.table.name)
    tests = conditions(step.only_if, own)
    if rows.table.uniques:
        tests += [(f"{own.column(k)} <=> {offered(k, rows)}",) for k in rows.table.key]
    fields = [f for f, _ in given if f not in rows.table.key]
    over = given_to({f: offered(f, rows) for f in fields}, tests, step.only_if, own)
    asked = Refusal.NO_ROW if step.only_if or rows.table.uniques else Refusal.NEVER
    refusal = Refusal.NEVER if has_lists(given) else asked
    return (inserted(given, rows, over), again(given, rows, _done(step, rows), refusal), *_trimmed(given, rows))


def _done(step: Step, rows: Rows) -> Tests:
    """Whether it was put: it changed something, or may have and there was nothing to change."""
    if not step.only_if:
        return []
    return [flat(f"({DONE} OR (", list(joined(conditions(step.only_if, rows), " AND ")), "))")]


def _trimmed(given: Pairs, rows: Rows) -> Iterable[Statement]:
    """Of each list that was put into only so many stay: the largest by score."""
    most = most_kept(rows.table.structure)
    if most is None:
        return
    *groups, member = rows.table.key
    owned = [Given(f, v) for f, v in given if f in groups]
    score = str(rows.table.structure.settings.get("score") or member)
    order = ", ".join(f"{rows.column(f)} DESC" for f in dict.fromkeys((score, member)))
    key, by = rows.list(rows.table.key), rows.list(groups)
    parts = flat(
        f"DELETE FROM {rows.name}\nWHERE ({key}) IN (SELECT {key}\nFROM (SELECT {key}, ",
        f"ROW_NUMBER() OVER ({f'PARTITION BY {by} ' if by else ''}ORDER BY {order}) AS kept_place\nFROM {rows.name}",
        where(matching(owned, rows)),
        ") AS kept\nWHERE kept_place > ",
        Slot(most, rows.sql.whole),
        ")",
    )
    yield Statement(parts, table=rows.table.name)


def matching(by: Iterable[Given], rows: Rows) -> Tests:
    """Rows whose columns are what is given, or in the list that is."""
    tests: Tests = []
    for given in by:
        slot = Slot(given.value, rows.type(given.field), many=True)
        listed = rows.sql.within((rows.column(given.field),), (slot,))
        tests += [listed] if is_list(given.value) else equalities([(given.field, given.value)], rows)
    return tests


def updated(step: Step, rows: Rows, sets: list[Assigned], tests: Tests) -> tuple[Statement, ...]:
    """Columns of rows that are there and meet the tests; refused where they do not."""
    unread(rows, step)
    columns, by_key = selected(rows.table), keyed(step, rows)
    asked = [*tests, *alive(rows)]
    shown = f"SELECT {rows.list(columns)}\nFROM {rows.name}"
    assigned = list(joined((flat(f"{rows.bare(a.field)} = ", a.parts) for a in arranged(sets)), ", "))
    change = Statement(flat(f"UPDATE {rows.name}\nSET ", assigned, where([*by_key, *asked])), table=rows.table.name)
    if any(is_list(g.value) for g in step.by):
        held = flat(shown, where([*by_key, *asked]), "\nFOR UPDATE")
        locked = Statement(held, Gives.ROWS, columns, Refusal.FEWER, rows.table.name)
        after = Statement(flat(shown, where(by_key)), Gives.ROWS, columns, Refusal.NEVER, rows.table.name)
        return (locked, change, after)
    done = [flat(f"({DONE} OR (", list(joined(asked, " AND ")), "))")] if asked else []
    read = flat(shown, where([*by_key, *done]), "\nFOR UPDATE" if asked else "")
    return (change, Statement(read, Gives.ROW, columns, Refusal.NO_ROW, rows.table.name))


def assigned(given: Iterable[Given], rows: Rows) -> list[Assigned]:
    """What each field is set to, and which columns that reads."""
    return [Assigned.of(g.field, g.value, expression(g.value, rows, rows.type(g.field))) for g in given]


def change(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Fields of a row that is there; refused where it is not, or where `if` does not hold."""
    first = rows.table.key[0]
    sets = assigned(step.sets, rows) or [Assigned(first, (rows.bare(first),))]
    return updated(step, rows, sets, conditions(step.only_if, rows))


def move(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The next state; refused unless the present one leads there."""
    field = moved(rows)
    assert step.to is not None
    known = rows.table.structure.moves.get(field, {})
    sets = [Assigned.of(field, step.to, expression(step.to, rows, rows.type(field))), *assigned(step.sets, rows)]
    return updated(step, rows, sets, [leads(step.to, field, known, rows), *conditions(step.only_if, rows)])


def add(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """More or less of a field of a row that is there; refused where `if` does not hold."""
    sets = [
        Assigned.of(
            g.field,
            g.value,
            flat(f"{rows.column(g.field)} + ", expression(g.value, rows, rows.type(g.field))),
        )
        for g in step.plus
    ]
    return updated(step, rows, sets, conditions(step.only_if, rows))


def count_up(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """More or less of a number that begins at nothing. With `if` the row is made first, so that the test has one to look at."""
    given = [(g.field, g.value) for g in step.by]
    if step.only_if:
        zero: Pairs = [(g.field, Amount(quantity("0"))) for g in step.plus]
        return (inserted([*given, *zero], rows), *add(step, rows))
    first = [*given, *((g.field, g.value) for g in step.plus)]
    over = [Assigned(g.field, (f"{rows.name}.{rows.bare(g.field)} + {offered(g.field, rows)}",)) for g in step.plus]
    return (inserted(first, rows, over), again(first, rows, [], Refusal.NEVER))


def count_on(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The next number of a counter, which begins at nothing: whoever comes second waits until the first has committed."""
    first = [*((g.field, g.value) for g in step.by), (step.field, ONE)]
    over = [Assigned(step.field, (f"{rows.name}.{rows.bare(step.field)} + {offered(step.field, rows)}",))]
    return (inserted(first, rows, over), again(first, rows, [], Refusal.NEVER))


def take_number(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Units of a counter; refused where there are fewer."""
    number = next(c.name for c in rows.table.columns if c.name not in rows.table.key and not c.system)
    amount = expression(step.amount or ONE, rows, rows.type(number))
    sets = [Assigned(number, flat(f"{rows.column(number)} - ", amount))]
    return updated(step, rows, sets, [flat(f"{rows.column(number)} >= ", amount), *conditions(step.where, rows)])


def remove(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows read and locked, then away; refused only by `if`. By its whole key it is one row, or none."""
    unread(rows, step)
    columns = selected(rows.table)
    tests = where([*keyed(step, rows), *conditions(step.where, rows), *conditions(step.only_if, rows)])
    gives = Gives.ROW if names_one(step, rows.table.key) else Gives.ROWS
    refusal = Refusal.NO_ROW if step.only_if else Refusal.NEVER
    read = flat(f"SELECT {rows.list(columns)}\nFROM {rows.name}", tests, "\nFOR UPDATE")
    gone = flat(f"DELETE FROM {rows.name}", tests)
    return (Statement(read, gives, columns, refusal, rows.table.name), Statement(gone, table=rows.table.name))


def following(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """The next number of a row: whoever comes second waits until the first has committed."""
    sets = [Assigned(step.field, (f"{rows.column(step.field)} + 1",))]
    return updated(step, rows, sets, conditions(step.only_if, rows))


def claim(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """A row that only one may make, or take over when the other's time is up. Its fence tells an old holder from the new."""
    given = values_of(step, rows)
    own = rows.called(rows.table.name)
    over: Tests = [flat(f"{own.column(UNTIL)} <= ", Slot(NOW, rows.sql.time))]
    values = {f: offered(f, rows) for f, _ in given if f not in rows.table.key and f != UNTIL}
    values[FENCE] = f"{own.column(FENCE)} + 1"
    values[UNTIL] = offered(UNTIL, rows)
    sets = given_to(values, over, (), own)
    return (inserted(given, rows, sets), again(given, rows, [(DONE,)], Refusal.NO_ROW))


def taken(step: Step, rows: Rows) -> tuple[Part, ...]:
    """The rows that a statement before has locked."""
    name = step.name or rows.table.name
    slots = [
        Slot(
            Ref(Root.BOUND, name, (k,), rows.table.column(k).type, rows.table.name),
            rows.type(k),
            many=True,
            name=f"taken.{k}",
        )
        for k in rows.table.key
    ]
    return rows.sql.within(tuple(rows.column(k) for k in rows.table.key), tuple(slots))


def take(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """Rows that nobody else gets, read and locked, then away: those that another is taking are passed over."""
    columns = selected(rows.table)
    field, falling = step.order or ("", False)
    order = f"\nORDER BY {rows.bare(field) if field else rows.list(rows.table.key)}{' DESC' if falling else ''}"
    read = flat(
        f"SELECT {rows.list(columns)}\nFROM {rows.name}",
        where([*keyed(step, rows), *conditions(step.where, rows), *alive(rows)]),
        order,
        flat("\nLIMIT ", Slot(step.amount or ONE, rows.sql.whole)),
        "\nFOR UPDATE SKIP LOCKED",
    )
    several = step.amount is not None
    refusal = Refusal.FEWER if several else Refusal.NO_ROW
    first = Statement(read, Gives.ROWS if several else Gives.ROW, columns, refusal, rows.table.name)
    return (first, Statement(flat(f"DELETE FROM {rows.name}", where([taken(step, rows)])), table=rows.table.name))


def release(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """A claim given back."""
    return updated(step, rows, [Assigned(UNTIL, (Slot(NOW, rows.sql.time),))], [])


def publish(step: Step, rows: Rows) -> tuple[Statement, ...]:
    """An event behind all others: whoever tells one holds the topic's turn until it has committed, so that no reader passes one over."""
    given = [(g.field, g.value) for g in (*step.by, *step.sets) if rows.table.has(g.field)]
    topic = rows.sql.string(rows.table.name)
    turn = f"INSERT INTO {TURNS} (topic, turn)\nVALUES ({topic}, 1)\nON DUPLICATE KEY UPDATE turn = {TURNS}.turn + 1"
    held = {COMMITTED: f"(SELECT turn FROM {TURNS} WHERE topic = {topic})"}
    event = flat(f"INSERT INTO {rows.name}", source(given, rows, held))
    return (Statement((turn,), table=TURNS), Statement(event, table=rows.table.name))

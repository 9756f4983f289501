"""Tables: where each structure rests in a store that can index, with its keys, constraints and the index each access goes by.

Columns that the design itself needs (leases, fences, expiry) follow from the shape and from the verbs that are used on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workbook.brief.fields import FieldType, parse_field
from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.form.accesses import Access
from workbook.plan.form.model import Form, Structure, Topic
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.scope import ENDS_AT
from workbook.plan.form.terms import Test, Value

UNTIL, FENCE, LEASE, ATTEMPTS, DEAD, DUE = ENDS_AT, "fence", "leased_until", "attempts", "dead", "due_at"
CONTENT, SIZE, CHECKSUM = "object_key", "byte_size", "checksum"
ENTRY, PUBLISHED, EVENT_ID, COMMITTED = "event_number", "published_at", "event_id", "told_in"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: a field of the structure, or what the design itself needs (`system`)."""

    name: str
    type: FieldType
    system: bool = False
    purpose: str = ""

    @property
    def optional(self) -> bool:
        """Whether it may be null."""
        return self.type.optional


@dataclass(frozen=True, kw_only=True)
class Index:
    """A secondary index and the operations it serves."""

    columns: tuple[tuple[str, bool], ...]
    """Column and whether it is sorted largest first."""
    serves: tuple[str, ...] = ()
    kind: str = "btree"
    """btree, words or place."""


@dataclass(frozen=True, kw_only=True)
class Unique:
    """No two rows alike in these columns, while the tests hold. `promise` is what it keeps."""

    columns: tuple[str, ...]
    tests: tuple[Test, ...] = ()
    promise: str = ""


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """No two rows of the same `by` whose spans overlap, while the tests hold."""

    by: tuple[str, ...]
    begin: str
    end: str
    tests: tuple[Test, ...] = ()
    promise: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A bound that every row keeps: `column` at least `least`, at most `most`."""

    column: str
    least: Value | None = None
    most: Value | None = None
    promise: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The home of a structure."""

    structure: Structure
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[Index, ...] = ()
    uniques: tuple[Unique, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    checks: tuple[Check, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    """Column -> structure of the same database that it refers to."""
    append_only: str = ""
    """The promise by which rows may be neither changed nor taken away."""

    @property
    def name(self) -> str:
        """The structure's."""
        return self.structure.id

    @property
    def volatile(self) -> bool:
        """Whether it may be lost with the server."""
        return self.structure.loss is not Loss.NEVER

    @property
    def ends(self) -> bool:
        """Whether rows are gone by themselves: a field of the brief that is called like that column is only a field."""
        return self.has(UNTIL) and self.column(UNTIL).system

    def column(self, name: str) -> Column:
        """A column by name. Raises KeyError."""
        for one in self.columns:
            if one.name == name:
                return one
        raise KeyError(f"{self.name} has no column {name}")

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return any(c.name == name for c in self.columns)


def _system(name: str, type_: str, purpose: str) -> Column:
    return Column(name=name, type=parse_field(type_), system=True, purpose=purpose)


def due_of(structure: Structure) -> str:
    """The column that says when an item of a queue may be taken."""
    return str(structure.settings.get("due") or DUE)


def _system_columns(structure: Structure, verbs: frozenset[Verb]) -> Iterator[Column]:
    if structure.shape is Shape.QUEUE:
        if due_of(structure) not in structure.fields:
            yield _system(DUE, "time", "not before this time")
        yield _system(LEASE, "time?", "taken by a worker until then")
        yield _system(FENCE, "int = 0", "counts takings: who holds an old one is refused")
        yield _system(ATTEMPTS, "int = 0", "tries so far")
        yield _system(DEAD, "bool = false", "given up after the last retry")
    elif Verb.CLAIM in verbs or Verb.RELEASE in verbs:
        yield _system(FENCE, "int = 0", "counts claims: who holds an old one is refused")
    if structure.shape is not Shape.QUEUE and (structure.ttl is not None or Verb.CLAIM in verbs):
        yield _system(UNTIL, "time?", "gone from then on")
    if structure.shape is Shape.OBJECT:
        yield _system(CONTENT, "string 60", "where the bytes lie")
        yield _system(SIZE, "int", "how many there are")
        yield _system(CHECKSUM, "string 64", "what they must add up to")
    if structure.shape is Shape.TOPIC:
        yield _system(ENTRY, "int", "the order of all events")
        yield _system(EVENT_ID, "id = new", "the event, however often it is told")
        yield _system(COMMITTED, "int", "the transaction that told it: readers wait for those that still run")
        yield _system(PUBLISHED, "time = now", "when it happened")


def clashes(form: Form, name: str, asked: Iterable[Access]) -> Iterator[tuple[str, Column]]:
    """Fields of a structure or topic that are called like a column of the system's own and cannot be it."""
    topic = form.topics.get(name)
    structure = of_topic(topic) if topic is not None else form.structures[name]
    for column in _system_columns(structure, frozenset(a.verb for a in asked)):
        said = structure.fields.get(column.name)
        if said is not None and (said.kind != column.type.kind or column.name in (ENTRY, EVENT_ID, COMMITTED)):
            yield column.name, column


def of_topic(topic: Topic) -> Structure:
    """Events that rest in a database, as rows in the order in which they were told."""
    return Structure(
        id=topic.id,
        shape=Shape.TOPIC,
        context=topic.context,
        key=(ENTRY,),
        fields=topic.fields,
        retention=topic.retention,
        settings={"lane": topic.key},
        added_by=topic.added_by,
    )


def tables(
    form: Form,
    asked: Mapping[str, tuple[Access, ...]],
    pledges: Iterable[Pledge],
    together: Mapping[str, frozenset[str]],
) -> dict[str, Table]:
    """A table for each structure. `together` says which structures share a database: references stay inside."""
    promised = list(pledges)
    every = {**form.structures, **{n: of_topic(t) for n, t in form.topics.items()}}
    return {n: _table(every[n], asked.get(n, ()), promised, form, together) for n in every if n in together}


def _outlives(structure: Structure, target: str, pledges: list[Pledge]) -> bool:
    """Whether rows stay when the row that they refer to is erased, by a promise that spares them: nothing may hold that back."""
    erased = (p for p in pledges if p.kind is PromiseKind.ERASED and p.structure == target)
    return any(structure.id in _spared(p.said.get("except", ())) for p in erased)


def _spared(said: object) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)  # type: ignore[arg-type]


def _table(
    structure: Structure,
    asked: tuple[Access, ...],
    pledges: list[Pledge],
    form: Form,
    together: Mapping[str, frozenset[str]],
) -> Table:
    verbs = frozenset(a.verb for a in asked)
    fields = {n: t for n, t in structure.fields.items() if not (structure.shape is Shape.OBJECT and t.kind == "blob")}
    columns = tuple(Column(name=n, type=t) for n, t in fields.items())
    system = tuple(c for c in _system_columns(structure, verbs) if c.name not in fields)
    uniques = (*(Unique(columns=u) for u in structure.unique), *_uniques(structure, pledges))
    near = together.get(structure.id, frozenset())
    return Table(
        structure=structure,
        columns=(*columns, *system),
        key=structure.key,
        indexes=tuple(_indexes(structure, asked, uniques)),
        uniques=tuple({(u.columns, u.tests): u for u in uniques if u.columns != structure.key or u.tests}.values()),
        exclusions=tuple(_exclusions(structure, pledges)),
        checks=tuple(_checks(structure, pledges)),
        references={
            n: t.ref
            for n, t in fields.items()
            if _refers(t, near, form)
            and structure.shape is not Shape.TOPIC
            and not _outlives(structure, t.ref, pledges)
        },
        append_only=next(
            (p.id for p in pledges if p.kind is PromiseKind.UNCHANGED and p.structure == structure.id), ""
        ),
    )


def _refers(type_: FieldType, near: frozenset[str], form: Form) -> bool:
    target = form.structures.get(type_.ref)
    return target is not None and type_.ref in near and len(target.key) == 1 and not type_.many


def _uniques(structure: Structure, pledges: list[Pledge]) -> Iterator[Unique]:
    for pledge in pledges:
        if pledge.kind is PromiseKind.UNIQUE and pledge.structure == structure.id:
            yield Unique(columns=pledge.by, tests=pledge.tests, promise=pledge.id)


def _exclusions(structure: Structure, pledges: list[Pledge]) -> Iterator[Exclusion]:
    for pledge in pledges:
        if pledge.kind is PromiseKind.NO_OVERLAP and pledge.structure == structure.id:
            begin, end = str(pledge.said["from"]), str(pledge.said["to"])
            yield Exclusion(by=pledge.by, begin=begin, end=end, tests=pledge.tests, promise=pledge.id)


def _checks(structure: Structure, pledges: list[Pledge]) -> Iterator[Check]:
    for pledge in pledges:
        if pledge.kind is PromiseKind.BOUNDED and pledge.structure == structure.id:
            yield Check(
                column=pledge.column, least=pledge.values.get("min"), most=pledge.values.get("max"), promise=pledge.id
            )


# Indexes --------------------------------------------------------------------------------------------------------------


def _indexes(structure: Structure, asked: tuple[Access, ...], uniques: tuple[Unique, ...]) -> Iterator[Index]:
    """One index for each way of asking that the key does not serve; what another one begins with is not made twice."""
    wanted: dict[tuple[tuple[str, bool], ...], list[str]] = {}
    if structure.shape is Shape.SEARCH:
        yield Index(columns=tuple((t, False) for t in structure.settings.get("text", ())), kind="words")
    if structure.shape is Shape.QUEUE:
        first = ((str(structure.settings["priority"]), True),) if "priority" in structure.settings else ()
        yield Index(columns=(*first, (due_of(structure), False)))
    if structure.shape is Shape.TOPIC:
        yield Index(columns=((COMMITTED, False),))
    for access in asked:
        if access.verb is Verb.SCAN:
            continue
        columns = _columns(structure, access)
        if columns and not _served(columns, access, structure, uniques):
            wanted.setdefault(columns, []).append(access.operation)
    if structure.kind == "edge" and len(structure.key) > 1 and not any(c[0][0] == structure.key[1] for c in wanted):
        wanted.setdefault(((structure.key[1], False), (structure.key[0], False)), [])
    for columns in wanted:
        longer = [c for c in wanted if len(c) > len(columns) and c[: len(columns)] == columns]
        if not longer:
            serves = [o for c, names in wanted.items() if columns[: len(c)] == c for o in names]
            yield Index(columns=columns, serves=tuple(dict.fromkeys(serves)))


def served_by(table: Table, access: Access) -> tuple[tuple[str, bool], ...]:
    """The columns of the index that an access goes by, with their direction; those of the key where that serves it; none where it has to
    look at all rows."""
    columns = _columns(table.structure, access)
    if columns and not _served(columns, access, table.structure, table.uniques):
        return next((i.columns for i in table.indexes if i.columns[: len(columns)] == columns), ())
    equals = set(access.equals)
    unique = next((u.columns for u in table.uniques if not u.tests and equals >= set(u.columns)), None)
    if equals >= set(table.key) or unique is None:
        return tuple((k, False) for k in table.key) if access.equals or access.order or access.bounds else ()
    return tuple((c, False) for c in unique)


def _columns(structure: Structure, access: Access) -> tuple[tuple[str, bool], ...]:
    """Equalities, then order, then bounds: what a B-tree can walk. Fields behind references are not of this table."""
    equals = [(f, False) for f in access.equals if f in structure.fields]
    order = [(f, down) for f, down in access.order if f in structure.fields and f not in access.equals]
    bounds = [(f, False) for f in access.bounds if f not in access.equals and f not in {o for o, _ in order}]
    tie = [(k, order[0][1]) for k in structure.key if order and k not in {f for f, _ in (*equals, *order)}]
    return (*equals, *order, *bounds[:1], *tie)


def _served(
    columns: tuple[tuple[str, bool], ...], access: Access, structure: Structure, uniques: tuple[Unique, ...]
) -> bool:
    """Whether the key, or a unique constraint of all rows, already answers it."""
    names = tuple(c for c, _ in columns)
    equals = set(access.equals)
    for key in (structure.key, *(u.columns for u in uniques if not u.tests)):
        if equals >= set(key):
            return True
        lead = key[: len(equals)]
        if set(lead) == equals and names[len(equals) :] == key[len(equals) : len(names)]:
            return True
    return not equals and not access.order and not access.bounds

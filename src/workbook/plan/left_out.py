"""What the chosen databases do otherwise than the form says, by name: each a sentence with the structure that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.layout import Table
from workbook.plan.form.model import Open
from workbook.plan.form.terms import Every
from workbook.plan.passes.world import DATABASE, World

Rule = Callable[[Table, World], str]
_TEXTS = ("text", "string", "code")


def left_out(world: World, tables: Mapping[str, Table]) -> Iterator[Open]:
    """What is not written, or means less than it says, in the dialect of a table's home."""
    yield from _unasked(world)
    for name, table in tables.items():
        home = world.home(name)
        if home is None:
            continue
        part = "topics" if name in world.form.topics else "structures"
        for rule in _RULES.get(home.technology.dialect, ()):
            said = rule(table, world)
            if said:
                yield Open(f"{part}.{name}", f"{home.technology.name} {said}")


def _unasked(world: World) -> Iterator[Open]:
    """Databases whose statements stand in the document and not in the programs."""
    for store in world.stores.values():
        if store.role == DATABASE and store.technology.dialect in _RULES:
            name = store.technology.name
            yield Open(
                f"stores.{store.id}", f"programs ask {name} by ports: its statements are not written into them yet"
            )


def _overlaps(table: Table, world: World) -> str:
    return "has no exclusion constraint: it refuses no spans that overlap" if table.exclusions else ""


def _narrowed(table: Table, world: World) -> str:
    private = any(p.kind is PromiseKind.PRIVATE and p.structure == table.name for p in world.pledges)
    return "has no row security: whose rows they are is asked by the statements alone" if private else ""


def _stays(table: Table, world: World) -> str:
    return "refuses no TRUNCATE by a trigger: rows stay only for whom DROP is not granted" if table.append_only else ""


def _ends(table: Table, world: World) -> str:
    """`utf8mb4_bin` pads (MySQL worklog 13054); what does not pad has another name in MariaDB."""
    keys = (table.key, *(u.columns for u in table.uniques))
    texts = sorted({c for key in keys for c in key if table.column(c).type.kind in _TEXTS})
    many = f"takes texts of {', '.join(texts)} as one that differ in spaces at the end, and none longer than its key has room for"
    return many if texts else ""


def _turns(table: Table, world: World) -> str:
    told = "lets one transaction at a time tell an event: the others wait for its commit, so that no reader passes one over"
    return told if table.structure.shape is Shape.TOPIC else ""


def _words(table: Table, world: World) -> str:
    found = (
        "finds rows that hold any of the words, none of fewer than three letters, and what is not committed not at all"
    )
    return found if table.structure.shape is Shape.SEARCH else ""


def _of_each(table: Table, world: World) -> str:
    steps = [s for p in world.programs.values() for s, _ in p.steps() if s.target == table.name]
    asked = [s for s in steps if s.verb is Verb.LIST and (s.limit is not None or s.after is not None)]
    several = any(isinstance(g.value, Every) for s in asked for g in s.by)
    return (
        "reads all rows of each key to give the first of them, as it is written for all its versions" if several else ""
    )


def _alike(table: Table, world: World) -> str:
    names = [c.name for c in table.columns]
    return (
        "reads no case in names of columns: those that are alike have a number at the end"
        if len({n.lower() for n in names}) < len(names)
        else ""
    )


ROW_BYTES = 8_126
"""Of a row in its page of 16 KB (the server's words when it refuses a wider one; reference manual, InnoDB limits: about 8,000)."""
_TEXT_INSIDE, _IDENTIFIER_INSIDE, _OTHER_INSIDE = 21, 37, 9
"""Bytes of a column in that page: texts and lists lie outside and leave a pointer (measured: 389 of them fit, or 219 identifiers)."""


def _wide(table: Table, world: World) -> str:
    outside = (*_TEXTS, "enum", "json", "blob", "geo")
    inside = 0
    for column in table.columns:
        if column.type.many or column.type.kind in outside:
            inside += _TEXT_INSIDE
        else:
            inside += _IDENTIFIER_INSIDE if column.type.kind in ("id", "ref") else _OTHER_INSIDE
    return (
        f"refuses a table as wide: about {inside:,} bytes of a row stand in its page, {ROW_BYTES:,} may"
        if inside > ROW_BYTES
        else ""
    )


_RULES: Mapping[str, tuple[Rule, ...]] = {
    "mysql": (_overlaps, _narrowed, _stays, _ends, _turns, _words, _of_each, _alike, _wide),
}
"""By dialect."""

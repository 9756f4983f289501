"""What the code's model asks of a plan: columns, keys, pages, and what fan-out leaves to the read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.plan import Plan
from workbook.plan.decisions.base import ability
from workbook.plan.design.model import Column, Query, Store, Table
from workbook.plan.names import slot
from workbook.plan.naming import Space

LONGEST_CONSTANT = 80
SCORED = ("time", "date", "int", "decimal", "money")


def columns_of(plan: Plan, entity: str) -> tuple[Column, ...]:
    """The columns of an entity, whatever tables hold it."""
    own = next((t for t in plan.design.tables if t.entity == entity and not t.inbox), None)
    if own:
        return own.columns
    said = plan.complete.entities[entity]
    return tuple(Column(name=n, kind=f.kind, bytes=f.bytes, optional=f.optional) for n, f in said.fields.items())


def key_of(plan: Plan, entity: str) -> tuple[str, ...]:
    """The primary key of an entity."""
    names = [c.name for c in columns_of(plan, entity)]
    return tuple(plan.complete.entities[entity].key) or (("id",) if "id" in names else (names[0],))


def store_of(plan: Plan, entity: str) -> Store | None:
    """The database that holds an entity."""
    return plan.design.store_of(plan.complete.contexts[entity])


def constants(plan: Plan, own: Mapping[str, object], taken: Iterable[str]) -> dict[str, object]:
    """The design's numbers, then the brief's own: a number of the same name wins, anything else gets another name. So does what is taken."""
    made = dict(own)
    space = Space(taken, longest=LONGEST_CONSTANT, end="_TUNABLE", alike=str.upper)
    for name in own:
        space.reserve(name)
    for name, value in plan.complete.model.tunables.items():
        said = name.upper()
        alike = type(value) is int and type(own.get(said)) is int
        made[said if alike else space.take(said)] = value
    return made


def pairs_of(table: Table, columns: tuple[Column, ...]) -> dict[str, Column]:
    """A table's column -> the entity's column it is a copy of."""
    known = {c.name: c for c in columns}
    meant = {c.name: c.copies or c.name for c in table.columns}
    return {name: known[said] for name, said in meant.items() if said in known}


def member_from(order: tuple[Column, ...]) -> int:
    """Where the member of a sorted set begins in the order of its page: after the score, where that says the first column."""
    return int(len(order) > 1 and order[0].kind in SCORED)


def row_prefix(plan: Plan, table: Table, equals: tuple[str, ...], members: tuple[Column, ...]) -> str:
    """The key of a cached row without its end, which is the member of the sorted set."""
    own = set(key_of(plan, table.entity)) <= {c.name for c in members} or table.inbox
    called = plan.complete.names.entity(table.entity)
    return ":".join([called, "row", *(() if own else (f"{{{slot(c)}}}" for c in equals))]) + ":"


def fan_out(plan: Plan) -> tuple[str, float, float]:
    """The operation that fans out, the share done on write, and the sources left to each read."""
    chosen = plan.decisions.get("fan_out")
    operation = plan.design.critical_write
    if chosen is None or not operation or plan.complete.operations[operation].fan_out is None:
        return "", 0.0, 0.0
    return operation, ability(chosen.chosen, "copies_per_recipient"), ability(chosen.chosen, "merges_at_read")


def paged(plan: Plan) -> tuple[Table, Query] | None:
    """The list that is paged through: the critical read where it is one, else the busiest. The document chooses the same (see tests)."""
    found = [(t, q) for t in plan.design.tables for q in t.queries if q.access == "range" and q.order]
    own = [f for f in found if f[1].operation == plan.design.critical_read]
    return (
        own[0] if own else max(found, key=lambda f: plan.demand.of_operation("peak_qps", f[1].operation), default=None)
    )

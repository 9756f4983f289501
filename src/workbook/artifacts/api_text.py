"""What the descriptions of an interface share: an entity's columns, its references, and names that never clash."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workbook.artifacts.writing.text import one_line
from workbook.plan import Plan
from workbook.plan.design.model import Column, Endpoint, Table

PAGE = 20
LARGEST_PAGE = 100


class Names:
    """Gives each thing a name of its own: what is taken, or a word of the language, gets a suffix, then a number."""

    def __init__(self, taken: Iterable[str] = (), *, suffix: str = "", same: Callable[[str], str] = str) -> None:
        self._same, self._suffix = same, suffix
        self._taken = {same(t) for t in taken}

    def take(self, wanted: str) -> str:
        """The name itself where it is free."""
        first: tuple[str, ...] = (wanted, f"{wanted}{self._suffix}")
        for name in first:
            if self._same(name) not in self._taken:
                self._taken.add(self._same(name))
                return name
        number = 2
        while self._same(f"{wanted}{number}") in self._taken:
            number += 1
        self._taken.add(self._same(f"{wanted}{number}"))
        return f"{wanted}{number}"


def entity_columns(plan: Plan, entity: str) -> dict[str, Column]:
    """The columns of an entity in all its tables; its fields where it has none."""
    found: dict[str, Column] = {}
    for table in plan.design.tables_of(entity):
        for column in table.columns:
            found.setdefault(column.name, column)
    if not found:
        found = {
            n: Column(name=n, kind=f.kind, bytes=f.bytes, optional=f.optional, values=f.values, length=f.length)
            for n, f in plan.complete.entities[entity].fields.items()
        }
    return found


def shown_columns(plan: Plan, entity: str) -> dict[str, Column]:
    """Those of them that callers see: without what only a copy for one query holds."""
    columns = entity_columns(plan, entity)
    shown = {n: c for n, c in columns.items() if n in plan.design.samples.get(entity, {})}
    return shown or columns or {"body": Column(name="body", kind="json", bytes=0.0, optional=True)}


def entities(plan: Plan) -> tuple[str, ...]:
    """The entities that have a table or a way in, in the order of the brief."""
    asked = {plan.complete.operations[e.operation].entity for e in plan.design.endpoints}
    return tuple(e for e in plan.complete.entities if e in asked or plan.design.tables_of(e))


def references(plan: Plan, entity: str) -> dict[str, str]:
    """Column -> the entity it refers to, also where that lies in another store."""
    fields = plan.complete.entities[entity].fields
    known = entities(plan)
    return {n: fields[n].ref for n in shown_columns(plan, entity) if n in fields and fields[n].ref in known}


def home(plan: Plan, entity: str) -> Table | None:
    """The table that finds one row by one value, or None: then rows are not fetched by reference."""
    return next((t for t in plan.design.tables_of(entity) if len(t.key) == 1 and not t.bucket and not t.purpose), None)


def path_keys(endpoint: Endpoint) -> tuple[str, ...]:
    """The columns that the path of an endpoint gives."""
    return tuple(re.findall(r"\{(\w+)\}", endpoint.path))


def given(plan: Plan, endpoint: Endpoint) -> tuple[str, ...]:
    """The columns that a caller gives to find what it means, without what the token says."""
    keys = path_keys(endpoint)
    if not endpoint.paged:
        return keys
    columns = entity_columns(plan, plan.complete.operations[endpoint.operation].entity)
    queries = [q for t in plan.design.tables for q in t.queries if q.operation == endpoint.operation]
    return tuple(
        dict.fromkeys((*keys, *(c for q in queries[:1] for c in q.equals if c != "recipient" and c in columns)))
    )


def page_rows(plan: Plan, endpoint: Endpoint) -> int:
    """Rows of a page where the caller does not say how many."""
    return next(
        (q.limit for t in plan.design.tables for q in t.queries if q.operation == endpoint.operation and q.limit), PAGE
    )


def column_of(name: str, value: Any, columns: Mapping[str, Column]) -> Column:
    """The column of a name, or one that holds such a value."""
    if name in columns:
        return columns[name]
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "bool"),
        (int, "int"),
        (float, "decimal"),
        (str, "string"),
    )
    kind = next((k for t, k in kinds if isinstance(value, t)), "json")
    return Column(name=name, kind=kind, bytes=0.0, optional=value is None)


def system(plan: Plan) -> str:
    """The system's name for a comment."""
    return one_line(plan.complete.model.system)

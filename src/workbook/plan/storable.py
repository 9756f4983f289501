"""What no table can hold, told with its place: too many columns and keys that no engine compares."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.load import Brief
from workbook.brief.model import Entity, Model
from workbook.brief.problems import Problem
from workbook.catalog import loader

MOST_KEYS = 16
"""Columns of one key or index: MySQL's limit, the lowest (reference manual, InnoDB limits)."""
ADDED_COLUMNS = 17
"""Columns that a design may add to an entity's own, with room to spare."""
NEVER_COMPARED = ("geo", "json")
"""Kinds that not every engine compares or puts in order."""
LARGEST_KEY_BYTES = 255
"""Of a field in a key; engines refuse from some 700 bytes on."""


def most_fields() -> int:
    """How many fields an entity may have so that every engine takes its table."""
    limits = [r.most_columns for r in loader.name_rules().values() if r.most_columns is not None]
    return min(limits) - ADDED_COLUMNS


def unstorable(model: Model, brief: Brief) -> Iterator[Problem]:
    """What a table could not be made of."""
    for name, entity in model.entities.items():
        if len(entity.fields) > most_fields():
            yield Problem(
                brief.place(("entities", name, "fields")),
                f"has {len(entity.fields):,} fields; a table holds at most {most_fields():,}",
                "Put what belongs together into a json field, or into an entity of its own.",
            )
        yield from _keys(name, entity, brief)
    for name, operation in model.operations.items():
        found = model.entities.get(operation.entity)
        if found is None:
            continue
        given = {"where": operation.where, "order": (operation.order.removeprefix("-"),) if operation.order else ()}
        for part, columns in given.items():
            yield from _compared(found, columns, brief.place(("operations", name, part)))


def _keys(name: str, entity: Entity, brief: Brief) -> Iterator[Problem]:
    if not entity.key:
        yield from _compared(
            entity, ("id",) if "id" in entity.fields else (), brief.place(("entities", name, "fields", "id"))
        )
    for part, columns in (("key", entity.key), *(("unique", u) for u in entity.unique)):
        place = brief.place(("entities", name, part))
        if len(columns) != len(set(columns)):
            yield Problem(place, "names a field twice", "Name each field once.")
        yield from _compared(entity, columns, place)


def _compared(entity: Entity, columns: tuple[str, ...], place: str) -> Iterator[Problem]:
    if len(columns) > MOST_KEYS:
        yield Problem(place, f"names {len(columns)} fields; an index takes at most {MOST_KEYS}", "Name fewer.")
    for column in columns:
        found = entity.fields.get(column)
        if found is not None and found.kind == "blob" and found.bytes > LARGEST_KEY_BYTES:
            what = f'"{column}" is of {found.text}; a key takes at most {LARGEST_KEY_BYTES} bytes a field'
            yield Problem(place, what, "Name a smaller field, or add one with a hash of it.")
        elif found is not None and found.kind in NEVER_COMPARED:
            yield Problem(
                place,
                f'"{column}" is of the type {found.kind}, which cannot be compared or put in order',
                "Name a field of another type.",
            )

"""Columns that keys, reads and orders name: each has to be a field that lies in the row."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.load import Brief
from workbook.brief.model import Entity, Model
from workbook.brief.problems import Problem, nearest

INLINE_BYTES = 1000.0
"""A blob of an object up to this size stays in its row; a larger one is the file (our assumption)."""


def outside(entity: Entity, kind: str) -> frozenset[str]:
    """The fields of an entity that lie in the object store."""
    if kind != "object":
        return frozenset()
    return frozenset(n for n, f in entity.fields.items() if f.kind == "blob" and f.bytes > INLINE_BYTES)


def problems(model: Model, brief: Brief) -> Iterator[Problem]:
    """Columns that are no fields, or lie elsewhere, with their line."""
    uploaded = {o.entity for o in model.operations.values() if o.verb == "upload"}
    away = {
        name: outside(entity, entity.kind or ("object" if name in uploaded else "record"))
        for name, entity in model.entities.items()
    }
    for name, entity in model.entities.items():
        for key, columns in (("key", entity.key), ("unique", tuple(c for one in entity.unique for c in one))):
            for column in columns:
                place = brief.place(("entities", name, key))
                yield from _column(column, name, entity, away[name], place)
    for operation_name, operation in model.operations.items():
        found = model.entities.get(operation.entity)
        if found is None:
            continue
        ordered = (operation.order.lstrip("-"),) if operation.order else ()
        for key, columns in (("where", operation.where), ("order", ordered)):
            for column in columns:
                place = brief.place(("operations", operation_name, key))
                yield from _column(column, operation.entity, found, away[operation.entity], place)


def _column(column: str, name: str, entity: Entity, away: frozenset[str], place: str) -> Iterator[Problem]:
    if not entity.fields:
        yield Problem(
            place, f'"{column}" is a column of {name}, which says no fields', f"Write entities.{name}.fields."
        )
    elif column not in entity.fields:
        remedy = nearest(column, entity.fields) or f"Known are {', '.join(entity.fields)}."
        yield Problem(place, f'"{column}" is not a field of {name}', remedy)
    elif column in away:
        what = f'"{column}" is the file of {name}, which lies in the object store'
        yield Problem(place, what, "Name a field of the row.")

"""The columns of an entity: its fields, and what the system itself needs in its rows, each under a role whatever it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from workbook.brief.fields import FieldType, parse_field
from workbook.plan.columns import outside
from workbook.plan.complete import Complete
from workbook.plan.design.model import Column, ColumnRole
from workbook.plan.naming import Space, longest_field

OWN_ROLES: Mapping[str, tuple[ColumnRole, tuple[str, ...]]] = {
    "created_at": ("created", ("time",)),
    "updated_at": ("changed", ("time",)),
    "version": ("version", ("int",)),
    "object_key": ("object_key", ("string", "text")),
    "byte_size": ("byte_size", ("int",)),
    "checksum": ("checksum", ("string", "text", "code")),
}
"""A field of this name and of one of these types is what the system needs under that role."""
ADDED: Mapping[ColumnRole, tuple[str, str, str]] = {
    "body": ("body", "json", "what the brief gives only a size for"),
    "id": ("id", "id", "identifies the row"),
    "object_key": ("object_key", "string 80", "where the file lies in the object store"),
    "byte_size": ("byte_size", "int", "size of the file"),
    "checksum": ("checksum", "string 64", "SHA-256 of the file"),
    "created": ("created_at", "time", "order of pages"),
    "changed": ("updated_at", "time", "when it was last changed"),
    "version": ("version", "int", "optimistic locking"),
}
"""What the system may add to an entity: name, type and purpose."""
FILE_ROLES: tuple[ColumnRole, ...] = ("object_key", "byte_size", "checksum")


def columns_of(entity: str, complete: Complete) -> tuple[Column, ...]:
    """The columns of an entity: its fields, and what order, paging, files and optimistic locking need besides."""
    said = complete.entities[entity]
    fields: dict[str, FieldType] = dict(said.fields)
    stored = complete.kind(entity) == "object"
    for away in outside(said, complete.kind(entity)):
        del fields[away]
    roles = {n: _role(n, f, stored) for n, f in fields.items()}
    space = Space(fields, longest=longest_field(), end="_of_row")
    added = [_added(role, space) for role in _needed(entity, complete, fields, set(roles.values()))]
    first = [c for c in added if c.role == "id"]
    own = [replace(_column(n, f, said.sensitive or ""), role=roles[n]) for n, f in fields.items()]
    return (*first, *own, *(c for c in added if c.role != "id"))


def _role(name: str, field: FieldType, stored: bool) -> ColumnRole:
    """The role of a field of the brief: only where its type is the one that the system needs."""
    role, kinds = OWN_ROLES.get(name, ("", ()))
    if field.kind not in kinds or (role in FILE_ROLES and not stored):
        return ""
    return role


def _needed(
    entity: str, complete: Complete, fields: Mapping[str, FieldType], there: set[ColumnRole]
) -> Iterator[ColumnRole]:
    """The roles for which the system adds a column of its own."""
    said = complete.entities[entity]
    if not said.fields:
        yield "body"
    if not said.key and "id" not in fields:
        yield "id"
    if complete.kind(entity) == "object":
        yield from (r for r in FILE_ROLES if r not in there)
    if not any(f.kind in ("time", "date") for f in fields.values()):
        yield "created"
    if any(o.verb == "update" and o.entity == entity for o in complete.operations.values()):
        if "changed" not in there:
            yield "changed"
        if complete.consistency(entity) == "strong" and "version" not in there:
            yield "version"


def _added(role: ColumnRole, space: Space) -> Column:
    name, kind, purpose = ADDED[role]
    return replace(_column(space.take(name), parse_field(kind), "", purpose), role=role)


def _column(name: str, field: FieldType, sensitive: str, purpose: str = "") -> Column:
    private = sensitive if field.kind in ("string", "text", "json", "date", "blob", "geo") else ""
    return Column(
        name=name,
        kind=field.kind,
        bytes=field.bytes,
        optional=field.optional,
        ref=field.ref,
        values=tuple(dict.fromkeys(field.values)),
        length=field.length,
        purpose=purpose,
        sensitive=private,
    )

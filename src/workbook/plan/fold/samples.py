"""Sample rows: the same values in every example of the document, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbook.brief.fields import FieldType
from workbook.plan.fold.topics import Topic
from workbook.plan.form.model import Structure
from workbook.plan.names import SAMPLE_TIME, identifier, sample


def row(structure: Structure) -> dict[str, Any]:
    """A row of a structure, without what is too large to show."""
    return {n: value(structure.id, n, t) for n, t in structure.fields.items() if t.kind != "blob" or t.bytes <= SHOWN}


SHOWN = 200.0
"""Bytes of a blob up to which it stands in an example."""


def value(owner: str, name: str, type_: FieldType) -> Any:
    """A value of a field; a list of one where the field is a list."""
    if type_.kind == "id" and name == "id":
        return identifier(owner)
    one = sample(owner, name, type_)
    return [one] if type_.many else one


def body(fields: Mapping[str, FieldType], owner: str) -> dict[str, Any]:
    """What a caller sends."""
    return {n: value(owner, n, t) for n, t in fields.items()}


def event(topic: Topic) -> dict[str, Any]:
    """An event as it travels: the envelope, and what it tells."""
    return {
        "event_id": identifier(topic.id),
        "type": topic.id,
        "version": EVENT_VERSION,
        "occurred_at": SAMPLE_TIME,
        "data": {n: value(topic.id, n, t) for n, t in topic.fields.items()},
    }


EVENT_VERSION = 1
"""Of what an event tells; it rises when a field changes its meaning."""

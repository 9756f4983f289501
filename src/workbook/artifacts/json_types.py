"""The types of fields in JSON Schema, which events and interfaces share."""

from __future__ import annotations

from typing import Any

from workbook.brief.fields import FieldType

_TYPES: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "format": "uuid"},
    "ref": {"type": "string", "format": "uuid"},
    "text": {"type": "string"},
    "string": {"type": "string"},
    "int": {"type": "integer"},
    "count": {"type": "integer"},
    "decimal": {"type": "number"},
    "money": {"type": "number"},
    "bool": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "json": {"type": "object"},
    "blob": {"type": "string", "contentEncoding": "base64"},
    "enum": {"type": "string"},
    "code": {"type": "string"},
    "geo": {
        "type": "object",
        "required": ["lat", "lon"],
        "properties": {
            "lat": {"type": "number", "minimum": -90, "maximum": 90},
            "lon": {"type": "number", "minimum": -180, "maximum": 180},
        },
    },
}


def json_type(said: FieldType) -> dict[str, Any]:
    """The schema of a field's value; an optional one may be null."""
    made = _one(said)
    if said.many:
        made = {"type": "array", "items": made}
    if said.optional and "type" in made:
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


def _one(said: FieldType) -> dict[str, Any]:
    made = dict(_TYPES.get(said.kind, {}))
    if said.values:
        made["enum"] = list(said.values)
    if said.length and said.kind in ("string", "code"):
        made["maxLength"] = said.length
    return made

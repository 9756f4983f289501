"""The types of columns in JSON Schema, which events and interfaces share."""

from __future__ import annotations

from typing import Any

from workbook.plan.design.model import Column

_TYPES: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "format": "uuid"},
    "ref": {"type": "string", "format": "uuid"},
    "text": {"type": "string"},
    "string": {"type": "string"},
    "int": {"type": "integer"},
    "decimal": {"type": "number"},
    "money": {"type": "number"},
    "bool": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "timestamp": {"type": "string", "format": "date-time"},
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


def json_type(column: Column) -> dict[str, Any]:
    """The schema of a column's value; an optional one may be null."""
    made = dict(_TYPES.get(column.kind, {}))
    if column.values:
        made["enum"] = [*column.values, None] if column.optional else list(column.values)
    if column.length and column.kind in ("string", "code"):
        made["maxLength"] = column.length
    if column.optional and "type" in made:
        made["type"] = [made["type"], "null"]
    return made

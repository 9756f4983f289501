"""The schema of each event, in JSON Schema 2020-12."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.json_types import json_type
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.design.model import Topic

KIND = "event_schema"
DIALECTS: tuple[str, ...] = ()


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a topic."""
    for topic in plan.design.topics:
        yield Artifact(
            kind=KIND,
            subject=topic.name,
            title=f"Schema of {topic.event}",
            path=f"events/{file(topic.event)}.schema.json",
            language="json",
            text=json.dumps(schema(plan, topic), indent=2, ensure_ascii=False) + "\n",
        )


def schema(plan: Plan, topic: Topic) -> Mapping[str, Any]:
    """The envelope, and the data with the types of the entity's columns. Consumers ignore fields they do not know."""
    table = next((t for t in plan.design.tables if t.entity == topic.entity and not t.purpose), None) or next(
        (t for t in plan.design.tables if t.entity == topic.entity), None
    )
    columns = {c.name: c for c in table.columns} if table else {}
    data = {n: json_type(columns[n]) if n in columns else {} for n, _ in topic.fields}
    required = [n for n, _ in topic.fields if n in columns and not columns[n].optional]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://schemas.example.com/{topic.name}/v{topic.payload['version']}.json",
        "title": topic.event,
        "type": "object",
        "required": ["event_id", "type", "version", "occurred_at", "data"],
        "properties": {
            "event_id": {"type": "string", "format": "uuid", "description": "the same on every repeat"},
            "type": {"const": topic.event},
            "version": {
                "type": "integer",
                "minimum": 1,
                "description": "rises when a field changes its meaning; new optional fields leave it",
            },
            "occurred_at": {"type": "string", "format": "date-time"},
            "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "data": {"type": "object", "required": required, "properties": data},
        },
        "examples": [dict(topic.payload)],
    }

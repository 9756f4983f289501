"""The schema of each event, in JSON Schema 2020-12."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.json_types import json_type
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.fold import samples
from workbook.plan.fold.topics import Topic

KIND = "event_schema"
DIALECTS: tuple[str, ...] = ()


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a topic."""
    for topic in plan.design.topics:
        yield Artifact(
            kind=KIND,
            subject=topic.id,
            title=f"Schema of {topic.event}",
            path=f"events/{file(topic.event)}.schema.json",
            language="json",
            text=json.dumps(schema(topic), indent=2, ensure_ascii=False) + "\n",
        )


def schema(topic: Topic) -> Mapping[str, Any]:
    """The envelope, and what the event tells. Consumers ignore fields they do not know."""
    example = samples.event(topic)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://schemas.example.com/{topic.id}/v{example['version']}.json",
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
            "data": {
                "type": "object",
                "required": [n for n, t in topic.fields.items() if not t.optional],
                "properties": {n: json_type(t) for n, t in topic.fields.items()},
            },
        },
        "examples": [example],
    }

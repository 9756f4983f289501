"""Exchanges, queues, bindings and dead letters of RabbitMQ as a definitions file (`rabbitmqctl import_definitions`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.topics_text import ATTEMPTS, DEAD_DAYS, carried, copies, dead_letters, file, milliseconds
from workbook.plan import Plan

KIND = "topics"
DIALECTS = ("rabbitmq",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One definitions file: a topic exchange, a quorum queue for each group, one dead-letter queue for each kind of event."""
    exchange, dead = "events", "events.dead-letter"
    queues: list[dict[str, Any]] = []
    bindings: list[dict[str, Any]] = []
    for topic in carried(plan):
        for group in topic.hearers:
            arguments = {
                "x-queue-type": "quorum",
                "x-quorum-initial-group-size": copies(plan),
                "x-delivery-limit": ATTEMPTS,
                "x-dead-letter-exchange": dead,
                "x-dead-letter-routing-key": topic.id,
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            }
            queues.append(_queue(f"{topic.id}.{group}", arguments))
            bindings.append(_binding(exchange, f"{topic.id}.{group}", topic.id))
        queues.append(_queue(dead_letters(topic), {"x-queue-type": "quorum", "x-message-ttl": milliseconds(DEAD_DAYS)}))
        bindings.append(_binding(dead, dead_letters(topic), topic.id))
    exchanges = [
        {
            "name": n,
            "vhost": "/",
            "type": "topic",
            "durable": True,
            "auto_delete": False,
            "internal": False,
            "arguments": {},
        }
        for n in (exchange, dead)
    ]
    text = json.dumps({"exchanges": exchanges, "queues": queues, "bindings": bindings}, indent=2) + "\n"
    yield from file(plan, "definitions.json", "json", text)


def _queue(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": arguments}


def _binding(source: str, queue: str, key: str) -> dict[str, Any]:
    return {
        "source": source,
        "vhost": "/",
        "destination": queue,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
    }

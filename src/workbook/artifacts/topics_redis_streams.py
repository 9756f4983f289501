"""Streams and groups of Redis, with the life of one event, ready for `redis-cli`."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.cache_text import score
from workbook.artifacts.topics_text import ATTEMPTS, file
from workbook.artifacts.writing import redis
from workbook.artifacts.writing.text import compact
from workbook.plan import Plan

KIND = "topics"
DIALECTS = ("redis_streams",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One command file: groups, then one event written, read, acknowledged, taken over and given up."""
    lines: list[str] = []
    for topic in plan.design.topics:
        stamp = f"{score(topic.payload['occurred_at'], 'time')}-1"
        kept = max(1000, int(topic.per_second * topic.retention_days * 86_400))
        event = redis.string(compact(dict(topic.payload)))
        lines.append(redis.comment(f"{topic.event}: groups"))
        lines += [f"XGROUP CREATE {topic.name} {group} 0 MKSTREAM" for group, _ in topic.groups]
        lines += [
            f"# an event (a producer writes * for the id); about {kept} stay",
            f"XADD {topic.name} MAXLEN ~ {kept} {stamp} key {redis.string(str(topic.payload['data'].get(topic.key)))} event {event}",
        ]
        for group, does in topic.groups:
            lines += [
                redis.comment(f"{group}: {does}"),
                f"XREADGROUP GROUP {group} worker-1 COUNT 10 STREAMS {topic.name} >",
            ]
        group = topic.groups[0][0]
        lines += [
            "# what a dead worker left is taken over after 60 s",
            f"XAUTOCLAIM {topic.name} {group} worker-2 60000 0-0 COUNT 10",
            f"# delivered more than {ATTEMPTS} times (fourth number of each line): to the dead letters, then acknowledged",
            f"XPENDING {topic.name} {group} IDLE 60000 - + 10",
            f"XADD {topic.dead_letter} MAXLEN ~ 100000 * group {group} event {event}",
        ]
        lines += [f"XACK {topic.name} {group} {stamp}" for group, _ in topic.groups]
    yield from file(plan, "streams.redis", "redis", "\n".join(lines) + "\n")

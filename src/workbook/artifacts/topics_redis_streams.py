"""Streams and groups of Redis, with the life of one event, ready for `redis-cli`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from workbook.artifacts.base import Artifact
from workbook.artifacts.topics_text import ATTEMPTS, carried, dead_letters, does, file
from workbook.artifacts.writing import redis
from workbook.artifacts.writing.text import compact
from workbook.plan import Plan
from workbook.plan.fold import samples

KIND = "topics"
DIALECTS = ("redis_streams",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One command file: groups, then one event written, read, acknowledged, taken over and given up."""
    lines: list[str] = []
    for topic in carried(plan):
        told = samples.event(topic)
        stamp = f"{round(datetime.fromisoformat(told['occurred_at']).timestamp() * 1000)}-1"
        kept = max(1000, int(topic.per_second * topic.retention_days * 86_400))
        event = redis.string(compact(told))
        of = ":".join(str(told["data"].get(k)) for k in topic.key)
        lines.append(redis.comment(f"{topic.id}: groups"))
        lines += [f"XGROUP CREATE {topic.id} {group} 0 MKSTREAM" for group in topic.hearers]
        lines += [
            f"# an event (a producer writes * for the id); about {kept} stay",
            f"XADD {topic.id} MAXLEN ~ {kept} {stamp} key {redis.string(of)} event {event}",
        ]
        for group in topic.hearers:
            lines += [
                redis.comment(f"{group}: {does(group)}"),
                f"XREADGROUP GROUP {group} worker-1 COUNT 10 STREAMS {topic.id} >",
            ]
        if not topic.hearers:
            continue
        group = topic.hearers[0]
        lines += [
            "# what a dead worker left is taken over after 60 s",
            f"XAUTOCLAIM {topic.id} {group} worker-2 60000 0-0 COUNT 10",
            f"# delivered more than {ATTEMPTS} times (fourth number of each line): to the dead letters, then acknowledged",
            f"XPENDING {topic.id} {group} IDLE 60000 - + 10",
            f"XADD {dead_letters(topic)} MAXLEN ~ 100000 * group {group} event {event}",
        ]
        lines += [f"XACK {topic.id} {group} {stamp}" for group in topic.hearers]
    yield from file(plan, "streams.redis", "redis", "\n".join(lines) + "\n")

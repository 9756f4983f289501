"""Topics, dead letters and consumer groups of Kafka and of what speaks its protocol."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.topics_text import (
    DEAD_DAYS,
    carried,
    copies,
    dead_letters,
    does,
    file,
    key,
    milliseconds,
    partitions,
)
from workbook.artifacts.writing import shell
from workbook.plan import Plan

KIND = "topics"
DIALECTS = ("kafka",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One shell script that may run twice."""
    number = copies(plan)
    synced = max(1, number - 1)
    lines = [
        "#!/bin/sh",
        "# Creates what is missing; run again it changes nothing.",
        "set -eu",
        'BROKERS="${BROKERS:-localhost:9092}"',
    ]
    for topic in carried(plan):
        create = 'kafka-topics.sh --bootstrap-server "$BROKERS" --create --if-not-exists'
        lines += [
            "",
            shell.comment(f"{topic.id}, keyed by `{key(topic)}`: events of one key stay in order"),
            f"{create} --topic {topic.id} \\",
            f"  --partitions {partitions(plan, topic)} --replication-factor {number} \\",
            f"  --config retention.ms={milliseconds(topic.retention_days)} --config cleanup.policy=delete \\",
            f"  --config min.insync.replicas={synced} --config compression.type=producer",
            f"{create} --topic {dead_letters(topic)} \\",
            f"  --partitions 1 --replication-factor {number} --config retention.ms={milliseconds(max(DEAD_DAYS, topic.retention_days))} --config min.insync.replicas={synced}",
        ]
        for group in topic.hearers:
            lines += [
                shell.comment(f"group {group}, begins where the topic is now: {does(group)}"),
                f'kafka-consumer-groups.sh --bootstrap-server "$BROKERS" --group {group} --topic {topic.id} --reset-offsets --to-current --execute',
            ]
    lines += [
        "",
        "# Producers: acks=all, enable.idempotence=true. Consumers: enable.auto.commit=false, commit after the work is stored;",
        "# after five attempts an event goes to the dead-letter topic with its error in a header, and the offset moves on.",
    ]
    yield from file(plan, "topics.sh", "bash", "\n".join(lines) + "\n")

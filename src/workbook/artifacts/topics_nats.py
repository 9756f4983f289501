"""Streams and consumers of NATS JetStream, by its command line."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.topics_text import (
    ATTEMPTS,
    DEAD_DAYS,
    carried,
    copies,
    dead_letters,
    does,
    file,
    identifier,
    identifiers,
    key,
)
from workbook.artifacts.writing import shell
from workbook.plan import Plan

KIND = "topics"
DIALECTS = ("nats",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One shell script: a stream for each event, a durable pull consumer for each group, a stream for what could not be handled."""
    lines = ["#!/bin/sh", "# Needs the nats command line with a context.", "set -eu"]
    streams = identifiers(t.id for t in carried(plan))
    for topic in carried(plan):
        stream = streams[topic.id].upper()
        lines += [
            "",
            shell.comment(
                f"{topic.id}: the last token of the subject is `{key(topic)}`; "
                "the header Nats-Msg-Id is event_id, so that a repeat is dropped"
            ),
            f"nats stream add {stream} --subjects '{topic.id}.>' --storage file --replicas {copies(plan)} --retention limits \\",
            f"  --max-age {round(topic.retention_days * 24)}h --dupe-window 2m --discard old --defaults",
        ]
        for group in topic.hearers:
            lines += [
                shell.comment(f"{group}: {does(group)}"),
                f"nats consumer add {stream} {identifier(group)} --pull --ack explicit --deliver all --max-deliver {ATTEMPTS} --wait 30s --filter '{topic.id}.>' --defaults",
            ]
        lines += [
            "# dead letters: the server tells which event ran out of attempts; a worker copies it",
            f"nats stream add {stream}_DEAD --subjects '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.*,{dead_letters(topic)}' \\",
            f"  --storage file --replicas {copies(plan)} --max-age {DEAD_DAYS * 24}h --defaults",
        ]
    yield from file(plan, "topics.sh", "bash", "\n".join(lines) + "\n")

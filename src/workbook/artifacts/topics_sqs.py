"""Topics and queues of Amazon SNS and SQS, with dead letters, by the AWS command line."""

from __future__ import annotations

import json
from collections.abc import Iterable

from workbook.artifacts.base import Artifact
from workbook.artifacts.topics_text import ATTEMPTS, DEAD_DAYS, carried, does, file, identifier, identifiers, key
from workbook.artifacts.writing import shell
from workbook.plan import Plan
from workbook.plan.naming import shortened

KIND = "topics"
DIALECTS = ("sqs",)
_MOST_DAYS = 14
LONGEST_QUEUE = 80
"""Letters (Amazon SQS, quotas)."""


def make(plan: Plan) -> Iterable[Artifact]:
    """One shell script: a topic for each event, a queue for each group, one dead-letter queue for each event."""
    lines = [
        "#!/bin/sh",
        "# Needs the AWS command line with a region and an account.",
        "set -eu",
        'REGION="$(aws configure get region)"',
        'ACCOUNT="$(aws sts get-caller-identity --query Account --output text)"',
    ]
    names = identifiers(t.id for t in carried(plan))
    for topic in carried(plan):
        name = names[topic.id]
        dead = shortened(f"{name}_dead_letter", LONGEST_QUEUE - len(".fifo"))
        retention = int(min(topic.retention_days, _MOST_DAYS) * 86_400)
        lines += [
            "",
            shell.comment(f"{topic.id}: message group = `{key(topic)}`, deduplication id = event_id"),
            f"TOPIC=$(aws sns create-topic --name {name}.fifo --attributes FifoTopic=true,ContentBasedDeduplication=false --query TopicArn --output text)",
            f"aws sqs create-queue --queue-name {dead}.fifo --attributes FifoQueue=true,MessageRetentionPeriod={DEAD_DAYS * 86_400}",
        ]
        for group in topic.hearers:
            queue = shortened(f"{name}_{identifier(group)}", LONGEST_QUEUE - len(".fifo")) + ".fifo"
            redrive = json.dumps(
                {"deadLetterTargetArn": f"arn:aws:sqs:REGION:ACCOUNT:{dead}.fifo", "maxReceiveCount": ATTEMPTS}
            )
            attributes = json.dumps(
                {
                    "FifoQueue": "true",
                    "FifoThroughputLimit": "perMessageGroupId",
                    "DeduplicationScope": "messageGroup",
                    "VisibilityTimeout": "60",
                    "MessageRetentionPeriod": str(retention),
                    "ReceiveMessageWaitTimeSeconds": "20",
                    "RedrivePolicy": redrive,
                }
            )
            filled = f"$(printf '%s' '{attributes}' | sed \"s/REGION/$REGION/; s/ACCOUNT/$ACCOUNT/\")"
            lines += [
                shell.comment(f"{group}: {does(group)}".replace("`", "")),
                f'aws sqs create-queue --queue-name {queue} --attributes "{filled}"',
                f'aws sns subscribe --topic-arn "$TOPIC" --protocol sqs --notification-endpoint "arn:aws:sqs:$REGION:$ACCOUNT:{queue}" --attributes RawMessageDelivery=true',
            ]
    yield from file(plan, "topics.sh", "bash", "\n".join(lines) + "\n")

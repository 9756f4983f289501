"""The statements by which an outbox is emptied, in the SQL of the store that holds it."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.writing.sql import comment
from workbook.plan import Plan
from workbook.plan.design.model import Topic

KNOWN = ("postgresql", "mysql")
SAMPLE = "0f8fad5b-d9cb-469f-a165-70867728950e"
BATCH = 100
ATTEMPTS = 8
FAILURES = {
    "postgresql": """CREATE TABLE IF NOT EXISTS outbox_failure (
    id uuid PRIMARY KEY,
    attempts integer NOT NULL,
    next_at timestamptz NOT NULL,
    error text NOT NULL
);""",
    "mysql": """CREATE TABLE IF NOT EXISTS outbox_failure (
    id char(36) PRIMARY KEY,
    attempts int NOT NULL,
    next_at datetime(6) NOT NULL,
    error text NOT NULL
);""",
}


def claim(dialect: str) -> str:
    """The poll: the oldest waiting events, none of which another worker holds, each when its time has come."""
    now = "now()" if dialect == "postgresql" else "utc_timestamp(6)"
    return f"""SELECT id, topic, partition_key, payload
FROM outbox
WHERE published_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM outbox_failure f WHERE f.id = outbox.id AND (f.next_at > {now} OR f.attempts >= {ATTEMPTS}))
ORDER BY created_at
LIMIT {BATCH}
FOR UPDATE {"OF outbox " if dialect == "postgresql" else ""}SKIP LOCKED;"""


def emptied(dialect: str) -> str:
    """The relay's turn where a broker takes the events: read, hand on, mark, in one transaction."""
    poll = "\n".join(line for line in claim(dialect).splitlines() if "outbox_failure" not in line)
    return f"-- the relay: reads in order, hands on, marks when the broker has confirmed\nBEGIN;\n{poll}\n{mark(dialect)}\nCOMMIT;"


def mark(dialect: str) -> str:
    """The event is handed on."""
    now = "now()" if dialect == "postgresql" else "utc_timestamp(6)"
    return f"UPDATE outbox\nSET published_at = {now}\nWHERE id = '{SAMPLE}' AND published_at IS NULL;"


def failed(dialect: str) -> str:
    """The event could not be handled: tried again after 2, 4, 8 ... seconds, at most ten minutes."""
    if dialect == "postgresql":
        return f"""INSERT INTO outbox_failure (id, attempts, next_at, error)
VALUES ('{SAMPLE}', 1, now() + interval '2 seconds', 'what went wrong')
ON CONFLICT (id) DO UPDATE
SET attempts = outbox_failure.attempts + 1, error = excluded.error,
    next_at = now() + least(interval '1 second' * power(2, outbox_failure.attempts + 1), interval '10 minutes');"""
    return f"""INSERT INTO outbox_failure (id, attempts, next_at, error)
VALUES ('{SAMPLE}', 1, utc_timestamp(6) + INTERVAL 2 SECOND, 'what went wrong')
ON DUPLICATE KEY UPDATE attempts = attempts + 1, error = 'what went wrong',
    next_at = utc_timestamp(6) + INTERVAL least(pow(2, attempts), 600) SECOND;"""


def dead(dialect: str) -> str:
    """What was tried too often waits for a person; deleting its failure tries it again."""
    return f"""SELECT o.id, o.topic, o.payload, f.attempts, f.error
FROM outbox_failure f
JOIN outbox o ON o.id = f.id
WHERE f.attempts >= {ATTEMPTS} AND o.published_at IS NULL;"""


def swept(dialect: str) -> str:
    """What was handed on a day ago goes."""
    old = "now() - interval '1 day'" if dialect == "postgresql" else "utc_timestamp(6) - INTERVAL 1 DAY"
    return f"DELETE FROM outbox\nWHERE published_at < {old};"


def relay(plan: Plan, topics: Iterable[Topic], dialect: str) -> str:
    """The whole life of an event in the outbox."""
    told = [comment(f"{t.name}: " + "; ".join(f"{g} {does}" for g, does in t.groups), "  ") for t in topics]
    return (
        "\n".join(
            [
                "-- Who takes which events; each handler notes event_id in processed_event, in the transaction of its work, so that a repeat changes nothing:",
                *told,
                "",
                "-- once",
                FAILURES[dialect],
                "",
                "-- poll, every 200 ms; a worker that dies gives its events back with its transaction",
                "BEGIN;",
                claim(dialect),
                "-- mark, when all its groups have handled it",
                mark(dialect),
                "COMMIT;",
                "",
                "-- retry: in a transaction of its own",
                failed(dialect),
                "",
                f"-- dead letters: after {ATTEMPTS} attempts",
                dead(dialect),
                "",
                "-- every hour",
                swept(dialect),
            ]
        )
        + "\n"
    )

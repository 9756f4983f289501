"""What generated briefs are made of: ordinary words and values, odd ones that are still allowed, and mistakes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import yaml

Raw = dict[str, Any]

NOUNS = [
    "note",
    "invoice",
    "sensor_reading",
    "ticket",
    "basket",
    "shipment",
    "meter",
    "route",
    "photo",
    "player",
    "match",
    "quote",
    "contract",
    "seat",
    "policy",
    "claim",
]
VERBS = [
    "create",
    "upload",
    "update",
    "delete",
    "notify",
    "compute",
    "read",
    "list",
    "search",
    "download",
    "stream",
    "subscribe",
    "aggregate",
]
FIELD_TYPES = [
    "string 40",
    "text",
    "int",
    "decimal",
    "money",
    "bool",
    "time",
    "date",
    "json",
    "geo",
    "blob 2 KB",
    "enum open closed",
    "code base62 7",
    "140 B",
    "string 12?",
]
NEVER_COMPARED = ("blob", "json", "geo")
"""Types that no key, read or order takes."""
KINDS = ["record", "event", "edge", "counter", "series", "memory", "object"]
DECISIONS = {
    "database": ["postgresql", "mysql", "mongodb", "cassandra", "dynamodb", "clickhouse", "neo4j", "cockroachdb"],
    "cache": ["redis", "memcached", "valkey", "in_process"],
    "messaging": ["kafka", "rabbitmq", "sqs", "nats", "redis_streams", "outbox"],
    "language": ["python", "java", "go", "typescript"],
    "api_style": ["rest", "graphql", "grpc"],
    "architecture_style": ["modular_monolith", "microservices", "event_driven", "layered", "cqrs"],
}
ODD_TEXTS = [
    "Ärzte-Termine für Zürich",
    "聊天系统",
    "שלום עולם",
    "🚀 launch 🚀",
    "a\u0301 combining",
    'O\'Reilly & Söhne "Ltd."',
    "100 % | of {{ braces }} ${x} `ticks`",
    "<script>alert(1)</script>",
    "*/ -- ; DROP TABLE note; /*",
    "back\\slash \\n",
    "_under_ *star* [link](x)",
    "x" * 190,
]
ODD_NAMES = [
    "order",
    "user",
    "select",
    "group",
    "table",
    "import",
    "class",
    "None",
    "type",
    "version",
    "id",
    "outbox",
    "A",
    "x" * 60,
    "toString",
    "createdAt",
    "Note",
    "NOTE",
    "note_",
    "self",
    "default",
    "interface",
    "index",
    "message",
    "string",
    "_".join("abcdefgh"),
    "updated_at",
    "function",
]
ODD_FIELDS = [
    "select",
    "order",
    "from",
    "version",
    "updated_at",
    "created_at",
    "type",
    "class",
    "Id",
    "user_id",
    "import",
    "key",
    "x" * 60,
    "None",
]


def pick(rng: Random, low: int, high: int, names: list[str]) -> list[str]:
    """Between so many of these."""
    return rng.sample(names, min(len(names), rng.randint(low, high)))


def rate(rng: Random, populations: list[str], before: list[str], lasting: list[str]) -> Any:
    """A rate in one of the forms of the language."""
    forms: list[Callable[[], str]] = [
        lambda: f"{rng.choice([1, 20, 300, '2k', '3M'])}/{rng.choice(['s', 'min', 'day', 'month'])}"
    ]
    if populations:
        forms += [
            lambda: (
                f"{rng.choice([0.2, 1, 5, 40])} per {rng.choice(populations)} per {rng.choice(['day', 'hour', '30 s'])}"
            )
        ] * 3
    if before:
        forms += [
            lambda: f"{rng.choice([1, 3, 20])} per {rng.choice(before)}",
            lambda: f"{rng.choice([1, 30, 80])} % of {rng.choice(before)}",
        ]
    if lasting:
        forms.append(lambda: f"1 per 15 s during {rng.choice(lasting)}")
    made = [rng.choice(forms)() for _ in range(rng.choice([1, 1, 1, 2]))]
    return made[0] if len(made) == 1 else made


def entity(rng: Random, others: list[str]) -> Raw:
    """An entity with fields, and some of what may be said of one."""
    fields = {"id": "id", "written_at": "time"}
    for number in range(rng.randint(0, 6)):
        fields[rng.choice(["title", "amount", "place", "state", "body", "code", "day", "flag"]) + str(number)] = (
            rng.choice(FIELD_TYPES)
        )
    for other in pick(rng, 0, 2, others):
        fields[f"of_{other}"] = f"ref {other}"
    made: Raw = {"fields": fields}
    extras: Raw = {
        "kind": rng.choice(KINDS),
        "retention": rng.choice(["30 days", "1 year", "7 years", "for ever"]),
        "count": rng.choice([1000, "2M", 50]),
        "size": rng.choice(["300 B", "4 KB"]),
        "consistency": rng.choice(["strong", "eventual"]),
        "sensitive": rng.choice(["personal", "health", "payment", "secret"]),
        "compression": "2x",
        "dedup": "3x",
        "replicas": rng.choice([3, "8+4"]),
        "hot": "30 %",
        "context": rng.choice(["alpha", "beta"]),
        "unique": [["written_at"]],
        "key": rng.choice([["id"], ["id", "written_at"]]),
    }
    return made | {key: extras[key] for key in pick(rng, 0, 5, list(extras))}


def operation(rng: Random, does: str, fields: list[str], entities: list[str]) -> Raw:
    """What is done, and some of what may be said of it."""
    verb = does.split()[0]
    made: Raw = {"does": does}
    extras: Raw = {
        "peak": rng.choice(["2x", "9x", "500/s"]),
        "active_hours": rng.choice(["8 h", "80 % in 12 h", "6 h/day"]),
        "surge": rng.choice(["20x", {"factor": "5x", "lasts": "10 min"}]),
        "items": rng.choice([1, 5, 50]),
        "request": "2 KB",
        "response": "9 KB",
        "creates": {rng.choice(entities): rng.choice([1, "20 %"])},
        "fan_out": rng.choice([3, 200, "10 (1..1000)"]),
        "lasts": rng.choice(["20 min", "2 h"]),
        "p99": rng.choice(["80 ms", "500 ms", "3 s"]),
        "priority": rng.choice(["P0", "P1", "P2"]),
        "mode": rng.choice(["sync", "async"]),
        "idempotent": rng.choice([True, False]),
        "skew": rng.choice(["1 %", "20 %"]),
        "hit_ratio": "70 %",
    }
    if verb in ("list", "read", "search", "aggregate", "stream") and fields:
        extras |= {"where": pick(rng, 1, 2, fields), "order": rng.choice(["", "-"]) + rng.choice(fields)}
    return made | {key: extras[key] for key in pick(rng, 0, 6, list(extras))}


def quality(rng: Random) -> Raw:
    """How good it has to be."""
    said: Raw = {
        "availability": rng.choice(["99 %", "99.9 %", "99.99 %", "99.999 %"]),
        "p99": rng.choice(["100 ms", "1 s"]),
        "rpo": rng.choice(["0 s", "5 min", "1 day"]),
        "rto": rng.choice(["1 min", "4 h"]),
        "staleness": rng.choice(["0 s", "5 s", "1 h"]),
        "read_write": rng.choice([1, 100]),
        "consistency": rng.choice(["strong", "eventual"]),
        "compliance": pick(rng, 1, 3, ["gdpr", "hipaa", "pci_dss", "soc2", "ccpa"]),
        "scanning": pick(rng, 1, 2, ["dependency audit", "malware in uploads", "content moderation", "tarot"]),
    }
    return {key: said[key] for key in pick(rng, 0, 5, list(said))}


def constraints(rng: Random) -> Raw:
    """What limits the choice."""
    said: Raw = {
        "budget": rng.choice(["200 USD/month", "20k USD/month", "3M USD/year"]),
        "cloud": rng.choice(["aws", "gcp", "azure"]),
        "regions": rng.choice([{"europe": "100 %"}, {"usa": "60 %", "japan": "40 %"}, ["germany", "brazil"], "india"]),
        "team": {
            "size": rng.choice([1, 3, 12, 200]),
            "skills": pick(rng, 0, 3, ["python", "go", "kafka", "postgresql", "cobol"]),
        },
        "launch": "3 months",
        "avoid": pick(rng, 1, 3, ["mongodb", "kafka", "redis", "postgresql", "kong", "oracle"]),
        "must_use": pick(rng, 1, 2, ["cassandra", "rabbitmq", "nginx", "graphql"]),
        "existing": pick(rng, 1, 2, ["postgresql", "kubernetes", "oracle"]),
    }
    return {key: said[key] for key in pick(rng, 0, 5, list(said))}


def _rows(name: str) -> list[tuple[str, Any]]:
    rows = yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return [(row["path"], row["value"]) for row in rows]


EXTREMES = _rows("extremes.yaml")
SLIPS = [*_rows("slips.yaml"), ("x" * 300, 1), (f"entities.{'y' * 300}", {"size": "1 B"})]


def put(raw: Raw, dotted: str, value: Any, rng: Random) -> bool:
    """Write a value at a path; False where the brief has nothing there to be changed."""
    here: Any = raw
    *above, last = dotted.split(".") if not dotted.startswith("choices.database.") else ["choices", dotted[8:]]
    for part in above:
        if part == "*":
            if not here:
                return False
            part = rng.choice(sorted(here))
        here = here.setdefault(part, {})
        if not isinstance(here, dict):
            return False
    here[last] = copy.deepcopy(value)
    return True

"""What generated briefs are made of: ordinary words and values, odd ones that are still allowed, and mistakes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

Raw = dict[str, Any]

NOUNS = "note invoice sensor_reading ticket basket shipment meter route photo player match quote contract seat policy claim".split()
VERBS = ["create", "upload", "update", "delete", "notify", "compute", "read", "list", "search", "download", "stream", "subscribe", "aggregate"]  # fmt: skip
FIELD_TYPES = ["string 40", "text", "int", "decimal", "money", "bool", "time", "date", "json", "geo", "blob 2 KB", "enum open closed", "code base62 7", "140 B", "string 12?"]  # fmt: skip
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
    "Ärzte-Termine für Zürich", "聊天系统", "שלום עולם", "🚀 launch 🚀", "a\u0301 combining", "O'Reilly & Söhne \"Ltd.\"",
    "100 % | of {{ braces }} ${x} `ticks`", "<script>alert(1)</script>", "*/ -- ; DROP TABLE note; /*", "back\\slash \\n", "_under_ *star* [link](x)",
    "x" * 190,
]  # fmt: skip
ODD_NAMES = [
    "order", "user", "select", "group", "table", "import", "class", "None", "type", "version", "id", "outbox", "A", "x" * 60, "toString", "createdAt",
    "Note", "NOTE", "note_", "self", "default", "interface", "index", "message", "string", "_".join("abcdefgh"), "updated_at", "function",
]  # fmt: skip
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


EXTREMES: list[tuple[str, Any]] = [
    ("populations.users.daily_active", 0), ("populations.users.daily_active", 1), ("populations.users.daily_active", "1T"), ("populations.users.daily_active", "0..9"),
    ("populations.users.daily_active", "1 (1..1T)"), ("populations.users.concurrent", "0 %"), ("populations.users.growth", "1000x/year"), ("populations.users.growth", "-99 %/year"),
    ("load.peak", "1000000x"), ("load.peak", "1x"), ("load.horizon", "100 years"), ("load.horizon", "1 s"), ("load.headroom", "99.9 %"), ("load.headroom", 0),
    ("load.surge", "1000000x"), ("load.active_hours", "1 s"), ("load.active_hours", "1 % in 1 min"),
    ("entities.*.count", "1000T"), ("entities.*.count", 0), ("entities.*.size", "1 PB"), ("entities.*.size", "1e-9 B"), ("entities.*.retention", "1 s"),
    ("entities.*.retention", "1000 years"), ("entities.*.dedup", "1000000000x"), ("entities.*.compression", "1000000x"), ("entities.*.compression", "0.001x"),
    ("entities.*.replicas", 100), ("entities.*.hot", "0 %"), ("entities.*.hot", "100 %"), ("entities.*.fields", {}), ("entities.*.fields", {"only": "id"}),
    ("operations.*.rate", "0/day"), ("operations.*.rate", "1T/s"), ("operations.*.rate", "1 per 1000 years"), ("operations.*.rate", "1e-9/day"), ("operations.*.items", "1B"), ("operations.*.items", 0.001),
    ("operations.*.fan_out", "1T"), ("operations.*.fan_out", 0), ("operations.*.lasts", "10 years"), ("operations.*.lasts", "1 ns"), ("operations.*.p99", "1 ns"), ("operations.*.p99", "30 days"),
    ("operations.*.request", "1 PB"), ("operations.*.response", "0 B"), ("operations.*.response", "1 PB"), ("operations.*.skew", "100 %"), ("operations.*.skew", 0), ("operations.*.hit_ratio", "100 %"),
    ("operations.*.peak", "1T/s"), ("operations.*.surge", "1x"), ("quality.availability", "0.0001 %"), ("quality.availability", "99.9999999 %"), ("quality.rpo", "1 year"), ("quality.rto", 0),
    ("quality.rto", "0 s"), ("quality.staleness", "0 s"), ("quality.p99", "1 ns"), ("constraints.budget", "0 USD/month"), ("constraints.team.size", 1000000), ("constraints.launch", "1 s"),
    ("constraints.avoid", ["postgresql", "mysql", "mongodb", "cassandra", "dynamodb", "clickhouse", "neo4j", "cockroachdb", "aurora", "scylladb", "timescaledb"]),
    ("constraints.avoid", ["redis", "memcached", "valkey", "in_process"]), ("constraints.avoid", ["python", "go", "java", "typescript"]),
    ("constraints.avoid", ["aws_alb", "aws_api_gateway", "kong", "nginx", "envoy", "cloudflare", "cloudfront", "s3", "gcs", "minio", "azure_blob"]),
    ("quality.durability", "0 %"), ("features.empty", {"title": "Only a title"}), ("features.empty", {}), ("features.empty", {"operations": []}), ("integrations.idle", "does nothing"),
    ("integrations.idle", {"does": "x", "availability": "0.001 %", "p99": "30 days"}), ("tiers.free", {"limit": "1e-9/day"}), ("tunables.LIMIT", ""), ("capacity.web", {"holds": 1e-9, "of": "totals.peak_qps"}),
    ("personas.nobody", ""), ("goals", []), ("future", []), ("choices.database", "dynamodb"),
]  # fmt: skip
"""Paths with values at the edges of what is allowed; `*` is any name. Some are refused, with reason."""

SLIPS: list[tuple[str, Any]] = [
    ("lod", {"peak": "3x"}), ("load.peek", "3x"), ("load.peek", None), ("quality.availability", "120 %"), ("quality.p99", 300), ("quality.compliance", ["gdrp"]), ("populations.users.daily_active", "lots"),
    ("populations.users.daily_active", "1e18"), ("populations.users.daily_active", "10m"), ("populations.users.monthly_active", -4), ("entities.*.size", "1 kb"), ("entities.*.kind", "recrod"), ("entities.*.fields", {"a": "strng 40"}),
    ("entities.*.fields", {"a": "ref ghost"}), ("entities.*.key", ["ghost"]), ("entities.*.retention", "0 s"), ("operations.*.rate", 40), ("operations.*.rate", "1 per ghost"), ("operations.*.rate", "1 per ghosts per day"),
    ("operations.*.does", "creat note"), ("operations.*.does", "read ghost"), ("operations.*.items", 0), ("operations.*.priority", "P9"), ("operations.*.mode", "asynch"), ("operations.*.creates", {"ghost": 1}),
    ("operations.*.by", "some body"), ("operations.*.idempotent", "perhaps"), ("operations.ghost", None), ("features.ghost", None), ("features.f", {"operations": ["ghost"]}), ("features.f", {"capabilities": ["ghost"]}),
    ("constraints.budget", "20k USD"), ("constraints.cloud", "awz"), ("constraints.regions", {"atlantis": "100 %"}), ("constraints.regions", {"europe:34%": None}), ("constraints.regions", {"europe": "50 %"}),
    ("constraints.team.size", 0), ("constraints.must_use", ["kafak"]), ("choices.mesaging", "kafka"), ("choices.messaging", "kafak"), ("choices.database.ghost", "mysql"), ("document.LANGAUGE", "Java"),
    ("document.SERVICE_1", "Feed"), ("document.PRIMARY_WRITE_OPERATION", "zzz"), ("prices.egres", "1 USD/GB"), ("prices.egress", "1 USD/TB"), ("accepted", [{"finding": "over_budgt", "why": "x"}]),
    ("accepted", [{"finding": "over_budget", "why": "x", "until": "soon"}]), ("confirmed", [{"stage": 99, "by": "x", "date": "2026-01-01"}]), ("archetypes", ["ghost"]), ("capabilities", ["ghost"]), ("system", None),
    ("workbook", 2), ("capacity.web", {"holds": 1, "of": "totals.ghost"}), ("tiers.free", {"limit": "many"}), ("x" * 300, 1), ("entities." + "y" * 300, {"size": "1 B"}), ("goals", {"a": "b"}), ("load", "heavy"),
]  # fmt: skip
"""Mistakes, each of which has to be refused."""


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

"""What the brokers' dialects share: partitions, copies, lifetimes and dead letters of a plan's topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.plan import Plan
from workbook.plan.design.model import Topic
from workbook.plan.naming import Space

ATTEMPTS = 5
DEAD_DAYS = 14
DAY_MS = 86_400_000
LONGEST_TOPIC = 200


def copies(plan: Plan) -> int:
    """How many brokers hold each event."""
    fact = plan.design.messaging.facts.get("replication_factor")
    return max(1, int(fact.value)) if fact else 1


def partitions(plan: Plan, topic: Topic) -> int:
    """How many consumers of a group can work at once."""
    return max(1, plan.sizing.partitions.get(topic.name, 1))


def milliseconds(days: float) -> int:
    """A lifetime as brokers want it."""
    return int(days * DAY_MS)


def identifier(name: str) -> str:
    """A name without dots, for brokers that give dots a meaning."""
    return name.replace(".", "_").replace("-", "_")


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """The same for several, each with one of its own: where dots and dashes fall together, two could be one."""
    space = Space(longest=LONGEST_TOPIC, end="", alike=str.lower)
    return {name: space.take(identifier(name)) for name in names}


def file(plan: Plan, name: str, language: str, text: str, title: str = "") -> Iterator[Artifact]:
    """The one artifact of a plan's topics; none where nothing is told."""
    if plan.design.topics:
        dialect = plan.design.messaging.dialect
        yield Artifact(
            kind="topics",
            subject=dialect,
            title=title or f"Topics on {plan.design.messaging.name}",
            path=f"topics/{name}",
            language=language,
            text=text,
            dialect=dialect,
        )

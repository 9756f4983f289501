"""What the brokers' dialects share: partitions, copies, lifetimes and dead letters of a plan's topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.plan import Plan
from workbook.plan.fold.topics import Topic
from workbook.plan.naming import Space

ATTEMPTS = 5
DEAD_DAYS = 14
DAY_MS = 86_400_000
LONGEST_TOPIC = 200


def carried(plan: Plan) -> list[Topic]:
    """The topics that the broker carries; others wait in the database of their writer."""
    return [t for t in plan.design.topics if not t.inside]


def dead_letters(topic: Topic) -> str:
    """Where goes what could not be handled."""
    return f"{topic.id}_dead"


def key(topic: Topic) -> str:
    """What keeps events in order."""
    return ", ".join(topic.key) or "nothing"


def does(hearer: str) -> str:
    """What a group is for."""
    return hearer.replace("_", " ")


def copies(plan: Plan) -> int:
    """How many brokers hold each event."""
    broker = plan.design.messaging
    fact = broker.facts.get("replication_factor") if broker is not None else None
    return max(1, int(fact.value)) if fact else 1


def partitions(plan: Plan, topic: Topic) -> int:
    """How many consumers of a group can work at once."""
    return max(1, plan.sizing.partitions.get(topic.id, 1))


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
    """The one artifact of a plan's topics; none where the broker carries nothing."""
    broker = plan.design.messaging
    if broker is not None and carried(plan):
        yield Artifact(
            kind="topics",
            subject=broker.dialect,
            title=title or f"Topics on {broker.name}",
            path=f"topics/{name}",
            language=language,
            text=text,
            dialect=broker.dialect,
        )

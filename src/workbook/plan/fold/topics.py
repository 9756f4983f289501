"""Events: who tells them, who starts by them, by which key, how long they are kept, where they rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbook.brief.fields import FieldType
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.services import Service
from workbook.plan.names import LONGEST_TYPE, camel, type_name
from workbook.plan.naming import Space
from workbook.plan.passes.asked import ENVELOPE_BYTES
from workbook.plan.passes.outbox import Outbox
from workbook.plan.passes.resting import RETAINED_DAYS
from workbook.plan.passes.world import World

DEAD_LETTERS = "dead"
"""What follows the name of a topic or queue: where goes what could not be handled."""
PARTITION_BYTES_PER_SECOND = 10e6
"""What one partition takes before it is worth a further one (our assumption, within the 5-20 MB/s of published sizing guides)."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A kind of event with those who tell and hear it."""

    id: str
    event: str
    """What it is called where it travels: `MessageSent`."""
    key: tuple[str, ...]
    fields: Mapping[str, FieldType]
    retention_days: float
    home: str
    """The store that it rests in; empty where none was chosen."""
    inside: bool
    """Whether it waits in the database of its writer: an outbox, or all events of a small system."""
    tellers: tuple[str, ...]
    """Operations."""
    hearers: tuple[str, ...]
    producers: tuple[str, ...]
    """Services."""
    consumers: tuple[str, ...]
    per_second: float
    bytes: float

    @property
    def bytes_per_second(self) -> float:
        """At peak."""
        return self.per_second * self.bytes


def _of_write(operation: str, topic: str, told: Mapping[str, list[str]], world: World) -> bool:
    """Whether a topic carries the event of an operation: told by itself, or by the relay of its outbox."""
    if world.form.topics[topic].added_by == Outbox.id:
        return False
    heard = [
        world.programs[t].operation.starts.on for t in told[topic] if world.programs[t].operation.added_by == Outbox.id
    ]
    return operation in told[topic] or any(operation in told.get(box, ()) for box in heard)


def topics(world: World, services: Iterable[Service], critical_write: str = "") -> tuple[Topic, ...]:
    """Every topic of the form. The event of the critical write is called as the document's variable says."""
    named = type_name(world.complete.model.document.get("EVENT_NAME", ""))
    runs = {o: s.id for s in services for o in s.operations}
    told: dict[str, list[str]] = {n: [] for n in world.form.topics}
    heard: dict[str, list[str]] = {n: [] for n in world.form.topics}
    for name, program in world.programs.items():
        if program.starts is Start.EVENT and program.operation.starts.on in heard:
            heard[program.operation.starts.on].append(name)
        for step, _ in program.steps():
            if step.verb is Verb.PUBLISH and step.target in told and name not in told[step.target]:
                told[step.target].append(name)
    made = []
    events = Space(longest=LONGEST_TYPE, end="", alike=str.lower)
    for name, topic in world.form.topics.items():
        home = world.home(name)
        own = named if named and _of_write(critical_write, name, told, world) else camel(name)
        made.append(
            Topic(
                id=name,
                event=events.take(own),
                key=topic.key,
                fields=topic.fields,
                retention_days=topic.retention.best / 86_400 if topic.retention else RETAINED_DAYS,
                home=home.id if home else "",
                inside=home is not None and home.role == "database",
                tellers=tuple(told[name]),
                hearers=tuple(heard[name]),
                producers=tuple(dict.fromkeys(runs[o] for o in told[name])),
                consumers=tuple(dict.fromkeys(runs[o] for o in heard[name])),
                per_second=world.load.of_structure("rows_written", name),
                bytes=ENVELOPE_BYTES + sum(t.bytes for t in topic.fields.values()),
            )
        )
    return tuple(made)

"""8 Messaging and eventing."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Code, Note, Subsection, Table
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.document.wording import messaging
from workbook.plan.fold import samples
from workbook.plan.fold.topics import Topic
from workbook.plan.operate.consumption import WAITS, Consumption, consumptions
from workbook.plan.operate.seen import seen_sets, unguarded
from workbook.plan.operate.telling import mode
from workbook.plan.passes.outbox import Outbox

NUMBER = 8
TITLE = "Messaging and eventing"
ENVELOPE = {"event_id": "5f0c2a1e-8f7b-4d38-9a55-1f6f0f4b7c11", "occurred_at": "2026-03-02T09:30:00.000Z"}


def build(page: Page) -> Iterator[Subsection]:
    """Topics, what is asynchronous, who works it off, and what becomes of what comes twice, late or never."""
    found = consumptions(page.plan.design, page.plan.sizing)
    yield _topics(page)
    yield _modes(page)
    yield _groups(page, found)
    yield _delivery(page, found)


def _topics(page: Page) -> Subsection:
    topics = page.plan.design.topics
    if not topics:
        note = Note(id="8.1.topics", title="No topics", text=messaging.none(page))
        return Subsection(id="8.1", title="Topics", blocks=(note,))
    rows = tuple(
        (
            w.code(t.id),
            ", ".join(w.code(k) for k in t.key) or "–",
            page.plan.sizing.partitions.get(t.id) or "one table",
            messaging.days(t.retention_days),
            f"{w.rate(t.per_second)} of {w.size(t.bytes)}",
            messaging.rests(t, page),
            w.listed(t.tellers, 3) or "nobody",
            messaging.told(t, page),
        )
        for t in topics
    )
    blocks: list[Block] = [
        Table(
            id="8.1.topics",
            title="Kinds of events",
            columns=("Topic", "Partition key", "Partitions", "Retention", "Peak", "Rests in", "Told by", "How"),
            align="<<>>><<<",
            rows=rows,
        ),
        Table(
            id="8.1.schema", title="Message schema", columns=("Topic", "Fields"), rows=tuple(map(_fields, _own(page)))
        ),
    ]
    first = next((t for t in topics if t.hearers), topics[0])
    blocks.append(
        Code(
            id=f"8.1.{first.id}",
            title=f"An event of {first.id}",
            language="json",
            text=json.dumps(_sample(first), indent=2),
        )
    )
    blocks += [page.code(f"8.1.create{i}", a) for i, a in enumerate(page.made("topics"), start=1)]
    if "messaging" in page.plan.decisions:
        blocks.append(matrix(page, "8.1.decision", "messaging"))
    return Subsection(id="8.1", title="Topics", blocks=tuple(blocks))


def _own(page: Page) -> list[Topic]:
    """The topics without their outboxes, whose events are the same."""
    boxes = {n for n, t in page.plan.world.form.topics.items() if t.added_by == Outbox.id}
    return [t for t in page.plan.design.topics if t.id not in boxes]


def _fields(topic: Topic) -> tuple[str, str]:
    own = ", ".join(
        f"{w.code(n)} {f'ref {t.ref}' if t.ref else t.kind}{'?' if t.optional else ''}" for n, t in topic.fields.items()
    )
    return w.code(topic.id), f"{', '.join(w.code(n) for n in ENVELOPE)}, {own}"


def _sample(topic: Topic) -> dict[str, object]:
    return {
        **ENVELOPE,
        **{n: samples.value(topic.id, n, t) for n, t in topic.fields.items() if t.bytes <= samples.SHOWN},
    }


def _modes(page: Page) -> Subsection:
    rows = []
    for name in page.plan.complete.operations:
        if name in page.programs:
            found, after = mode(name, page.plan.design)
            rows.append((w.words(name), found.value, messaging.mode(found, page, name), w.listed(after, 4) or "–"))
    table = Table(id="8.2.modes", columns=("Operation", "Mode", "Why", "After the answer"), rows=tuple(rows))
    return Subsection(id="8.2", title="Sync and async", blocks=(table,))


def _groups(page: Page, found: tuple[Consumption, ...]) -> Subsection:
    waiting, clocked = [c for c in found if c.starts in WAITS], [c for c in found if c.starts not in WAITS]
    blocks: list[Block] = []
    if waiting:
        rows = tuple(
            (
                w.code(c.operation),
                w.code(c.on),
                page.title(c.service),
                w.rate(c.per_second),
                c.consumers,
                messaging.shared(c),
            )
            for c in waiting
        )
        blocks.append(
            Table(
                id="8.3.groups",
                title="A consumer group for each operation that starts by events",
                columns=("Group", "Topic or queue", "Runs in", "Peak", "Consumers", "Shared out"),
                align="<<<>><",
                rows=rows,
            )
        )
    else:
        text = f"Nothing of {page.plan.complete.model.system} waits in a topic or queue, so there is no consumer group."
        blocks.append(Note(id="8.3.groups", title="No consumer groups", text=text))
    if clocked:
        timed = tuple((w.code(c.operation), messaging.begins(c, page), page.title(c.service)) for c in clocked)
        blocks.append(
            Table(
                id="8.3.clocks",
                title="Started by the clock or by rows",
                columns=("Operation", "Starts when", "Runs in"),
                rows=timed,
            )
        )
    return Subsection(id="8.3", title="Consumer groups", blocks=tuple(blocks))


def _delivery(page: Page, found: tuple[Consumption, ...]) -> Subsection:
    blocks: list[Block] = []
    if found:
        blocks += [_outcomes(page, found), *_retries(page, found)]
    else:
        text = (
            f"Every operation of {page.plan.complete.model.system} is done when it answers: nothing is delivered later."
        )
        blocks.append(Note(id="8.4.delivery", title="Nothing is delivered later", text=text))
    blocks += _idempotency(page)
    said = messaging.once(page, seen_sets(page.plan.design))
    if said:
        blocks.append(Note(id="8.4.once", title="At least once, applied once", text=said))
    return Subsection(id="8.4", title="Delivery guarantees", blocks=tuple(blocks))


def _outcomes(page: Page, found: tuple[Consumption, ...]) -> Table:
    alike: dict[tuple[str, str, str], list[str]] = {}
    for one in found:
        outcome = (messaging.second(one, page), messaging.late(one, page), messaging.never(one))
        alike.setdefault(outcome, []).append(w.code(one.operation))
    rows = tuple((", ".join(names), *outcome) for outcome, names in alike.items())
    return Table(
        id="8.4.outcomes",
        title="At least once: what it is when the same comes twice, late or never",
        columns=("Operation", "Twice", "Late", "Never"),
        rows=rows,
    )


def _retries(page: Page, found: tuple[Consumption, ...]) -> Iterator[Block]:
    lettered = [c for c in found if c.starts in WAITS]
    if not lettered:
        return
    rows = tuple(
        (w.code(c.operation), messaging.retries(c), w.code(c.dead) if c.dead else "–", messaging.backlog(c))
        for c in lettered
    )
    yield Table(
        id="8.4.delivery",
        title="Retries, dead letters, backpressure",
        columns=("Group", "Retries", "Dead letters", "Backpressure"),
        rows=rows,
        note=f"{messaging.dead(page, lettered)} {messaging.producers(page)}".strip(),
    )


def _idempotency(page: Page) -> Iterator[Block]:
    rows = tuple(
        (
            w.listed(s.operations, 4),
            ", ".join(w.code(k) for k in s.key),
            f"{w.code(s.structure)}, {w.duration(s.seconds)}",
            w.count(s.keys),
            w.size(s.bytes),
            messaging.filtered(s),
        )
        for s in seen_sets(page.plan.design)
    )
    open_ = [o for o in unguarded(page.plan.design) if page.asked(o)]
    note = (
        f"Sent again, these do it again: {w.listed(open_, 8)}. `idempotent: true` in the brief would prevent it."
        if open_
        else ""
    )
    if rows:
        yield Table(
            id="8.4.idempotency",
            title="What remembers requests and events",
            columns=("For", "Key", "Kept in, for", "Keys held", "Bytes", "Bloom filter"),
            align="<<<>><",
            rows=rows,
            note=note,
        )
    else:
        text = f"No operation of {page.plan.complete.model.system} remembers what started it. {note}".strip()
        yield Note(id="8.4.idempotency", title="No idempotency keys", text=text)

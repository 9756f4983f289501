"""8 Messaging and eventing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Code, Note, Subsection, Table
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.plan.decisions.messaging import emits
from workbook.plan.sizing.tiers import consumer_rate

NUMBER = 8
TITLE = "Messaging and eventing"
BLOOM_ERROR = 0.001


def build(page: Page) -> Iterator[Subsection]:
    """Topics, what is asynchronous, consumer groups, delivery."""
    yield _topics(page)
    yield _modes(page)
    yield _groups(page)
    yield _delivery(page)


def _topics(page: Page) -> Subsection:
    plan = page.plan
    rows = tuple(
        (
            w.code(t.name),
            t.event,
            w.code(t.key),
            plan.sizing.partitions[t.name],
            f"{t.retention_days:g} days",
            w.rate(t.per_second),
            w.listed(t.producers),
        )
        for t in plan.design.topics
    )
    blocks: list[Block] = []
    if rows:
        blocks.append(
            Table(
                id="8.1.topics",
                title=f"On {plan.design.messaging.name}",
                columns=("Topic", "Event", "Partition key", "Partitions", "Retention", "Peak", "Producer"),
                align="<<<>>><",
                rows=rows,
            )
        )
    else:
        blocks.append(
            Note(
                id="8.1.topics",
                title="No topics",
                text=f"Nothing in {plan.complete.model.system} changes state, so there is nothing to tell.",
            )
        )
    if rows and not any(emits(o) for o in plan.complete.operations.values()):
        blocks.append(
            Note(
                id="8.1.needed",
                title="Is it needed?",
                text=f"Nothing in {plan.complete.model.system} has to happen after the answer: {w.words(plan.design.topics[0].operation)} tells of itself for whoever wants to listen one day. Until then this may be left out.",
            )
        )
    schemas = {a.subject: a for a in page.made("event_schema")}
    for topic in plan.design.topics:
        if topic.name in schemas:
            blocks.append(page.code(f"8.1.{topic.event}", schemas[topic.name]))
        else:
            blocks.append(
                Code(
                    id=f"8.1.{topic.event}",
                    title=f"{topic.event}",
                    language="json",
                    text=json.dumps(dict(topic.fields), indent=2),
                )
            )
    blocks += [page.code(f"8.1.create{i}", a) for i, a in enumerate(page.made("topics"), start=1)]
    blocks.append(matrix(page, "8.1.decision", "messaging"))
    return Subsection(id="8.1", title="Topics", blocks=tuple(blocks))


def _modes(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for name, operation in plan.complete.operations.items():
        flow = next(f for f in plan.design.flows if f.operation == name)
        late = [h.action for h in flow.hops[flow.asynchronous_from - 1 :]] if flow.asynchronous_from else []
        mode = (
            "async"
            if operation.mode == "async" or (emits(operation) and operation.verb in ("notify", "compute"))
            else "sync" + (" + event" if late else "")
        )
        why = (
            f"caller waits {w.milliseconds(flow.target_ms)} at most"
            if mode.startswith("sync")
            else f"up to {w.rate(plan.demand.of_operation('peak_qps', name))} need not wait"
        )
        rows.append((w.words(name), mode, why, "; ".join(late[:2]) or "–"))
    return Subsection(
        id="8.2",
        title="Sync and async",
        blocks=(Table(id="8.2.modes", columns=("Operation", "Mode", "Why", "After the answer"), rows=tuple(rows)),),
    )


def _groups(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    each = consumer_rate(plan.world, plan.design)
    for topic in plan.design.topics:
        for group, does in topic.groups:
            fan = plan.complete.operations[topic.operation].fan_out is not None and group.endswith("fan-out")
            work = topic.per_second * (
                max(1.0, plan.demand.of_operation("recipients", topic.operation) / 100) if fan else 1.0
            )
            need = max(1, math.ceil(work / each / (1 - plan.world.headroom)))
            at_most = plan.sizing.partitions[topic.name]
            need = min(need, at_most)
            split = (
                f"by {topic.key}; each consumer owns {max(1, at_most // max(1, need))} of {at_most} partitions"
                if plan.design.messaging.abilities.get("partitions") or at_most > 1
                else f"competing consumers; order kept per {topic.key} by locking its row"
            )
            if fan:
                split += f"; recipients in batches of 100, {w.rate(topic.per_second * plan.demand.of_operation('recipients', topic.operation))} deliveries"
            rows.append((w.code(group), w.code(topic.name), does, need, split))
    if not rows:
        rows.append(("–", "–", f"{plan.complete.model.system} tells of nothing", 0, "–"))
    return Subsection(
        id="8.3",
        title="Consumer groups",
        blocks=(
            Table(
                id="8.3.groups",
                columns=("Group", "Topic", "Does", "Consumers", "Shared out"),
                align="<<<><",
                rows=tuple(rows),
            ),
        ),
    )


def _delivery(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for topic in plan.design.topics:
        backlog = topic.per_second * 600
        rows.append(
            (
                w.code(topic.name),
                f"lag above {w.count(max(100, topic.per_second * 60))}: scale out; above {w.count(max(1000, backlog))}: P1 producers get 503",
                "5 tries after 1, 2, 4, 8, 16 s, each ± 50 %",
                w.code(topic.dead_letter),
                "`event_id` in processed_event, same transaction"
                if _transactional(page, topic.entity)
                else "`event_id` in processed_event, written if not there",
            )
        )
    keys = []
    for name, operation in plan.complete.operations.items():
        if operation.idempotent:
            a_day = plan.demand.of_operation("calls_per_day", name)
            keys.append(
                (
                    w.words(name),
                    "Idempotency-Key of the caller, kept 24 h",
                    w.count(a_day),
                    w.size(a_day * 100),
                    _bloom(a_day),
                )
            )
    for topic in plan.design.topics:
        a_day = plan.demand.of_operation("calls_per_day", topic.operation)
        keys.append(
            (
                f"{topic.event} ({topic.groups[0][0]})",
                "`event_id`, kept 7 days",
                w.count(a_day * 7),
                w.size(a_day * 7 * 60),
                _bloom(a_day * 7),
            )
        )
    dear = [n for n, o in plan.complete.operations.items() if o.idempotent and _conditional(page, o.entity)]
    notes: list[Note] = []
    if dear:
        busiest = max(dear, key=lambda n: plan.demand.of_operation("peak_qps", n))
        peak = plan.demand.of_operation("peak_qps", busiest)
        keyed = ", ".join(t.key[-1] for t in plan.design.tables_of(plan.complete.operations[busiest].entity)[:1])
        store = plan.design.store_of(plan.complete.contexts[plan.complete.operations[busiest].entity])
        notes.append(
            Note(
                id="8.4.conditional",
                title="What a conditional write costs",
                text=f"`IF NOT EXISTS` takes {store.name if store else 'the store'} about four round trips between copies, at {w.rate(peak)} of {w.words(busiest)} {w.rate(4 * peak)}. Where the caller makes `{keyed}` itself, a repeat writes the same row again and the condition can be left out: keep it for keys that gate money or counts.",
            )
        )
    name = plan.design.topics[0].event if plan.design.topics else "an event"
    return Subsection(
        id="8.4",
        title="Delivery guarantees",
        blocks=(
            Table(
                id="8.4.delivery",
                title="Backpressure, retries, dead letters",
                columns=("Topic", "Backpressure", "Retries", "Dead letters", "Applied once by"),
                rows=tuple(rows) or (("–", "–", "–", "–", "–"),),
            ),
            Table(
                id="8.4.idempotency",
                title="Keys, seen-sets and filters",
                columns=(
                    "For",
                    "Key",
                    "Keys held",
                    "As a seen-set",
                    f"As a bloom filter ({w.percent(BLOOM_ERROR)} false)",
                ),
                align="<<>><",
                rows=tuple(keys) or (("nothing repeats", "–", "–", "–", "–"),),
            ),
            Note(
                id="8.4.once",
                title="At least once, applied once",
                text=f"{plan.design.messaging.name} may deliver {name} twice and out of order. The seen-set decides; a bloom filter only spares it look-ups of keys that are certainly new, because its false positives would drop true ones.",
            ),
            *notes,
        ),
    )


def _conditional(page: Page, entity: str) -> bool:
    """Whether a write-once check there is a round of consensus rather than a unique index."""
    store = page.plan.design.store_of(page.plan.complete.contexts[entity])
    return bool(store and store.technology.dialect == "cql")


def _transactional(page: Page, entity: str) -> bool:
    store = page.plan.design.store_of(page.plan.complete.contexts[entity])
    return bool(store and store.technology.abilities.get("transactions"))


def _bloom(keys: float) -> str:
    """Bits and hashes of a bloom filter: m = -n ln p / (ln 2)^2, k = m / n ln 2."""
    if keys < 1:
        return "–"
    bits = -keys * math.log(BLOOM_ERROR) / math.log(2) ** 2
    return f"{w.size(bits / 8)}, {round(bits / keys * math.log(2))} hashes"

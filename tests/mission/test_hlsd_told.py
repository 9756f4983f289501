"""Rows of the template, section 8: what is told to whom, what waits for it, and what remembers it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claims import Claims, Document, said
from documents import put
from readings import Fact, near, number, numbers, same, says, true

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan import Plan
from workbook.plan.names import words

CLAIMS = Claims()
OUTBOX = "outbox"
FALSE_POSITIVES = 0.001


@CLAIMS(
    "H8.1",
    plants=(
        put("sizing", "partitions", "sent", to=7),
        put("design", "topics", 0, "retention_days", to=99.0),
        put("design", "topics", 0, "key", to=("nobody",)),
        put("design", "topics", 0, "per_second", to=lambda rate: rate * 2),
    ),
)
def topics_have_key_partitions_retention_and_schema(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each topic stands as it is made: the script that creates it has the same partitions, and each has room for its consumers."""
    script = "\n".join(text for path, text in document.files.items() if path.startswith("topics/"))
    consumers = {r["Topic or queue"]: int(r["Consumers"]) for r in document.rows("8.3.groups")}
    for topic in plan.design.topics:
        row = document.row("8.1.topics", Topic=topic.id)
        yield same(f"{topic.id}: key", ", ".join(topic.key) or "–", row.get("Partition key"))
        yield near(f"{topic.id}: retention", topic.retention_days * 86_400, row.get("Retention", ""))
        yield near(f"{topic.id}: peak", topic.per_second, row.get("Peak", ""))
        partitions = plan.sizing.partitions.get(topic.id)
        yield same(f"{topic.id}: partitions", str(partitions or "one table"), row.get("Partitions"))
        if partitions:
            yield true(f"{topic.id}: room for its consumers", consumers.get(topic.id, 1) <= partitions, consumers)
            if "kafka" in script:
                made = re.search(rf"--topic {topic.id} \\\n\s+--partitions (\d+)", script)
                yield same(f"{topic.id}: partitions of the script", str(partitions), made[1] if made else None)
        fields = document.row("8.1.schema", Topic=topic.id).get("Fields")
        if OUTBOX not in topic.id:
            yield same(
                f"{topic.id}: fields", set(topic.fields), set(re.findall(r"(\w+) \w", fields or "")) & set(topic.fields)
            )


@CLAIMS(
    "H8.2",
    plants=(
        said(operations__send_message__p99="90 ms"),
        put("world", "form", "operations", "deliver", "starts", "on", to="progressed"),
    ),
)
def each_operation_is_sync_or_async(plan: Plan, document: Document) -> Iterator[Fact]:
    """Who is asked answers within their target; what goes on after the answer is what starts by the events told."""
    for name in plan.complete.operations:
        program, row = plan.world.programs[name], document.row("8.2.modes", Operation=words(name))
        started = _goes_on(plan, name)
        yield same(f"{name}: after the answer", _listed(started), row.get("After the answer"))
        if program.starts is Start.CALLER:
            yield true(f"{name}: mode", row.get("Mode", "") in ("sync", "sync, then events", "async"), row)
            yield same(f"{name}: ends with the answer", not started, row.get("Mode") == "sync")
            if row.get("Mode", "").startswith("sync"):
                yield near(f"{name}: waits", plan.complete.latency(name).best, row.get("Why", ""))


def _listed(names: list[str], most: int = 4) -> str:
    """Names in the order in which they start, cut after four."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(words, names[:most])) + rest if names else "–"


def _goes_on(plan: Plan, name: str) -> list[str]:
    """What starts by what an operation tells or puts into a queue, at any remove; what only carries events on is no work of its own."""
    found, waiting = [name], [name]
    telling = (Verb.PUBLISH, Verb.APPEND, Verb.PUT)
    while waiting:
        touched = {s.target for s, _ in plan.world.programs[waiting.pop()].steps() if s.verb in telling}
        for other, program in plan.world.programs.items():
            waits = program.starts in (Start.EVENT, Start.QUEUE, Start.DEAD)
            if waits and program.operation.starts.on in touched and other not in found:
                found.append(other)
                waiting.append(other)
    return [o for o in found[1:] if plan.world.form.operations[o].added_by != OUTBOX]


@CLAIMS(
    "HX2",
    plants=(
        said(operations__send_message__rate="3 per users per day"),
        put("world", "form", "structures", "messages_request", "ttl", "best", to=3600.0),
    ),
)
def what_remembers_requests_is_sized(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each set of seen keys has its key, how long it remembers, its bytes, and the bloom filter that theory gives for them."""
    claimed = {s.target for p in plan.world.programs.values() for s, _ in p.steps() if s.verb is Verb.CLAIM}
    rows = document.rows("8.4.idempotency")
    for name in claimed:
        structure = plan.world.form.structures.get(name)
        if structure is None or structure.shape not in (Shape.ROWS, Shape.SET) or not structure.added_by:
            continue
        row = next((r for r in rows if r["Kept in, for"].startswith(f"{name}, ")), None)
        if row is None or structure.ttl is None:
            yield true(f"{name} is listed", structure.ttl is None, rows)
            continue
        yield same(f"{name}: key", ", ".join(structure.key), row["Key"])
        keys = plan.world.load.rows(name)
        yield near(f"{name}: keys", keys, row["Keys held"])
        yield near(f"{name}: remembers", numbers(str(structure.ttl))[0], row["Kept in, for"].partition(", ")[2])
        least = keys * sum(t.bytes for t in structure.fields.values())
        yield true(f"{name}: bytes", number(row["Bytes"]) >= least * 0.99, row["Bytes"])
        bits, hashes = 14.378, 10
        yield near(f"{name}: filter of {bits} bits a key", keys * bits / 8, row["Bloom filter"])
        yield says(f"{name}: hashes for {FALSE_POSITIVES:%}", f"{hashes} hashes", row["Bloom filter"])


test_holds = CLAIMS.holds()
test_speaks_of_several_fields = CLAIMS.spoken_of()
test_a_planted_fault_is_seen = CLAIMS.planted()

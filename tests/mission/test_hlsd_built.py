"""Rows of the template, sections 4 to 7: what is built, where things rest, what is copied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from claims import Claims, Document
from documents import array, put
from readings import Fact, near, number, same, says, true

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.document.blocks import Code
from workbook.plan import Plan
from workbook.plan.names import words

CLAIMS = Claims()
GIVEN_BY_THE_ROW = (Verb.APPEND, Verb.PUT)
TIE = 0.021
"""Within two hundredths the simpler option wins."""


@CLAIMS(
    "H4.2",
    plants=(
        put("design", "calls", to=lambda calls: calls[1:]),
        put("design", "components", to=lambda found: (*found[:-1],)),
        put("world", "decided", "gateway", "chosen", "source", "name", to="A plain cable"),
    ),
)
def components_and_arrows_are_those_of_the_flows(plan: Plan, document: Document) -> Iterator[Fact]:
    """Every part that a flow passes has purpose, product and protocol; every arrow of a flow stands, and no other."""
    title = plan.design.title
    passed = {name for hops in plan.design.hops.values() for hop in hops for name in hop.way}
    rows = {r["Component"]: r for r in document.rows("4.2.components")}
    yield same("components", {title(name) for name in passed}, set(rows))
    products = {s.id: s.technology.name for s in plan.design.stores}
    products |= {p: plan.decisions[p].technology.name for p in ("gateway", "cdn") if p in plan.decisions}
    for name in passed:
        row = rows.get(title(name), {})
        yield true(f"{name} has purpose and reason", bool(row.get("Purpose") and row.get("Why")), row)
        yield true(f"{name} has a protocol", row.get("Protocols", "–") not in ("–", ""), row)
        if name in products:
            yield same(f"{name}: product", products[name], row.get("Technology"))
    counted = [r["Counted by"] for r in document.rows("10.4.limits")]
    if "gateway" in passed and counted:
        purpose = rows.get(title("gateway"), {}).get("Purpose", "")
        yield same("the gateway counts calls", counted[0].startswith(title("gateway")), "limits" in purpose)
    arrows = {(r["From"], r["To"]) for r in document.rows("4.2.links")}
    yield same("arrows", {(title(a), title(b)) for a, b in _arrows(plan)}, arrows)


def _arrows(plan: Plan) -> Iterator[tuple[str, str]]:
    """Neighbours on the way of each hop but answers; a look-up asks copy and database from the same service."""
    for hops in plan.design.hops.values():
        for hop in hops:
            if hop.kind.value == "answer":
                continue
            if hop.kind.value == "looked_up":
                yield from ((hop.source, target) for target in hop.way[1:])
            else:
                yield from zip(hop.way, hop.way[1:], strict=False)


@CLAIMS(
    "H5.2",
    plants=(
        put("design", "hops", "send_message", to=lambda hops: hops[::-1]),
        put("design", "hops", "relay_sent", to=()),
        put("design", "hops", "read_history", to=lambda hops: hops[:2]),
    ),
)
def the_critical_sequences_follow_the_steps(plan: Plan, document: Document) -> Iterator[Fact]:
    """Write and read pass the stores of their steps in that order; what the write tells is carried on step by step to its consumers."""
    design = plan.design
    for block, name in (("5.2.write", design.critical_write), ("5.2.read", design.critical_read)):
        if name:
            yield from _in_order(plan, document, block, name)
    if not design.critical_write:
        return
    for name in _started_by(plan, design.critical_write):
        yield from _in_order(plan, document, f"5.2.write.{name}", name)


def _started_by(plan: Plan, operation: str) -> list[str]:
    told = {s.target for s, _ in plan.world.programs[operation].steps() if s.verb is Verb.PUBLISH}
    return [n for n, p in plan.world.programs.items() if p.starts is Start.EVENT and p.operation.starts.on in told]


def _in_order(plan: Plan, document: Document, block: str, name: str) -> Iterator[Fact]:
    steps = document.steps(block)
    yield true(f"{block} is there", steps is not None and bool(steps.steps), name)
    if steps is None:
        return
    form = plan.world.form
    text, at = " ; ".join(s.action for s in steps.steps), 0
    for step, _ in plan.world.programs[name].steps():
        if step.target in form.structures or step.target in form.topics:
            copied = form.structures[step.target].of if step.target in form.structures else ()
            names = [words(step.target), *map(words, copied)]
            found = [i for n in names if (i := text.find(n, at)) >= 0]
            yield true(f"{block}: {step.text} comes after what is before it", bool(found), text[at:])
            at = min(found, default=at)


@CLAIMS(
    "H5.3",
    plants=(
        put("design", "topics", 0, "event", to="SomethingElse"),
        put("design", "topics", 0, "key", to=("nobody",)),
        put("design", "topics", 0, "fields", to=lambda fields: dict(list(fields.items())[1:])),
    ),
)
def topics_have_sample_payloads(plan: Plan, document: Document) -> Iterator[Fact]:
    """A topic of the first priority has a payload with its type, its key and each field of the event that is small enough."""
    for topic in plan.design.topics:
        payload = json.loads(document.code(f"5.3.{topic.id}") or "{}")
        if not payload:
            first = [o for o in topic.tellers if o in plan.complete.operations and plan.complete.priority(o) == "P0"]
            yield true(f"{topic.id} is told by nothing of the first priority", not first, first)
            continue
        yield same(f"{topic.id}: type", topic.event, payload.get("type"))
        yield true(f"{topic.id}: envelope", {"event_id", "occurred_at", "version"} <= set(payload), payload)
        shown, data = set(topic.fields), set(payload.get("data", {}))
        yield true(f"{topic.id}: fields", data <= shown and bool(data), data ^ shown)
        large = {n for n in shown - data if topic.fields[n].bytes <= 64}
        yield same(f"{topic.id}: small fields left out", set(), large)
        yield says(topic.id, f"key {', '.join(topic.key)}", document.title(f"5.3.{topic.id}"))


def in_memory(plan: Plan) -> list[str]:
    """Structures whose home is a product that keeps memory for several servers."""
    return [n for n, home in plan.world.homes.items() if home == "cache" and n in plan.world.form.structures]


@CLAIMS(
    "H5.4",
    "H7.4",
    plants=(
        put("world", "form", "tunables", "PRESENCE_TTL", to="1 h"),
        put("world", "form", "operations", "read_presence", "nodes", to=()),
    ),
    briefs=("chat", "feed", "url_shortener", "music"),
)
def memory_is_asked_by_commands(plan: Plan, document: Document) -> Iterator[Fact]:
    """Every step on what rests in memory has its commands, and a lifetime is the same there, in 7.4 and in the form."""
    yield from _shown_commands(document)
    if plan.design.memory is None or plan.design.memory.id not in ("redis", "valkey"):
        return
    values = {r["Value"] for r in document.rows("7.4.values")}
    for name in in_memory(plan):
        code = document.files.get(f"cache/{name}.redis", "")
        for operation, program in plan.world.programs.items():
            for step, _ in program.steps():
                if step.target == name and step.verb is not Verb.PUSH:
                    yield true(f"{name}: {operation}", step.text in code, step.text)
                    if step.after is not None:
                        yield true(f"{name}: pages of {operation}", re.search(r"^ZRANGE ", code, re.M) is not None)
        kept = plan.world.form.structures[name].ttl
        if kept is not None:
            seconds = f"{number(plan.world.form.tunables[kept]) if isinstance(kept, str) else kept.best:.0f}"
            yield true(f"{name} lives {seconds} s", f"TTL_{name.upper()} = {seconds}" in values, values)
            yield true(
                f"{name} expires after {seconds}", re.search(rf"\b(EX|EXPIRE \S+) {seconds}\b", code) is not None
            )


def _shown_commands(document: Document) -> Iterator[Fact]:
    """What 5.4 shows is what the file has."""
    for block in document.like("5.4."):
        if isinstance(block, Code) and block.path:
            yield same(block.path, document.files.get(block.path), block.text)


@CLAIMS(
    "H6.1",
    plants=(
        put("world", "decided", "database.messages", "chosen", to=lambda option: _other(option)),
        put("world", "decided", "database.identity", "judged", 0, "total", to=0.01),
    ),
)
def databases_are_the_best_that_may_be_chosen(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each context has a named product, on this cloud, with a reason: the best total of the options that no limit excludes."""
    chosen = [d for d in plan.decisions.values() if d.decision == "database"]
    matrices = {b.id: b for b in document.matrices()}
    for decided in chosen:
        matrix = matrices[f"6.1.{decided.subject}"]
        allowed = {o.name: o.total for o in matrix.options if not o.excuse}
        if decided.pinned is None:
            close = allowed.get(matrix.chosen, -1.0) >= max(allowed.values()) - TIE
            yield true(f"{decided.subject}: the best", close, allowed)
        row = next((r for r in document.rows("6.1.choice") if words(decided.subject) in r["Service"]), {})
        yield true(f"{decided.subject}: product", row.get("Product", "").startswith(decided.chosen.name), row)
        yield says(f"{decided.subject}: reason", decided.chosen.name, row.get("Why", ""))
        offered = decided.technology.offered.get(plan.complete.cloud)
        if offered:
            yield same(f"{decided.subject}: on {plan.complete.cloud}", offered, row.get(f"On {plan.complete.cloud}"))
        for judged in decided.judged:
            shown = next((o for o in matrix.options if o.name == judged.option.name), None)
            yield same(f"{judged.option.name}: excluded", bool(judged.excuses), bool(shown and shown.excuse))
            yield near(f"{judged.option.name}: total", judged.total, shown.total if shown else "")


def _other(option: object) -> object:
    from workbook.catalog import loader
    from workbook.plan.passes.model import Option

    other = loader.technologies()["mysql"]
    assert isinstance(option, Option)
    return Option(other.id, other.name, other.complexity, other)


@CLAIMS(
    "H6.5",
    plants=(
        put("design", "tables", "visit_note", "indexes", to=()),
        put("design", "tables", "appointment", "key", to=("patient",)),
        put("design", "tables", "patient", "columns", to=lambda columns: columns[:-1]),
        put("world", "form", "structures", "visit_note", "retention", to=None),
    ),
    on="clinic",
)
def tables_have_columns_keys_and_served_queries(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each stored entity has its fields, its key, how long it stays, and each query goes by an index that begins with what it gives."""
    for name, entity in plan.complete.entities.items():
        if name not in plan.design.tables:
            continue
        facts = {r["Property"]: r["Value"] for r in document.rows(f"6.2.{name}")}
        columns = {r["Column"]: r for r in document.rows(f"6.2.{name}.columns")}
        if plan.world.form.structures[name].shape is Shape.OBJECT:
            yield true(f"{name}: where its bytes lie", "object_key" in columns, columns)
        else:
            yield same(f"{name}: fields without column", set(), set(entity.fields) - set(columns))
        for field in set(entity.fields) & set(columns):
            ref = entity.fields[field].ref
            if ref:
                yield says(f"{name}.{field}", words(ref), columns[field]["Note"])
        if entity.key:
            yield same(f"{name}: key", ", ".join(entity.key), facts.get("Primary key"))
        if entity.retention is not None and not isinstance(entity.retention, str):
            yield says(f"{name}: retention", entity.retention.text, facts.get("Retention", ""))
        yield from _queries(plan, document, name, facts.get("Primary key", "").split(", "))


def _queries(plan: Plan, document: Document, name: str, key: list[str]) -> Iterator[Fact]:
    rows = document.rows(f"6.2.{name}.queries")
    for access in plan.world.accesses.get(name, ()):
        asked = [r for r in rows if r["Operation"] == words(access.operation)]
        yield true(f"{name}: {access.operation}", bool(asked))
        if access.verb in GIVEN_BY_THE_ROW or not access.equals:
            continue
        given = ", ".join([*access.equals, *(f"{b} within bounds" for b in access.bounds)])
        row = next((r for r in asked if r["Given"] == given), None)
        if row is None:
            yield true(f"{name}: {access.operation} by {given}", False, asked)
            continue
        index = key if row["Index"] == "primary key" else [c.split()[0] for c in row["Index"].split(", ")]
        served = set(index[: len(access.equals)]) <= set(access.equals) or set(access.equals) <= set(index)
        yield true(
            f"{name}: {access.operation} by {given} goes by {row['Index']}", served and row["Index"] != "all rows"
        )


@CLAIMS(
    "H6.5",
    plants=(
        put("design", "tables", "patient", "columns", 1, "name", to="nickname"),
        put("design", "tables", "visit_note", "indexes", to=()),
        put("design", "tables", "patient", "key", to=("phone",)),
    ),
    on="clinic",
)
def every_database_has_its_schema_table(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each table stands with the database that keeps it: its columns in order, its key, its indexes."""
    for name, table in plan.design.tables.items():
        home = plan.world.homes[name]
        row = document.row(f"6.5.{home}", Table=name)
        named = [part.split()[0] for part in re.split(r", (?!null\b)", row.get("Columns", "–")) if part]
        yield same(f"{name}: columns", [c.name for c in table.columns], named)
        sort = row.get("Sort", "–")
        key = [row.get("Key or partition", ""), *(sort.split(", ") if sort != "–" else [])]
        yield same(f"{name}: key", list(table.key), key)
        indexes = row.get("Indexes", "–")
        yield same(f"{name}: indexes", len(table.indexes), 0 if indexes in ("–", "") else len(indexes.split("; ")))


@CLAIMS("H7.1", plants=(array("total_peak_qps"), put("world", "homes", "presence_state", to="elsewhere")))
def every_layer_says_what_it_keeps(plan: Plan, document: Document) -> Iterator[Fact]:
    """Five layers with a latency each: files at the CDN, the calls at the edge, what rests in memory, the databases."""
    rows = document.rows("7.1.layers")
    yield same("layers", ["Browser or app", "CDN", "Edge or gateway"], [r["Layer"] for r in rows[:3]])
    yield same("layers in all", 5, len(rows))
    yield true("latencies", all(re.search(r"\d|seconds", r["Latency"]) for r in rows), rows)
    yield near("calls at the edge", plan.demand.total("total_peak_qps"), rows[2]["Keeps"])
    counted = [r["Counted by"] for r in document.rows("10.4.limits")]
    if counted and "gateway" in plan.decisions:
        counts = counted[0].startswith(plan.design.title("gateway"))
        yield same("the edge refuses calls", counts, "refuses" in rows[2]["Keeps"])
    fetched = [n for n, p in plan.world.programs.items() if any(s.direct and s.verb is Verb.GET for s, _ in p.steps())]
    for name in fetched[:3]:
        yield says("files at the CDN", words(name), rows[1]["Keeps"])
    for name in in_memory(plan)[:4]:
        yield says("memory", words(name), rows[3]["Keeps"])
    for store in plan.design.stores:
        if store.role == "database":
            yield says("databases", store.technology.name, rows[4]["Layer"])


test_holds = CLAIMS.holds()
test_speaks_of_several_fields = CLAIMS.spoken_of()
test_a_planted_fault_is_seen = CLAIMS.planted()

"""6 Database and storage deep dive."""

from __future__ import annotations

import math
from collections.abc import Iterator

from workbook.catalog import loader
from workbook.document import words as w
from workbook.document.blocks import Block, Note, Subsection, Table
from workbook.document.cursors import paged
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.plan.decisions.base import ability
from workbook.plan.design.model import Column, Query, Store
from workbook.plan.design.model import Table as DesignTable

NUMBER = 6
TITLE = "Database and storage deep dive"
TYPES = {
    "id": "identifier",
    "ref": "identifier",
    "time": "timestamp",
    "string": "text",
    "text": "text",
    "code": "text",
    "enum": "enumeration",
}


def build(page: Page) -> Iterator[Subsection]:
    """Choice per service, tables with queries, partitioning, trade-offs, schema tables, critical structures, replication."""
    yield _choice(page)
    yield _tables(page)
    yield _partitioning(page)
    yield _tradeoffs(page)
    yield _schemas(page)
    yield _structures(page)
    yield _replication(page)


def databases(page: Page) -> list[Store]:
    """The stores that keep records."""
    return [s for s in page.plan.design.stores if s.role == "database"]


def _choice(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for store in plan.design.stores:
        if store.role == "cache":
            continue
        offered = store.technology.offered.get(plan.complete.cloud, "self-managed")
        tier = plan.sizing.tiers.get(store.id)
        size = f"{tier.nodes} x {tier.fleet.instance}" if tier and tier.fleet.nodes else "pay by use"
        why = (
            "; ".join(
                plan.decisions[f"database.{c}"].reason for c in store.contexts if f"database.{c}" in plan.decisions
            )
            if store.role == "database"
            else store.technology.use_when
        )
        rows.append(
            (
                w.listed(store.contexts),
                store.name,
                store.technology.model or store.role.replace("_", " "),
                offered,
                size,
                why,
            )
        )
    uses = tuple(_storage_uses(page))
    return Subsection(
        id="6.1",
        title="Database choice",
        blocks=(
            Table(
                id="6.1.choice",
                title="Per service that persists data",
                columns=("Service", "Product", "Model", f"On {plan.complete.cloud}", "Size", "Why"),
                rows=tuple(rows),
            ),
            Table(
                id="6.1.uses",
                title="Storage by use",
                columns=("Use", "In this design", "Would be added when"),
                rows=uses,
            ),
            *(matrix(page, f"6.1.{d.subject}", n) for n, d in plan.decisions.items() if d.decision == "database"),
        ),
    )


def _storage_uses(page: Page) -> Iterator[tuple[str, str, str]]:
    design, complete = page.plan.design, page.plan.complete
    by_model: dict[str, list[str]] = {}
    for store in databases(page):
        by_model.setdefault(store.technology.model, []).append(store.name)
    files = [e for e in complete.entities if complete.kind(e) == "object"]
    searched = [n for n, o in complete.operations.items() if o.verb == "search"]
    series = [e for e in complete.entities if complete.kind(e) in ("series", "event")]
    edges = [e for e in complete.entities if complete.kind(e) == "edge"]
    first = next(iter(complete.entities), "row")
    index = next((s.name for s in design.stores if s.role == "search"), "")
    home = databases(page)[0].name if databases(page) else "–"
    yield (
        "Relational",
        ", ".join(dict.fromkeys(by_model.get("relational", []))) or "–",
        f"{w.words(first)} needs transactions with others",
    )
    yield (
        "Document",
        ", ".join(by_model.get("document", [])) or "–",
        f"fields of {w.words(first)} differ from row to row",
    )
    yield (
        "Wide column or key-value",
        ", ".join(dict.fromkeys(by_model.get("wide_column", []) + by_model.get("key_value", []))) or "–",
        f"writes pass {w.rate(_leader_limit(page))}, what one leader takes",
    )
    yield (
        "Cache",
        design.cache.name,
        f"see [7.1](#7.1): {len(design.caches)} kind{'s' if len(design.caches) != 1 else ''} of keys",
    )
    yield (
        "Time series",
        ", ".join(by_model.get("time_series", [])) or (f"{w.listed(series, 3)} as rows of {home}" if series else "–"),
        f"{w.listed(series, 2) or 'readings'} are asked for by window and rolled up",
    )
    yield (
        "Full text",
        index or (f"{home} for {w.listed(searched, 3)}" if searched else "–"),
        f"{w.listed(searched, 2) or 'search'} needs ranking or forgiving typos",
    )
    yield (
        "Graph",
        ", ".join(by_model.get("graph", [])) or (f"{w.listed(edges, 3)} as rows, one step at a time" if edges else "–"),
        "paths of three and more steps are asked for",
    )
    yield (
        "Objects",
        next((s.name for s in design.stores if s.role == "object_store"), "–"),
        f"{w.listed(files, 4)} stand there" if files else "files come in",
    )


def _leader_limit(page: Page) -> float:
    """Writes a second that the leader of the first database takes with headroom."""
    found = next((n.have for s in databases(page) for n in page.plan.sizing.tiers[s.id].fleet.needs), 0.0)
    return found or page.plan.demand.total("total_peak_write_qps") * 10


def _column_type(column: Column) -> str:
    name = TYPES.get(column.kind, column.kind)
    length = f"({column.length})" if column.kind in ("string", "code") and column.length else ""
    return f"{name}{length}{', null' if column.optional else ''}"


def _key(table: DesignTable) -> tuple[str, str]:
    sort = [s.lstrip("-") + (" desc" if s.startswith("-") else "") for s in table.sort] or [
        k for k in table.key[1:] if k not in table.partition
    ]
    partition = ", ".join(table.partition or table.key[:1]) + (
        f", month of {table.bucket}" if table.bucket and not table.time_partitioned else ""
    )
    return partition, ", ".join(sort) or "–"


def _tables(page: Page) -> Subsection:
    plan = page.plan
    blocks: list[Block] = []
    queries = page.made("query")
    for table in plan.design.tables:
        if not table.entity and any(b.id == f"6.2.{table.name}" for b in blocks):
            continue
        blocks.extend(_table(page, table, [a for a in queries if a.subject.split(".")[0] == table.name]))
    blocks += [page.code(f"6.2.schema{i}", a) for i, a in enumerate(page.made("schema"), start=1)]
    if not blocks:
        blocks.append(
            Note(id="6.2.none", title="No tables", text=f"{plan.complete.model.system} keeps everything in memory.")
        )
    return Subsection(id="6.2", title="Tables", blocks=tuple(blocks))


def _table(page: Page, table: DesignTable, queries: list[object]) -> Iterator[Block]:
    partition, sort = _key(table)
    kept = "for ever" if table.retention_days is None else f"{w.count(table.retention_days)} days"
    how = (
        "by dropping a partition"
        if table.time_partitioned
        else "by TTL of the row"
        if page.plan.design.store(table.store).technology.abilities.get("ttl")
        else "by a nightly job"
    )
    caches = [c for c in page.plan.design.caches if c.entity == table.entity and table.entity]
    keys = "; ".join(f"`{c.key}` ({c.shape.replace('_', ' ')}): {c.holds}" for c in caches) or "none"
    facts = (
        ("Store", page.plan.design.store(table.store).name),
        ("Primary key", ", ".join(table.key)),
        ("Partition key", partition),
        ("Sort key", sort),
        ("Retention", kept + (f", {how}" if table.retention_days is not None else "")),
        ("Rows at the horizon", f"{w.count(table.rows)} of {w.size(table.row_bytes)}" if table.rows else "few"),
        (f"{page.plan.design.cache.name} keys", keys),
        ("Purpose", table.purpose or f"home of {w.words(table.entity)}"),
    )
    yield Table(id=f"6.2.{table.name}", title=f"{table.name}", columns=("Property", "Value"), rows=facts)
    yield Table(
        id=f"6.2.{table.name}.columns",
        title=f"{table.name}: columns",
        columns=("Column", "Type", "Bytes", "Note"),
        align="<<><",
        rows=tuple(
            (
                w.code(c.name),
                _column_type(c),
                c.bytes,
                "; ".join(
                    x
                    for x in (
                        c.purpose,
                        f"one of {', '.join(c.values)}" if c.values else "",
                        f"refers to {c.ref}" if c.ref else "",
                        c.sensitive,
                    )
                    if x
                )
                or "–",
            )
            for c in table.columns
        ),
    )
    rows = [_query(q) for q in table.queries]
    indexes = {i.name: i for i in table.indexes}
    if rows:
        yield Table(
            id=f"6.2.{table.name}.queries",
            title=f"{table.name}: what is asked and by which index",
            columns=("Operation", "Access", "Given", "Order", "Index", "On"),
            rows=tuple(
                (
                    *r,
                    ", ".join(indexes[r[4]].columns)
                    if r[4] in indexes
                    else ", ".join(table.key)
                    if r[4] == "primary key"
                    else "–",
                )
                for r in rows
            ),
        )
    for i, artifact in enumerate(queries[:8]):
        yield page.code(f"6.2.{table.name}.query{i + 1}", artifact)  # type: ignore[arg-type]


def _query(query: Query) -> tuple[str, str, str, str, str]:
    order = (
        ", ".join(query.order) + (" desc" if query.descending else "")
        if query.order and query.access == "range"
        else "–"
    )
    given = ", ".join(query.equals) or (
        f"words in {', '.join(query.text)}" if query.text else "the row" if query.access == "insert" else "–"
    )
    return w.words(query.operation), query.access, given, order, query.index if query.access != "insert" else "–"


def _partitioning(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for table in plan.design.tables:
        if not table.entity:
            continue
        decided = plan.decisions[f"partition_key.{table.context}"]
        fleet = plan.sizing.tiers[table.store].fleet
        parts = (
            f"{fleet.shards} shard(s)"
            if fleet.shards > 1
            else f"{fleet.nodes} nodes in a ring"
            if fleet.ring
            else "one leader, not split"
        )
        skew = max(
            (o.skew.best for n, o in plan.complete.operations.items() if o.entity == table.entity and o.skew),
            default=0.0,
        )
        split = fleet.shards > 1 or fleet.ring
        hot = _hot(page, table, skew)
        across = _across(table, fleet.shards if fleet.shards > 1 else fleet.nodes, split)
        rows.append((w.code(table.name), decided.chosen.name, ", ".join(table.partition) or "–", parts, hot, across))
    scenario = plan.complete.model.document.get("HOTSPOT_SCENARIO") or hot_scenario(page)
    return Subsection(
        id="6.3",
        title="Partitioning",
        blocks=(
            Table(
                id="6.3.keys",
                title="Partition keys",
                columns=("Table", "Strategy", "Key", "Parts", "Hot spot", "Queries across parts"),
                rows=tuple(rows),
            ),
            Note(id="6.3.hot_spot", title="Hot-spot scenario", text=w.sentence(scenario), tone="warning"),
            *(
                matrix(page, f"6.3.{d.subject}", n)
                for n, d in plan.decisions.items()
                if d.decision == "partition_key" and d.of(d.chosen.id).option.complexity != 0
            ),
        ),
    )


def hot_scenario(page: Page) -> str:
    """The brief's own scenario, else the key that the skewed or busiest write hits."""
    plan = page.plan
    writes = [n for n, o in plan.complete.operations.items() if not o.reads] or list(plan.complete.operations)
    if not writes:
        return f"nothing is done to {w.listed(plan.complete.entities, 3)} yet, so nothing can be hot"

    def weight(name: str) -> float:
        skew = plan.complete.operations[name].skew
        return (skew.best if skew else 0.0) * plan.demand.of_operation("peak_qps", name)

    skewed = max(writes, key=weight)
    name = skewed if plan.complete.operations[skewed].skew else plan.design.critical_write or writes[0]
    operation = plan.complete.operations[name]
    table = page.table_of(operation.entity)
    key = (
        (table.partition or next((q.equals for q in table.queries if q.access == "range" and q.equals), table.key))[0]
        if table
        else "key"
    )
    share = operation.skew.best if operation.skew else 0.01
    peak = plan.demand.of_operation("peak_qps", name)
    assumed = "" if operation.skew else " (assumed, the brief says no skew)"
    return f"{w.percent(share)} of {w.words(name)}{assumed} hits one {w.words(key)}: {w.rate(peak * share)} of {w.rate(peak)} at peak"


def _hot(page: Page, table: DesignTable, skew: float) -> str:
    peak = sum(page.plan.demand.of_operation("peak_qps", q.operation) for q in table.queries)
    key = (table.partition or table.key)[0]
    if skew:
        hottest = peak * skew
        ways = 2 ** max(0, math.ceil(math.log2(max(1.0, hottest / 1000))))
        return f"hottest {w.words(key)} takes {w.rate(hottest)}: " + (
            f"salted over {ways} sub-keys, merged at read" if ways > 1 else "one part carries it"
        )
    return f"{w.rate(peak)} spread over {w.words(key)}; watch the top 10 keys"


def _across(table: DesignTable, parts: int, split: bool) -> str:
    by = (table.partition or table.key)[0]
    foreign = [
        q.operation
        for q in table.queries
        if split and q.equals and q.equals[0] != by and q.access not in ("insert", "update", "delete")
    ]
    if foreign:
        return f"{w.listed(foreign, 3)}: scatter to {parts} parts, gather at most 8 at a time within the p99, partial answers say so"
    searched = [q.operation for q in table.queries if q.access in ("search", "near")]
    if split and searched:
        return f"{w.listed(searched, 2)} asks the index, not the parts"
    return f"none: every query names {w.words(by)}" if split else "none: one node has all rows"


def _tradeoffs(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for entity in plan.complete.entities:
        if plan.complete.kind(entity) == "memory":
            continue
        strong = plan.complete.consistency(entity) == "strong"
        tables = plan.design.tables_of(entity)
        copies = [t.name for t in tables[1:]]
        own = "denormalized" if copies or any(t.purpose for t in tables) else "normalized"
        why = (
            f"{w.listed(copies)} repeat the row for a query each" if copies else "one table, joined by key where asked"
        )
        stale = (
            f"up to {w.duration(plan.complete.quality('staleness').best)} old from copies and cache"
            if not strong
            else "a read sees the last write; it goes to the leader or a quorum"
        )
        said = plan.complete.entities[entity].consistency or plan.complete.model.quality.consistency
        rows.append(
            (
                w.code(entity),
                f"{'strong' if strong else 'eventual'} ({'said' if said else 'by default'})",
                stale,
                own,
                why,
            )
        )
    return Subsection(
        id="6.4",
        title="Data model trade-offs",
        blocks=(
            Table(
                id="6.4.tradeoffs",
                columns=("Entity", "Consistency", "What readers see", "Model", "Why"),
                rows=tuple(rows),
            ),
            *_access_first(page),
        ),
    )


def _access_first(page: Page) -> Iterator[Block]:
    plan = page.plan
    rows = sorted(
        (
            (
                w.words(q.operation),
                w.code(t.name),
                q.access,
                w.rate(plan.demand.of_operation("peak_qps", q.operation)),
                q.index,
            )
            for t in plan.design.tables
            for q in t.queries
            if t.entity
        ),
        key=lambda r: r[0],
    )
    migration = _migration(page)
    yield Table(
        id="6.4.access",
        title="Access patterns, which came first",
        columns=("Operation", "Table", "Access", "Peak", "By"),
        align="<<<><",
        rows=tuple(rows),
        note=f"{sum(c.kind in ('id', 'ref') for t in plan.design.tables for c in t.columns)} columns are UUIDs, made anywhere without a shared counter. Migrations of {len(plan.design.tables)} tables by {migration}, one step forward at a time.",
    )


def _migration(page: Page) -> str:
    language = page.plan.design.language.id
    found = [
        t.name
        for t in loader.technologies().values()
        if t.kind == "migration" and language in t.details.get("languages", ())
    ]
    return found[0] if found else "plain SQL files"


def _schemas(page: Page) -> Subsection:
    blocks = []
    for store in databases(page):
        rows = []
        for table in (t for t in page.plan.design.tables if t.store == store.id):
            partition, sort = _key(table)
            fields = ", ".join(f"{c.name} {_column_type(c)}" for c in table.columns)
            rows.append(
                (
                    w.code(table.name),
                    fields,
                    partition if table.partition else ", ".join(table.key),
                    sort if table.partition else "–",
                    ", ".join(i.name for i in table.indexes) or "–",
                )
            )
        blocks.append(
            Table(
                id=f"6.5.{store.id}",
                title=f"{store.name}: {w.listed(store.contexts)}",
                columns=("Table", "Columns", "Key or partition", "Sort", "Indexes"),
                rows=tuple(rows),
            )
        )
    return Subsection(id="6.5", title="Schema tables", blocks=tuple(blocks))


def _structures(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    named = plan.complete.model.document.get("CRITICAL_DATA_STRUCTURES", "")
    shown = [t for t in plan.design.tables if t.entity and _matters(page, t)] or [
        t for t in plan.design.tables if t.entity
    ][:3]
    for table in shown:
        refs = [
            (c.name, plan.complete.entities[table.entity].fields[c.name].ref)
            for c in table.columns
            if c.name in plan.complete.entities[table.entity].fields
            and plan.complete.entities[table.entity].fields[c.name].ref
        ]
        relation = "; ".join(f"{w.words(table.entity)} → {w.words(r)} by `{n}`" for n, r in refs) or "stands alone"
        index = (
            "; ".join(f"{i.name} ({', '.join(i.columns)})" for i in table.indexes)
            or f"primary key ({', '.join(table.key)})"
        )
        entry = next((c for c in plan.design.caches if c.entity == table.entity), None)
        page_by = (
            f"score `{entry.score}`, cursor of [3.3](#3.3)"
            if entry and entry.score
            else "cursor over the index, see [3.3](#3.3)"
            if any(q.access == "range" for q in table.queries)
            else "not paged"
        )
        evict = f"TTL {entry.ttl_seconds} s, then least frequently used" if entry else "not cached"
        rows.append((w.code(table.name), relation, index, w.code(entry.key) if entry else "–", page_by, evict))
    found = paged(plan)
    blocks: list[Block] = [
        Table(
            id="6.6.structures",
            title=f"Critical data structures{f': {named}' if named else ''}",
            columns=("Table", "Relationship and how it is stored", "Indexed by", "Cache key", "Pagination", "Eviction"),
            rows=tuple(rows),
        )
    ]
    if found:
        table, query = found
        entry = next((c for c in plan.design.caches if c.entity == table.entity and c.shape == "sorted_set"), None)
        how = (
            f"the score in {w.code(entry.key)} is `{entry.score}` in milliseconds; a page is the members below the score of the cursor"
            if entry
            else f"the page follows {w.code(query.index)} of {w.code(table.name)}"
        )
        blocks.append(
            Note(
                id="6.6.pages",
                title="How a page is found",
                text=f"{w.words(query.operation).capitalize()}: {how}; equal values are told apart by `{query.order[-1]}`.",
            )
        )
    return Subsection(id="6.6", title="Critical data structures", blocks=tuple(blocks))


def _matters(page: Page, table: DesignTable) -> bool:
    operations = page.plan.complete.operations
    if page.plan.design.structures:
        return table.entity in page.plan.design.structures
    touched = {operations[o].entity for o in (page.plan.design.critical_write, page.plan.design.critical_read) if o}
    return table.entity in touched or page.plan.complete.kind(table.entity) == "edge"


def _replication(page: Page) -> Subsection:
    plan = page.plan
    rows, cap = [], []
    for store in databases(page):
        context = store.contexts[0]
        pattern = plan.decisions[f"replication.{context}"].chosen
        fleet = plan.sizing.tiers[store.id].fleet
        copies = max(fleet.copies, int(ability(pattern, "copies")) if fleet.nodes == 0 else 1)
        strong = any(plan.world.contexts[c].strong for c in store.contexts)
        leaderless = bool(ability(pattern, "needs_leaderless"))
        read, write = (
            ((copies // 2 + 1, copies // 2 + 1) if strong else (1, copies // 2 + 1))
            if leaderless
            else (1, 2 if ability(pattern, "rpo_zero") else 1)
        )
        overlap = (
            f"R + W = {read + write} {'>' if read + write > copies else '<='} N = {copies}: {'a read sees the last write' if read + write > copies else 'a read may be old'}"
            if leaderless
            else f"writes wait for {write} of {copies}, strong reads go to the leader"
        )
        rows.append(
            (
                w.listed(store.contexts),
                store.name,
                pattern.name,
                f"N={copies}, R={read}, W={write}",
                overlap,
                f"{w.duration(plan.complete.quality('staleness').best)} allowed",
                "last write wins by timestamp; keys make repeats harmless"
                if ability(pattern, "conflicts") or leaderless
                else "none: one leader orders writes",
            )
        )
        position = "PA/EL" if leaderless and not strong else "PC/EC"
        seen = (
            f"reads go on at both sides and may be old until the sides meet; a write to {w.listed(store.contexts, 2)} needs {write} of {copies} copies, so the side that holds fewer of a row refuses it (503)"
            if position == "PA/EL"
            else f"the side without the majority refuses to write {w.listed(store.contexts, 2)} (503); reads there may be old and say so"
        )
        cap.append((plan.design.label(store), "AP" if position == "PA/EL" else "CP", position, seen))
    return Subsection(
        id="6.7",
        title="Replication and CAP",
        blocks=(
            Table(
                id="6.7.replication",
                columns=("Service", "Store", "Pattern", "Copies", "What it means", "Lag", "Conflicts"),
                rows=tuple(rows),
            ),
            Table(
                id="6.7.cap",
                title="Position in a partition (CAP) and else (PACELC)",
                columns=("Store", "CAP", "PACELC", "What users see while the network is split"),
                rows=tuple(cap),
            ),
            *(
                matrix(page, f"6.7.{d.subject}", n)
                for n, d in list(plan.decisions.items())
                if d.decision == "replication"
                and d.subject
                == plan.complete.contexts.get(
                    plan.complete.operations[plan.design.critical_write].entity if plan.design.critical_write else "",
                    "",
                )
            ),
        ),
    )

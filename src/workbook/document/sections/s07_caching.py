"""7 Caching strategy."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.catalog import loader
from workbook.document import words as w
from workbook.document.blocks import Note, Subsection, Table
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.plan.design.model import CacheEntry

NUMBER = 7
TITLE = "Caching strategy"


def build(page: Page) -> Iterator[Subsection]:
    """Layers, patterns, eviction, values to start with."""
    yield _layers(page)
    yield _patterns(page)
    yield _eviction(page)
    yield _values(page)


def _layers(page: Page) -> Subsection:
    plan = page.plan
    design = plan.design
    cdn = next((c for c in design.components if c.id == "cdn"), None)
    downloads = [n for n, o in plan.complete.operations.items() if o.verb == "download"]
    conditional = [n for n, o in plan.complete.operations.items() if o.verb in ("read", "download")]
    hit = plan.complete.default("sizing.cdn_hit_ratio", "share").best
    served = sum(plan.demand.of_operation("peak_egress", n) for n in downloads)
    shared = sum(
        plan.demand.of_entity("cache_bytes", e)
        for e in plan.complete.entities
        if plan.complete.kind(e) not in ("memory", "object")
    )
    stores = list(dict.fromkeys(s.name for s in design.stores if s.role == "database"))
    rows = (
        (
            "Browser or app",
            f"answers of {w.listed(conditional, 3)}"
            if conditional
            else f"nothing of {w.listed(plan.complete.operations, 2)}: no single rows are read",
            "ETag and 304; private",
            "microseconds",
        ),
        (
            "CDN",
            f"files of {w.listed(downloads, 3)}: {w.percent(hit)} of {w.bits(served)}"
            if cdn
            else f"static assets of {plan.complete.model.system} only",
            "immutable names, a year" if cdn else "versioned names",
            "< 50 ms",
        ),
        (
            "Edge or gateway",
            f"refuses over-limit calls of {w.count(plan.demand.total('total_peak_qps'))} a second before they cost",
            "counters of a minute",
            "< 10 ms",
        ),
        (
            f"Application: {design.cache.name}",
            f"{len(design.caches)} kind{'s' if len(design.caches) != 1 else ''} of keys, {w.size(shared)} hot"
            if design.caches
            else f"nothing yet: every read of {w.listed(plan.complete.entities, 2)} must be fresh",
            "[7.2](#7.2)",
            "< 1 ms" if design.cache.port else "microseconds",
        ),
        (
            f"Database: {', '.join(stores) or 'none'}",
            "pages and plans that the engine keeps by itself",
            "its own memory",
            "1-10 ms",
        ),
    )
    return Subsection(
        id="7.1",
        title="Layers",
        blocks=(
            Table(id="7.1.layers", columns=("Layer", "Keeps", "How long", "Latency"), rows=rows),
            matrix(page, "7.1.decision", "cache"),
        ),
    )


def _patterns(page: Page) -> Subsection:
    plan = page.plan
    rows = tuple(
        (
            w.code(c.key),
            c.holds,
            _pattern(c.pattern),
            _why(page, c.operations, c.pattern, c.shape),
            w.listed(c.invalidated_by, 3) or "time only",
        )
        for c in plan.design.caches
    )
    used = {c.pattern for c in plan.design.caches}
    compared = []
    for pattern in loader.patterns().values():
        if pattern.family == "caching":
            where = (
                w.listed([c.entity for c in plan.design.caches if c.pattern == pattern.id], 4)
                if pattern.id in used
                else ""
            )
            first = plan.design.caches[0].entity if plan.design.caches else next(iter(plan.complete.entities), "it")
            compared.append(
                (
                    pattern.name,
                    where or "nowhere",
                    pattern.use_when,
                    "; ".join(pattern.cons[:1]),
                    f"used for {len([c for c in plan.design.caches if c.pattern == pattern.id])} keys"
                    if where
                    else f"{w.words(first)} does not call for it",
                )
            )
    blocks = [
        Table(
            id="7.2.compared",
            title="Patterns compared",
            columns=("Pattern", "Here for", "When", "Against it", "Verdict"),
            rows=tuple(compared),
        )
    ]
    if rows:
        blocks.insert(
            0,
            Table(
                id="7.2.patterns",
                title="Which pattern where",
                columns=("Key", "Holds", "Pattern", "Why", "Made old by"),
                rows=rows,
            ),
        )
    else:
        strong = w.listed([e for e in plan.complete.entities if plan.complete.consistency(e) == "strong"], 4)
        blocks.insert(
            0,
            Table(
                id="7.2.patterns",
                title="Which pattern where",
                columns=("Key", "Why"),
                rows=(
                    (
                        "none",
                        f"{strong or w.listed(plan.complete.entities, 3)} must be fresh, and the database answers {w.rate(plan.demand.total('total_peak_read_qps'))} without help",
                    ),
                ),
            ),
        )
    return Subsection(id="7.2", title="Patterns", blocks=tuple(blocks))


def _pattern(identifier: str) -> str:
    found = loader.patterns().get(identifier)
    return found.name if found else w.words(identifier)


def _why(page: Page, operations: tuple[str, ...], pattern: str, shape: str) -> str:
    peak = sum(page.plan.demand.of_operation("peak_qps", n) for n in operations)
    by = {
        "cache_aside": "only what is asked for is kept",
        "write_through": "it lives nowhere else",
        "write_behind": "events add to it in batches",
    }.get(pattern, "")
    return f"{w.rate(peak)} of {w.listed(operations, 2)}" + (f"; {by}" if by else "")


def _eviction(page: Page) -> Subsection:
    plan = page.plan
    cache = plan.design.cache
    policy = str(
        cache.details.get(
            "eviction",
            "allkeys-lfu"
            if cache.dialect == "redis"
            else "LRU of each slab"
            if cache.dialect == "memcached"
            else "least recently used",
        )
    )
    rows = tuple(
        (
            w.code(c.key),
            w.size(c.item_bytes),
            w.count(c.items),
            w.size(c.item_bytes * c.items),
            f"{c.ttl_seconds} s ± 10 %",
            _stampede(page, c),
        )
        for c in plan.design.caches
    )
    filled = [c for c in plan.design.caches if c.pattern != "write_through"]
    busiest = max(
        filled, key=lambda c: sum(plan.demand.of_operation("peak_qps", o) for o in c.operations), default=None
    )
    guard = (
        f"{w.code(busiest.key)} is asked {w.rate(sum(plan.demand.of_operation('peak_qps', o) for o in busiest.operations))}: when it ends, one caller "
        + (
            f"takes the lock `lock:{busiest.key}` for {min(int(plan.complete.latency(busiest.operations[0]).best * 1000), 5000)} ms and"
            if cache.port
            else "of each server"
        )
        + " fills it; the others wait for it or take the old value"
        if busiest and busiest.operations
        else f"no shared entry of {plan.complete.model.system} can be stampeded"
    )
    blocks = [
        Note(id="7.3.stampede", title="Stampede protection", text=w.sentence(guard)),
        Note(
            id="7.3.policy",
            title="Eviction",
            text=f"{cache.name} evicts by {policy}; TTLs are spread by 10 % so that entries of {w.words(plan.design.caches[0].entity) if plan.design.caches else 'one kind'} do not end together.",
        ),
    ]
    return Subsection(
        id="7.3",
        title="Eviction, TTL, stampede",
        blocks=(
            Table(
                id="7.3.sizes",
                title="Sizes and lifetimes",
                columns=("Key", "Item", "Items", "Bytes", "TTL", "Stampede guard"),
                align="<>>>><",
                rows=rows or (("none", "–", "–", "–", "–", "–"),),
            ),
            *blocks,
        ),
    )


def _stampede(page: Page, entry: CacheEntry) -> str:
    if entry.pattern == "write_through":
        return "none needed: there is nothing behind it to ask"
    peak = sum(page.plan.demand.of_operation("peak_qps", n) for n in entry.operations)
    return (
        "lock per key and stale value while it is filled"
        if peak > 100 and page.plan.design.cache.port
        else "single flight in the process"
    )


def _values(page: Page) -> Subsection:
    plan = page.plan
    tier = plan.sizing.tiers.get("cache")
    rows = []
    for entry in plan.design.caches:
        name = entry.id.upper()
        rows += [(w.code(f"TTL_{name} = {entry.ttl_seconds}"), "seconds", entry.holds)]
        if entry.length:
            rows += [(w.code(f"LENGTH_{name} = {entry.length}"), "members", f"of {w.code(entry.key)}")]
    if tier:
        rows.append(
            (
                w.code(f"CACHE_SHARDS = {tier.fleet.shards}"),
                f"x {tier.fleet.copies} copies",
                f"{tier.fleet.instance}, {w.size(tier.fleet.needs[0].need)} to hold",
            )
        )
        rows.append(
            (
                w.code(f"MAX_MEMORY = {tier.fleet.memory_gib * 0.75:.1f} GiB"),
                "a node",
                "three quarters; the rest for copies and forks",
            )
        )
    else:
        each = max(32e6, min(512e6, sum(c.item_bytes * c.items for c in plan.design.caches)))
        rows.append(
            (
                w.code(f"CACHE_BYTES = {int(each)}"),
                "bytes a process",
                f"{plan.design.cache.name}: {w.size(each)} of each server's memory",
            )
        )
    return Subsection(
        id="7.4",
        title="Starting values",
        blocks=(Table(id="7.4.values", columns=("Value", "Unit", "For"), rows=tuple(rows)),),
    )

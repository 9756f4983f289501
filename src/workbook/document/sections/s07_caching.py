"""7 Caching strategy."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.catalog import loader
from workbook.document import words as w
from workbook.document.blocks import Block, Note, Subsection, Table
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.document.wording import copies
from workbook.plan.fold.endpoints import Endpoint
from workbook.plan.fold.hops import CDN, GATEWAY
from workbook.plan.form.model import Structure
from workbook.plan.operate.memory import held, limit_gib
from workbook.plan.operate.threats import limited_by
from workbook.plan.passes.world import DATABASE, MEMORY

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
    inside, memory = held(plan.design), plan.design.memory
    fetched = [n for n, p in page.programs.items() if any(s.direct and s.verb is Verb.GET for s, _ in p.steps())]
    plain = [e.operation for e in plan.design.endpoints if _conditional(e)]
    bytes_held = sum(one.bytes for one in inside)
    databases = list(dict.fromkeys(s.technology.name for s in plan.design.stores if s.role == DATABASE))
    hit = plan.complete.default("sizing.cdn_hit_ratio", "share").best
    served = sum(plan.demand.of_operation("peak_egress", n) for n in fetched if page.asked(n))
    browser = f"answers of {w.listed(plain, 3)}" if plain else "nothing: no single rows are read"
    has_cdn = any(c.id == CDN for c in plan.design.components)
    named = memory.name if memory is not None else "in the process"
    edge = f"files of {w.listed(fetched, 3)}: {w.percent(hit)} of {w.bits(served)}" if has_cdn else "static assets only"
    kept = (
        f"{w.listed([one.structure.id for one in inside], 4)}: {w.size(bytes_held)}"
        if inside
        else "nothing: the database answers every look-up"
    )
    counts = limited_by(plan.design) == GATEWAY
    calls = w.rate(plan.demand.total("total_peak_qps"))
    passed = (
        f"refuses over-limit calls of {calls} before they cost" if counts else f"nothing: {calls} pass it uncounted"
    )
    rows = (
        ("Browser or app", browser, "ETag and 304; private", "microseconds"),
        ("CDN", edge, "immutable names, a year" if has_cdn else "versioned names", "< 50 ms"),
        ("Edge or gateway", passed, "counters of a minute" if counts else "–", "< 10 ms"),
        (f"Application: {named}", kept, "[7.2](#7.2)", "< 1 ms"),
        (
            f"Database: {', '.join(databases) or 'none'}",
            "pages and plans that the engine keeps by itself",
            "its own memory",
            "1-10 ms",
        ),
    )
    decided = [
        n for n in ("cache", *(n for n, d in plan.decisions.items() if d.decision == "copies")) if n in plan.decisions
    ]
    named_blocks = (matrix(page, "7.1.decision" if n == "cache" else f"7.1.{n}", n) for n in decided)
    none = Note(
        id="7.1.decision",
        title="Memory",
        text="Nothing here may be lost or is looked up so often that memory in front of the database would pay.",
    )
    return Subsection(
        id="7.1",
        title="Layers",
        blocks=(
            Table(id="7.1.layers", columns=("Layer", "Keeps", "How long", "Latency"), rows=rows),
            *(() if "cache" in plan.decisions else (none,)),
            *named_blocks,
        ),
    )


def _conditional(endpoint: Endpoint) -> bool:
    """Whether an answer can be kept by the caller: one row, read by its key."""
    return endpoint.method == "GET" and len(endpoint.answers) == 1 and not endpoint.answers[0].many


def _patterns(page: Page) -> Subsection:
    inside = [one.structure for one in held(page.plan.design)]
    patterns = loader.patterns()
    rows = tuple(
        (
            copies.key(s),
            copies.holds(s),
            patterns[copies.pattern(page, s)].name,
            copies.why(page, s),
            w.listed(copies.removers(page, s.id), 3) or "time only",
        )
        for s in inside
    )
    where: dict[str, list[str]] = {}
    for structure in inside:
        where.setdefault(copies.pattern(page, structure), []).append(structure.id)
    compared = tuple(
        (
            p.name,
            w.listed(where.get(p.id, ()), 4) or "nowhere",
            p.use_when,
            "; ".join(p.cons[:1]),
            f"for {len(where[p.id])} of {len(inside)} kinds" if p.id in where else _without(page, inside),
        )
        for p in patterns.values()
        if p.family == "caching"
    )
    used: Block = Table(
        id="7.2.patterns",
        title="Which pattern where",
        columns=("Key", "Holds", "Pattern", "Why", "Made old by"),
        rows=rows,
    )
    if not rows:
        reads = w.rate(page.plan.demand.total("total_peak_read_qps"))
        said = f"{w.listed(page.structures, 3)}: the database answers {reads} without help"
        used = Table(id="7.2.patterns", title="Which pattern where", columns=("Key", "Why"), rows=(("none", said),))
    return Subsection(
        id="7.2",
        title="Patterns",
        blocks=(
            used,
            Table(
                id="7.2.compared",
                title="Patterns compared",
                columns=("Pattern", "Here for", "When", "Against it", "Verdict"),
                rows=compared,
            ),
        ),
    )


def _without(page: Page, inside: list[Structure]) -> str:
    named = [s.id for s in inside] or [n for n, s in page.structures.items() if s.shape is Shape.ROWS]
    return f"{w.listed(named, 2)} do not call for it"


def _eviction(page: Page) -> Subsection:
    plan, inside = page.plan, held(page.plan.design)
    load = plan.world.load
    rows = tuple(
        (
            copies.key(one.structure),
            w.size(one.item_bytes),
            w.count(one.items),
            w.size(one.bytes),
            copies.ends(page, one.structure),
            copies.stampede(page, one.structure),
        )
        for one in inside
    )
    copied = [one.structure for one in inside if one.structure.of]
    if copied:
        busiest = max(copied, key=lambda s: load.of_structure("lookups", s.id))
        asked = w.rate(load.of_structure("lookups", busiest.id))
        guard = f"{copies.key(busiest)} is asked {asked} in all; when one row ends, single callers read it from the database and put it back"
    else:
        guard = f"no copy of {plan.complete.model.system} can be stampeded: nothing is filled on a miss"
    memory = plan.design.memory
    name = memory.name if memory is not None else "The process"
    policy = str(memory.details.get("eviction", "least recently used")) if memory is not None else "least recently used"
    kinds = w.listed([one.structure.id for one in inside], 3) or "nothing yet"
    return Subsection(
        id="7.3",
        title="Eviction, TTL, stampede",
        blocks=(
            Table(
                id="7.3.sizes",
                title="Sizes and lifetimes",
                columns=("Key", "Item", "Items", "Bytes", "TTL", "Stampede guard"),
                align="<>>><<",
                rows=rows or (("none", "–", "–", "–", "–", "–"),),
            ),
            Note(id="7.3.stampede", title="Stampede protection", text=w.sentence(guard)),
            Note(id="7.3.policy", title="Eviction", text=f"{name} evicts by {policy}. It holds {kinds}."),
        ),
    )


def _values(page: Page) -> Subsection:
    plan, rows = page.plan, []
    for structure in (one.structure for one in held(plan.design)):
        kept = copies.lifetime(page, structure)
        if kept is not None:
            rows.append((w.code(f"TTL_{structure.id.upper()} = {kept:.0f}"), "seconds", copies.holds(structure)))
    tier = plan.sizing.tiers.get(MEMORY)
    if tier is not None:
        fleet = tier.fleet
        rows.append((w.code(f"CACHE_SHARDS = {fleet.shards}"), f"x {fleet.copies} copies", fleet.instance))
        rows.append(
            (w.code(f"MAX_MEMORY = {limit_gib(fleet):.1f} GiB"), "a node", "three quarters; the rest for buffers")
        )
    if not rows:
        rows.append((w.code("CACHE_BYTES = 0"), "bytes", f"{plan.complete.model.system} holds nothing in memory"))
    table = Table(id="7.4.values", columns=("Value", "Unit", "For"), rows=tuple(rows))
    return Subsection(id="7.4", title="Starting values", blocks=(table,))

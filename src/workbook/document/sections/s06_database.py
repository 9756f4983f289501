"""6 Database and storage deep dive."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.artifacts import Artifact
from workbook.brief.shapes import Shape
from workbook.document import words as w
from workbook.document.blocks import Block, Note, Subsection, Table
from workbook.document.cursors import columns_of, paged
from workbook.document.matrices import matrix, of_kind
from workbook.document.page import Page
from workbook.document.wording import choices, copies, storage
from workbook.plan.fold.layout import Table as Laid
from workbook.plan.operate.hot_spots import hot_spot
from workbook.plan.passes import resting
from workbook.plan.passes.world import DATABASE, MEMORY, OBJECTS, SEARCH, Store
from workbook.plan.sizing.model import Tier

NUMBER = 6
TITLE = "Database and storage deep dive"
SHOWN_QUERIES = 8


def build(page: Page) -> Iterator[Subsection]:
    """Choice per service, tables with queries, partitioning, trade-offs, schema tables, critical structures."""
    yield _choice(page)
    yield _tables(page)
    yield _partitioning(page)
    yield _tradeoffs(page)
    yield _schemas(page)
    yield _structures(page)


def databases(page: Page) -> list[Store]:
    """The stores that keep records."""
    return [s for s in page.plan.design.stores if s.role == DATABASE]


def tables(page: Page) -> list[Laid]:
    """The tables that rest in databases, the brief's own first."""
    return sorted(page.plan.design.tables.values(), key=lambda t: bool(t.structure.added_by))


def tier_of(page: Page, structure: str) -> Tier | None:
    """The machines that a structure rests on."""
    return page.plan.sizing.tiers.get(page.plan.world.homes.get(structure, ""))


def _choice(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for store in plan.design.stores:
        if store.role == MEMORY:
            continue
        found = [d for c in store.contexts if (d := plan.decisions.get(f"database.{c}")) is not None]
        why = [choices.reason(d) for d in found] if store.role == DATABASE else [store.technology.use_when]
        rows.append(
            (
                w.listed(store.contexts),
                page.title(store.id),
                w.words(store.technology.model or store.role),
                storage.offered(page, store.id),
                storage.size(plan.sizing.tiers.get(store.id)),
                " ".join(dict.fromkeys(why)),
            )
        )
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
                rows=tuple(_uses(page)),
            ),
            *(matrix(page, f"6.1.{d.subject}", n) for n, d in of_kind(page, "database").items()),
        ),
    )


def _uses(page: Page) -> Iterator[tuple[str, str, str]]:
    stores = page.plan.design.stores
    models: dict[str, list[str]] = {}
    for store in databases(page):
        models.setdefault(store.technology.model, []).append(store.technology.name)
    home = databases(page)[0].technology.name if databases(page) else "–"
    own = [s for s in page.structures.values() if not s.added_by]
    first = w.words(own[0].id) if own else "a row"
    series = [s.id for s in own if s.shape in (Shape.SERIES, Shape.LOG) or s.kind in ("event", "series")]
    edges = [s.id for s in own if s.kind == "edge"]
    files = [s.id for s in own if s.shape is Shape.OBJECT]
    searched = [s.id for s in page.structures.values() if s.shape is Shape.SEARCH]

    def named(*wanted: str) -> str:
        return ", ".join(dict.fromkeys(n for m in wanted for n in models.get(m, [])))

    def role(wanted: str) -> str:
        return next((s.technology.name for s in stores if s.role == wanted), "")

    def rows_of(names: list[str], how: str) -> str:
        return f"{w.listed(names, 3)} {how}" if names else "–"

    kept = [n for n, h in page.plan.world.homes.items() if h == MEMORY]
    yield "Relational", named("relational") or "–", f"{first} needs transactions with others"
    yield "Document", named("document") or "–", f"fields of {first} differ from row to row"
    writes = w.rate(page.plan.demand.total("total_peak_write_qps"))
    yield (
        "Wide column or key-value",
        named("wide_column", "key_value") or "–",
        f"the {writes} written outgrow one leader",
    )
    yield (
        "Cache",
        role(MEMORY) or "–",
        f"see [7.1](#7.1): {w.listed(kept, 3)}" if kept else "look-ups outgrow the database",
    )
    yield (
        "Time series",
        named("time_series") or rows_of(series, f"as rows of {home}"),
        "readings are asked for by window and rolled up",
    )
    where = role(SEARCH) or home
    yield (
        "Full text",
        rows_of(searched, f"in {where}"),
        f"{w.listed(searched, 2) or first} needs ranking or forgiving typos",
    )
    yield (
        "Graph",
        named("graph") or rows_of(edges, "as rows, one step at a time"),
        "paths of three and more steps are asked for",
    )
    yield "Objects", role(OBJECTS) or "–", f"{w.listed(files, 4)} stand there" if files else "files come in"


# Tables ---------------------------------------------------------------------------------------------------------------


def _tables(page: Page) -> Subsection:
    blocks: list[Block] = []
    for table in tables(page):
        blocks.extend(_table(page, table))
    blocks += [page.code(f"6.2.query.{a.subject}{i or ''}", a) for a, i in _queries(page)]
    blocks += [page.code(f"6.2.schema{i}", a) for i, a in enumerate(page.made("schema"), start=1)]
    if not blocks:
        text = f"{page.plan.complete.model.system} keeps nothing that must outlast a server."
        blocks.append(Note(id="6.2.none", title="No tables", text=text))
    return Subsection(id="6.2", title="Tables", blocks=tuple(blocks))


def _queries(page: Page) -> Iterator[tuple[Artifact, int]]:
    """What operations of the first priority send, the critical ones before the others; each with its number among those of its operation."""
    first = [page.plan.design.critical_write, page.plan.design.critical_read]
    made = page.made("query")
    shown = [a for a in made if a.subject in first or (a.subject in page.programs and page.priority(a.subject) == "P0")]
    found = sorted(shown or made, key=lambda a: a.subject not in first)[:SHOWN_QUERIES]
    for position, artifact in enumerate(found):
        yield artifact, sum(a.subject == artifact.subject for a in found[:position])


def _table(page: Page, table: Laid) -> Iterator[Block]:
    world, name = page.plan.world, table.name
    rows = resting.resting_rows(world, name)
    facts = (
        ("Store", page.title(world.homes.get(name, ""))),
        ("Primary key", ", ".join(table.key)),
        ("Partition key", table.key[0] if table.key else "–"),
        ("Indexes", "; ".join(storage.index(i) for i in table.indexes) or "the key is enough"),
        ("Constraints", "; ".join(storage.constraints(table)) or "the key only"),
        ("Retention", storage.retention(page, table)),
        ("Rows at the horizon", w.count(rows) if rows else "few"),
        ("Copied to", w.listed(s.id for s in page.structures.values() if name in s.of) or "nowhere"),
        ("Purpose", storage.purpose(table)),
    )
    yield Table(id=f"6.2.{name}", title=name, columns=("Property", "Value"), rows=facts)
    columns = (
        (w.code(c.name), storage.type_name(c.type), round(c.type.bytes), storage.column_note(c, table))
        for c in table.columns
    )
    yield Table(
        id=f"6.2.{name}.columns",
        title=f"{name}: columns",
        columns=("Column", "Type", "Bytes", "Note"),
        align="<<><",
        rows=tuple(columns),
    )
    ways = tuple(
        (w.words(a.operation), storage.access(a), storage.given(a), storage.order(a), storage.by_index(table, a))
        for a in world.accesses.get(name, ())
    )
    if ways:
        yield Table(
            id=f"6.2.{name}.queries",
            title=f"{name}: what is asked and by which index",
            columns=("Operation", "Access", "Given", "Order", "Index"),
            rows=tuple(dict.fromkeys(ways)),
        )


# Partitions -----------------------------------------------------------------------------------------------------------


def _partitioning(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for table in tables(page):
        tier, context = tier_of(page, table.name), table.structure.context
        decided = plan.decisions.get(f"partition_key.{context}")
        rows.append(
            (
                w.code(table.name),
                decided.chosen.name if decided else "–",
                table.key[0] if storage.split(tier) else "–",
                storage.parts(tier),
                storage.hot(page, table),
                storage.across(table, plan.world.accesses.get(table.name, ()), tier),
            )
        )
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
            Note(id="6.3.hot_spot", title="Hot-spot scenario", text=w.sentence(hottest(page)), tone="warning"),
            *(
                matrix(page, f"6.3.{d.subject}", n)
                for n, d in of_kind(page, "partition_key").items()
                if d.chosen.complexity != 0
            ),
        ),
    )


def hottest(page: Page) -> str:
    """The brief's own scenario, else the key that the skewed or busiest write hits."""
    said = page.plan.complete.model.document.get("HOTSPOT_SCENARIO")
    found = hot_spot(page.plan.world)
    if said:
        return str(said)
    if found is None:
        return f"nothing writes to {w.listed(page.plan.complete.entities, 3)}, so nothing can be hot"
    return storage.hot_spot(found)


def _tradeoffs(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for table in tables(page):
        structure = table.structure
        if structure.added_by or not structure.entity:
            continue
        strong = plan.complete.consistency(structure.entity) == "strong"
        copied = [s.id for s in page.structures.values() if structure.id in s.of]
        said = plan.complete.entities[structure.entity].consistency or plan.complete.model.quality.consistency
        rows.append(
            (
                w.code(structure.id),
                f"{'strong' if strong else 'eventual'} ({'said' if said else 'by default'})",
                copies.seen(page, structure),
                "denormalized" if copied else "normalized",
                f"{w.listed(copied)} repeat it for a query each"
                if copied
                else "one table; what refers to it is looked up by its key",
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
            _access_first(page),
        ),
    )


def _access_first(page: Page) -> Table:
    plan, found = page.plan, tables(page)
    rows = {
        (
            w.words(a.operation),
            w.code(t.name),
            storage.access(a),
            w.rate(plan.world.load.peak_of(a.operation)),
            storage.by_index(t, a),
        )
        for t in found
        for a in plan.world.accesses.get(t.name, ())
    }
    identifiers = sum(c.type.kind in ("id", "ref") for t in found for c in t.columns)
    migration = plan.world.product("migration")
    by = migration.name if migration is not None else "plain SQL files"
    return Table(
        id="6.4.access",
        title="Access patterns, which came first",
        columns=("Operation", "Table", "Access", "Peak", "By"),
        align="<<<><",
        rows=tuple(sorted(rows)),
        note=f"{identifiers} columns are UUIDs, made anywhere without a shared counter. "
        f"Migrations of {len(found)} tables by {by}, one step forward at a time.",
    )


def _schemas(page: Page) -> Subsection:
    blocks = []
    for store in databases(page):
        rows = []
        for table in (t for t in tables(page) if page.plan.world.homes.get(t.name) == store.id):
            fields = ", ".join(f"{c.name} {storage.type_name(c.type)}" for c in table.columns)
            indexes = "; ".join(storage.index(i) for i in table.indexes)
            rows.append((w.code(table.name), fields, table.key[0], ", ".join(table.key[1:]) or "–", indexes or "–"))
        blocks.append(
            Table(
                id=f"6.5.{store.id}",
                title=f"{page.title(store.id)}: {w.listed(store.contexts)}",
                columns=("Table", "Columns", "Key or partition", "Sort", "Indexes"),
                rows=tuple(rows),
            )
        )
    return Subsection(id="6.5", title="Schema tables", blocks=tuple(blocks))


def _structures(page: Page) -> Subsection:
    design = page.plan.design
    named = page.plan.complete.model.document.get("CRITICAL_DATA_STRUCTURES", "")
    ways = {s.target for o in (design.critical_write, design.critical_read) if o for s, _ in page.programs[o].steps()}
    asked_for = [page.structures[n] for n in design.focus.structures if n in page.structures]
    own = [s for s in page.structures.values() if s.id in ways or s.kind == "edge"]
    found = asked_for or own or list(page.structures.values())[:3]
    rows = []
    for structure in found:
        refs = [(n, t.ref) for n, t in structure.fields.items() if t.ref]
        relation = "; ".join(f"{w.words(structure.id)} → {w.words(r)} by {w.code(n)}" for n, r in refs)
        table = design.tables.get(structure.id)
        index = "; ".join(storage.index(i) for i in table.indexes) if table is not None else ""
        steps = [s for p in page.programs.values() if (s := paged(p)) is not None and s.target == structure.id]
        cursor = ", ".join(columns_of(page.plan, steps[0])[0]) if steps else ""
        copy = next((s for s in page.structures.values() if structure.id in s.of), None)
        rows.append(
            (
                w.code(structure.id),
                relation or "stands alone",
                index or f"key ({', '.join(structure.key)})",
                copies.key(copy) if copy is not None else "–",
                f"cursor over {cursor}, see [3.3](#3.3)" if cursor else "not paged",
                copies.ends(page, copy) if copy is not None else copies.ends(page, structure),
            )
        )
    table_ = Table(
        id="6.6.structures",
        title=f"Critical data structures{f': {named}' if named else ''}",
        columns=("Structure", "Relationship", "Indexed by", "Copied under", "Pagination", "Eviction"),
        rows=tuple(rows),
    )
    return Subsection(id="6.6", title="Critical data structures", blocks=(table_,))

"""Tables: one an entity where the store can index, one a query where it cannot; and those the system itself needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from workbook.brief.model import Operation
from workbook.plan.complete import Complete
from workbook.plan.decisions.base import World, ability
from workbook.plan.decisions.fan_out import INBOX_DAYS, INBOX_ROW_BYTES, widest
from workbook.plan.decisions.messaging import emits
from workbook.plan.decisions.partition_key import PARTITION_BYTES
from workbook.plan.design.columns import ADDED, FILE_ROLES, columns_of
from workbook.plan.design.model import Column, ColumnRole, Index, Query, Store, Table
from workbook.plan.design.naming import settled
from workbook.plan.naming import Space, longest_field, shortened

PAGE = 20
NAME_BYTES = 60
"""PostgreSQL cuts names at 63 bytes."""


def key_of(entity: str, complete: Complete, columns: Iterable[Column]) -> tuple[str, ...]:
    """The primary key: said, else `id`, else the first column."""
    said = complete.entities[entity].key
    names = [c.name for c in columns]
    return tuple(said) or (("id",) if "id" in names else (names[0],))


def order_of(operation: Operation, columns: tuple[Column, ...], key: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """By what a page is sorted, and whether newest first: said, else the latest time, else the rest of the key."""
    if operation.order:
        return (operation.order.lstrip("-"),), operation.order.startswith("-")
    times = [c.name for c in columns if c.kind in ("time", "date") and not c.optional]
    preferred = [t for t in times if t in key or t.endswith("_at")] or times
    if preferred:
        return (preferred[0],), True
    return (key[-1],), False


def where_of(operation: Operation, columns: tuple[Column, ...], key: tuple[str, ...]) -> tuple[str, ...]:
    """What an operation is given: said, else the key for one row, else the first reference (the owner) for many."""
    if operation.where:
        return tuple(operation.where)
    if operation.verb in ("read", "download", "update", "delete", "compute", "notify"):
        return key
    owner = next((c.name for c in columns if c.name in key and c.ref and len(key) > 1), None) or next(
        (c.name for c in columns if c.ref), None
    )
    return (owner,) if owner else ()


def queries_of(
    entity: str, complete: Complete, columns: tuple[Column, ...], key: tuple[str, ...], inbox: str
) -> Iterator[Query]:
    """Every access of the brief's operations to the entity. Pages of the fan-out's inbox are asked of that table instead."""
    for name, operation in complete.operations.items():
        if operation.entity != entity:
            if entity in operation.creates:
                yield Query(operation=name, access="insert")
            continue
        where = where_of(operation, columns, key)
        order, newest = order_of(operation, columns, key)
        limit = page_size(operation)
        if operation.verb in ("create", "upload"):
            yield Query(operation=name, access="insert")
        elif operation.verb in ("update", "compute"):
            yield Query(operation=name, access="update", equals=key, sets=_changed(columns, key))
        elif operation.verb == "delete":
            yield Query(operation=name, access="delete", equals=key)
        elif operation.verb in ("read", "download", "notify"):
            yield Query(operation=name, access="point", equals=where)
        elif operation.verb == "aggregate":
            yield Query(operation=name, access="aggregate", equals=where, order=order)
        elif operation.verb == "search":
            yield _search(name, operation, columns, key, max(limit, 1))
        elif not (inbox and not operation.where and operation.verb == "list"):
            tail = tuple(k for k in key if k not in where and k not in order)
            yield Query(
                operation=name,
                access="range",
                equals=where,
                order=(*(o for o in order if o not in where), *tail) or (key[-1],),
                descending=newest,
                limit=max(limit, 1),
            )


def _search(name: str, operation: Operation, columns: tuple[Column, ...], key: tuple[str, ...], limit: int) -> Query:
    geo = next((c.name for c in columns if c.kind == "geo"), None)
    if geo:
        return Query(operation=name, access="near", equals=tuple(operation.where), text=(geo,), limit=limit)
    text = tuple(
        c.name
        for c in columns
        if c.kind in ("string", "text") and (c.length == 0 or c.length > 8) and c.role not in FILE_ROLES
    )
    if text:
        return Query(
            operation=name, access="search", equals=tuple(operation.where), text=text[:4], order=(key[-1],), limit=limit
        )
    where = tuple(operation.where) or key[:-1] or key
    order = tuple(k for k in key if k not in where) or (key[-1],)
    return Query(operation=name, access="range", equals=where, order=order, limit=limit)


def _changed(columns: tuple[Column, ...], key: tuple[str, ...]) -> tuple[str, ...]:
    free = [c for c in columns if c.name not in key]
    chosen = [c.name for c in free if c.kind in ("enum", "bool")][:1] or [
        c.name for c in free if c.kind in ("int", "decimal", "money") and c.role != "version"
    ][:1]
    chosen = (
        chosen
        or [c.name for c in free if c.kind in ("string", "text", "json", "time")][:1]
        or [c.name for c in free][:1]
    )
    system = [c.name for c in free if c.role in ("changed", "version") and c.name not in chosen]
    return (*chosen, *system)


def indexed(table: Table) -> Table:
    """A table with the index each query goes by: the primary key where that serves, else one made for it."""
    indexes = list(table.indexes)
    queries = []
    for query in table.queries:
        if query.access in ("insert",):
            queries.append(query)
            continue
        if query.access in ("search", "near"):
            kind: Literal["geo", "full_text"] = "geo" if query.access == "near" else "full_text"
            index = Index(
                name=f"{table.name}_{'place' if kind == 'geo' else 'words'}_idx",
                columns=query.text,
                kind=kind,
                serves=(query.operation,),
            )
        else:
            wanted = (*query.equals, *(o for o in query.order if query.access == "range"))
            if _served_by_key(table, query, wanted):
                queries.append(query)
                continue
            descending = tuple(query.order) if query.descending else ()
            index = Index(
                name=shortened(f"{table.name}_{'_'.join(wanted[:3])}_idx", NAME_BYTES),
                columns=wanted,
                descending=descending,
                serves=(query.operation,),
            )
        same = next(
            (
                i
                for i in indexes
                if i.kind == index.kind
                and (
                    i.columns[: len(index.columns)] == index.columns
                    or (i.unique and index.columns[: len(i.columns)] == i.columns)
                )
            ),
            None,
        )
        if same:
            indexes[indexes.index(same)] = replace(same, serves=(*same.serves, query.operation))
            queries.append(replace(query, index=same.name))
        else:
            indexes.append(index)
            queries.append(replace(query, index=index.name))
    return replace(table, indexes=tuple(indexes), queries=tuple(queries))


def _served_by_key(table: Table, query: Query, wanted: tuple[str, ...]) -> bool:
    if set(query.equals) == set(table.key) and query.access in ("point", "update", "delete"):
        return True
    return bool(wanted) and table.key[: len(wanted)] == wanted


def relational(entity: str, world: World, store: Store, inbox: str) -> list[Table]:
    """The one table of an entity in a store that can index."""
    complete, demand = world.complete, world.demand
    context = complete.contexts[entity]
    called = complete.names.entity(entity)
    columns = columns_of(entity, complete)
    key = key_of(entity, complete, columns)
    queries = tuple(queries_of(entity, complete, columns, key, inbox))
    unique = tuple(
        Index(name=shortened(f"{called}_{'_'.join(u)}_key", NAME_BYTES), columns=tuple(u), unique=True)
        for u in complete.entities[entity].unique
    )
    times = [c.name for c in columns if c.kind == "time" and not c.optional]
    by_time = (
        bool(ability(world.chosen("partition_key", context), "by_time"))
        and complete.kind(entity) in ("event", "series")
        and bool(times)
    )
    parts = bool(ability(world.chosen("partition_key", context), "parts")) and not ability(
        world.chosen("partition_key", context), "by_time"
    )
    shard = _most_asked(queries, world) or key[:1]
    return [
        indexed(
            Table(
                name=called,
                entity=entity,
                context=context,
                store=store.id,
                columns=columns,
                key=key,
                partition=shard if parts else (),
                sort=(),
                indexes=unique,
                queries=queries,
                retention_days=_retention(entity, world),
                rows=demand.of_entity("rows_retained", entity),
                row_bytes=demand.of_entity("row_bytes", entity),
                time_partitioned=by_time,
                bucket=times[0] if by_time else "",
            )
        )
    ]


def _most_asked(queries: tuple[Query, ...], world: World) -> tuple[str, ...]:
    """The column by which most calls come: the key that spares them a scatter over the shards."""
    asked: dict[str, float] = {}
    for query in queries:
        if query.equals and query.access in ("range", "point", "aggregate"):
            asked[query.equals[0]] = asked.get(query.equals[0], 0.0) + world.demand.of_operation(
                "peak_qps", query.operation
            )
    return (max(asked, key=lambda c: asked[c]),) if asked else ()


def _retention(entity: str, world: World) -> float | None:
    days = world.demand.of_entity("retention", entity)
    return days if days < 1e6 else None


def per_query(entity: str, world: World, store: Store, inbox: str) -> list[Table]:
    """A table a query, each written with the row: for stores that answer only by partition key."""
    complete, demand = world.complete, world.demand
    columns = columns_of(entity, complete)
    key = key_of(entity, complete, columns)
    queries = list(queries_of(entity, complete, columns, key, inbox))
    called = complete.names.entity(entity)
    made: list[Table] = []
    writes = tuple(q for q in queries if q.access in ("insert", "update", "delete"))

    def table(name: str, partition: tuple[str, ...], sort: tuple[str, ...], asked: Query | None, purpose: str) -> Table:
        bucket = _bucket(entity, partition, sort, world)
        full = (*partition, *(s.lstrip("-") for s in sort))
        return Table(
            name=name,
            entity=entity,
            context=complete.contexts[entity],
            store=store.id,
            columns=columns,
            key=full,
            partition=partition,
            sort=sort,
            bucket=bucket,
            queries=(*writes, *((asked,) if asked else ())),
            retention_days=_retention(entity, world),
            rows=demand.of_entity("rows_retained", entity),
            row_bytes=demand.of_entity("row_bytes", entity),
            purpose=purpose,
        )

    for query in (q for q in queries if q not in writes):
        partition = query.equals or key[:1]
        down = "-" if query.descending else ""
        order = tuple(f"{down}{o}" for o in query.order) if query.access == "range" else ()
        rest = tuple(f"{down}{k}" for k in key if k not in partition and k not in {o.lstrip("-") for o in order})
        sort = (*(o for o in order if o.lstrip("-") not in partition), *rest)
        if query.access in ("search", "near"):
            continue
        same = next(
            (
                t
                for t in made
                if t.partition == partition and (query.access != "range" or t.sort[: len(order)] == order)
            ),
            None,
        )
        if same:
            made[made.index(same)] = replace(same, queries=(*same.queries, query))
        else:
            name = called if not made else f"{called}_by_{'_'.join(partition)}"
            purpose = "" if not made else f"answers {query.operation}, which the first table cannot"
            made.append(table(name, partition, sort, query, purpose))
    if not made:
        made.append(table(called, key[:1], key[1:], None, ""))
    for columns_said in complete.entities[entity].unique:
        unique = tuple(columns_said)
        if any(t.partition == unique for t in made):
            continue
        look_up = table(
            f"{called}_by_{'_'.join(unique)}",
            unique,
            (),
            None,
            f"keeps {' and '.join(unique)} unique: written first, and only if it is not there",
        )
        held = {*unique, *key}
        inserts = tuple(q for q in writes if q.access == "insert")
        made.append(
            replace(look_up, columns=tuple(c for c in columns if c.name in held), queries=inserts, first_wins=True)
        )
    searches = tuple(q for q in queries if q.access in ("search", "near"))
    if searches:
        made[0] = replace(made[0], queries=(*made[0].queries, *(replace(q, index="search index") for q in searches)))
    return made


def _bucket(entity: str, partition: tuple[str, ...], sort: tuple[str, ...], world: World) -> str:
    """A time column that splits partitions which would grow too large."""
    complete, demand = world.complete, world.demand
    columns = {c.name: c for c in columns_of(entity, complete)}
    time = next((s.lstrip("-") for s in sort if columns[s.lstrip("-")].kind in ("time", "timestamp")), "")
    if not time or not partition:
        return ""
    ref = columns[partition[0]].ref
    partitions = demand.of_entity("rows_retained", ref) if ref in complete.entities else 1.0
    size = demand.of_entity("bytes_retained", entity) / max(partitions, 1.0)
    return time if size > PARTITION_BYTES else ""


def page_size(operation: Operation) -> int:
    """Rows of a page: what the operation says, at least one."""
    return max(1, int(next((p.amount.best for p in operation.items or () if not p.of), PAGE)))


def inbox(world: World, stores: dict[str, Store]) -> Table | None:
    """The table that fan-out on write fills: a row a recipient, newest first."""
    if not world.has("fan_out") or not ability(world.chosen("fan_out"), "copies_per_recipient"):
        return None
    complete, demand = world.complete, world.demand
    operation = widest(world)
    entity = complete.operations[operation].entity
    if complete.contexts[entity] not in stores:
        return None
    columns = columns_of(entity, complete)
    key = key_of(entity, complete, columns)
    called = complete.names.entity(entity)
    at = next((c.name for c in columns if c.kind == "time"), "")
    person = next((c for c in columns if c.ref), None)
    space = Space(longest=longest_field(), end="_of_row")
    moment = f"{at}_at" if at in key else at or ADDED["created"][0]
    arrival: ColumnRole = "created" if moment == ADDED["created"][0] else ""
    made = (
        Column(name=space.take("recipient"), kind="id", bytes=16, purpose="whose inbox it is", role="recipient"),
        Column(name=space.take(moment), kind="time", bytes=8, purpose="order of the inbox", copies=at, role=arrival),
        *(
            Column(
                name=space.take(f"{called}_{k}" if k in ("id", "recipient") else k),
                kind="id" if k == "id" else next(c.kind for c in columns if c.name == k),
                bytes=16,
                purpose="what is in it",
                copies=k,
            )
            for k in key
        ),
        *(
            (Column(name=space.take("origin"), kind="id", bytes=16, purpose=f"its {person.name}", role="origin"),)
            if person
            else ()
        ),
    )
    names = [c.name for c in made]
    context = complete.contexts[entity]
    sort = tuple(f"-{n}" for n in names[1 : 2 + len(key)])
    pages = [n for n, o in complete.operations.items() if o.entity == entity and o.verb == "list" and not o.where]
    queries = [Query(operation=operation, access="insert")]
    for name in pages:
        limit = page_size(complete.operations[name])
        queries.append(
            Query(
                operation=name,
                access="range",
                equals=("recipient",),
                order=tuple(s.lstrip("-") for s in sort),
                descending=True,
                limit=limit,
            )
        )
    return Table(
        name=f"{called}_inbox",
        inbox=True,
        entity=entity,
        context=context,
        store=stores[context].id,
        columns=made,
        key=("recipient", *(s.lstrip("-") for s in sort)),
        partition=("recipient",),
        sort=sort,
        queries=tuple(queries),
        retention_days=INBOX_DAYS,
        rows=demand.of_operation("deliveries_per_day", operation) * INBOX_DAYS,
        row_bytes=INBOX_ROW_BYTES,
        purpose="filled by fan-out on write, one row a recipient",
    )


def system_tables(world: World, stores: dict[str, Store]) -> list[Table]:
    """What each database needs for itself: keys of idempotent calls, events handled, and the outbox."""
    complete = world.complete
    made: list[Table] = []
    for store in {s.id: s for s in stores.values()}.values():
        operations = {n: o for n, o in complete.operations.items() if complete.contexts[o.entity] in store.contexts}
        context = store.contexts[0]
        if any(o.idempotent for o in operations.values()):
            made.append(
                _system(
                    "idempotency_key",
                    store,
                    context,
                    [
                        ("key", "string", 36, "sent by the caller"),
                        ("operation", "string", 40, ""),
                        ("response", "json", 500, "given again on a repeat"),
                        ("created_at", "time", 8, ""),
                    ],
                    ("key",),
                    1.0,
                    "answers a repeated call as it was answered first",
                    rows=sum(
                        world.demand.of_operation("calls_per_day", n) for n, o in operations.items() if o.idempotent
                    ),
                )
            )
        if any(emits(o) for o in operations.values()):
            made.append(
                _system(
                    "processed_event",
                    store,
                    context,
                    [
                        ("consumer", "string", 40, "consumer group"),
                        ("event_id", "id", 16, ""),
                        ("processed_at", "time", 8, ""),
                    ],
                    ("consumer", "event_id"),
                    7.0,
                    "lets a repeated event change nothing",
                    rows=7
                    * sum(world.demand.of_operation("calls_per_day", n) for n, o in operations.items() if emits(o)),
                )
            )
        if ability_of(store, "transactions") and any(emits(o) for o in operations.values()):
            made.append(
                _system(
                    "outbox",
                    store,
                    context,
                    [
                        ("id", "id", 16, ""),
                        ("topic", "string", 60, ""),
                        ("partition_key", "string", 36, ""),
                        ("payload", "json", 500, ""),
                        ("created_at", "time", 8, ""),
                        ("published_at", "time?", 8, "null until handed on"),
                    ],
                    ("id",),
                    1.0,
                    "events written in the transaction of the change",
                )
            )
    return made


def ability_of(store: Store, name: str) -> bool:
    """Whether a store's technology has an ability."""
    return bool(store.technology.abilities.get(name))


def _system(
    name: str,
    store: Store,
    context: str,
    columns: list[tuple[str, str, float, str]],
    key: tuple[str, ...],
    days: float,
    purpose: str,
    rows: float = 0.0,
) -> Table:
    spread = store.technology.model in ("wide_column", "key_value")
    made = tuple(
        Column(
            name=n,
            kind=k.removesuffix("?"),
            bytes=b,
            optional=k.endswith("?"),
            length=int(b) if k == "string" else 0,
            purpose=why,
            role="created" if n == ADDED["created"][0] else "",
        )
        for n, k, b, why in columns
    )
    return Table(
        name=name,
        entity="",
        context=context,
        store=store.id,
        columns=made,
        key=key,
        partition=key if spread else key[:1],
        sort=() if spread else key[1:],
        rows=rows,
        retention_days=days,
        purpose=purpose,
        row_bytes=sum(c.bytes for c in made),
        first_wins=name != "outbox",
    )


def all_tables(world: World, stores: dict[str, Store]) -> tuple[Table, ...]:
    """Every table of the design. Columns keep their reference only where the referred table stands in the same store."""
    complete = world.complete
    box = inbox(world, stores)
    made: list[Table] = []
    for entity in complete.entities:
        if complete.kind(entity) == "memory":
            continue
        store = stores[complete.contexts[entity]]
        build = per_query if store.technology.model in ("wide_column", "key_value") else relational
        made.extend(build(entity, world, store, box.name if box and box.entity == entity else ""))
    if box:
        made.append(box)
    names = {(t.store, t.entity): t for t in made}
    linked = [replace(t, columns=tuple(_linked(c, t, names) for c in t.columns)) for t in made]
    technologies = {s.id: s.technology.dialect for s in stores.values()}
    return settled((*linked, *system_tables(world, stores)), technologies)


def _linked(column: Column, table: Table, names: dict[tuple[str, str], Table]) -> Column:
    target = names.get((table.store, column.ref))
    keeps = (
        target is not None and target.context == table.context and len(target.key) == 1 and not target.time_partitioned
    )
    return (
        column
        if keeps or not column.ref
        else replace(column, ref="", purpose=column.purpose or f"identifies a {column.ref.replace('_', ' ')}")
    )

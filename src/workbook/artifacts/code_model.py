"""What the worker and the service consist of, derived once from the plan and the same in every programming language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from workbook.artifacts import code_plan as ask
from workbook.artifacts import code_sql as sql
from workbook.artifacts.code_parts import Action, Listing, Refresh, Service, Single, Worker
from workbook.artifacts.code_sql import Marks, Statement, Value
from workbook.plan import Plan
from workbook.plan.design.model import CacheEntry, Column, Query, Store, Table, Topic
from workbook.plan.names import column_of, kebab, slot

OWN_LIMITS = {"MAX_ATTEMPTS": 5, "FIRST_DELAY_SECONDS": 1, "LONGEST_DELAY_SECONDS": 30}
BATCH = 100
FAN_OUT_LIMIT = 10_000
LOCK_SECONDS = 3

TOTAL = " total"
"""What follows an entity's name where the totals of its rows are meant; no entity has a blank in its name."""
RANKED = "redis"
"""The dialect of caches that have sorted sets."""


def worker(plan: Plan, marks: Callable[[str], Marks], taken: Iterable[str] = ()) -> Worker | None:
    """The worker of a plan; None where nothing is told. `marks` says how a language writes the parameters of a dialect,
    `taken` which constants its code has itself.
    """
    design = plan.design
    if not design.topics:
        return None
    topic = design.topics[0]
    group, does = topic.groups[0]
    entity = topic.entity
    carried = dict(topic.fields)
    fields = tuple(c for c in ask.columns_of(plan, entity) if c.name in carried)
    target, action, effect = _action(plan, topic, group, does)
    store = ask.store_of(plan, target)
    dialect = store.technology.dialect if store else ""
    family = sql.family(dialect)
    mark = marks(dialect)
    box = next((t for t in design.tables if t.inbox and t.entity == entity), None)
    tables = tuple(t for t in design.tables if t.entity == entity and t is not box)
    statements: tuple[Statement, ...] = ()
    if family != "store" and store:
        if action == "inbox" and box:
            pairs = ask.pairs_of(box, fields)
            origin = next((c.purpose.removeprefix("its ") for c in box.columns if c.role == "origin"), "")
            person = next((c for c in fields if c.name == origin), None)
            values = tuple(_inbox_value(c, pairs, person) for c in box.columns)
            statements = (sql.insert(box, store, values, dialect, mark),)
        elif action == "store":
            statements = tuple(
                sql.insert(t, store, tuple(Value("data", c) for c in t.columns if c.name in carried), dialect, mark)
                for t in tables
            )
        elif action == "count":
            statements = (_count(plan, target, fields, store, dialect, mark) or Statement("", ()),)
    if (action == "count" and not (statements and statements[0].text)) or (action == "store" and family == "store"):
        action, statements = "effect", ()
    claim, done, release = sql.claims(store, dialect, mark)
    complete = {c.name for c in ask.columns_of(plan, entity)} == set(carried)
    dialect_of_cache = design.cache.dialect
    refreshes = tuple(_refreshes(plan, topic, target, fields, action))
    adds = [r for r in refreshes if r.does == "add"]
    hybrid = ask.fan_out(plan)[1] > 0 and ask.fan_out(plan)[2] > 0
    own: dict[str, object] = {
        "TOPIC": topic.name,
        "GROUP": group,
        "EVENT": topic.event,
        "VERSION": topic.payload["version"],
        "DEAD_LETTER": topic.dead_letter,
        **OWN_LIMITS,
    }
    own |= {"BATCH": BATCH} if action == "inbox" else {}
    own |= {"FAN_OUT_LIMIT": FAN_OUT_LIMIT} if hybrid and action == "inbox" else {}
    own |= {"CLAIM_SECONDS": sql.CLAIM_SECONDS} if family == "cql" else {}
    for refresh in refreshes:
        own |= {f"{refresh.id.upper()}_LENGTH": refresh.length} if refresh.does == "add" else {}
        own |= {f"{refresh.id.upper()}_TTL_SECONDS": refresh.ttl} if refresh.does in ("add", "put") else {}
    row_ttl = max((r.ttl for r in adds), default=0) if complete else 0
    if row_ttl:
        own["ROW_TTL_SECONDS"] = row_ttl
    return Worker(
        system=plan.complete.model.system,
        topic=topic,
        group=group,
        does=does.replace("`", ""),
        entity=entity,
        fields=fields,
        constants=ask.constants(plan, own, (*taken, *(f"APPLY_{n}" for n in range(2, len(statements) + 1)))),
        family=family,
        store=store.name if store else "the store",
        claim=claim,
        done=done,
        release=release,
        action=action,
        statements=statements,
        inbox=box.name if box else "",
        effect=effect,
        hybrid=hybrid,
        refreshes=refreshes,
        row_keys=tuple(dict.fromkeys(r.row_key for r in adds)) if row_ttl else (),
        cache=dialect_of_cache,
        cache_name=design.cache.name,
        messaging=design.messaging.dialect,
        messaging_name=design.messaging.name,
    )


def _action(plan: Plan, topic: Topic, group: str, does: str) -> tuple[str, Action, str]:
    """The entity that a group changes, how, and the name of what it calls."""
    entity = topic.entity
    names = plan.complete.names
    suffix = group.removeprefix(f"{kebab(names.entity(entity))}-")
    if suffix == "fan-out":
        return entity, "inbox" if does.startswith("writes a row of") else "push", ""
    if suffix == "store":
        return entity, "store", "store"
    if suffix == "cache":
        return entity, "refresh", ""
    follower = next((n for n in plan.complete.operations if kebab(names.operation(n)) == group), "")
    if follower and plan.complete.operations[follower].verb == "compute":
        return plan.complete.operations[follower].entity, "count", follower
    return entity, "effect", follower or suffix.replace("-", "_")


def _inbox_value(column: Column, pairs: Mapping[str, Column], person: Column | None) -> Value:
    if column.role == "recipient":
        return Value("recipient", column)
    if column.name in pairs:
        return Value("data", pairs[column.name])
    return Value("data", person) if column.role == "origin" and person else Value("occurred", column)


def _count(
    plan: Plan, target: str, fields: tuple[Column, ...], store: Store, dialect: str, mark: Marks
) -> Statement | None:
    """One more in the row of a counter, where the event says which row that is."""
    table = next((t for t in plan.design.tables if t.entity == target and not t.inbox), None)
    known = {c.name: c for c in fields}
    moment = next((c for c in fields if c.kind == "time" and not c.optional), None)
    if table is None or sql.family(dialect) != "sql":
        return None
    counted = next(
        (
            c
            for c in table.columns
            if c.name not in table.key and c.kind in ("int", "decimal", "money") and c.role != "version"
        ),
        None,
    )
    values: list[Value] = []
    for column in table.columns:
        if column.name in known:
            values.append(Value("data", known[column.name]))
        elif column is counted:
            values.append(Value("one", column))
        elif column.kind == "date" and moment:
            values.append(Value("day", moment))
        elif column.kind == "time" and column.name not in table.key:
            values.append(Value("occurred", column))
        elif not column.optional:
            return None
    return sql.count_up(table, tuple(values), counted.name, dialect, mark) if counted else None


def _refreshes(plan: Plan, topic: Topic, target: str, fields: tuple[Column, ...], action: Action) -> Iterator[Refresh]:
    """What each cached kind of key of the changed entities needs after the event."""
    known = {c.name for c in fields}
    verb = plan.complete.operations[topic.operation].verb
    whole = known == {c.name for c in ask.columns_of(plan, topic.entity)}
    ranked = plan.design.cache.dialect == RANKED
    for entry in plan.design.caches:
        if entry.entity not in (topic.entity, target):
            continue
        key, version = entry.key, ""
        if entry.shape == "list_page":
            version = entry.key.replace(":page:", ":version:", 1).split(":v{version}")[0]
            key = version
        names = {column_of(p) for p in re.findall(r"\{(\w+)\}", key)}
        recipient = "recipient" in names and "recipient" not in known and action == "inbox"
        if not names <= known | ({"recipient"} if recipient else set()):
            continue
        common = {
            "id": entry.id,
            "key": key,
            "per_recipient": recipient,
            "holds": entry.holds,
            "ttl": entry.ttl_seconds,
        }
        if entry.shape == "list_page":
            yield Refresh(does="raise", **common)  # type: ignore[arg-type]
        elif entry.shape == "sorted_set" and ranked and verb in ("create", "upload") and entry.entity == topic.entity:
            found = _listed(plan, entry)
            pairs = ask.pairs_of(found[0], fields) if found else {}
            if found and all(c in pairs for c in found[1].order):
                order = tuple(pairs[c] for c in found[1].order)
                members = order[ask.member_from(order) :]
                row_key = ask.row_prefix(plan, found[0], found[1].equals, members) + ":".join(
                    f"{{{slot(c.name)}}}" for c in members
                )
                names_of = tuple(c.name for c in members)
                yield Refresh(
                    does="add",
                    score=order[0],
                    member=names_of,
                    row_key=row_key,
                    newest_first=found[1].descending,
                    length=entry.length,
                    **common,  # type: ignore[arg-type]
                )
            else:
                yield Refresh(does="drop", **common)  # type: ignore[arg-type]
        elif (
            entry.shape in ("hash", "string")
            and entry.entity == topic.entity
            and verb in ("create", "upload")
            and whole
            and "{hash}" not in entry.key
        ):
            yield Refresh(does="put", **common)  # type: ignore[arg-type]
        else:
            yield Refresh(does="drop", **common)  # type: ignore[arg-type]


def _listed(plan: Plan, entry: CacheEntry) -> tuple[Table, Query] | None:
    return next(
        (
            (t, q)
            for t in plan.design.tables
            if t.entity == entry.entity
            for q in t.queries
            if q.operation in entry.operations and q.access == "range"
        ),
        None,
    )


def service(plan: Plan, marks: Callable[[str], Marks], taken: Iterable[str] = ()) -> Service | None:
    """The service of a plan's critical read; None where nothing is read."""
    design = plan.design
    if not design.critical_read or not plan.complete.operations[design.critical_read].reads:
        return None
    listing = _listing(plan, marks)
    single = None if listing and listing.operation == design.critical_read else _single(plan, marks)
    if not listing and not single:
        return None
    part = listing or single
    assert part
    entity = single.entity if single else part.entity
    store = ask.store_of(plan, entity)
    family = sql.family(store.technology.dialect) if store else "store"
    rows: dict[str, tuple[Column, ...]] = {}
    own: dict[str, object] = {}
    if single:
        rows[single.entity if single.kind != "aggregate" else single.entity + TOTAL] = single.columns
        own |= {f"{single.prefix}_LIMIT": single.limit} if single.kind in ("search", "near") else {}
        own |= {f"{single.entry.id.upper()}_TTL_SECONDS": single.entry.ttl_seconds} if single.entry else {}
    if listing:
        rows.setdefault(listing.entity, listing.columns)
        own |= {"PAGE_SIZE": listing.limit, "MAX_PAGE_SIZE": max(100, listing.limit), "CURSOR_VERSION": 1}
        if listing.entry:
            own |= {"PAGES_TTL_SECONDS": listing.entry.ttl_seconds}
            own |= {"PAGES_LENGTH": listing.entry.length} if listing.entry.shape == "sorted_set" else {}
        own |= {"MOST_MONTHS": 24} if listing.bucket else {}
    if (listing and listing.entry) or (single and single.entry and single.kind != "state"):
        own |= {"LOCK_SECONDS": LOCK_SECONDS, "LOCK_WAIT_MILLISECONDS": 50}
    return Service(
        system=plan.complete.model.system,
        subject=design.critical_read,
        listing=listing,
        single=single,
        rows=rows,
        constants=ask.constants(plan, own, (*taken, *((single.prefix,) if single else ()))),
        family=family,
        store=store.name if store else "the store",
        cache=design.cache.dialect,
        cache_name=design.cache.name,
    )


def _listing(plan: Plan, marks: Callable[[str], Marks]) -> Listing | None:
    found = ask.paged(plan)
    if found is None:
        return None
    table, query = found
    store = plan.design.store(table.store)
    dialect = store.technology.dialect
    mark = marks(dialect)
    entity = table.entity
    columns = ask.columns_of(plan, entity)
    key = ask.key_of(plan, entity)
    pairs = ask.pairs_of(table, columns)
    joined: Table | None = None
    body: Statement | None = None
    if table.inbox:
        others = [t for t in plan.design.tables if t.entity == entity and t is not table and t.store == table.store]
        if sql.family(dialect) == "sql":
            joined = others[0]
        elif dialect == "cql":
            home = next((t for t in others if set(t.partition) <= set(key) and not t.bucket), None)
            body = sql.point(home, store, key, dialect, mark) if home else None
        if not joined and not body:
            columns, pairs, key = table.columns, {c.name: c for c in table.columns}, table.key
    order_columns = tuple(pairs[c] for c in query.order)
    entry = next(
        (e for e in plan.design.caches if query.operation in e.operations and e.shape in ("sorted_set", "list_page")),
        None,
    )
    first, following = sql.page(
        table, query, store, columns, dialect, mark, joined=joined, pairs=pairs, keys_only=bool(body)
    )
    fanned, on_write, at_read = ask.fan_out(plan)
    own = (
        bool(fanned)
        and entity == plan.complete.operations[fanned].entity
        and not plan.complete.operations[query.operation].where
    )
    sources: Literal["", "read", "hybrid"] = (
        "" if not own or not at_read else "hybrid" if on_write and joined else "read" if not on_write else ""
    )
    authored = None
    if sources == "hybrid" and joined:
        person = next((c.purpose.removeprefix("its ") for c in table.columns if c.role == "origin"), key[0])
        by = Query(
            operation=query.operation,
            access="range",
            equals=(person,),
            order=tuple(c.name for c in order_columns),
            descending=query.descending,
            limit=query.limit,
        )
        authored = sql.page(joined, by, store, columns, dialect, mark)
    return Listing(
        operation=query.operation,
        table=table.name,
        entity=entity,
        columns=columns,
        equals=tuple(table.column(c) for c in query.equals),
        order=query.order,
        order_columns=order_columns,
        newest_first=query.descending,
        limit=query.limit,
        first=first,
        following=following,
        body=body,
        keys_listed=tuple(c.name for c in table.columns) if body else (),
        body_names=tuple(
            next(c.name for c in table.columns if c.name in pairs and pairs[c.name].name == k) for k in key
        )
        if body
        else (),
        body_places=tuple(
            next(i for i, c in enumerate(table.columns) if c.name in pairs and pairs[c.name].name == k) for k in key
        )
        if body
        else (),
        bucket=table.bucket if dialect == "cql" else "",
        entry=entry,
        key=entry.key if entry else "",
        member=ask.member_from(order_columns),
        row_prefix=ask.row_prefix(plan, table, query.equals, order_columns[ask.member_from(order_columns) :]),
        sources=sources,
        authored=authored,
    )


def _single(plan: Plan, marks: Callable[[str], Marks]) -> Single | None:
    name = plan.design.critical_read
    operation = plan.complete.operations[name]
    entity = operation.entity
    entry = next((e for e in plan.design.caches if name in e.operations), None)
    columns = ask.columns_of(plan, entity)
    if plan.complete.kind(entity) == "memory":
        given = tuple(c for c in columns if entry and f"{{{c.name}}}" in entry.key)
        return Single(
            operation=name,
            prefix=plan.complete.names.operation(name).upper(),
            kind="state",
            entity=entity,
            columns=columns,
            given=given,
            statement=None,
            limit=0,
            entry=entry,
            key=entry.key if entry else "",
        )
    found = next(
        (
            (t, q)
            for t in plan.design.tables
            for q in t.queries
            if q.operation == name and q.access in ("point", "search", "near", "aggregate")
        ),
        None,
    )
    if found is None:
        return None
    table, query = found
    store = plan.design.store(table.store)
    mark = marks(store.technology.dialect)
    kind = query.access
    assert kind in ("point", "search", "near", "aggregate")
    statement, given, made = sql.single(table, query, store, store.technology.dialect, mark)
    return Single(
        operation=name,
        prefix=plan.complete.names.operation(name).upper(),
        kind=kind,
        entity=entity,
        columns=made,
        given=given,
        statement=statement,
        limit=query.limit,
        entry=entry,
        key=entry.key if entry else "",
    )

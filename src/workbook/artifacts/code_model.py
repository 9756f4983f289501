"""What the worker and the service consist of, derived once from the plan and the same in every programming language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from workbook.artifacts import code_sql as sql
from workbook.artifacts.code_sql import Family, Marks, Statement, Value
from workbook.plan import Plan
from workbook.plan.decisions.base import ability
from workbook.plan.design.model import CacheEntry, Column, Query, Store, Table, Topic
from workbook.plan.design.names import kebab

Action = Literal["inbox", "push", "store", "count", "effect", "refresh"]
OWN_LIMITS = {"MAX_ATTEMPTS": 5, "FIRST_DELAY_SECONDS": 1, "LONGEST_DELAY_SECONDS": 30}
BATCH = 100
FAN_OUT_LIMIT = 10_000
LOCK_SECONDS = 3

SCORED = ("time", "date", "int", "decimal", "money")
RANKED = "redis"
"""The dialect of caches that have sorted sets."""


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """One kind of key that an event makes old: `add` to a sorted set, `put` a row, `drop` the key, `raise` the version of its pages."""

    id: str
    does: Literal["add", "put", "drop", "raise"]
    key: str
    """Pattern with the names of columns in braces."""
    per_recipient: bool
    holds: str
    score: Column | None = None
    member: tuple[str, ...] = ()
    row_key: str = ""
    newest_first: bool = False
    ttl: int = 0
    length: int = 0


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list that is paged through: where its rows stand, in which order, and how its cache is asked."""

    operation: str
    table: str
    entity: str
    columns: tuple[Column, ...]
    equals: tuple[Column, ...]
    order: tuple[str, ...]
    """Names in the cursor."""
    order_columns: tuple[Column, ...]
    """The same as columns of a row."""
    newest_first: bool
    limit: int
    first: Statement
    following: Statement
    body: Statement | None
    """Where the list holds keys only and the store cannot join: the row behind one key."""
    body_places: tuple[int, ...]
    """Which columns of the list are the key of that row."""
    body_names: tuple[str, ...]
    keys_listed: tuple[str, ...]
    bucket: str
    entry: CacheEntry | None
    key: str
    member: int
    """How many of the order's columns the score of the sorted set stands for; the rest is the member."""
    row_prefix: str
    sources: Literal["", "read", "hybrid"]
    """What fan-out leaves to the read: nothing, everything, or the widest authors."""
    authored: tuple[Statement, Statement] | None


@dataclass(frozen=True, kw_only=True)
class Single:
    """A read of one thing: a row, a search, an aggregate, or a state that only the cache holds."""

    operation: str
    kind: Literal["point", "search", "near", "aggregate", "state"]
    entity: str
    columns: tuple[Column, ...]
    given: tuple[Column, ...]
    statement: Statement | None
    limit: int
    entry: CacheEntry | None
    key: str


@dataclass(frozen=True, kw_only=True)
class Worker:
    """The consumer of the critical write's topic."""

    system: str
    topic: Topic
    group: str
    does: str
    entity: str
    fields: tuple[Column, ...]
    constants: Mapping[str, object]
    family: Family
    store: str
    claim: Statement
    done: Statement | None
    release: Statement | None
    action: Action
    statements: tuple[Statement, ...]
    inbox: str
    effect: str
    """The name of the method that does what another system does."""
    hybrid: bool
    refreshes: tuple[Refresh, ...]
    row_keys: tuple[str, ...]
    """Keys of the row itself, which lists in the cache point to."""
    cache: str
    cache_name: str
    messaging: str
    messaging_name: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """The read-and-merge service of the critical read."""

    system: str
    subject: str
    listing: Listing | None
    single: Single | None
    rows: Mapping[str, tuple[Column, ...]]
    """Row types by entity."""
    constants: Mapping[str, object]
    family: Family
    store: str
    cache: str
    cache_name: str


def _columns(plan: Plan, entity: str) -> tuple[Column, ...]:
    """The columns of an entity, whatever tables hold it."""
    own = next((t for t in plan.design.tables if t.entity == entity and not t.name.endswith("_inbox")), None)
    if own:
        return own.columns
    said = plan.complete.entities[entity]
    return tuple(Column(name=n, kind=f.kind, bytes=f.bytes, optional=f.optional) for n, f in said.fields.items())


def _key(plan: Plan, entity: str) -> tuple[str, ...]:
    names = [c.name for c in _columns(plan, entity)]
    return tuple(plan.complete.entities[entity].key) or (("id",) if "id" in names else (names[0],))


def _store(plan: Plan, entity: str) -> Store | None:
    return plan.design.store_of(plan.complete.contexts[entity])


def _constants(plan: Plan, own: Mapping[str, object]) -> dict[str, object]:
    """The design's numbers, then the brief's own, which win where the names are the same."""
    return {**own, **{n.upper(): v for n, v in plan.complete.model.tunables.items()}}


def _pairs(table: Table, columns: tuple[Column, ...]) -> dict[str, Column]:
    """A table's column -> the entity's column it is a copy of."""
    known = {c.name: c for c in columns}
    made: dict[str, Column] = {}
    for column in table.columns:
        for short in (column.name, column.name.removeprefix(f"{table.entity}_"), column.name.removesuffix("_at")):
            if short in known:
                made[column.name] = known[short]
                break
    return made


def _member(order: tuple[Column, ...]) -> int:
    """Where the member of a sorted set begins in the order of its page: after the score, where that says the first column."""
    return int(len(order) > 1 and order[0].kind in SCORED)


def _row_prefix(plan: Plan, table: Table, equals: tuple[str, ...], members: tuple[Column, ...]) -> str:
    """The key of a cached row without its end, which is the member of the sorted set."""
    own = set(_key(plan, table.entity)) <= {c.name for c in members} or table.name.endswith("_inbox")
    return ":".join([table.entity, "row", *(() if own else (f"{{{c}}}" for c in equals))]) + ":"


def _fan_out(plan: Plan) -> tuple[str, float, float]:
    """The operation that fans out, the share done on write, and the sources left to each read."""
    chosen = plan.decisions.get("fan_out")
    operation = plan.design.critical_write
    if chosen is None or not operation or plan.complete.operations[operation].fan_out is None:
        return "", 0.0, 0.0
    return operation, ability(chosen.chosen, "copies_per_recipient"), ability(chosen.chosen, "merges_at_read")


def worker(plan: Plan, marks: Callable[[str], Marks]) -> Worker | None:
    """The worker of a plan; None where nothing is told. `marks` says how a language writes the parameters of a dialect."""
    design = plan.design
    if not design.topics:
        return None
    topic = design.topics[0]
    group, does = topic.groups[0]
    entity = topic.entity
    carried = dict(topic.fields)
    fields = tuple(c for c in _columns(plan, entity) if c.name in carried)
    target, action, effect = _action(plan, topic, group, does)
    store = _store(plan, target)
    dialect = store.technology.dialect if store else ""
    family = sql.family(dialect)
    mark = marks(dialect)
    box = next((t for t in design.tables if t.name == f"{entity}_inbox"), None)
    tables = tuple(t for t in design.tables if t.entity == entity and t is not box)
    statements: tuple[Statement, ...] = ()
    if family != "store" and store:
        if action == "inbox" and box:
            pairs = _pairs(box, fields)
            origin = next((c.purpose.removeprefix("its ") for c in box.columns if c.name == "origin"), "")
            person = next((c for c in fields if c.name == origin), None)
            values = tuple(_inbox_value(c, pairs, person) for c in box.columns)
            statements = (sql.insert(box, store, values, dialect, mark),)
        elif action == "store":
            statements = tuple(sql.insert(t, store, tuple(Value("data", c) for c in t.columns if c.name in carried), dialect, mark) for t in tables)
        elif action == "count":
            statements = (_count(plan, target, fields, store, dialect, mark) or Statement("", ()),)
    if (action == "count" and not (statements and statements[0].text)) or (action == "store" and family == "store"):
        action, statements = "effect", ()
    claim, done, release = sql.claims(store, dialect, mark)
    complete = {c.name for c in _columns(plan, entity)} == set(carried)
    dialect_of_cache = design.cache.dialect
    refreshes = tuple(_refreshes(plan, topic, target, fields, action))
    adds = [r for r in refreshes if r.does == "add"]
    hybrid = _fan_out(plan)[1] > 0 and _fan_out(plan)[2] > 0
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
        constants=_constants(plan, own),
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
    suffix = group.removeprefix(f"{kebab(entity)}-")
    if suffix == "fan-out":
        return entity, "inbox" if does.startswith("writes a row of") else "push", ""
    if suffix == "store":
        return entity, "store", "store"
    if suffix == "cache":
        return entity, "refresh", ""
    follower = next((n for n in plan.complete.operations if kebab(n) == group), "")
    if follower and plan.complete.operations[follower].verb == "compute":
        return plan.complete.operations[follower].entity, "count", follower
    return entity, "effect", follower or suffix.replace("-", "_")


def _inbox_value(column: Column, pairs: Mapping[str, Column], person: Column | None) -> Value:
    if column.name == "recipient":
        return Value("recipient", column)
    if column.name in pairs:
        return Value("data", pairs[column.name])
    return Value("data", person) if column.name == "origin" and person else Value("occurred", column)


def _count(plan: Plan, target: str, fields: tuple[Column, ...], store: Store, dialect: str, mark: Marks) -> Statement | None:
    """One more in the row of a counter, where the event says which row that is."""
    table = next((t for t in plan.design.tables if t.entity == target and not t.name.endswith("_inbox")), None)
    known = {c.name: c for c in fields}
    moment = next((c for c in fields if c.kind == "time" and not c.optional), None)
    if table is None or sql.family(dialect) != "sql":
        return None
    counted = next((c for c in table.columns if c.name not in table.key and c.kind in ("int", "decimal", "money") and c.name != "version"), None)
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
    whole = known == {c.name for c in _columns(plan, topic.entity)}
    ranked = plan.design.cache.dialect == RANKED
    for entry in plan.design.caches:
        if entry.entity not in (topic.entity, target):
            continue
        key, version = entry.key, ""
        if entry.shape == "list_page":
            version = entry.key.replace(":page:", ":version:", 1).split(":v{version}")[0]
            key = version
        names = {p.split("}")[0] for p in key.split("{")[1:]}
        recipient = "recipient" in names and "recipient" not in known and action == "inbox"
        if not names <= known | ({"recipient"} if recipient else set()):
            continue
        common = {"id": entry.id, "key": key, "per_recipient": recipient, "holds": entry.holds, "ttl": entry.ttl_seconds}
        if entry.shape == "list_page":
            yield Refresh(does="raise", **common)  # type: ignore[arg-type]
        elif entry.shape == "sorted_set" and ranked and verb in ("create", "upload") and entry.entity == topic.entity:
            found = _listed(plan, entry)
            pairs = _pairs(found[0], fields) if found else {}
            if found and all(c in pairs for c in found[1].order):
                order = tuple(pairs[c] for c in found[1].order)
                members = order[_member(order) :]
                row_key = _row_prefix(plan, found[0], found[1].equals, members) + ":".join(f"{{{c.name}}}" for c in members)
                names_of = tuple(c.name for c in members)
                yield Refresh(
                    does="add", score=order[0], member=names_of, row_key=row_key, newest_first=found[1].descending, length=entry.length, **common,  # type: ignore[arg-type]
                )
            else:
                yield Refresh(does="drop", **common)  # type: ignore[arg-type]
        elif (
            entry.shape in ("hash", "string") and entry.entity == topic.entity and verb in ("create", "upload") and whole and "search" not in entry.id
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


def service(plan: Plan, marks: Callable[[str], Marks]) -> Service | None:
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
    store = _store(plan, entity)
    family = sql.family(store.technology.dialect) if store else "store"
    rows: dict[str, tuple[Column, ...]] = {}
    own: dict[str, object] = {}
    if single:
        rows[single.entity if single.kind != "aggregate" else f"{single.entity}_total"] = single.columns
        own |= {f"{single.operation.upper()}_LIMIT": single.limit} if single.kind in ("search", "near") else {}
        own |= {f"{single.entry.id.upper()}_TTL_SECONDS": single.entry.ttl_seconds} if single.entry else {}
    if listing:
        rows.setdefault(listing.entity if listing.entity not in rows else f"{listing.entity}", listing.columns)
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
        constants=_constants(plan, own),
        family=family,
        store=store.name if store else "the store",
        cache=design.cache.dialect,
        cache_name=design.cache.name,
    )


def _listing(plan: Plan, marks: Callable[[str], Marks]) -> Listing | None:
    found = paged(plan)
    if found is None:
        return None
    table, query = found
    store = plan.design.store(table.store)
    dialect = store.technology.dialect
    mark = marks(dialect)
    entity = table.entity
    columns = _columns(plan, entity)
    key = _key(plan, entity)
    pairs = _pairs(table, columns)
    joined: Table | None = None
    body: Statement | None = None
    if table.name == f"{entity}_inbox":
        others = [t for t in plan.design.tables if t.entity == entity and t is not table and t.store == table.store]
        if sql.family(dialect) == "sql":
            joined = others[0]
        elif dialect == "cql":
            home = next((t for t in others if set(t.partition) <= set(key) and not t.bucket), None)
            body = sql.point(home, store, key, dialect, mark) if home else None
        if not joined and not body:
            columns, pairs, key = table.columns, {c.name: c for c in table.columns}, table.key
    order_columns = tuple(pairs[c] for c in query.order)
    entry = next((e for e in plan.design.caches if query.operation in e.operations and e.shape in ("sorted_set", "list_page")), None)
    first, following = sql.page(table, query, store, columns, dialect, mark, joined=joined, pairs=pairs, keys_only=bool(body))
    fanned, on_write, at_read = _fan_out(plan)
    own = bool(fanned) and entity == plan.complete.operations[fanned].entity and not plan.complete.operations[query.operation].where
    sources: Literal["", "read", "hybrid"] = "" if not own or not at_read else "hybrid" if on_write and joined else "read" if not on_write else ""
    authored = None
    if sources == "hybrid" and joined:
        person = next((c.purpose.removeprefix("its ") for c in table.columns if c.name == "origin"), key[0])
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
        body_names=tuple(next(c.name for c in table.columns if c.name in pairs and pairs[c.name].name == k) for k in key) if body else (),
        body_places=tuple(next(i for i, c in enumerate(table.columns) if c.name in pairs and pairs[c.name].name == k) for k in key) if body else (),
        bucket=table.bucket if dialect == "cql" else "",
        entry=entry,
        key=entry.key if entry else "",
        member=_member(order_columns),
        row_prefix=_row_prefix(plan, table, query.equals, order_columns[_member(order_columns) :]),
        sources=sources,
        authored=authored,
    )


def _single(plan: Plan, marks: Callable[[str], Marks]) -> Single | None:
    name = plan.design.critical_read
    operation = plan.complete.operations[name]
    entity = operation.entity
    entry = next((e for e in plan.design.caches if name in e.operations), None)
    columns = _columns(plan, entity)
    if plan.complete.kind(entity) == "memory":
        given = tuple(c for c in columns if entry and f"{{{c.name}}}" in entry.key)
        return Single(
            operation=name,
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
        ((t, q) for t in plan.design.tables for q in t.queries if q.operation == name and q.access in ("point", "search", "near", "aggregate")), None
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
        kind=kind,
        entity=entity,
        columns=made,
        given=given,
        statement=statement,
        limit=query.limit,
        entry=entry,
        key=entry.key if entry else "",  # type: ignore[arg-type]
    )


def paged(plan: Plan) -> tuple[Table, Query] | None:
    """The list that is paged through: the critical read where it is one, else the busiest. The document chooses the same (see tests)."""
    found = [(t, q) for t in plan.design.tables for q in t.queries if q.access == "range" and q.order]
    own = [f for f in found if f[1].operation == plan.design.critical_read]
    return own[0] if own else max(found, key=lambda f: plan.demand.of_operation("peak_qps", f[1].operation), default=None)

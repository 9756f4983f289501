"""What is built: services, stores, tables, topics, caches, endpoints, flows, components. Frozen values, no numbers of machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workbook.catalog.model import Technology
from workbook.plan.demand import Demand
from workbook.plan.naming import same

Role = Literal["api", "realtime", "worker"]
ColumnRole = Literal[
    "", "body", "id", "object_key", "byte_size", "checksum", "created", "changed", "version", "recipient", "origin"
]
Access = Literal["insert", "update", "delete", "point", "range", "search", "near", "aggregate"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table. `kind` is a field type of the brief, or `timestamp` for times the system adds."""

    name: str
    kind: str
    bytes: float
    optional: bool = False
    ref: str = ""
    """The entity it refers to, where that has a table in the same store; empty elsewhere."""
    values: tuple[str, ...] = ()
    length: int = 0
    purpose: str = ""
    sensitive: str = ""
    role: ColumnRole = ""
    """What the system itself uses it for, whatever it is called."""
    copies: str = ""
    """In an inbox: the entity's column that it repeats."""


@dataclass(frozen=True, kw_only=True)
class Index:
    """A secondary index and the operations it serves. `descending` names columns sorted newest first."""

    name: str
    columns: tuple[str, ...]
    descending: tuple[str, ...] = ()
    unique: bool = False
    kind: Literal["btree", "full_text", "geo"] = "btree"
    where: str = ""
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Query:
    """One access of an operation to a table, and the index it goes by (`primary key` or the name of one).

    `equals` are the columns given, `order` the columns of the page's order, first those that decide.
    """

    operation: str
    access: Access
    equals: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    descending: bool = False
    limit: int = 0
    index: str = "primary key"
    text: tuple[str, ...] = ()
    """Columns searched for words."""
    sets: tuple[str, ...] = ()
    """Columns an update changes."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table, collection or column family. `key` is the primary key; `partition` its first part that decides the node,
    `sort` the rest, in the order rows lie on disk (a leading `-` for newest first).
    """

    name: str
    entity: str
    context: str
    store: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: tuple[str, ...]
    sort: tuple[str, ...] = ()
    bucket: str = ""
    """A time column whose month (or day) joins the partition key, so that a partition stays small."""
    indexes: tuple[Index, ...] = ()
    queries: tuple[Query, ...] = ()
    retention_days: float | None = None
    purpose: str = ""
    """Empty for an entity's own table; else why the system needs it."""
    rows: float = 0.0
    row_bytes: float = 0.0
    time_partitioned: bool = False
    inbox: bool = False
    """Filled by fan-out on write: a row a recipient."""
    first_wins: bool = False
    """A second row of the same key must be refused, not laid over the first."""

    def column(self, name: str) -> Column:
        """A column by name."""
        return next(c for c in self.columns if c.name == name)

    def of_role(self, role: ColumnRole) -> Column | None:
        """The column that the system uses for something, where the table has one."""
        return next((c for c in self.columns if c.role == role), None)

    @property
    def bucket_column(self) -> str:
        """The column that holds the bucket, under a name that no other column has; empty where there is no bucket."""
        if not self.bucket:
            return ""
        names = {same(c.name) for c in self.columns}
        tries = (f"{self.bucket}_month{'_of_row' * n}" for n in range(len(names) + 1))
        return next(n for n in tries if same(n) not in names)


@dataclass(frozen=True, kw_only=True)
class Store:
    """A database, object store, cache or search index in use."""

    id: str
    name: str
    role: Literal["database", "object_store", "cache", "search"]
    technology: Technology
    contexts: tuple[str, ...]
    space: str = ""
    """What its keyspace or database is called, where the product has such a thing."""
    replication: str = ""
    partitioning: str = ""


@dataclass(frozen=True, kw_only=True)
class Service:
    """Something deployed and scaled on its own."""

    id: str
    name: str
    role: Role
    contexts: tuple[str, ...]
    operations: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A way in for one operation."""

    operation: str
    service: str
    method: str
    path: str
    style: Literal["rest", "grpc", "graphql", "websocket"]
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    statuses: tuple[tuple[int, str], ...]
    auth: str
    limit: str
    paged: bool = False
    idempotent: bool = False
    features: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic, queue or kind of outbox rows, with the event it carries."""

    name: str
    event: str
    operation: str
    entity: str
    key: str
    retention_days: float
    producers: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    """Consumer groups: name and what it does."""
    payload: Mapping[str, Any]
    fields: tuple[tuple[str, str], ...]
    """Name and kind of the payload's data fields."""
    dead_letter: str
    per_second: float
    bytes: float


@dataclass(frozen=True, kw_only=True)
class CacheEntry:
    """A kind of key in the cache."""

    id: str
    key: str
    """Pattern with names in braces, e.g. `song:{id}`."""
    shape: Literal["string", "hash", "sorted_set", "counter", "list_page"]
    holds: str
    entity: str
    operations: tuple[str, ...]
    pattern: str
    """Id of a caching pattern of the catalog."""
    ttl_seconds: int
    item_bytes: float
    items: float
    invalidated_by: tuple[str, ...]
    score: str = ""
    """Column that orders a sorted set."""
    length: int = 0
    """How many members a sorted set keeps."""


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One step of a flow between components."""

    source: str
    target: str
    action: str
    protocol: str
    budget_ms: float | None
    failure: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The path of an operation through the components."""

    id: str
    title: str
    kind: Literal["write", "read", "realtime"]
    operation: str
    hops: tuple[Hop, ...]
    target_ms: float
    asynchronous_from: int = 0
    """Number of the first hop that the caller does not wait for; 0 where it waits for all."""


@dataclass(frozen=True, kw_only=True)
class Component:
    """A box of the picture."""

    id: str
    name: str
    layer: int
    role: str
    technology: str
    why: str
    icon: str = ""
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Link:
    """An arrow of the picture."""

    source: str
    target: str
    protocol: str
    purpose: str
    asynchronous: bool = False


@dataclass(frozen=True, kw_only=True)
class AccessRule:
    """Who may see which rows and fields of a table."""

    table: str
    persona: str
    rows: str
    hidden: tuple[str, ...]
    owner: str = ""
    """Column that names the owner, where there is one."""


def first_service(design: Design) -> str:
    """The name of the first service; a word for it where nothing is called."""
    return design.services[0].name if design.services else "the service"


@dataclass(frozen=True, kw_only=True)
class Design:
    """Everything that is built."""

    language: Technology
    cache: Technology
    messaging: Technology
    services: tuple[Service, ...]
    stores: tuple[Store, ...]
    tables: tuple[Table, ...]
    topics: tuple[Topic, ...]
    caches: tuple[CacheEntry, ...]
    endpoints: tuple[Endpoint, ...]
    flows: tuple[Flow, ...]
    components: tuple[Component, ...]
    links: tuple[Link, ...]
    access: tuple[AccessRule, ...]
    critical_write: str
    critical_read: str
    primary_write: str = ""
    primary_read: str = ""
    """The operations whose paths are drawn: those that the document's variables mean, else the critical ones."""
    structures: tuple[str, ...] = ()
    """The entities that the document's variables call critical; empty where they call none so."""
    jobs: tuple[tuple[str, str], ...] = ()
    """Scheduled work: name and what it does."""
    samples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Entity -> one sample row (JSON values by column), the same in every example of the document."""
    demand: Demand | None = field(default=None, repr=False)

    def store_of(self, context: str, role: str = "database") -> Store | None:
        """The store of a context."""
        return next((s for s in self.stores if s.role == role and context in s.contexts), None)

    def tables_of(self, entity: str) -> tuple[Table, ...]:
        """The tables that hold an entity: one, or one a query where the store cannot index."""
        return tuple(t for t in self.tables if t.entity == entity)

    def label(self, store: Store) -> str:
        """What a store is called where several of the same product stand side by side: `PostgreSQL (orders)`."""
        same = [s for s in self.stores if s.technology.id == store.technology.id]
        return (
            store.name
            if len(same) == 1
            else f"{store.name} ({', '.join(c.replace('_', ' ') for c in store.contexts[:2])})"
        )

    def store(self, identifier: str) -> Store:
        """A store by id."""
        return next(s for s in self.stores if s.id == identifier)

    def endpoint(self, operation: str) -> Endpoint | None:
        """The endpoint of an operation, or None where the system does it by itself."""
        return next((e for e in self.endpoints if e.operation == operation), None)

    def service_of(self, operation: str) -> Service:
        """The service that carries out an operation."""
        return next(s for s in self.services if operation in s.operations)

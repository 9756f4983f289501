"""The parts of a worker and of a service, as plain values that a template reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workbook.artifacts.code_sql import Family, Statement
from workbook.plan.design.model import CacheEntry, Column, Topic

Action = Literal["inbox", "push", "store", "count", "effect", "refresh"]
"""What the work of a worker is."""


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
    prefix: str
    """What its constants begin with."""
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

"""The generated Python does what it says, on a real database and a real cache."""

from __future__ import annotations

import copy
import json
import types
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from workbook.plan.design.model import Table

from workbook.artifacts import code_language, code_model, code_text
from workbook.artifacts.query_postgresql import insert, literals
from workbook.artifacts.schema_postgresql import make

# row_of
from workbook.document.cursors import cursor_example, encode, paged
from workbook.plan import Plan
from workbook.proof.engines.postgresql import seed
from workbook.proof.servers import Postgresql, Redis

BRIEFS = ("chat", "feed", "music", "clinic")
ROWS = 45
START = datetime(2026, 1, 16, tzinfo=UTC)
SPACE = uuid.UUID(int=7)


@dataclass
class Message:
    """One delivery."""

    body: bytes


@dataclass
class Messages:
    """What was acknowledged and what went to the dead letters."""

    acknowledged: int = 0
    dead: list[tuple[str, bytes]] = field(default_factory=list)

    def receive(self, timeout_seconds: float) -> Message | None:
        return None

    def acknowledge(self, message: Message) -> None:
        self.acknowledged += 1

    def publish(self, topic: str, body: bytes, reason: str) -> None:
        self.dead.append((topic, body))


class Others:
    """Recipients, connections and other systems: three recipients, and a record of what was called."""

    def __init__(self) -> None:
        self.who = [str(uuid.uuid5(SPACE, f"recipient {i}")) for i in range(3)]
        self.calls: list[str] = []

    def of(self, data: Any) -> list[str]:
        return self.who

    def count(self, data: Any) -> int:
        return len(self.who)

    def send(self, recipient: str, event: Any) -> bool:
        self.calls.append(recipient)
        return True

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda event_id, data: self.calls.append(event_id)


@dataclass
class Stage:
    """A brief's database with the sample rows, an empty cache, and its generated modules."""

    plan: Plan
    server: Postgresql
    cache: Any
    worker: types.ModuleType
    service: types.ModuleType

    def connect(self, entity: str) -> Any:
        """A connection to the database that holds an entity."""
        import psycopg

        store = self.plan.design.store_of(self.plan.complete.contexts[entity])
        assert store
        return psycopg.connect(f"{self.server.conninfo} dbname={self.name(store.id)}")

    def name(self, store: str) -> str:
        """The database of a store."""
        return f"code_{self.plan.complete.model.system.split()[0].lower()}_{store}"


def module(name: str, text: str) -> types.ModuleType:
    """Generated code, imported."""
    import sys

    made = types.ModuleType(name)
    sys.modules[name] = made
    exec(compile(text, f"{name}.py", "exec"), made.__dict__)
    return made


@pytest.fixture(scope="module", params=BRIEFS)
def stage(
    request: pytest.FixtureRequest, planned: Callable[..., Plan], database_server: Postgresql, cache_server: Redis
) -> Iterator[Stage]:
    """Each brief on PostgreSQL and Redis."""
    pytest.importorskip("psycopg", reason="not run: needs psycopg")
    redis = pytest.importorskip("redis", reason="not run: needs redis-py")
    plan = planned(request.param, language="python", database="postgresql", cache="redis", messaging="kafka")
    (worker,), (service,) = list(code_text.worker(plan, "python")), list(code_text.service(plan, "python"))
    client = redis.Redis(unix_socket_path=cache_server.socket)
    client.flushall()
    made = Stage(
        plan,
        database_server,
        client,
        module(f"w_{request.param}", worker.text),
        module(f"s_{request.param}", service.text),
    )
    for schema in make(plan):
        database_server.run("postgres", f"CREATE DATABASE {made.name(schema.subject)};")
        assert not database_server.run(made.name(schema.subject), schema.text + seed(plan, schema.subject))
    yield made
    client.close()


def _workers(stage: Stage, messages: Messages, others: Others, database: Any) -> Any:
    model = code_model.worker(stage.plan, code_language.Language("python").marks)
    assert model
    more = {
        "inbox": {"recipients": others},
        "push": {"recipients": others, "push": others},
        "effect": {"effect": others},
    }.get(model.action, {})
    return model, stage.worker.Worker(
        messages, database, *([stage.cache] if model.refreshes else []), **more, sleep=lambda seconds: None
    )


def _second(payload: dict[str, Any], table: Table) -> dict[str, Any]:
    """Another event of the same kind, an hour before the first."""
    made = copy.deepcopy(payload)
    made["event_id"] = str(uuid.uuid5(SPACE, "second"))
    for column in table.columns:
        if column.kind == "time" and made["data"].get(column.name):
            made["data"][column.name] = "2026-01-15T08:30:00Z"
        if column.kind == "id" and column.name == "id":
            made["data"]["id"] = str(uuid.uuid5(SPACE, "another row"))
    return made


def test_an_event_given_twice_and_out_of_order_is_applied_once(stage: Stage) -> None:
    """Two events, each delivered twice and the older one last: rows, counters, calls and the cached list are as after one delivery each."""
    messages, others = Messages(), Others()
    topic = stage.plan.design.topics[0]
    model, _ = _workers(stage, messages, others, None)
    home = next(t for t in stage.plan.design.tables if t.entity == topic.entity)
    target = (
        model.topic.entity
        if model.action != "count"
        else stage.plan.complete.operations[model.group.replace("-", "_")].entity
    )
    first = json.loads(json.dumps(topic.payload))
    second = _second(first, home)
    lists = [r for r in model.refreshes if r.does == "add"]
    keys = [
        r.key.format(**first["data"]) if not r.per_recipient else r.key.format(recipient=others.who[0], **first["data"])
        for r in lists
    ]
    for key in keys:
        stage.cache.zadd(key, {"older": 1.0})
    with stage.connect(target) as database:
        _, worker = _workers(stage, messages, others, database)
        counted = "SELECT sum(heard)::int FROM royalty_count" if model.action == "count" else ""
        database.execute("DELETE FROM processed_event")  # the sample rows hold this very event
        before = database.execute(counted).fetchone()[0] if counted else 0
        for event in (first, second, first, second):
            worker.handle(Message(json.dumps(event).encode()))
        assert messages.dead == []
        assert messages.acknowledged == 4
        assert (
            database.execute("SELECT count(*) FROM processed_event WHERE consumer = %s", (model.group,)).fetchone()[0]
            == 2
        )
        if model.action == "inbox":
            assert (
                database.execute(
                    f"SELECT count(*) FROM {model.inbox} WHERE recipient = ANY(%s)", (others.who,)
                ).fetchone()[0]
                == 6
            )
        if counted:
            assert database.execute(counted).fetchone()[0] == before + 2
    if model.action in ("push", "effect"):
        assert len(others.calls) == (6 if model.action == "push" else 2)
    for key, refresh in zip(keys, lists, strict=True):
        assert [m.decode() for m in stage.cache.zrange(key, 0, -1)] == [
            "older",
            *(":".join(e["data"][m] for m in refresh.member) for e in (second, first)),
        ]


def test_an_event_that_always_fails_ends_in_the_dead_letters(stage: Stage) -> None:
    """A failing database is tried MAX_ATTEMPTS times, a text that is no event once; both reach the dead letters and are acknowledged."""
    messages, others = Messages(), Others()
    tried: list[int] = []

    class Broken:
        def cursor(self) -> Any:
            tried.append(1)
            raise OSError("no database")

        def rollback(self) -> None: ...

    _, worker = _workers(stage, messages, others, Broken())
    body = json.dumps(stage.plan.design.topics[0].payload).encode()
    worker.handle(Message(body))
    worker.handle(Message(b"{}"))
    assert len(tried) == stage.worker.MAX_ATTEMPTS == 5
    assert messages.dead == [
        (stage.plan.design.topics[0].dead_letter, body),
        (stage.plan.design.topics[0].dead_letter, b"{}"),
    ]
    assert messages.acknowledged == 2


def _fill(stage: Stage, table: Table, given: dict[str, str]) -> None:
    """ROWS rows of a list, and the rows of its entity where it is an inbox."""
    plan = stage.plan
    homes = [
        t
        for t in plan.design.tables
        if t.entity == table.entity and t.store == table.store and (t is table or not t.purpose)
    ]
    _, query = paged(plan) or (None, None)
    assert query
    text = []
    for i in range(ROWS):
        for home in sorted(homes, key=lambda t: t is table):
            row = dict(row_of(plan, home)) | {k: v for k, v in given.items() if k in {c.name for c in home.columns}}
            for column in home.columns:
                if column.name in given:
                    continue
                if column.kind == "time" and column.name in (*query.order, *home.key):
                    row[column.name] = (
                        (START + timedelta(minutes=i // 2)).isoformat().replace("+00:00", "Z")
                    )  # every two share a time
                elif column.name == "id" or column.name == f"{table.entity}_id":
                    row[column.name] = str(uuid.uuid5(SPACE, f"row {i}"))
                elif column.kind == "int" and column.name in home.key:
                    row[column.name] = 1000 + i
            text.append(insert(home, literals(home, row)))
    assert not stage.server.run(stage.name(table.store), "SET session_replication_role = replica;" + "\n".join(text))


class Counting:
    """A connection that counts what it is asked."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.asked = connection, 0

    def cursor(self) -> Any:
        self.asked += 1
        return self.connection.cursor()

    def rollback(self) -> None:
        self.connection.rollback()


def test_the_service_pages_without_gap_or_repeat_and_then_from_the_cache(stage: Stage) -> None:
    """Pages of ten over 45 rows hold each row once, in order, though rows share times; asked again, the cache answers where the plan has one."""
    found = paged(stage.plan)
    assert found
    table, query = found
    given = {c: str(uuid.uuid5(SPACE, f"given {c}")) for c in query.equals}
    _fill(stage, table, given)
    others = types.SimpleNamespace(of=lambda reader: [])
    with stage.connect(table.entity) as connection:
        database = Counting(connection)
        model = code_model.service(stage.plan, code_language.Language("python").marks)
        assert model
        assert model.listing
        arguments = [
            database,
            *([stage.cache] if model.listing.entry else []),
            *([others] if model.listing.sources else []),
        ]
        service = stage.service.Service(*arguments)
        read = getattr(service, query.operation)

        def pages() -> list[Any]:
            made, cursor = [], None
            while True:
                page = read(*given.values(), cursor=cursor, limit=10)
                made.append(page)
                cursor = page.page_info.end_cursor
                if not page.page_info.has_next_page:
                    return made

        first = pages()
        rows = [row for page in first for row in page.data]
        assert [len(p.data) for p in first] == [10, 10, 10, 10, 5]
        assert len({tuple(stage.service.place(r)) for r in rows}) == ROWS
        assert rows == sorted(rows, key=stage.service.place, reverse=query.descending)
        if model.listing.entry:
            pages()  # the cache holds the bodies of all pages now
            before = database.asked
            assert [row for page in pages() for row in page.data] == rows
            assert database.asked == before


def test_the_cursor_is_the_document_s(stage: Stage) -> None:
    """The generated encoder gives the sample cursor of the document, and decodes it."""
    example = cursor_example(stage.plan)
    assert example
    assert stage.service.encode(example.payload["after"]) == example.encoded == encode(example.payload)
    assert stage.service.decode(example.encoded) == list(example.payload["after"].values())
    with pytest.raises(stage.service.BadCursor):
        stage.service.decode("bm9uZQ")


def test_a_single_read_is_cached_aside(stage: Stage) -> None:
    """Where the critical read is not a list, it asks the database once and then the cache."""
    model = code_model.service(stage.plan, code_language.Language("python").marks)
    assert model
    if model.single is None:
        pytest.skip("the critical read is a list")
    with stage.connect(model.single.entity) as connection:
        database = Counting(connection)
        service = stage.service.Service(database, stage.cache)
        read = getattr(service, model.single.operation)
        found = read("sample")
        assert found
        assert read("sample") == found
        assert database.asked == 1

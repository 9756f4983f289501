"""The SQL that a document shows, run on PostgreSQL: schemas, writes, reads by the named index, pages, updates, the outbox."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workbook.artifacts.outbox_text import ATTEMPTS, FAILURES, claim, failed
from workbook.plan.design.model import Query, Table

from workbook.artifacts import build, by_subject
from workbook.artifacts.query_postgresql import insert, literals, statement
from workbook.artifacts.schema_postgresql import ordered

# row_of
from workbook.brief import load
from workbook.plan import Plan, derive
from workbook.proof.servers import NotHere, Postgresql, postgresql

sys.path.insert(0, str(Path(__file__).parent))
import sample_rows as rows

psycopg = pytest.importorskip("psycopg", reason="not run: needs psycopg")
PINNED = {"choices.database": "postgresql"}
CASES = [
    ("chat", PINNED),
    ("feed", {}),
    ("feed", PINNED),
    ("music", {}),
    ("music", PINNED),
    ("clinic", {}),
    ("clinic", PINNED),
]
IDS = [f"{b}-{'postgresql' if o else 'as-is'}" for b, o in CASES]
READS = ("point", "range", "search", "near", "aggregate")


class Loaded:
    """A plan whose stores are open databases with the sample rows in them."""

    def __init__(self, plan: Plan, open_stores: dict[str, Any]) -> None:
        self.plan, self.stores = plan, open_stores

    def tables(self) -> Iterator[tuple[Any, Table, dict[str, str]]]:
        """Each table with its connection and the sample row as literals."""
        for store, connection in self.stores.items():
            for table in ordered([t for t in self.plan.design.tables if t.store == store]):
                yield connection, table, literals(table, row_of(self.plan, table))


@pytest.fixture(scope="module")
def server() -> Iterator[Postgresql]:
    """One throw-away server."""
    try:
        with postgresql() as made:
            yield made
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")


@pytest.fixture(scope="module", params=CASES, ids=IDS)
def loaded(request: pytest.FixtureRequest, server: Postgresql) -> Iterator[Loaded]:
    """The stores of one plan, loaded from the schema files."""
    brief, overrides = request.param
    plan = derive(load(brief, overrides))
    schemas = by_subject(build(plan), "schema")
    made: dict[str, Any] = {}
    with psycopg.connect(server.conninfo, dbname="postgres", autocommit=True) as main:
        for store in plan.design.stores:
            if store.role == "database" and store.technology.dialect == "postgresql":
                database = f"{IDS[CASES.index(request.param)]}_{store.id}".replace("-", "_")
                main.execute(f"CREATE DATABASE {database}")
                connection = psycopg.connect(server.conninfo, dbname=database, prepare_threshold=None)
                connection.execute(schemas[store.id].text)
                connection.commit()
                made[store.id] = connection
    assert made
    yield Loaded(plan, made)
    for connection in made.values():
        connection.close()


@pytest.fixture
def fresh(loaded: Loaded) -> Iterator[Loaded]:
    """The sample rows put in; all that a test does is taken back."""
    for connection, table, values in loaded.tables():
        assert connection.execute(insert(table, values)).rowcount == 1
    yield loaded
    for connection in loaded.stores.values():
        connection.rollback()


def _noise(connection: Any, plan: Plan, table: Table, count: int) -> None:
    connection.execute("SET LOCAL session_replication_role = replica")  # noise refers to nothing
    for number in range(count):
        connection.execute(insert(table, literals(table, rows.other(plan, table, number))))
    connection.execute("SET LOCAL session_replication_role = DEFAULT")


def _pages(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def test_every_table_of_the_design_is_there(loaded: Loaded) -> None:
    """The schema file creates every table of its store with the columns of the design."""
    for connection, table, _ in loaded.tables():
        found = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0", [f'"{table.name}"']
        ).fetchall()
        assert [c for (c,) in found] == [c.name for c in table.columns]
        connection.rollback()


def test_a_write_repeated_changes_nothing(fresh: Loaded) -> None:
    """The second run of every insert finds the row and leaves it."""
    for connection, table, values in fresh.tables():
        assert connection.execute(insert(table, values)).rowcount == 0, table.name


def test_every_read_finds_what_was_written(fresh: Loaded) -> None:
    """One query per reading operation returns the sample row, among others."""
    asked = 0
    for connection, table, values in fresh.tables():
        _noise(connection, fresh.plan, table, 30)
        names = [c.name for c in table.columns]
        key = rows.place(row_of(fresh.plan, table), table.key)
        for query in (q for q in table.queries if q.access in READS):
            cursor = connection.execute(_pages(statement(table, query, values))[0])
            found = cursor.fetchall()
            asked += 1
            if query.access == "aggregate":
                assert found[0][0] == (1 if query.equals else 31), query
            else:
                assert key in [rows.place(dict(zip(names, r, strict=True)), table.key) for r in found], query
    assert asked >= 3


def _index_names(node: Any, made: set[str]) -> set[str]:
    if isinstance(node, dict):
        if "Index Name" in node:
            made.add(node["Index Name"])
        for value in node.values():
            _index_names(value, made)
    elif isinstance(node, list):
        for value in node:
            _index_names(value, made)
    return made


def test_every_read_goes_by_the_index_the_design_names(fresh: Loaded) -> None:
    """The planner uses the named index, or its part on a partition, for each reading query and each page."""
    for connection, table, values in fresh.tables():
        _noise(connection, fresh.plan, table, 200)
        connection.execute(f'ANALYZE "{table.name}"')
        connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        parents = dict(
            connection.execute(
                "SELECT c.relname, p.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_class p ON p.oid = inhparent"
            ).fetchall()
        )
        for query in (q for q in table.queries if q.access in READS and (q.equals or q.access != "aggregate")):
            for text in _pages(statement(table, query, values)):
                used = _index_names(connection.execute(f"EXPLAIN (FORMAT JSON) {text}").fetchone()[0], set())
                named = f"{table.name}_pkey" if query.index == "primary key" else query.index
                assert {parents.get(u, u) for u in used} == {named[:63]}, (table.name, query, used)


def _paged(loaded: Loaded) -> Iterator[tuple[Any, Table, Query]]:
    for connection, table, _ in loaded.tables():
        for query in table.queries:
            if query.access == "range" and query.order:
                yield connection, table, query


def test_pages_follow_without_gap_or_repeat(loaded: Loaded) -> None:
    """Walking a list by the condition of page two gives exactly the ordered list, also where times are equal."""
    walked = 0
    for connection, table, query in _paged(loaded):
        connection.execute("SET LOCAL session_replication_role = replica")
        step = 3 if rows.may_tie(table, query) else 1
        count = max(50, 2 * query.limit + 7)
        made = [rows.other(loaded.plan, table, n, query.equals, step) for n in range(count)]
        for row in made:
            assert connection.execute(insert(table, literals(table, row))).rowcount == 1
        by_place = {rows.place(r, query.order): r for r in made}
        assert len(by_place) == count, f"the order of {query.operation} does not tell all rows apart"
        names = [c.name for c in table.columns]
        seen: list[tuple[Any, ...]] = []
        text = _pages(statement(table, query, literals(table, made[0])))[0]
        while True:
            page = [
                rows.place(dict(zip(names, r, strict=True)), query.order) for r in connection.execute(text).fetchall()
            ]
            seen += page
            if len(page) < query.limit or len(seen) > count:
                break
            text = _pages(statement(table, query, literals(table, by_place[page[-1]])))[1]
        assert seen == sorted(by_place, reverse=query.descending), (table.name, query)
        connection.rollback()
        walked += 1
    assert walked


def test_changes_change_one_row(fresh: Loaded) -> None:
    """Every update and delete meets exactly the sample row; an update by an old version meets none."""
    for connection, table, values in fresh.tables():
        for query in (q for q in table.queries if q.access in ("update", "delete")):
            connection.execute("SAVEPOINT one")
            connection.execute("SET LOCAL session_replication_role = replica")
            assert connection.execute(statement(table, query, values)).rowcount == 1
            if "version" in query.sets:
                assert connection.execute(statement(table, query, values)).rowcount == 0
            connection.execute("ROLLBACK TO one")


def test_what_is_unique_stays_unique(fresh: Loaded) -> None:
    """A second row with the same unique columns is refused, whatever its key."""
    for connection, table, _ in fresh.tables():
        for index in (i for i in table.indexes if i.unique and not set(table.key) <= set(i.columns)):
            connection.execute("SAVEPOINT one")
            connection.execute("SET LOCAL session_replication_role = replica")
            row = rows.other(fresh.plan, table, 1, index.columns)
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute(insert(table, literals(table, row)))
            connection.execute("ROLLBACK TO one")


def test_two_pollers_never_hold_the_same_event(server: Postgresql) -> None:
    """The outbox gives each waiting event to one worker, skips what is held, delayed, dead or done."""
    plan = derive(load("clinic", {}))
    store = next(t.store for t in plan.design.tables if t.name == "outbox")
    table = next(t for t in plan.design.tables if t.name == "outbox")
    with psycopg.connect(server.conninfo, dbname="postgres", autocommit=True) as main:
        main.execute("CREATE DATABASE outbox_test")
    with (
        psycopg.connect(server.conninfo, dbname="outbox_test", autocommit=True) as first,
        psycopg.connect(server.conninfo, dbname="outbox_test") as second,
    ):
        first.execute(by_subject(build(plan), "schema")[store].text)
        first.execute(FAILURES["postgresql"])
        first.execute(insert(table, literals(table, row_of(plan, table))))
        for number in range(120):
            first.execute(insert(table, literals(table, {**rows.other(plan, table, number), "published_at": None})))
        with first.transaction():
            mine = {r[0] for r in first.execute(claim("postgresql")).fetchall()}
            others = {r[0] for r in second.execute(claim("postgresql")).fetchall()}
            assert (len(mine), len(others)) == (100, 21)
            assert not mine & others
        second.rollback()
        first.execute(failed("postgresql"))
        delayed = {r[0] for r in first.execute(claim("postgresql").replace("LIMIT 100", "LIMIT 1000")).fetchall()}
        assert len(delayed) == 120
        for _ in range(ATTEMPTS):
            first.execute(failed("postgresql"))
        first.execute("UPDATE outbox_failure SET next_at = now() - interval '1 hour'")
        assert len(first.execute(claim("postgresql").replace("LIMIT 100", "LIMIT 1000")).fetchall()) == 120
        first.execute("UPDATE outbox SET published_at = now()")
        assert not first.execute(claim("postgresql")).fetchall()

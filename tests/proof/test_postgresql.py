"""What a document shows for PostgreSQL, on PostgreSQL: tables with the columns of the design, and no read of a whole table that nobody asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from workbook.artifacts import Artifact, build
from workbook.artifacts.base import databases
from workbook.artifacts.dialects.postgresql.examples import rows
from workbook.brief import load
from workbook.plan import Plan, derive
from workbook.proof.servers import Postgresql

psycopg = pytest.importorskip("psycopg", reason="not run: needs psycopg")
BRIEFS = ("chat", "feed", "music", "clinic")
WHOLE = ("scan", "aggregate")
"""Steps that go through a table by their nature."""


class Loaded:
    """A plan, and an open database for each of its stores with a sample row in every table."""

    def __init__(self, plan: Plan, server: Postgresql, prefix: str) -> None:
        self.plan = plan
        self.artifacts = build(plan)
        self.stores = {}
        for store, tables in databases(plan, ("postgresql",)):
            with psycopg.connect(server.conninfo, dbname="postgres", autocommit=True) as main:
                main.execute(f'CREATE DATABASE "{prefix}_{store.id}"')
            connection = psycopg.connect(server.conninfo, dbname=f"{prefix}_{store.id}", autocommit=True)
            connection.execute(self.schema(store.id).text)
            connection.execute(rows(tables))
            self.stores[store.id] = (connection, tables)

    def schema(self, store: str) -> Artifact:
        """The schema file of a store."""
        return next(a for a in self.artifacts if a.kind == "schema" and a.path == f"schema/{store}.sql")

    def statements(self, store: str) -> Iterator[tuple[str, str, str]]:
        """Operation, the step as the comment above it says it, and the statement, of each query file of a store."""
        for artifact in self.artifacts:
            if artifact.kind == "query" and artifact.path.startswith(f"queries/{store}/"):
                for step, statement in re.findall(
                    r"^-- ((?:\w+ )[^\n]*)\n((?!--|BEGIN|COMMIT).*?;)$", artifact.text, re.M | re.S
                ):
                    yield artifact.subject, step, statement


@pytest.fixture(scope="module", params=BRIEFS)
def loaded(request: pytest.FixtureRequest, server: Postgresql) -> Iterator[Loaded]:
    """The stores of one example, all on PostgreSQL."""
    made = Loaded(derive(load(request.param, {"choices.database": "postgresql"})), server, request.param)
    assert made.stores
    yield made
    for connection, _ in made.stores.values():
        connection.close()


def test_every_table_of_the_design_is_there(loaded: Loaded) -> None:
    """The schema file creates every table of its store with the columns of the design."""
    for connection, tables in loaded.stores.values():
        for table in tables.values():
            found = connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
                [f'"{table.name}"'],
            ).fetchall()
            assert [c for (c,) in found] == [c.name for c in table.columns]


def test_no_step_reads_a_whole_table(loaded: Loaded) -> None:
    """Every statement finds its rows by an index; only what is a scan by its nature goes through all."""
    asked, whole = 0, []
    for store, (connection, _) in loaded.stores.items():
        connection.execute("SET enable_seqscan = off")
        for operation, step, statement in loaded.statements(store):
            if (
                step.startswith(WHOLE)
                or not re.search(r"^(SELECT|UPDATE|DELETE)\b", statement)
                or "WHERE" not in statement
            ):
                continue
            asked += 1
            plan = connection.execute(f"EXPLAIN (FORMAT JSON) {statement}").fetchone()[0]
            if '"Seq Scan"' in json.dumps(plan):
                whole.append(f"{operation}: {step}")
    assert asked >= 3
    assert whole == []

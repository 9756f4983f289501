"""PostgreSQL: loads each schema, puts a sample row into every table, runs what each operation sends and takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from workbook.artifacts import Artifact
from workbook.artifacts.base import databases
from workbook.artifacts.dialects.postgresql.examples import rows
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.fold.layout import Table
from workbook.plan.passes.world import Store
from workbook.proof.model import Check
from workbook.proof.servers import NotHere, Postgresql, one_postgresql

ENGINE = "PostgreSQL"
DIALECT = "postgresql"


def takes(artifact: Artifact) -> bool:
    """Schemas and queries of its dialect."""
    return artifact.dialect == DIALECT


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """One database a store."""
    try:
        with one_postgresql() as server:
            for store, tables in databases(plan, (DIALECT,)):
                mine = [a for a in artifacts if _store(a) == file(store.id)]
                if mine:
                    yield from _store_checks(store, tables, mine, server)
    except NotHere as missing:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=str(missing)) for a in artifacts)


def _store(artifact: Artifact) -> str:
    return artifact.path.split("/")[1].split(".")[0]


def _store_checks(
    store: Store, tables: Mapping[str, Table], artifacts: list[Artifact], server: Postgresql
) -> Iterator[Check]:
    other = "" if store.technology.name == ENGINE else f", whose dialect {store.technology.name} speaks"
    engine = f"{ENGINE} {server.version}{other}"
    with _database(server) as name:
        for artifact in sorted(artifacts, key=lambda a: a.kind != "schema"):
            text = artifact.text if artifact.kind == "schema" else f"BEGIN;\n{inside(artifact.text)}\nROLLBACK;"
            wrong = server.run(name, text)
            if artifact.kind == "schema" and not wrong:
                wrong = server.run(name, rows(tables))
            yield Check(path=artifact.path, engine=engine, outcome="failed" if wrong else "ok", message=wrong)


@contextmanager
def _database(server: Postgresql) -> Iterator[str]:
    """The name of a database of its own."""
    name = f"checked_{next(_NUMBERS)}"
    server.run("postgres", f"CREATE DATABASE {name};")
    try:
        yield name
    finally:
        server.run("postgres", f"DROP DATABASE {name} WITH (FORCE);")


_NUMBERS = count()


def inside(text: str) -> str:
    """Statements as part of a transaction that is taken back: their own begin and end within it."""
    begun = re.sub(r"(?m)^BEGIN;$", "SAVEPOINT inner_begin;", text)
    return re.sub(r"(?m)^COMMIT;$", "RELEASE SAVEPOINT inner_begin;", begun)

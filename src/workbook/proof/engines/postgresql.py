"""PostgreSQL: loads each schema, puts a sample row into every table, runs what each operation sends and takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count

from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof import sql
from workbook.proof.model import Check
from workbook.proof.servers import NotHere, Postgresql, one_postgresql
from workbook.proof.sql import inside

ENGINE = "PostgreSQL"
DIALECT = "postgresql"


def takes(artifact: Artifact) -> bool:
    """Schemas and queries of its dialect."""
    return artifact.dialect == DIALECT


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """One database a store."""
    try:
        with one_postgresql() as server:
            for store, dialect, mine in sql.shares(plan, artifacts, DIALECT):
                other = "" if store.technology.name == ENGINE else f", whose dialect {store.technology.name} speaks"
                with _database(server) as name:
                    yield from sql.run(mine, dialect, partial(server.run, name), f"{ENGINE} {server.version}{other}")
    except NotHere as missing:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=str(missing)) for a in artifacts)


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

__all__ = ["DIALECT", "ENGINE", "check", "inside", "takes"]

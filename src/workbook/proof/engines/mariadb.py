"""MariaDB in place of MySQL: loads each schema, puts a sample row into every table, runs what each operation sends and takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count

from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof import sql
from workbook.proof.model import Check
from workbook.proof.servers import MariaDB, NotHere, one_mariadb

ENGINE = "MariaDB"
DIALECT = "mysql"


def takes(artifact: Artifact) -> bool:
    """Schemas and queries of MySQL's dialect."""
    return artifact.dialect == DIALECT


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """One database a store."""
    try:
        with one_mariadb() as server:
            for store, dialect, mine in sql.shares(plan, artifacts, DIALECT):
                engine = f"{ENGINE} {server.version}, in place of {store.technology.name}"
                with database(server) as name:
                    yield from sql.run(mine, dialect, partial(server.run, name), engine)
    except NotHere as missing:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=str(missing)) for a in artifacts)


@contextmanager
def database(server: MariaDB) -> Iterator[str]:
    """The name of a database of its own."""
    name = f"checked_{next(_NUMBERS)}"
    server.run("", f"CREATE DATABASE {name};")
    try:
        yield name
    finally:
        server.run("", f"DROP DATABASE {name};")


_NUMBERS = count()

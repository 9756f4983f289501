"""PostgreSQL: loads each schema, puts the sample rows in, runs every statement and takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbook.artifacts import Artifact
from workbook.artifacts.query_postgresql import insert, literals
from workbook.artifacts.schema_postgresql import ordered
from workbook.artifacts.sql_text import row_of
from workbook.artifacts.writing.sql import identifier
from workbook.plan import Plan
from workbook.proof.model import Check
from workbook.proof.servers import NotHere, Postgresql, postgresql

ENGINE = "PostgreSQL"


def takes(artifact: Artifact) -> bool:
    """Schemas and queries of its dialect, and an outbox in its SQL."""
    return artifact.dialect == "postgresql" or (artifact.dialect == "outbox" and "timestamptz" in artifact.text)


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """One database a store."""
    try:
        with postgresql() as server:
            for store in plan.design.stores:
                mine = [a for a in artifacts if _store(a) == store.id]
                if mine:
                    yield from _store_checks(plan, store.id, mine, server)
    except NotHere as missing:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=str(missing)) for a in artifacts)


def _store(artifact: Artifact) -> str:
    return artifact.path.split("/")[1].split(".")[0]


def _store_checks(plan: Plan, store: str, artifacts: list[Artifact], server: Postgresql) -> Iterator[Check]:
    technology = plan.design.store(store).technology
    engine = f"{ENGINE} {server.version}" + (
        "" if technology.name == ENGINE else f", whose dialect {technology.name} speaks"
    )
    server.run("postgres", f"CREATE DATABASE {identifier(store)};")
    for artifact in sorted(artifacts, key=lambda a: a.kind != "schema"):
        wrong = server.run(
            store, artifact.text if artifact.kind == "schema" else f"BEGIN;\n{_inside(artifact.text)}\nROLLBACK;"
        )
        if artifact.kind == "schema" and not wrong:
            wrong = server.run(store, seed(plan, store))
        yield Check(path=artifact.path, engine=engine, outcome="failed" if wrong else "ok", message=wrong)


def _inside(text: str) -> str:
    begun = re.sub(r"(?m)^BEGIN;$", "SAVEPOINT inner_begin;", text)
    return re.sub(r"(?m)^COMMIT;$", "RELEASE SAVEPOINT inner_begin;", begun)


def seed(plan: Plan, store: str) -> str:
    """The sample row of every table of a store, those first that others refer to."""
    tables = ordered([t for t in plan.design.tables if t.store == store])
    return "\n".join(insert(t, literals(t, row_of(plan, t))) for t in tables)

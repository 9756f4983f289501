"""A store's SQL before an engine: each schema is loaded, every table gets a sample row, what each operation sends runs and is taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from workbook.artifacts import Artifact
from workbook.artifacts.dialects import sql
from workbook.artifacts.dialects.dialect import SqlDialect
from workbook.artifacts.dialects.script import rows
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.passes.world import Store
from workbook.proof.model import Check


def shares(
    plan: Plan, artifacts: tuple[Artifact, ...], dialect: str
) -> Iterator[tuple[Store, SqlDialect, list[Artifact]]]:
    """The stores that speak a dialect, each with what is written for it, its schema first."""
    for store, spoken in sql.stores(plan):
        mine = [a for a in artifacts if a.dialect == dialect and store_of(a) == file(store.id)]
        if spoken.sql.id == dialect and mine:
            yield store, spoken, sorted(mine, key=lambda a: a.kind != "schema")


def store_of(artifact: Artifact) -> str:
    """The store that an artifact is for, as files call it."""
    return artifact.path.split("/")[1].split(".")[0]


def run(artifacts: list[Artifact], dialect: SqlDialect, ask: Callable[[str], str], engine: str) -> Iterator[Check]:
    """What an engine says to each. `ask` runs statements and returns what went wrong."""
    for artifact in artifacts:
        schema = artifact.kind == "schema"
        wrong = ask(artifact.text if schema else taken_back(artifact.text, dialect.begin))
        if schema and not wrong:
            wrong = ask(rows(dialect))
        yield Check(path=artifact.path, engine=engine, outcome="failed" if wrong else "ok", message=wrong)


def taken_back(text: str, begin: str = "BEGIN;") -> str:
    """Statements that leave nothing behind."""
    return f"{begin}\n{inside(text, begin)}\nROLLBACK;"


def inside(text: str, begin: str = "BEGIN;") -> str:
    """Statements as part of a transaction that is taken back: their own begin and end within it."""
    begun = re.sub(rf"(?m)^{begin}$", "SAVEPOINT inner_begin;", text)
    return re.sub(r"(?m)^COMMIT;$", "RELEASE SAVEPOINT inner_begin;", begun)

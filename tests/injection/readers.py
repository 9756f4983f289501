"""What engines are given of many systems at once."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.artifacts import build
from workbook.artifacts.base import databases
from workbook.artifacts.dialects.postgresql.examples import rows
from workbook.artifacts.dialects.script import rows as sample_rows
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.proof.engines.postgresql import DIALECT, inside
from workbook.proof.sql import shares, taken_back


def statements(plan: Plan, number: int) -> Iterator[str]:
    """Everything that PostgreSQL is given of a plan, in a schema of its own for each store."""
    artifacts = [a for a in build(plan) if a.dialect == DIALECT]
    for position, (store, tables) in enumerate(databases(plan, (DIALECT,))):
        mine = [a for a in artifacts if a.path.split("/")[1].split(".")[0] == file(store.id)]
        assert mine
        yield f"CREATE SCHEMA s{number}_{position}; SET search_path TO s{number}_{position}, public;"
        for artifact in sorted(mine, key=lambda a: a.kind != "schema"):
            if artifact.kind == "schema":
                yield artifact.text.replace(
                    "EXTENSION IF NOT EXISTS btree_gist", "EXTENSION IF NOT EXISTS btree_gist SCHEMA public"
                )
                yield rows(tables)
            else:
                yield f"BEGIN;\n{inside(artifact.text)}\nROLLBACK;"


def to_mariadb(plan: Plan, name: str) -> Iterator[str]:
    """Everything that MariaDB is given of a plan in place of MySQL, in a database of its own for each store."""
    for position, (_, dialect, mine) in enumerate(shares(plan, build(plan), "mysql")):
        yield f"CREATE DATABASE {name}_{position}; USE {name}_{position};"
        for artifact in mine:
            if artifact.kind == "schema":
                yield artifact.text
                yield sample_rows(dialect)
            else:
                yield taken_back(artifact.text, dialect.begin)

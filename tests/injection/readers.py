"""What engines are given of many systems at once."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.artifacts import build
from workbook.artifacts.base import databases
from workbook.artifacts.dialects.postgresql.examples import rows
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.proof.engines.postgresql import DIALECT, inside


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

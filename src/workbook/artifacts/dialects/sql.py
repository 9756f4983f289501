"""The dialects of SQL that statements are written in, by the name that technologies of the catalog give them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbook.artifacts.base import databases
from workbook.artifacts.dialects.dialect import SqlDialect
from workbook.artifacts.dialects.mysql.statements import MySQL
from workbook.artifacts.dialects.postgresql.statements import PostgreSQL
from workbook.plan import Plan
from workbook.plan.passes.world import Store

SPOKEN: Mapping[str, type[SqlDialect]] = {"postgresql": PostgreSQL, "mysql": MySQL}
NAMES = tuple(SPOKEN)


def stores(plan: Plan) -> Iterator[tuple[Store, SqlDialect]]:
    """The databases that speak one of them, each with the dialect of its tables."""
    for store, tables in databases(plan, NAMES):
        yield store, SPOKEN[store.technology.dialect](dict(tables))

"""Sample rows in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.artifacts.dialects import script
from workbook.artifacts.dialects.postgresql.literals import literal
from workbook.artifacts.dialects.postgresql.statements import PostgreSQL
from workbook.plan.fold.layout import Table


def rows(tables: Mapping[str, Table]) -> str:
    """A sample row of every table, those first that others refer to; a repeat changes nothing."""
    return script.rows(PostgreSQL(dict(tables)))


__all__ = ["literal", "rows"]

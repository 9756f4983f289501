"""Values as literals of PostgreSQL's types."""

from __future__ import annotations

import re
from typing import Any

from workbook.artifacts.writing.sql import string as quoted
from workbook.artifacts.writing.text import compact
from workbook.plan.names import SAMPLE_TIME

_NUMBERS = ("bigint", "integer", "numeric", "numeric(18,4)", "numeric(14,2)", "double precision", "real")
_TIMES = ("timestamptz", "date")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def literal(value: Any, type_: str) -> str:
    """A JSON value as a literal of an engine's type; what is of no type in the examples, as a cursor, takes a value of the type."""
    if value is None:
        return "NULL"
    base = type_.removesuffix("[]")
    if isinstance(value, list):
        return f"ARRAY[{', '.join(literal(v, base) for v in value)}]::{base}[]"
    if type_.endswith("[]"):
        return literal([value], type_)
    if base == "bytea":
        return "'\\x01020304'::bytea"
    if base == "point" and isinstance(value, dict):
        return f"point({value['lon']}, {value['lat']})"
    if base == "jsonb":
        return f"{quoted(compact(value))}::jsonb"
    if base == "interval":
        return (
            f"interval '{value:.15g} seconds'" if isinstance(value, int | float) else quoted(str(value)) + "::interval"
        )
    if base == "boolean":
        return "true" if value else "false"
    if base in _NUMBERS:
        return f"{value:.15g}" if isinstance(value, int | float) else "1"
    if base in _TIMES and not _DAY.match(str(value)):
        value = SAMPLE_TIME
    return quoted(str(value)) + ("" if base == "text" else f"::{base}")

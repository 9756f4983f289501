"""Values as literals of MySQL's types."""

from __future__ import annotations

import re
from typing import Any

from workbook.artifacts.dialects.mysql.expressions import SQL, WALKED
from workbook.artifacts.writing.text import compact
from workbook.plan.names import SAMPLE_DATE, SAMPLE_TIME

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:Z|\+00:00)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def literal(value: Any, type_: str, many: bool = False) -> str:
    """A JSON value as a literal; what is of no type in the examples, as a cursor, takes a value of the type."""
    if type_.startswith(WALKED):
        base = type_.removeprefix(WALKED)
        return SQL.string(compact([plain(v, base) for v in _listed(value)]))
    if many:
        return ", ".join(literal(v, type_) for v in _listed(value)) or "NULL"
    if value is None:
        return "NULL"
    if type_ == "json":
        return SQL.string(compact(value))
    if type_ == "longblob":
        return "X'01020304'"
    if type_ == "point" and isinstance(value, dict):
        return f"point({value['lon']}, {value['lat']})"
    value = plain(value, type_)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, int | float) else SQL.string(str(value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def plain(value: Any, type_: str) -> Any:
    """A value as a number, a truth or a text that the type takes."""
    if isinstance(value, list):
        value = value[0] if value else None
    if type_ == "boolean":
        return bool(value)
    if type_ in ("bigint", "interval") or type_.startswith("decimal"):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else 1
    if type_ == "datetime(6)":
        found = _TIME.fullmatch(str(value)) or _TIME.fullmatch(SAMPLE_TIME)
        return f"{found[1]} {found[2]}" if found else value
    if type_ == "date":
        found = _DAY.match(str(value))
        return found[0] if found else SAMPLE_DATE
    return value if isinstance(value, str) else str(value)

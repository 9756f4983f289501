"""Names of files that every system takes, told apart without case."""

from __future__ import annotations

from functools import cache

from workbook.catalog import loader
from workbook.plan.naming import shortened

_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@cache
def identifier(name: str) -> str:
    """One part of a path, without its ending."""
    rules = loader.name_rules()["files"]
    plain = "".join(c if c in _ALLOWED else "_" for c in name).strip(".") or "_"
    plain = shortened(plain, rules.longest)
    return f"{plain}_" if plain.partition(".")[0].lower() in rules.reserved else plain

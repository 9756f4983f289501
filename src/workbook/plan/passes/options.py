"""Options from the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from workbook.catalog.model import Pattern, Technology
from workbook.plan.passes.model import Option

_KNOWN: dict[int, Mapping[str, Technology]] = {}


def products(kind: str, technologies: Mapping[str, Technology]) -> list[Option]:
    """The products of a kind."""
    _KNOWN[id(technologies)] = technologies
    return list(_products(kind, id(technologies)))


@lru_cache(maxsize=64)
def _products(kind: str, known: int) -> tuple[Option, ...]:
    return tuple(Option(t.id, t.name, t.complexity, t) for t in _KNOWN[known].values() if t.kind == kind)


def patterns(family: str, known: Mapping[str, Pattern]) -> list[Option]:
    """The patterns of a family."""
    return [Option(p.id, p.name, p.complexity, p) for p in known.values() if p.family == family]

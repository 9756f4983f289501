"""Options from the catalog."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.catalog.model import Pattern, Technology
from workbook.plan.passes.model import Option


def products(kind: str, technologies: Mapping[str, Technology]) -> list[Option]:
    """The products of a kind, and others that can serve as it."""
    found = [t for t in technologies.values() if t.kind == kind]
    return [Option(t.id, t.name, t.complexity, t) for t in found]


def patterns(family: str, known: Mapping[str, Pattern]) -> list[Option]:
    """The patterns of a family."""
    return [Option(p.id, p.name, p.complexity, p) for p in known.values() if p.family == family]

"""Reads blocks as text and asks the plan for names, for the tests of the document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from fnmatch import fnmatchcase
from functools import cache

from workbook.brief import load
from workbook.document import build
from workbook.document.blocks import Block, Section, Subsection, Table
from workbook.document.page import Page
from workbook.plan import Plan, derive
from workbook.plan.names import words

BRIEFS = ("chat", "feed", "music", "clinic")


@cache
def plan(name: str) -> Plan:
    """The plan of an example brief."""
    return derive(load(name))


@cache
def sections(name: str) -> tuple[Section, ...]:
    """The fourteen sections of an example brief."""
    return build(plan(name))


@cache
def blocks(name: str) -> tuple[Block, ...]:
    """Every block of an example brief, subsections left out."""
    return tuple(b for s in sections(name) for b in s.walk() if not isinstance(b, Subsection))


def text(value: object) -> str:
    """Everything a block says, as text."""
    if isinstance(value, str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return "\n".join(text(getattr(value, f.name)) for f in fields(value) if f.name != "id")
    if isinstance(value, Iterable):
        return "\n".join(text(v) for v in value)
    return "" if value is None else str(value)


def matching(found: Iterable[Block], pattern: str) -> list[Block]:
    """The blocks whose id fits a pattern."""
    return [b for b in found if fnmatchcase(b.id, pattern)]


def names(name: str, kind: str) -> list[str]:
    """What of the plan a row must name."""
    p = plan(name)
    model, design = p.complete.model, p.design
    page = Page(p)
    p0 = [o for o in model.operations if p.complete.priority(o) == "P0"]
    critical = model.operations[design.critical_write].entity
    made: dict[str, Iterable[str]] = {
        "operations": (words(o) for o in model.operations),
        "p0": (words(o) for o in p0),
        "features": (page.feature_title(f) for f in page.features),
        "p0_features": (page.feature_title(f) for f in page.features if page.feature_priority(f) == "P0"),
        "personas": (words(x) for x in model.personas),
        "entities": (words(e) for e in model.entities if p.complete.kind(e) != "memory"),
        "entity_ids": (e for e in model.entities if p.complete.kind(e) != "memory"),
        "tables": design.tables,
        "tables_of_entities": (n for n, t in design.tables.items() if not t.structure.added_by),
        "tables_touched": {
            words(r.structure) for r in design.rules if not p.world.form.structures[r.structure].added_by
        },
        "topics": (words(t.id) for t in design.topics),
        "carried": (words(t.id) for t in design.topics if not t.inside),
        "first_topic": (words(t.id) for t in design.topics[:1]),
        "groups": (words(h) for t in design.topics for h in t.hearers),
        "groups_first": (words(h) for t in design.topics[:4] for h in t.hearers[:1]),
        "endpoints": (e.path for e in design.endpoints),
        "tunables": model.tunables,
        "integrations": (words(i) for i in model.integrations),
        "laws": _laws(p),
        "stores": (s.technology.name for s in design.stores),
        "databases": (s.technology.name for s in design.stores if s.role == "database"),
        "services": (design.title(s.id) for s in design.services),
        "chosen": (t.name for t in (design.language, design.memory, design.messaging) if t is not None and t.port),
        "critical_entity": (critical,),
        "stored_operations": (words(a.operation) for n in design.tables for a in p.world.accesses.get(n, ())),
    }
    return list(made[kind])


def _laws(p: Plan) -> list[str]:
    from workbook.catalog import loader

    return [loader.compliance()[n].name for n in p.complete.model.quality.compliance]


def _plain(text: str) -> str:
    """A name as written or in words."""
    return text.lower().replace("_", " ")


def row_for(name: str, row: dict[str, object]) -> dict[str, object]:
    """A row of the table as it holds for a brief: one that tells nobody of anything has no topics to show."""
    return {**row, **row.get("untold", {})} if not plan(name).design.topics else row  # type: ignore[dict-item]


def unmet(name: str, row: dict[str, object], found: Iterable[Block]) -> list[str]:
    """What a row of requirements.yaml asks for and these blocks do not say."""
    row, found = row_for(name, row), list(found)
    problems: list[str] = []
    shown: list[Block] = []
    for pattern in row["blocks"]:  # type: ignore[attr-defined]
        match = matching(found, pattern)
        if not match:
            problems.append(f"no block {pattern}")
        shown += [b for b in match if b not in shown]
    least = row.get("rows", 0)
    problems += [f"{b.id} has {len(b.rows)} rows" for b in shown if isinstance(b, Table) and len(b.rows) < least]  # type: ignore[operator]
    if len(shown) < row.get("at_least", 1):  # type: ignore[operator]
        problems.append(f"only {len(shown)} blocks")
    said = "\n".join(text(b) for b in shown)
    import re

    problems += [f"does not say {e}" for e in row.get("says", ()) if not re.search(e, said)]  # type: ignore[attr-defined]
    for kind in row.get("names", ()):  # type: ignore[attr-defined]
        problems += [f"does not name {kind} {n}" for n in names(name, kind) if _plain(n) not in _plain(said)]
    return problems

"""What a generator is: one kind of artifact in one dialect, one file in this folder, found by scanning it.

A module has `KIND`, `DIALECTS` (empty: for any plan) and `make(plan)`. Where a plan's technology has a dialect that no module
of the kind knows, the artifact says so instead of showing another dialect's syntax.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Protocol

from workbook._plugins import modules
from workbook.plan import Plan
from workbook.plan.fold.layout import Table
from workbook.plan.naming import Space
from workbook.plan.passes.world import DATABASE, Store

ROLE_OF_KIND: dict[str, str] = {
    "schema": "database",
    "query": "database",
    "cache": "cache",
    "topics": "messaging",
    "worker": "language",
    "service": "language",
}
"""By which technology's dialect a kind is chosen. Kinds not named here are asked of every plan."""


LONGEST_PATH = 1000
"""Letters of a path inside the folder of a report (below what systems take, 1,024 to 4,096)."""


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """Something to copy: its text, where a run puts it, and what it is about (`subject`: a table, topic, operation ...)."""

    kind: str
    subject: str
    title: str
    path: str
    language: str
    text: str
    dialect: str = ""
    missing: str = ""
    """`no generator for X` where the dialect has none; the text is then empty."""


class Generator(Protocol):
    """A module of this folder."""

    KIND: str
    DIALECTS: tuple[str, ...]

    def make(self, plan: Plan) -> Iterable[Artifact]:
        """The artifacts of a plan."""
        ...


def _modules() -> Iterator[ModuleType]:
    return (m for m in modules(__package__ or "", Path(__file__).parent, "artifacts") if hasattr(m, "KIND"))


@cache
def generators() -> Mapping[str, tuple[ModuleType, ...]]:
    """All generators by kind. Raises where two know the same dialect of a kind."""
    found: dict[str, list[ModuleType]] = {}
    taken: dict[tuple[str, str], str] = {}
    for module in _modules():
        for dialect in module.DIALECTS or (module.__name__,):
            if (module.KIND, dialect) in taken:
                raise RuntimeError(
                    f"{module.__name__} and {taken[module.KIND, dialect]} both make {module.KIND} for {dialect}"
                )
            taken[module.KIND, dialect] = module.__name__
        found.setdefault(module.KIND, []).append(module)
    return {k: tuple(v) for k, v in found.items()}


def dialects(plan: Plan, kind: str) -> dict[str, str]:
    """The dialects a plan needs of a kind, with the names of their technologies. Empty where the kind has none."""
    role = ROLE_OF_KIND.get(kind)
    if role == "database":
        return {s.technology.dialect: s.technology.name for s in plan.design.stores if s.role == "database"}
    product = {"cache": plan.design.memory, "messaging": plan.design.messaging}.get(role or "")
    if product is not None:
        served = bool(product.port) or bool(product.abilities.get("service_only"))
        return {product.dialect: product.name} if served else {}
    if role == "language":
        return {plan.design.language.dialect: plan.design.language.name}
    return {}


def databases(plan: Plan, dialects: Iterable[str]) -> Iterator[tuple[Store, Mapping[str, Table]]]:
    """The databases that speak one of these dialects, each with its tables."""
    for store in plan.design.stores:
        if store.role == DATABASE and store.technology.dialect in dialects:
            homes = plan.world.homes
            yield store, {n: t for n, t in plan.design.tables.items() if homes.get(n) == store.id}


def kinds() -> tuple[str, ...]:
    """The kinds of artifacts, in their order."""
    return tuple(sorted(generators()))


def build(plan: Plan) -> tuple[Artifact, ...]:
    """Every artifact of a plan, in the order of kinds."""
    return tuple(a for kind in kinds() for a in build_kind(plan, kind))


def build_kind(plan: Plan, kind: str) -> tuple[Artifact, ...]:
    """The artifacts of one kind; those of a dialect that no generator knows say so."""
    makers = generators().get(kind, ())
    if kind not in ROLE_OF_KIND:
        return tuple(_apart(a for m in makers for a in m.make(plan)))
    needed = dialects(plan, kind)
    known = {d for m in makers for d in m.DIALECTS}
    made = [a for m in makers if set(m.DIALECTS) & set(needed) for a in m.make(plan)]
    return (*_apart(made), *(_missing(kind, dialect, name) for dialect, name in needed.items() if dialect not in known))


def _apart(artifacts: Iterable[Artifact]) -> Iterator[Artifact]:
    """Artifacts of one kind, whose paths differ on systems, too, that read no difference between large and small letters."""
    space = Space(longest=LONGEST_PATH, end="", alike=str.lower)
    for artifact in artifacts:
        stem, dot, ending = artifact.path.rpartition(".")
        yield replace(artifact, path=f"{space.take(stem)}{dot}{ending}") if stem else artifact


def _missing(kind: str, dialect: str, name: str) -> Artifact:
    return Artifact(
        kind=kind,
        subject=dialect,
        title=f"{kind} for {name}",
        path="",
        language="text",
        text="",
        dialect=dialect,
        missing=f"no generator for {name}",
    )


def by_subject(artifacts: Iterable[Artifact], kind: str) -> dict[str, Artifact]:
    """The artifacts of a kind by what they are about."""
    return {a.subject: a for a in artifacts if a.kind == kind}

"""Shows every artifact to the engine it is for."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Protocol, cast

from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof import engines
from workbook.proof.model import Check, Verification


class Engine(Protocol):
    """A module of `engines/`."""

    ENGINE: str

    def takes(self, artifact: Artifact) -> bool:
        """Whether an artifact is for this engine."""
        ...

    def check(self, plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
        """One check for each artifact that it takes."""
        ...


@cache
def known() -> tuple[Engine, ...]:
    """All engines, found by scanning their folder."""
    names = sorted(m.name for m in pkgutil.iter_modules(engines.__path__))
    modules = (importlib.import_module(f"{engines.__name__}.{n}") for n in names)
    return tuple(cast(Engine, m) for m in modules if hasattr(m, "ENGINE"))


def _checked(engine: Engine, plan: Plan, artifacts: tuple[Artifact, ...]) -> list[Check]:
    """What the engine says; where its check fails by itself, that nothing is proved."""
    try:
        return list(engine.check(plan, artifacts))
    except Exception as error:  # noqa: BLE001 (one engine that fails leaves the others, and the report)
        said = f"its check ended with {type(error).__name__}: {error}"
        return [Check(path=a.path, engine=engine.ENGINE, outcome="not run", message=said) for a in artifacts]


def verify(plan: Plan, artifacts: Iterable[Artifact]) -> Verification:
    """What ran, what did not, and what it needs."""
    left = [a for a in artifacts if a.text]
    made: list[Check] = []
    for engine in known():
        mine = tuple(a for a in left if engine.takes(a))
        if mine:
            made.extend(_checked(engine, plan, mine))
    seen = {c.path for c in made}
    made += [
        Check(
            path=a.path,
            engine="",
            outcome="not run",
            message=f"needs an engine for {a.kind} in {a.dialect or a.language}",
        )
        for a in left
        if a.path not in seen
    ]
    return Verification(tuple(sorted(made, key=lambda c: (c.path, c.engine))))

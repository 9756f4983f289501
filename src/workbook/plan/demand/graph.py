"""The graph of formulas: Hamilton wires pure functions by the names of their parameters.

Importing Hamilton pulls in pandas, so it happens at the first call.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from workbook.plan.demand import bandwidth, storage, traffic
from workbook.plan.units import Array

MODULES: tuple[ModuleType, ...] = (traffic, storage, bandwidth)


@cache
def formulas() -> Mapping[str, Any]:
    """Every formula by name."""
    return {n: f for m in MODULES for n, f in vars(m).items() if callable(f) and hasattr(f, "unit")}


@cache
def driver() -> Any:
    """The Hamilton driver over all formulas; it is stateless and shared."""
    os.environ.setdefault("HAMILTON_TELEMETRY_ENABLED", "false")
    from hamilton import driver as hamilton

    return hamilton.Builder().with_modules(*MODULES).build()


def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
    """All formulas on these inputs, by name."""
    found: dict[str, Array] = driver().execute(list(formulas()), inputs=dict(inputs))
    return found


def upstream(name: str) -> tuple[str, ...]:
    """What a formula takes, directly: other formulas and inputs."""
    function = formulas()[name]
    return tuple(p for p in function.__code__.co_varnames[: function.__code__.co_argcount])

"""The graph of formulas: Hamilton reads pure functions as nodes, wired by the names of their parameters.

Only Hamilton's nodes are taken, and put in their order once: its driver brings pandas into every process and walks the whole
graph anew at each run. A test holds this against the driver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from graphlib import TopologicalSorter
from types import ModuleType
from typing import Any

from hamilton.node import Node

from workbook.plan.demand import bandwidth, storage, traffic
from workbook.plan.units import Array

MODULES: tuple[ModuleType, ...] = (traffic, storage, bandwidth)


@cache
def formulas() -> Mapping[str, Any]:
    """Every formula by name."""
    return {n: f for m in MODULES for n, f in vars(m).items() if callable(f) and hasattr(f, "unit")}


@cache
def steps() -> tuple[tuple[str, Callable[..., Array], tuple[str, ...]], ...]:
    """Every formula after those it takes: its name, the function, and what it takes."""
    nodes = {name: Node.from_fn(function) for name, function in formulas().items()}
    order = TopologicalSorter({name: tuple(node.input_types) for name, node in nodes.items()}).static_order()
    return tuple((name, nodes[name].callable, tuple(nodes[name].input_types)) for name in order if name in nodes)


def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
    """All formulas on these inputs, by name."""
    found = dict(inputs)
    for name, formula, takes in steps():
        found[name] = formula(*(found[taken] for taken in takes))
    return {name: found[name] for name in formulas()}


def upstream(name: str) -> tuple[str, ...]:
    """What a formula takes, directly: other formulas and inputs."""
    function = formulas()[name]
    return tuple(p for p in function.__code__.co_varnames[: function.__code__.co_argcount])

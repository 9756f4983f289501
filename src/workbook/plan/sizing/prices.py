"""What is paid by use, in steps: the price of the first 10 TB, of the next, and so on. The user's own price beats the catalog's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workbook.catalog import loader
from workbook.catalog.model import Price
from workbook.plan.complete import Complete

_STEP = re.compile(r"_(\d+)(tb|pb|k)$")
_SIZE = {"tb": 1e3, "pb": 1e6, "k": 1e3}


@dataclass(frozen=True)
class Tariff:
    """Steps (from which amount on, price) and where they come from."""

    steps: tuple[tuple[float, float], ...]
    unit: str
    origin: str

    def cost(self, amount: float) -> float:
        """The price of an amount, each part at its step."""
        total = 0.0
        for i, (start, price) in enumerate(self.steps):
            end = self.steps[i + 1][0] if i + 1 < len(self.steps) else float("inf")
            total += max(0.0, min(amount, end) - start) * price
        return total

    @property
    def first(self) -> float:
        """The price of the first step."""
        return self.steps[0][1]


def tariff(name: str, complete: Complete, cloud: str = "") -> Tariff:
    """The tariff of a name (`egress`, `cdn`, `logs_ingest_gb` …) in the brief's cloud, else as the catalog has it."""
    said = complete.model.prices.get(name)
    if said is not None:
        return Tariff(((0.0, said.best),), said.text.partition("USD")[2].strip("/ ") or "USD", "said in the brief")
    where = cloud or complete.cloud
    found = _steps(f"{name}_{where}") or _steps(name) or _steps(f"{name}_aws")
    if not found:
        raise KeyError(f"the catalog has no price {name}")
    steps = tuple(sorted((start, price.price.value) for start, price in found.items()))
    first = found[min(found)]
    return Tariff(steps, first.price.unit, f"{first.name}: {first.price.origin}")


def _steps(prefix: str) -> Mapping[float, Price]:
    found: dict[float, Price] = {}
    for identifier, price in loader.prices().items():
        if identifier == prefix:
            found[0.0] = price
        elif identifier.startswith(f"{prefix}_"):
            step = _STEP.fullmatch(identifier[len(prefix) :])
            if step:
                found[float(step[1]) * _SIZE[step[2]]] = price
    return found if 0.0 in found else {}

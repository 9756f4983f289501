"""Values that can be read but make no sense: no rows in a call, more users than there can be. `bounds.yaml` says which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workbook.brief.model import Model, PartOf
from workbook.brief.problems import Problem
from workbook.brief.quantities import Quantity
from workbook.brief.rates import Rate

_PLACE = tuple[str | int, ...]
_SHORT = ("peak", "replicas")
"""Keys whose value is written alone, and kept under a name of ours."""
_TABLE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Bound:
    """What the values at a path may be; see the head of `bounds.yaml`."""

    path: tuple[str, ...]
    write: str
    above: float | None = None
    below: float | None = None
    most: float | None = None

    def broken(self, low: float, high: float) -> str:
        """What is wrong with a value from `low` to `high`, or nothing."""
        if self.above is not None and low <= self.above:
            return "is too little"
        if self.most is not None and high > self.most:
            return "is more than there can be"
        return "is too much" if self.below is not None and high >= self.below else ""


@cache
def bounds() -> tuple[Bound, ...]:
    """Every row of the table."""
    rows = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return tuple(Bound(tuple(row.pop("path").split(".")), **row) for row in rows)


def problems(model: Model, place: Callable[[_PLACE], str]) -> Iterator[Problem]:
    """Each value out of its bounds, with its line and what to write."""
    for bound in bounds():
        for found, value in _values(model, bound.path, ()):
            path = found[:-1] if found[-2:-1] and found[-2] in _SHORT else found
            for text, low, high in _amounts(value):
                broken = bound.broken(low, high)
                if broken:
                    yield Problem(place(path), f'"{text}" {broken}', bound.write)


def _values(thing: Any, path: tuple[str, ...], here: _PLACE) -> Iterator[tuple[_PLACE, Any]]:
    """The values at a path, with where each stands."""
    if thing is None:
        return
    if not path:
        yield here, thing
    elif path[0] == "*":
        for name, inner in thing.items():
            yield from _values(inner, path[1:], (*here, name))
    elif isinstance(thing, Mapping):
        yield from _values(thing.get(path[0]), path[1:], (*here, path[0]))
    else:
        yield from _values(getattr(thing, path[0]), path[1:], (*here, path[0]))


def _amounts(value: Any) -> Iterator[tuple[str, float, float]]:
    """What was written and the range of a value: of each factor of a product, and of each term of a rate a second."""
    if isinstance(value, Quantity):
        yield str(value), value.low, value.high
    elif isinstance(value, Rate):
        each = value.per * value.seconds
        yield value.text, value.amount.low / each, value.amount.high / each
    elif isinstance(value, PartOf):
        yield from _amounts(value.amount)
    elif isinstance(value, tuple):
        for part in value:
            yield from _amounts(part)
    else:
        yield f"{value:,}", float(value), float(value)

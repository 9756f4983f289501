"""The numbers of a completed brief as arrays: what the formulas take. Nothing is computed here beyond products of what was said."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.brief.model import Operation, PartOf, relative
from workbook.brief.quantities import DAY, YEAR_DAYS, Quantity
from workbook.plan.complete import Complete
from workbook.plan.references import PEOPLE
from workbook.plan.units import Array

_Z95 = 1.6448536269514722
UNITS: Mapping[str, str] = {
    "direct_calls_per_day": "1/day",
    "funnel": "1",
    "day": "s/day",
    "active_share": "1",
    "active_seconds": "s",
    "one_day": "day",
    "peak_factor": "1",
    "said_peak_qps": "1/s",
    "says_peak_qps": "1",
    "surge_factor": "1",
    "lasts": "s",
    "is_read": "1",
    "holds_connection": "1",
    "concurrent_users": "1",
    "rows_per_call": "1",
    "rows_read_per_call": "1",
    "rows_sent_per_call": "1",
    "dedup": "1",
    "row_bytes": "B",
    "compression": "1",
    "year": "day",
    "replicas": "1",
    "initial_rows": "1",
    "retention": "day",
    "horizon": "day",
    "hot": "1",
    "is_stored": "1",
    "headroom": "1",
    "said_request": "B",
    "says_request": "1",
    "said_response": "B",
    "says_response": "1",
    "fan_out": "1",
    "said_delivers": "B",
    "says_delivers": "1",
    "bits": "bit/B",
    "recipients": "1",
    "availability": "1",
    "year_seconds": "s",
}


@dataclass(frozen=True)
class Inputs:
    """Arrays by name (see UNITS), and the sizes of the populations."""

    arrays: Mapping[str, Array]
    populations: Mapping[str, Mapping[str, Array]]
    samples: int


class Sampler:
    """Draws quantities: their best guess, or samples of their range.

    A range is 5-95 % of a lognormal on either side of the best guess (its median), of a normal where it touches zero. The
    same quantity at the same place draws the same samples, whatever else the brief says.
    """

    def __init__(self, samples: int, scale: float = 1.0) -> None:
        self.samples = samples
        self.scale = scale

    def __call__(self, quantity: Quantity, place: str) -> Array:
        if self.samples == 1 or quantity.exact:
            return np.full(self.samples, quantity.best)
        seed = int.from_bytes(hashlib.sha256(f"{place}={quantity.text}".encode()).digest()[:8], "big")
        z = np.random.default_rng(seed).standard_normal(self.samples)
        drawn: Array
        if quantity.low > 0:
            down, up = math.log(quantity.best / quantity.low) / _Z95, math.log(quantity.high / quantity.best) / _Z95
            drawn = quantity.best * np.exp(np.where(z < 0, down, up) * z)
        else:
            down, up = (quantity.best - quantity.low) / _Z95, (quantity.high - quantity.best) / _Z95
            drawn = np.maximum(quantity.best + np.where(z < 0, down, up) * z, 0)
        return np.minimum(drawn, 1) if quantity.kind == "share" else drawn


def recipients_of(operation: Operation) -> bool:
    """Whether calls of the operation count as one delivery each where no fan-out is said."""
    return operation.fan_out is None and (operation.verb == "notify" or operation.mode == "async")


def open_operations(complete: Complete) -> frozenset[str]:
    """Operations that nobody gave a rate, and those that follow only such: they count nothing."""
    found = {n for n, o in complete.operations.items() if o.rate is None}
    while True:
        more = {
            n
            for n, o in complete.operations.items()
            if n not in found and o.rate and all(r.kind in ("funnel", "during") and r.of in found for r in o.rate)
        }
        if not more:
            return frozenset(found)
        found |= more


class Reader:
    """Reads the numbers out of a completed brief."""

    def __init__(self, complete: Complete, samples: int = 1, scale: float = 1.0) -> None:
        self.complete = complete
        self.draw = Sampler(samples)
        self.samples = samples
        self.scale = scale
        self.open = open_operations(complete)
        self._sizes: dict[tuple[str, str], Array | None] = {}
        self._counts: dict[str, Array] = {}

    def population(self, name: str) -> dict[str, Array]:
        """Sizes of a population by attribute; those that nobody says are absent."""
        found = {attribute: self.people(name, attribute) for attribute in PEOPLE}
        return {attribute: size for attribute, size in found.items() if size is not None}

    def people(self, name: str, attribute: str) -> Array | None:
        """One size of a population: said, else following from another by the defaults, else None."""
        if (name, attribute) not in self._sizes:
            self._sizes[name, attribute] = self._people(name, attribute)
        return self._sizes[name, attribute]

    def _people(self, name: str, attribute: str) -> Array | None:
        said = self.complete.model.populations[name]
        parts = getattr(said, attribute)
        if parts is not None:
            size = self.product(parts, f"populations.{name}.{attribute}")
            if relative(parts):
                base = self._active(name) if attribute == "concurrent" else self.people(name, "count")
                return size * base if base is not None else None
            return size if any(p.of for p in parts) else size * self.scale
        if attribute == "daily_active" and said.monthly_active is not None:
            return self._of(
                name, "monthly_active", 1 / self.complete.default("populations.*.monthly_active", "factor").best
            )
        if attribute == "monthly_active" and said.daily_active is not None:
            return self._of(name, "daily_active", self.complete.default("populations.*.monthly_active", "factor").best)
        if attribute == "concurrent" and (said.daily_active is not None or said.monthly_active is not None):
            return self._of(name, "daily_active", self.complete.default("populations.*.concurrent", "share").best)
        return None

    def _of(self, name: str, attribute: str, times: float) -> Array | None:
        size = self.people(name, attribute)
        return None if size is None else size * times

    def _active(self, name: str) -> Array | None:
        daily = self.people(name, "daily_active")
        return self.people(name, "count") if daily is None else daily

    def size(self, name: str, attribute: str = "") -> Array:
        """How many: the daily active where that is said, else the count; or the attribute named; or the rows of an entity."""
        if name not in self.complete.model.populations:
            return self.count(name)
        found = self.people(name, attribute) if attribute else self._active(name)
        return np.zeros(self.samples) if found is None else found

    def count(self, entity: str) -> Array:
        """Rows of an entity that are there from the start."""
        if entity not in self._counts:
            said = self.complete.model.entities[entity].count
            self._counts[entity] = self.product(said, f"entities.{entity}.count") if said else np.zeros(self.samples)
        return self._counts[entity]

    def product(self, parts: tuple[PartOf, ...], place: str) -> Array:
        """A product of quantities and sizes."""
        result = np.ones(self.samples)
        for i, part in enumerate(parts):
            result = result * self.draw(part.amount, f"{place}.{i}")
            if part.of:
                result = result * self.size(part.of, part.attribute)
        return result

    def row_bytes(self, entity: str) -> Array:
        """Bytes of one row: the size said, else the sum of the fields."""
        said = self.complete.model.entities[entity]
        if said.size is not None:
            return self.product(said.size, f"entities.{entity}.size")
        return np.full(self.samples, sum(f.bytes for f in said.fields.values()))

    def read(self) -> Inputs:
        """All inputs of the formulas."""
        arrays = {**self._constants(), **self._of_operations(), **self._of_entities(), **self._of_both()}
        populations = {n: self.population(n) for n in self.complete.model.populations}
        return Inputs(arrays, populations, self.samples)

    def _constants(self) -> dict[str, Array]:
        load, complete = self.complete.model.load, self.complete
        constants = {"day": DAY, "one_day": 1.0, "bits": 8.0, "year": YEAR_DAYS, "year_seconds": YEAR_DAYS * DAY}
        made = {n: np.full(self.samples, v) for n, v in constants.items()}
        made["horizon"] = self.draw(load.horizon or complete.default("load.horizon", "time"), "load.horizon") / DAY
        made["headroom"] = self.draw(load.headroom or complete.default("load.headroom", "share"), "load.headroom")
        made["availability"] = self.draw(complete.quality("availability"), "quality.availability")
        made["concurrent_users"] = self._online()
        return made

    def _online(self) -> Array:
        """The users connected at the same time; where there are no `users`, all that come and go."""
        names = ["users"] if "users" in self.complete.model.populations else list(self.complete.model.populations)
        found = (self.people(n, "concurrent") for n in names)
        return sum((f for f in found if f is not None), np.zeros(self.samples))

    def _each(self, names: list[str], value: Callable[[str], Array | float]) -> Array:
        made = np.empty((len(names), self.samples))
        for row, name in enumerate(names):
            made[row] = value(name)
        return made

    def _of_operations(self) -> dict[str, Array]:
        operations, complete = self.complete.operations, self.complete
        surge = complete.model.load.surge
        default_hours = complete.default("load.active_hours", "time")

        def hours(n: str) -> Any:
            return operations[n].active_hours or complete.model.load.active_hours

        def of_hours(n: str) -> str:
            return f"operations.{n}.active_hours" if operations[n].active_hours else "load.active_hours"

        def optional(n: str, field: str, kind: str = "draw") -> Array | float:
            said = getattr(operations[n], field)
            if said is None:
                return 0.0
            place = f"operations.{n}.{field}"
            return self.product(said, place) if kind == "product" else self.draw(said, place)

        def peak(n: str, field: str) -> Array | float:
            found = getattr(complete.peak(operations[n]), field)
            place = f"operations.{n}.peak" if operations[n].peak else "load.peak"
            if found is None or (field == "per_second" and n in self.open):
                return 0.0
            return self.draw(found, place) * (self.scale if field == "per_second" else 1.0)

        def surge_of(n: str) -> Array | float:
            found = operations[n].surge or surge
            place = f"operations.{n}.surge" if operations[n].surge else "load.surge"
            return self.draw(found.factor, place) if found else 1.0

        names = list(operations)
        connected = {
            n
            for n, o in operations.items()
            if o.verb in ("stream", "subscribe") and o.lasts is not None and n not in self.open
        }

        def each(value: Callable[[str], Array | float]) -> Array:
            return self._each(names, value)

        fan_out = each(lambda n: optional(n, "fan_out", "product"))
        return {
            "direct_calls_per_day": each(self._direct),
            "funnel": self._funnel(),
            "active_share": each(lambda n: self.draw(hours(n).share, f"{of_hours(n)}.share") if hours(n) else 1.0),
            "active_seconds": each(
                lambda n: self.draw(hours(n).hours, f"{of_hours(n)}.hours") if hours(n) else default_hours.best
            ),
            "peak_factor": each(lambda n: peak(n, "factor")),
            "said_peak_qps": each(lambda n: peak(n, "per_second")),
            "says_peak_qps": each(lambda n: float(complete.peak(operations[n]).per_second is not None)),
            "surge_factor": each(surge_of),
            "lasts": each(lambda n: optional(n, "lasts")),
            "is_read": each(lambda n: float(operations[n].reads)),
            "holds_connection": each(lambda n: float(n in connected)),
            "said_request": each(lambda n: optional(n, "request", "product")),
            "says_request": each(lambda n: float(operations[n].request is not None)),
            "said_response": each(lambda n: optional(n, "response", "product")),
            "says_response": each(lambda n: float(operations[n].response is not None)),
            "fan_out": fan_out,
            "said_delivers": each(lambda n: optional(n, "delivers", "product")),
            "says_delivers": each(lambda n: float(operations[n].delivers is not None)),
            "recipients": fan_out + each(lambda n: float(recipients_of(operations[n]))),
        }

    def _direct(self, name: str) -> Array:
        total = np.zeros(self.samples)
        for i, rate in enumerate(self.complete.operations[name].rate or ()):
            amount = self.draw(rate.amount, f"operations.{name}.rate.{i}")
            if rate.kind == "members":
                total = total + amount * self.size(rate.of, rate.attribute) / rate.per * DAY / rate.seconds
            elif rate.kind == "total":
                total = total + amount * DAY / rate.seconds * self.scale
        return total

    def _funnel(self) -> Array:
        operations = self.complete.operations
        place = {n: i for i, n in enumerate(operations)}
        matrix = np.zeros((len(operations), len(operations), self.samples))
        for name, operation in operations.items():
            for i, rate in enumerate(operation.rate or ()):
                amount = self.draw(rate.amount, f"operations.{name}.rate.{i}")
                other = operations.get(rate.of)
                if rate.kind == "funnel" and other is not None:
                    items = (
                        self.product(self.complete.items(other), f"operations.{rate.of}.items")
                        if rate.attribute == "items"
                        else 1.0
                    )
                    matrix[place[name], place[rate.of]] += amount * items / rate.per
                elif rate.kind == "during" and other is not None and other.lasts is not None:
                    matrix[place[name], place[rate.of]] += (
                        amount * self.draw(other.lasts, f"operations.{rate.of}.lasts") / rate.seconds
                    )
        return matrix

    def _of_entities(self) -> dict[str, Array]:
        entities, complete = self.complete.entities, self.complete

        def each(value: Callable[[str], Array | float]) -> Array:
            return self._each(list(entities), value)

        def factor(n: str, field: str) -> Array | float:
            said = getattr(entities[n], field)
            return self.draw(said, f"entities.{n}.{field}") if said is not None else 1.0

        def retention(n: str) -> Array | float:
            said = entities[n].retention
            return self.draw(said, f"entities.{n}.retention") / DAY if said is not None else np.inf

        return {
            "row_bytes": each(self.row_bytes),
            "initial_rows": each(self.count),
            "retention": each(retention),
            "compression": each(lambda n: factor(n, "compression")),
            "dedup": each(lambda n: factor(n, "dedup")),
            "replicas": each(complete.replicas),
            "hot": each(
                lambda n: self.draw(entities[n].hot or complete.default("entities.*.hot", "share"), f"entities.{n}.hot")
            ),
            "is_stored": each(lambda n: float(complete.kind(n) != "memory")),
        }

    def _of_both(self) -> dict[str, Array]:
        operations, entities = self.complete.operations, self.complete.entities
        column = {n: i for i, n in enumerate(entities)}
        shape = (len(operations), len(entities), self.samples)
        made, read, sent = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for row, (name, operation) in enumerate(operations.items()):
            items = self.product(self.complete.items(operation), f"operations.{name}.items")
            own = column.get(operation.entity)
            if own is None:
                continue
            if operation.reads:
                read[row, own] += items
            if operation.verb in ("create", "upload"):
                made[row, own] += items
            if operation.verb in ("create", "upload", "update"):
                sent[row, own] += items
            for entity, product in operation.creates.items():
                rows = self.product(product, f"operations.{name}.creates.{entity}")
                made[row, column[entity]] += rows
                if operation.verb in ("create", "upload", "update"):
                    sent[row, column[entity]] += rows
        return {"rows_per_call": made, "rows_read_per_call": read, "rows_sent_per_call": sent}

"""The numbers behind the names of a form in one world: tunables, sizes of structures, how many rows belong to one key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from workbook.brief.quantities import DAY, NotAQuantity, Quantity
from workbook.brief.shapes import Shape
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount, Verb, lines
from workbook.brief.values import PartOf
from workbook.plan.demand import Demand
from workbook.plan.demand.inputs import Reader
from workbook.plan.form.model import Form, Structure, most_kept
from workbook.plan.form.terms import Ref, Root, Sum, Value
from workbook.plan.load.spread import Spread, spread
from workbook.plan.units import Array

ALONE = 1.0
"""Rows of one key where nothing says how many: one."""


@dataclass
class Measures:
    """Numbers of a form. `inflow` holds the rows a day that steps add to structures, once they are known."""

    form: Form
    demand: Demand
    inflow: Mapping[str, Array] = field(default_factory=dict)
    read: dict[tuple[str, str], Array] = field(default_factory=dict)
    """What was asked for of structures: (`rows` or `per_day`, structure) -> the answer."""
    _rows: dict[str, Array] = field(default_factory=dict)

    @property
    def samples(self) -> int:
        """How many samples every number has."""
        return self.demand.inputs.samples

    @property
    def reader(self) -> Reader:
        """Reads products of the brief in the same world as the demand."""
        return self.demand.reader

    def constant(self, number: float) -> Array:
        """A number without range. Not to be changed in place."""
        return _constant(self.samples, number)

    def draw(self, said: Quantity, place: str) -> Array:
        """A quantity with its range."""
        return self.reader.draw(said, place)

    def value(self, value: Value | None, place: str = "") -> Array | None:
        """What a value comes to, where it is known before anything runs: numbers, tunables, arithmetic on them."""
        if isinstance(value, Amount):
            return self.draw(value.quantity, place or value.quantity.text)
        if isinstance(value, Ref) and value.root is Root.TUNABLE:
            return self.tunable(value.name)
        if isinstance(value, Sum):
            left, right = self.value(value.left, place), self.value(value.right, place)
            return None if left is None or right is None else _calculated(value.operator, left, right)
        return None

    def tunable(self, name: str) -> Array | None:
        """A tunable that is a number, a time or a share."""
        said = self.form.tunables.get(name)
        if isinstance(said, bool) or said is None:
            return None
        if isinstance(said, int | float):
            return self.constant(float(said))
        try:
            return self.draw(quantity(str(said)), f"tunables.{name}")
        except NotAQuantity:
            return None

    def lifetime(self, said: Quantity | str | None, place: str) -> Array | None:
        """Seconds that something is kept; None for ever."""
        if said is None:
            return None
        return self.tunable(said) if isinstance(said, str) else self.draw(said, place)

    @property
    def horizon_seconds(self) -> float:
        """How far is planned for."""
        return float(self.demand.inputs.arrays["horizon"][0]) * DAY

    def kept_days(self, structure: Structure) -> Array:
        """Days that a row rests: its ttl or retention, at most the horizon."""
        said = structure.ttl if structure.ttl is not None else structure.retention
        life = self.lifetime(said, f"structures.{structure.id}.kept")
        horizon = self.demand.inputs.arrays["horizon"]
        return horizon if life is None else np.minimum(life / DAY, horizon)

    @cached_property
    def taken(self) -> frozenset[str]:
        """Stocks: what comes in is what was taken out before, so that they stay as large as they are said to be."""
        every = (one for o in self.form.operations.values() for one in lines(o.nodes))
        return frozenset(one.target.parts[0] for one in every if one.verb is Verb.TAKE and one.target.parts)

    def rows(self, name: str) -> Array:
        """Rows that rest in a structure."""
        if name not in self._rows:
            self._rows[name] = self.constant(0.0)
            self._rows[name] = self._count(self.form.structures[name])
        self.read["rows", name] = self._rows[name]
        return self._rows[name]

    def _count(self, structure: Structure) -> Array:
        if structure.entity and structure.id in self.taken and structure.count is not None:
            return self.reader.count(structure.entity)
        if structure.entity and not self._unasked(structure):
            return self.demand.samples_of_entity("rows_retained", structure.entity)
        if structure.count is not None and not structure.entity:
            return self._product(structure.count, f"structures.{structure.id}.count")
        if structure.shape is Shape.SEARCH and structure.of:
            return self.rows(structure.of[0])
        most = self.value(most_kept(structure))
        if most is not None:
            return self.members(structure, structure.key[0]) * most
        if structure.id in self.inflow:
            rest = self.inflow[structure.id] * self.kept_days(structure)
            source = self.form.structures.get(structure.of[0]) if structure.of else None
            alike = source is not None and source.key == structure.key
            return np.minimum(rest, self.rows(structure.of[0])) if alike else rest
        return self.constant(0.0)

    def _product(self, parts: tuple[PartOf, ...], place: str) -> Array:
        """A product of quantities and sizes; what an approach adds may count by its tunables, too."""
        tuned = [self.tunable(p.of) for p in parts if p.of in self.form.tunables]
        sized = tuple(p for p in parts if p.of not in self.form.tunables)
        made = self.reader.product(sized, place)
        for factor in tuned:
            made = made if factor is None else made * factor
        return made

    def per_day(self, structure: Structure) -> Array:
        """Rows that come in a day."""
        if structure.entity and not self._unasked(structure):
            made = self.demand.samples_of_entity("rows_per_day", structure.entity)
        else:
            made = self.inflow.get(structure.id, self.constant(0.0))
        self.read["per_day", structure.id] = made
        return made

    def says(self, read: Mapping[tuple[str, str], Array]) -> bool:
        """Whether it answers the same to what was asked of another."""
        here = all(name in self.form.structures for _, name in read)
        return here and all(np.array_equal(self._again(*asked), answer) for asked, answer in read.items())

    def _again(self, what: str, name: str) -> Array:
        return self.rows(name) if what == "rows" else self.per_day(self.form.structures[name])

    def _unasked(self, structure: Structure) -> bool:
        """Whether nothing that is asked makes rows of an entity, but steps of the design do."""
        return structure.id in self.inflow and not self.demand.of_entity("rows_retained", structure.entity)

    def members(self, structure: Structure, by: str) -> Array:
        """How many different values a field has: rows of what it refers to."""
        type_ = structure.fields.get(by)
        target = type_.ref if type_ else ""
        if target in self.form.structures:
            return self.rows(target)
        populations = self.demand.complete.model.populations
        for name in (target, f"{target}s", f"{target}es"):
            if target and name in populations:
                return self.reader.size(name)
        return self.constant(0.0)

    def group(
        self, structure: Structure, by: Iterable[str], bounds: Mapping[tuple[str, str], tuple[float, float]]
    ) -> Array:
        """Rows of one key: rows over the members of the most selective field."""
        fields = tuple(by)
        rows = self.rows(structure.id)
        if not fields:
            return rows
        if set(fields) >= set(structure.key) or any(set(fields) >= set(u) for u in structure.unique):
            one: Array = np.minimum(self.constant(ALONE), np.where(rows > 0, rows, ALONE))
            return one
        members = [self.members(structure, f) for f in fields]
        most: Array = np.maximum.reduce(members)
        mean: Array = np.where(most > 0, rows / np.maximum(most, 1.0), ALONE)
        for f in fields:
            if (structure.id, f) in bounds:
                low, high = bounds[structure.id, f]
                return self.constant(self._between(structure, f, low, high))
        return np.asarray(mean)

    def spread_of(self, structure: Structure, by: str) -> Spread | None:
        """How unequal the groups of a field are, where the form says it."""
        largest = structure.largest.get(by)
        if largest is None:
            return None
        members = self.members(structure, by)
        mean = float(np.median(self.rows(structure.id) / np.maximum(members, 1.0)))
        return spread(mean, largest.best)

    def _between(self, structure: Structure, by: str, low: float, high: float) -> float:
        found = self.spread_of(structure, by)
        if found is None:
            return ALONE
        if low <= 1:
            return found.mean_below(high)
        return found.mean_above(low)


@lru_cache(maxsize=4096)
def _constant(samples: int, number: float) -> Array:
    made = np.full(samples, number)
    made.flags.writeable = False
    return made


def _calculated(operator: str, left: Array, right: Array) -> Array:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    safe = np.where(right == 0, 1.0, right)
    return np.floor(left / safe) * safe if operator == "//" else left / safe

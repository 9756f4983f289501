"""The demand by its public names: what `workbook estimate` returns before any technology is chosen.

What does not apply is absent: a surge nobody speaks of, the storage of what is never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from workbook.brief.model import Operation
from workbook.brief.problems import BriefError, Problem, nearest
from workbook.plan.complete import Complete
from workbook.plan.demand import graph
from workbook.plan.demand.inputs import Inputs, Reader, recipients_of
from workbook.plan.units import Array

OPERATION_NAMES: Mapping[str, tuple[str, str]] = {
    "per_day": ("calls_per_day", "1"),
    "average_qps": ("average_qps", "1/s"),
    "active_qps": ("active_qps", "1/s"),
    "peak_qps": ("peak_qps", "1/s"),
    "surge_qps": ("surge_qps", "1/s"),
    "ingress_bits_per_second": ("ingress", "bit/s"),
    "egress_bits_per_second": ("egress", "bit/s"),
    "peak_ingress_bits_per_second": ("peak_ingress", "bit/s"),
    "peak_egress_bits_per_second": ("peak_egress", "bit/s"),
    "deliveries_per_second": ("deliveries_per_second", "1/s"),
    "deliveries_per_day": ("deliveries_per_day", "1"),
    "in_progress": ("in_progress", "1"),
}
ENTITY_NAMES: Mapping[str, tuple[str, str]] = {
    "rows_per_day": ("rows_per_day", "1"),
    "rows_retained": ("rows_retained", "1"),
    "row_bytes": ("row_bytes", "B"),
    "bytes_initial": ("bytes_initial", "B"),
    "bytes_per_day": ("bytes_per_day", "B"),
    "bytes_per_year": ("bytes_per_year", "B"),
    "bytes_per_year_replicated": ("bytes_per_year_replicated", "B"),
    "bytes_retained": ("bytes_retained", "B"),
    "bytes_retained_replicated": ("bytes_retained_replicated", "B"),
    "cache_bytes": ("cache_bytes", "B"),
}
TOTAL_NAMES: Mapping[str, tuple[str, str]] = {
    "calls_per_day": ("total_calls_per_day", "1"),
    "average_qps": ("total_average_qps", "1/s"),
    "average_read_qps": ("total_average_read_qps", "1/s"),
    "average_write_qps": ("total_average_write_qps", "1/s"),
    "active_qps": ("total_active_qps", "1/s"),
    "peak_qps": ("total_peak_qps", "1/s"),
    "peak_read_qps": ("total_peak_read_qps", "1/s"),
    "peak_write_qps": ("total_peak_write_qps", "1/s"),
    "surge_qps": ("total_surge_qps", "1/s"),
    "storage_bytes_initial": ("storage_bytes_initial", "B"),
    "storage_bytes_per_day": ("storage_bytes_per_day", "B"),
    "storage_bytes_per_year": ("storage_bytes_per_year", "B"),
    "storage_bytes_per_year_replicated": ("storage_bytes_per_year_replicated", "B"),
    "storage_bytes_retained": ("storage_bytes_retained", "B"),
    "storage_bytes_retained_replicated": ("storage_bytes_retained_replicated", "B"),
    "storage_bytes_provisioned": ("storage_bytes_provisioned", "B"),
    "memory_bytes": ("memory_bytes", "B"),
    "cache_bytes": ("total_cache_bytes", "B"),
    "ingress_bits_per_second": ("total_ingress", "bit/s"),
    "egress_bits_per_second": ("total_egress", "bit/s"),
    "peak_ingress_bits_per_second": ("total_peak_ingress", "bit/s"),
    "peak_egress_bits_per_second": ("total_peak_egress", "bit/s"),
    "messages_per_second": ("messages_per_second", "1/s"),
    "concurrent_connections": ("concurrent_connections", "1"),
    "downtime_seconds_per_year": ("downtime", "s"),
}


@dataclass(frozen=True)
class Value:
    """A result: best guess in base units, samples where a range was asked for, and the formula that made it."""

    samples: Array
    unit: str
    formula: str = ""

    @property
    def best(self) -> float:
        """The best guess."""
        return float(self.samples[0]) if len(self.samples) == 1 else float(np.median(self.samples))

    def range(self) -> tuple[float, float]:
        """5-95 % of the samples."""
        low, high = np.quantile(self.samples, (0.05, 0.95))
        return float(low), float(high)


@dataclass(frozen=True)
class Demand:
    """How much is asked of the system, by formula name (arrays) and by public name (`values`)."""

    complete: Complete
    inputs: Inputs
    arrays: Mapping[str, Array]
    reader: Reader
    """Draws further quantities of the brief in the same world."""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What later layers worked out under it."""

    @property
    def open(self) -> frozenset[str]:
        """Operations that nobody gave a rate: they count nothing."""
        return self.reader.open

    @cached_property
    def row(self) -> Mapping[str, int]:
        """Operation -> its place on the first axis."""
        return {n: i for i, n in enumerate(self.complete.operations)}

    @cached_property
    def column(self) -> Mapping[str, int]:
        """Entity -> its place on the first axis."""
        return {n: i for i, n in enumerate(self.complete.entities)}

    def of_operation(self, formula: str, operation: str) -> float:
        """The best guess of a formula or input for one operation."""
        return float(self._array(formula)[self.row[operation], 0])

    def of_entity(self, formula: str, entity: str) -> float:
        """The best guess of a formula or input for one entity."""
        return float(self._array(formula)[self.column[entity], 0])

    def samples_of_operation(self, formula: str, operation: str) -> Array:
        """All samples of a formula or input for one operation."""
        found: Array = self._array(formula)[self.row[operation]]
        return found

    def samples_of_entity(self, formula: str, entity: str) -> Array:
        """All samples of a formula or input for one entity."""
        found: Array = self._array(formula)[self.column[entity]]
        return found

    def total(self, formula: str) -> float:
        """The best guess of a total or of an input without axis."""
        return float(self._array(formula)[0])

    def _array(self, name: str) -> Array:
        return self.arrays[name] if name in self.arrays else self.inputs.arrays[name]

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """Every result by its dotted public name, e.g. `operations.send.peak_qps`. What does not apply is absent."""
        found: dict[str, Value] = {}
        for name, (formula, unit) in TOTAL_NAMES.items():
            if formula in self._known and self._total_applies(name):
                found[f"totals.{name}"] = Value(self._array(formula), unit, formula)
        for operation in self.complete.operations:
            for name, (formula, unit) in OPERATION_NAMES.items():
                if operation not in self.open and self._operation_applies(operation, name):
                    found[f"operations.{operation}.{name}"] = Value(
                        self._array(formula)[self.row[operation]], unit, formula
                    )
        for entity in self.complete.entities:
            for name, (formula, unit) in ENTITY_NAMES.items():
                if self._entity_applies(entity, name):
                    found[f"entities.{entity}.{name}"] = Value(self._array(formula)[self.column[entity]], unit, formula)
            keyspace = self._keyspace(entity)
            if keyspace:
                found[f"entities.{entity}.keyspace"] = Value(np.array([keyspace]), "1")
        for population, sizes in self.inputs.populations.items():
            for name, array in sizes.items():
                found[f"populations.{population}.{name}"] = Value(array, "1")
        return MappingProxyType({n: v for n, v in found.items() if np.isfinite(v.samples).all()})

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset((*self.arrays, *self.inputs.arrays))

    @cached_property
    def _called(self) -> Mapping[str, Operation]:
        """Operations that somebody calls."""
        return {n: o for n, o in self.complete.operations.items() if n not in self.open}

    @cached_property
    def _made(self) -> frozenset[str]:
        """Entities of which operations make rows."""
        direct = (o.entity for o in self._called.values() if o.verb in ("create", "upload"))
        return frozenset((*direct, *(e for o in self._called.values() for e in o.creates)))

    @cached_property
    def _read(self) -> frozenset[str]:
        return frozenset(o.entity for o in self._called.values() if o.reads)

    def _total_applies(self, name: str) -> bool:
        called = self._called.values()
        if name == "surge_qps":
            return self._surges(called)
        if name == "concurrent_connections":
            return self.total("concurrent_connections") > 0
        if name == "messages_per_second":
            return any(_delivers(o) for o in called)
        if name == "memory_bytes":
            return any(self._memory(e) and self._entity_applies(e, "bytes_retained") for e in self.complete.entities)
        if name == "cache_bytes" or name.startswith("storage_"):
            of_entity = {"storage_bytes_provisioned": "bytes_retained"}.get(name, name.removeprefix("storage_"))
            return any(not self._memory(e) and self._entity_applies(e, of_entity) for e in self.complete.entities)
        if name == "downtime_seconds_per_year":
            return True
        if "read_qps" in name or "write_qps" in name:
            return any(o.reads == ("read_qps" in name) for o in called)
        return any(self._operation_applies(n, name) for n in self._called)

    def _surges(self, operations: Iterable[Operation]) -> bool:
        whole = self.complete.model.load.surge is not None
        return any(whole or o.surge is not None for o in operations)

    def _operation_applies(self, operation: str, name: str) -> bool:
        said = self.complete.operations[operation]
        if name == "surge_qps":
            return self._surges([said])
        if name in ("deliveries_per_second", "deliveries_per_day"):
            return _delivers(said)
        if name == "in_progress":
            return said.lasts is not None
        if name.endswith("ingress_bits_per_second"):
            return said.request is not None or self.of_operation("request_bytes", operation) > 0
        if name.endswith("egress_bits_per_second"):
            return said.response is not None or self.of_operation("sent_bytes", operation) > 0
        return True

    def _memory(self, entity: str) -> bool:
        return self.complete.kind(entity) == "memory"

    def _entity_applies(self, entity: str, name: str) -> bool:
        said = self.complete.entities[entity]
        if "bytes" in name and said.size is None and not said.fields:
            return False
        if name == "row_bytes":
            return True
        if name == "cache_bytes":
            return not self._memory(entity) and entity in self._read and self._entity_applies(entity, "bytes_retained")
        if self._memory(entity) and name.endswith("_replicated"):
            return False
        if name == "bytes_initial":
            return said.count is not None
        return entity in self._made or ("retained" in name and said.count is not None)

    def _keyspace(self, entity: str) -> float:
        said = self.complete.entities[entity]
        codes = [n for n, f in said.fields.items() if f.kind == "code"]
        chosen = next((n for n in said.key if n in codes), codes[0] if codes else None)
        return float(said.fields[chosen].alphabet ** said.fields[chosen].length) if chosen else 0.0

    def capacity(self, further: Mapping[str, Value]) -> dict[str, Value]:
        """The user's own rules of thumb: `capacity.ID.units` = ceil(value / holds). Raises BriefError for an unknown result."""
        known = {**self.values, **further}
        found: dict[str, Value] = {}
        problems: list[Problem] = []
        for name, rule in self.complete.model.capacity.items():
            missing = [of for of in rule.of if of not in known]
            for of in missing:
                place = self.complete.brief.place(("capacity", name, "of"))
                remedy = nearest(of, known) or "See `workbook estimate` for the names."
                problems.append(Problem(place, f'"{of}" is not a result of this brief', remedy))
            units = {known[of].unit for of in rule.of if of in known}
            if not missing and (len(units) > 1 or (rule.holds.kind == "size" and units != {"B"})):
                place = self.complete.brief.place(("capacity", name, "holds"))
                what = f"{rule.holds} cannot be compared with {', '.join(rule.of)} [{', '.join(sorted(units))}]"
                problems.append(Problem(place, what, "Name results of one unit, and a size where they are bytes."))
            elif not missing:
                total = np.sum(np.broadcast_arrays(*(known[of].samples for of in rule.of)), axis=0)
                found[f"capacity.{name}.units"] = Value(np.ceil(total / rule.holds.best - 1e-9), "1")
        if problems:
            raise BriefError(problems)
        return found


def demand(complete: Complete, samples: int = 1, scale: float = 1.0) -> Demand:
    """What is asked of the system. `scale` multiplies every population and total rate (for flip points and growth)."""
    reader = Reader(complete, samples, scale)
    inputs = reader.read()
    arrays = graph.run(inputs.arrays) if complete.operations or complete.entities else {}
    return Demand(complete, inputs, arrays, reader)


def _delivers(operation: Operation) -> bool:
    return operation.fan_out is not None or recipients_of(operation)

"""What one run of an operation knows: who called with what, what its steps bound, what time it is."""

from __future__ import annotations

import hashlib
import random
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from workbook.brief.quantities import NotAQuantity, Quantity
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount, Chance
from workbook.brief.values import as_list
from workbook.plan.form.model import Form
from workbook.plan.form.terms import Applied, Every, Found, Ref, Root, Sum, Test, Value

BEGIN = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
Row = dict[str, Any]


class Clock:
    """A time that moves only when it is told to."""

    def __init__(self, now: datetime = BEGIN) -> None:
        self._now = now
        self._lock = threading.Lock()

    @property
    def now(self) -> datetime:
        """The present time."""
        with self._lock:
            return self._now

    def forward(self, span: timedelta) -> None:
        """Let time pass."""
        with self._lock:
            self._now += span


@dataclass
class Frame:
    """The values of one run."""

    form: Form
    clock: Clock
    rng: random.Random
    caller: Row | None = None
    body: Row = field(default_factory=dict)
    event: Any = field(default_factory=dict)
    """One event, or the events of a batch."""
    item: Row = field(default_factory=dict)
    lost: Row = field(default_factory=dict)
    here: str = "instance-1"
    bound: Row = field(default_factory=dict)
    released: timedelta | None = None
    """Set by `release item`: how long what started the run is to be left alone."""
    lookup: Callable[[str, Any, str], Any] | None = None
    """Reads a field of a row of a structure by its key: for paths through references."""

    def value(self, said: Value) -> Any:
        """What a value comes to now."""
        if isinstance(said, Amount):
            return plain(said.quantity)
        if isinstance(said, Every):
            return [self._field(row, said.of) for row in self.rows(said.of)]
        if isinstance(said, Applied) and said.function == "sum":
            return sum(self._field(row, said.value) for row in self.rows(said.value))  # type: ignore[arg-type]
        if isinstance(said, Applied):
            return _applied(said.function, self.value(said.value))
        if isinstance(said, Sum):
            return _combined(said.operator, self.value(said.left), self.value(said.right))
        return self._ref(said)

    def rows(self, ref: Ref) -> list[Any]:
        """The elements of a list."""
        if ref.root is Root.BOUND:
            found = self.bound.get(ref.name)
            if isinstance(found, Mapping) and ref.fields:
                inner = found.get(ref.fields[0])
                return list(inner) if isinstance(inner, list | tuple) else [found]
            return as_list(found)
        if ref.root is Root.EVENT and isinstance(self.event, list):
            return list(self.event)
        found = self._ref(ref)
        return list(found) if isinstance(found, list | tuple) else [found]

    def _field(self, row: Any, ref: Ref) -> Any:
        if not ref.fields or not isinstance(row, Mapping):
            return self.key(row, ref.structure)
        if isinstance(row.get(ref.fields[0]), list):
            return row[ref.fields[0]]
        return self._along(row, ref.fields, ref.structure if len(ref.fields) == 1 else "", ref)

    def _ref(self, ref: Ref) -> Any:
        if ref.root is Root.NOW:
            return self.clock.now
        if ref.root is Root.NEW:
            return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        if ref.root is Root.HERE:
            return self.here
        if ref.root is Root.WORD:
            return {"true": True, "false": False}.get(ref.name, ref.name)
        if ref.root is Root.TUNABLE:
            return tunable(self.form.tunables.get(ref.name))
        if ref.root is Root.BODY:
            return _inside(self.body, ref.fields)
        roots: dict[Root, Any] = {
            Root.CALLER: self.caller,
            Root.EVENT: self.event,
            Root.ITEM: self.item,
            Root.LOST: self.lost,
            Root.BOUND: self.bound.get(ref.name),
        }
        found = roots[ref.root]
        if not ref.fields and ref.root is Root.EVENT:
            return self.event.get("event_id") if isinstance(self.event, Mapping) else None
        if not ref.fields:
            return self.key(found, self._structure(ref))
        if found is None or isinstance(found, list | tuple):
            return None
        return self._along(found, ref.fields, self._structure(ref), ref)

    def _structure(self, ref: Ref) -> str:
        return ref.structure if not ref.fields else ""

    def _along(self, row: Mapping[str, Any], path: tuple[str, ...], structure: str, ref: Ref) -> Any:
        found = row.get(path[0])
        here = row.get("__structure__", structure)
        for step, name in enumerate(path[1:]):
            target = self._target(str(here), path[step])
            if found is None or self.lookup is None:
                return None
            found = self.lookup(target, found, name)
            here = target
        return found

    def _target(self, structure: str, name: str) -> str:
        known = self.form.structures.get(structure)
        type_ = known.fields.get(name) if known else None
        return type_.ref if type_ else ""

    def key(self, row: Any, structure: str = "") -> Any:
        """A row as a value: its key where that is one field."""
        if not isinstance(row, Mapping):
            return row
        known = self.form.structures.get(structure or str(row.get("__structure__", "")))
        if known is not None and known.key and known.key[0] in row:
            return row[known.key[0]] if len(known.key) == 1 else tuple(row[k] for k in known.key)
        return row.get("id", dict(row))

    def holds(self, tests: Sequence[Test], own: Mapping[str, Any] | None = None) -> bool:
        """Whether all tests hold; `own` is the row that bare names speak of."""
        return all(self._test(t, own) for t in tests)

    def worked_out(self, value: Value, own: Mapping[str, Any]) -> Any:
        """What a value comes to for a row."""
        return self._side(value, own)

    def _test(self, test: Test, own: Mapping[str, Any] | None) -> bool:
        if isinstance(test, Chance):
            return self.rng.random() < test.share.best
        if isinstance(test, Found):
            present = self.bound.get(test.name) not in (None, [])
            return present == test.present
        left = self._side(test.left, own)
        return (
            any(compared(left, test.operator, self._side(v, own)) for v in test.right)
            if test.operator != "!="
            else all(compared(left, "!=", self._side(v, own)) for v in test.right)
        )

    def _side(self, value: Value, own: Mapping[str, Any] | None) -> Any:
        if isinstance(value, Ref) and value.root is Root.OWN:
            return self._along(own or {}, value.fields, str((own or {}).get("__structure__", "")), value)
        if isinstance(value, Sum):
            return _combined(value.operator, self._side(value.left, own), self._side(value.right, own))
        return self.value(value)


def _inside(body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def compared(left: Any, operator: str, right: Any) -> bool:
    """A comparison; with nothing on a side only inequality holds."""
    if operator == "has":
        return right in (left or ())
    left, right = _alike(left), _alike(right)
    if operator == "=":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    if left is None or right is None:
        return False
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator])


def _alike(value: Any) -> Any:
    """Identifiers compare as text, whatever the driver makes of them."""
    return str(value) if isinstance(value, uuid.UUID) else value


def plain(said: Quantity) -> Any:
    """A quantity as a value: a span of time, or a number."""
    if said.kind == "time":
        return timedelta(seconds=said.best)
    return int(said.best) if said.best == int(said.best) else said.best


def tunable(said: Any) -> Any:
    """A tunable as a value."""
    if isinstance(said, bool | int | float) or said is None:
        return said
    try:
        return plain(quantity(str(said)))
    except NotAQuantity:
        return said


def _applied(function: str, value: Any) -> Any:
    if function == "count":
        return len(value) if isinstance(value, list | tuple | Mapping) else int(value is not None)
    if function == "hash":
        return int.from_bytes(hashlib.sha256(repr(_sorted(value)).encode()).digest()[:7], "big")
    return len(str(value))


def _sorted(value: Any) -> Any:
    return sorted((k, str(v)) for k, v in value.items()) if isinstance(value, Mapping) else str(value)


def _combined(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return [_combined(operator, one, other) for one, other in zip(left, right, strict=True)]
    if isinstance(left, list | tuple):
        return [_combined(operator, one, right) for one in left]
    if isinstance(right, list | tuple):
        return [_combined(operator, left, one) for one in right]
    if left is None or right is None:
        return None
    if left == 0 and isinstance(right, timedelta):
        left = timedelta(0)
    if operator == "//":
        return _windowed(left, right)
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    return left * right if operator == "*" else left / right


def _windowed(left: Any, right: Any) -> Any:
    if isinstance(left, datetime):
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + ((left - epoch) // right) * right
    return left // right * right

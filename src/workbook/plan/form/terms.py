"""What steps say of values: names with what they mean, arithmetic, what a field is given, and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.fields import FieldType
from workbook.brief.steps.syntax import Amount, Chance


class Root(StrEnum):
    """Where a value comes from."""

    CALLER = "caller"
    BODY = "body"
    EVENT = "event"
    ITEM = "item"
    LOST = "lost"
    BOUND = "bound"
    """What an earlier step gave."""
    OWN = "own"
    """A field of the target, before the change."""
    TUNABLE = "tunable"
    WORD = "word"
    """A value of an enum, or true and false."""
    NOW = "now"
    NEW = "new"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Ref:
    """A value by name. `fields` lead on from it; more than one passes through references (a join)."""

    root: Root
    name: str = ""
    fields: tuple[str, ...] = ()
    type: FieldType | None = None
    structure: str = ""
    """The structure whose row (or rows) this is."""
    many: bool = False

    def __str__(self) -> str:
        if self.root in (Root.BOUND, Root.TUNABLE, Root.WORD):
            return ".".join((self.name, *self.fields))
        if self.root is Root.OWN:
            return ".".join(self.fields)
        return ".".join((self.root.value, *self.fields))


@dataclass(frozen=True, slots=True)
class Every:
    """`each`: the value of every element of a list, in one batch."""

    of: Ref

    def __str__(self) -> str:
        return f"each {self.of}"


@dataclass(frozen=True, slots=True)
class Applied:
    """`count(V)`, `hash(V)`, `size(V)`."""

    function: str
    value: Value

    def __str__(self) -> str:
        return f"{self.function}({self.value})"


@dataclass(frozen=True, slots=True)
class Sum:
    """Arithmetic on two values."""

    operator: str
    left: Value
    right: Value

    def __str__(self) -> str:
        right = f"({self.right})" if isinstance(self.right, Sum) else str(self.right)
        return f"{self.left} {self.operator} {right}"


Value = Ref | Every | Applied | Sum | Amount


def refs(value: Value) -> Iterator[Ref]:
    """Every path in a value."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, Every):
        yield value.of
    elif isinstance(value, Applied):
        yield from refs(value.value)
    elif isinstance(value, Sum):
        yield from refs(value.left)
        yield from refs(value.right)


def lists(value: Value) -> Iterator[Ref]:
    """The lists over which a value goes element by element. What is counted or added up of a list is one value."""
    if isinstance(value, Every):
        yield value.of
    elif isinstance(value, Sum):
        yield from lists(value.left)
        yield from lists(value.right)


def is_list(value: Value) -> bool:
    """Whether a value has one element for each of a list."""
    return any(True for _ in lists(value))


@dataclass(frozen=True, slots=True)
class Given:
    """A field of the target and the value it is given or compared with."""

    field: str
    value: Value

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison; several values on the right: any of them."""

    left: Value
    operator: str
    right: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {' or '.join(str(v) for v in self.right)}"


@dataclass(frozen=True, slots=True)
class Found:
    """Whether an earlier step found something."""

    name: str
    present: bool

    def __str__(self) -> str:
        return f"{self.name} is {'present' if self.present else 'absent'}"


Test = Compared | Found | Chance

"""A statement with slots: the same parts become a text with sample values, with marks, or with a driver's parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbook.plan.form.terms import Value


class Gives(StrEnum):
    """What comes back."""

    NOTHING = "nothing"
    ROW = "row"
    ROWS = "rows"
    NUMBER = "number"


class Refusal(StrEnum):
    """What it means that nothing comes back."""

    NEVER = "never"
    NO_ROW = "no_row"
    FEWER = "fewer"
    """Fewer rows than keys."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that is put in when the statement is sent. `type` is the engine's; `many` a list of them."""

    value: Value
    type: str
    many: bool = False
    name: str = ""

    def __str__(self) -> str:
        return self.name or str(self.value)


Part = str | Slot


@dataclass(frozen=True, slots=True)
class Statement:
    """One command to an engine."""

    parts: tuple[Part, ...]
    gives: Gives = Gives.NOTHING
    columns: tuple[str, ...] = ()
    """Names of what comes back, in order."""
    refusal: Refusal = Refusal.NEVER
    table: str = ""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Its slots in the order they stand."""
        return tuple(p for p in self.parts if isinstance(p, Slot))

    def write(self, slot: Callable[[int, Slot], str]) -> str:
        """The text, with each slot written by its position and itself."""
        position = 0
        made = []
        for part in self.parts:
            if isinstance(part, Slot):
                made.append(slot(position, part))
                position += 1
            else:
                made.append(part)
        return "".join(made)


def joined(parts: Iterable[Iterable[Part]], between: str) -> Iterator[Part]:
    """Lists of parts with a text between them."""
    for i, one in enumerate(parts):
        if i:
            yield between
        yield from one


def flat(*parts: Part | Iterable[Part]) -> tuple[Part, ...]:
    """Parts and lists of parts as one list; texts that follow each other become one."""
    made: list[Part] = []
    for part in parts:
        for one in [part] if isinstance(part, str | Slot) else part:
            if isinstance(one, str) and made and isinstance(made[-1], str):
                made[-1] = made[-1] + one
            elif one != "":
                made.append(one)
    return tuple(made)

"""How a dialect of SQL spells what all of them have: names, texts, types and the few operators that differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from workbook.artifacts.dialects.statement import Part, Slot
from workbook.artifacts.writing import sql
from workbook.brief.fields import FieldType


class Spelling(ABC):
    """One dialect."""

    id: ClassVar[sql.Dialect]
    title: ClassVar[str]
    time: ClassVar[str]
    """The type of a moment; the others of what statements are given besides fields."""
    whole: ClassVar[str]
    number: ClassVar[str]
    text: ClassVar[str]
    span: ClassVar[str] = "interval"
    now: ClassVar[str]
    new: ClassVar[str]
    """A call that gives the present, and one that gives a new identifier."""

    def name(self, name: str) -> str:
        """A name as it stands in a statement."""
        return sql.identifier(name, self.id)

    def names(self, names: Iterable[str]) -> str:
        """Names with commas."""
        return sql.identifiers(names, self.id)

    def string(self, text: str) -> str:
        """A text as a literal."""
        return sql.string(text, self.id)

    @abstractmethod
    def type_of(self, type_: FieldType | None) -> str:
        """The engine's type of a field."""

    @abstractmethod
    def element(self, type_: str) -> str:
        """The type of what a list of this type holds."""

    @abstractmethod
    def chance(self, share: float) -> str:
        """True in this share of all cases."""

    @abstractmethod
    def shifted(self, left: tuple[Part, ...], operator: str, right: tuple[Part, ...]) -> tuple[Part, ...]:
        """A moment and a span of time from it."""

    @abstractmethod
    def window(self, moment: tuple[Part, ...], span: tuple[Part, ...]) -> tuple[Part, ...]:
        """The begin of the window of time in which a moment lies."""

    @abstractmethod
    def within(self, columns: tuple[str, ...], slots: tuple[Slot, ...]) -> tuple[Part, ...]:
        """Whether columns are those of one element of lists that are walked together."""

    @abstractmethod
    def holds(self, element: tuple[Part, ...], many: tuple[Part, ...]) -> tuple[Part, ...]:
        """Whether a list has an element."""

    @abstractmethod
    def seconds(self, number: float) -> str:
        """A span of time in a constraint."""

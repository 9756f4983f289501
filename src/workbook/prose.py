"""Text for people. It can be put together and shown; it cannot be compared, searched or taken apart, so no code looks into it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Prose:
    """A sentence or a part of one."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Prose("")


def say(text: str) -> Prose:
    """Text for people."""
    return Prose(text)

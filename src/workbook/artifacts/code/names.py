"""Names in generated code: variables of an operation, and functions and files of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from workbook.artifacts.writing import files
from workbook.plan.naming import Space, shortened

LONGEST = 60
"""A variable or function of more letters is shortened."""


class Locals:
    """Variables of one operation: each spelt as the language wants, none twice, none that means something else."""

    def __init__(self, spelt: Callable[[str], str], taken: Iterable[str]) -> None:
        self._spelt = spelt
        self._taken = set(taken)

    def fresh(self, wanted: str) -> str:
        """A name that nothing else has."""
        plain = self._spelt(shortened(wanted, LONGEST))
        name, number = plain, 1
        while name in self._taken:
            number += 1
            name = f"{plain}_" if number == 2 else f"{plain}{number}"
        self._taken.add(name)
        return name


def functions(operations: Iterable[str], reserved: Iterable[str]) -> Mapping[str, str]:
    """What the function and the file of each operation are called after."""
    return Space(reserved, longest=LONGEST, end="_operation").take_all(operations)


def file(name: str, suffix: str) -> str:
    """Where an operation, or what they stand on, is written."""
    return f"service/{files.identifier(name)}.{suffix}"


def words(name: str) -> list[str]:
    """The words of a name."""
    apart = "".join(f"_{c}" if c.isupper() and i and name[i - 1].islower() else c for i, c in enumerate(name))
    return [w for w in apart.replace("-", "_").split("_") if w] or ["_"]


def camel(name: str) -> str:
    """As in `userDevice`."""
    first, *rest = words(name)
    return first.lower() + "".join(w[:1].upper() + w[1:].lower() for w in rest)


def pascal(name: str) -> str:
    """As in `UserDevice`."""
    return "".join(w[:1].upper() + w[1:].lower() for w in words(name))

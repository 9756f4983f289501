"""Units that formulas declare. They cost nothing at run time; a test runs every formula once on pint quantities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
F = TypeVar("F", bound=Callable[..., Any])


def total(array: Array, axis: int = 0) -> Array:
    """The sum along an axis: of all operations or entities for the first."""
    summed: Array = array.sum(axis=axis)
    return summed


def unit(result: str, shows: str = "", axes: str = "") -> Callable[[F], F]:
    """Declare the unit of a formula's result, how it reads on paper, and over what its first axis runs.

    `shows` is the formula in the reader's terms with its inputs in braces; `axes` is `operations`, `entities` or empty
    (a total). Every array ends with the axis of samples, of length 1 for the plain estimate.
    """

    def declare(function: F) -> F:
        function.unit = result  # type: ignore[attr-defined]
        function.shows = shows  # type: ignore[attr-defined]
        function.axes = axes  # type: ignore[attr-defined]
        return function

    return declare

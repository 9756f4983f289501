"""The formulas as a graph: their units agree, and what they take is there."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pint
import pytest

from workbook.brief import examples, load
from workbook.plan.complete import complete
from workbook.plan.demand import demand, graph
from workbook.plan.demand.inputs import UNITS

UREG = pint.UnitRegistry()
DECLARED = {"1": "", "B": "byte", "B/day": "byte/day", "bit/B": "bit/byte"}


def in_pint(unit: str) -> Any:
    """A declared unit as one of pint's."""
    return (
        UREG.parse_units(DECLARED.get(unit, unit).replace("1/", "1 / "))
        if DECLARED.get(unit, unit)
        else UREG.dimensionless
    )


INPUTS = demand(complete(load("chat"))).inputs.arrays
FINITE = {n: np.where(np.isfinite(a), a, 1e6) for n, a in INPUTS.items()}
NAMES = sorted(graph.formulas())


def quantities() -> dict[str, Any]:
    """Every formula's result on quantities that carry the declared units, by name."""
    found: dict[str, Any] = {n: a * in_pint(UNITS[n]) for n, a in FINITE.items()}

    def of(name: str) -> Any:
        if name not in found:
            found[name] = graph.formulas()[name](**{p: of(p) for p in graph.upstream(name)})
        return found[name]

    with warnings.catch_warnings():
        warnings.simplefilter("error", pint.UnitStrippedWarning)
        for name in NAMES:
            of(name)
    return found


@pytest.fixture(scope="module")
def computed() -> dict[str, Any]:
    """All formulas, once."""
    return quantities()


@pytest.mark.parametrize("name", NAMES)
def test_a_formula_has_the_unit_it_declares(name: str, computed: dict[str, Any]) -> None:
    """Run on quantities with units, the formula's result has its declared dimension."""
    wanted = in_pint(graph.formulas()[name].unit)
    assert computed[name].dimensionality == (1 * wanted).dimensionality
    assert ("byte" in str(computed[name].units)) == ("byte" in str(wanted))
    plain = graph.run(FINITE)[name]
    assert np.allclose(computed[name].to(wanted).magnitude, plain)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_formula_takes_is_there(name: str) -> None:
    """Every input is another formula or an input with a unit; nothing takes itself."""
    taken = graph.upstream(name)
    assert taken
    assert [p for p in taken if p not in graph.formulas() and p not in UNITS] == []
    assert name not in taken
    assert graph.formulas()[name].__doc__


def test_every_input_has_a_unit_and_is_taken() -> None:
    """The inputs read from a brief are those that the formulas take."""
    taken = {p for n in NAMES for p in graph.upstream(n)} - set(NAMES)
    assert taken == set(UNITS) & taken
    assert set(INPUTS) == set(UNITS) >= taken


@pytest.mark.parametrize("name", examples())
def test_every_result_names_its_formula(name: str) -> None:
    """A result leads back to a formula or an input, or to what the brief itself says."""
    known = {*graph.formulas(), *UNITS, ""}
    assert [n for n, v in demand(complete(load(name))).values.items() if v.formula not in known] == []

"""The formulas in their order give what Hamilton's own driver gives."""

from __future__ import annotations

import numpy as np
import pytest
from hamilton import driver

from workbook.brief import load
from workbook.plan.complete import complete
from workbook.plan.demand import demand, graph


@pytest.mark.parametrize("samples", [1, 100])
def test_the_driver_says_the_same(samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hamilton accepts the modules as a graph, and executed by its driver they give the same arrays."""
    monkeypatch.setenv("HAMILTON_TELEMETRY_ENABLED", "false")
    asked = demand(complete(load("chat")), samples)
    found = (
        driver.Builder()
        .with_modules(*graph.MODULES)
        .build()
        .execute(list(graph.formulas()), inputs=dict(asked.inputs.arrays))
    )
    assert list(found) == list(asked.arrays)
    for name, array in asked.arrays.items():
        assert np.array_equal(array, found[name]), name

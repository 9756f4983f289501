"""The seconds differ from machine to machine; how many times sooner than stock papermill a run is done may not fall."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from workbook import _files

sys.path.insert(0, str(Path(__file__).resolve().parent))

import measures

WARM, COLD = 6, 3
"""Well below what an idle machine shows (see the README), since the other tests run beside this one."""
SOME = "[01][37]_*.ipynb"
"""Three of the notebooks are enough to know how long stock papermill takes for one."""


@pytest.mark.slow
def test_a_run_stays_many_times_sooner_than_stock_papermill() -> None:
    """Notebook for notebook, in the same test, one after the other; ours executes them all and writes the report as well."""
    found = measures.runs(1, SOME)
    notebooks = _files.path("notebooks")
    share = len(list(notebooks.glob(SOME))) / len(list(notebooks.glob(measures.ALL)))
    ratio = {name: times / share for name, times in measures.ratios(found).items()}
    assert ratio["warm"] >= WARM, found["seconds"]
    assert ratio["cold"] >= COLD, found["seconds"]

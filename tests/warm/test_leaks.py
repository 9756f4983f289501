"""Nothing passes from one notebook to the next through the process that both were forked from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

CASES: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "leaks.yaml").read_text())
RANDOM = (
    "import random; random.random()",
    "import numpy; numpy.random.random()",
    "numpy.random.default_rng().random()",
    "import uuid; uuid.uuid4()",
)
SEEDED = ("random.seed(7); random.random()", "numpy.random.seed(7); numpy.random.random()")


def results(notebook: Any) -> list[str]:
    """What each cell's last expression was."""
    return [
        "".join(one.data["text/plain"] for one in cell.outputs if one.output_type == "execute_result")
        for cell in notebook.cells
    ]


def test_the_next_notebook_finds_everything_as_it_was(run: Callable[..., Any]) -> None:
    """Each way to leave something behind, all in one notebook; before and after it, the same looks see the same."""
    looks = [case["look"] for case in CASES.values()]
    before = results(run(looks))
    assert all(before)
    found = run([{"raises": case["does"]} for case in CASES.values()], name="leaves.ipynb")
    assert [output for cell in found.cells for output in cell.outputs if output.output_type == "error"] == []
    assert dict(zip(CASES, results(run(looks)), strict=True)) == dict(zip(CASES, before, strict=True))


def test_each_notebook_has_its_own_chance(run: Callable[..., Any]) -> None:
    """Forks begin with the same random state: without a seed two notebooks draw different numbers, with one the same."""
    first, second = (results(run([*RANDOM, *SEEDED])) for _ in range(2))
    assert not set(first[: len(RANDOM)]) & set(second[: len(RANDOM)])
    assert first[len(RANDOM) :] == second[len(RANDOM) :]

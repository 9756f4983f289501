"""`make bench`: what takes how long, beside stock papermill in the same run; printed, and written as JSON with machine and versions.

Times differ from machine to machine, so CI compares ratios (see test_guard.py).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), *(str(HERE.parents[1] / name) for name in ("browser", "support"))]

import measures  # noqa: E402 (found by the line above)

RESULT = HERE.parents[2] / ".work" / "bench.json"
SIZES = (10, 50, 100, 200)
"""Two hundred of a kind is the most that a brief may have."""
PACKAGES = ("papermill", "nbclient", "ipykernel", "ipython", "jupyterlab", "voila", "pandas", "plotly")


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--rounds", type=int, default=5, help="rounds of ours and stock papermill in turn; the median counts"
    )
    options.add_argument("--briefs", type=int, default=100, help="briefs of the batch; 0 leaves it out")
    options.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="entities of the systems that are run")
    options.add_argument("--no-pages", action="store_true", help="without JupyterLab and Voila in a browser")
    given = options.parse_args()
    found: dict[str, Any] = {"machine": machine(), "small": measures.small()}
    table("Alone, ms", {name: f"{seconds * 1000:,.1f}" for name, seconds in found["small"].items()})
    found["run"] = measures.runs(given.rounds)
    table(
        f"Whole run of the chat brief with its report, s (median of {given.rounds}, in turn)",
        measures.told_runs(found["run"]),
    )
    found["phases"] = measures.phases()
    table("Where a warm run goes, s", {name: f"{seconds:.3f}" for name, seconds in found["phases"].items()})
    if given.sizes:
        found["sizes"] = measures.sizes(tuple(given.sizes))
        table("A run by the size of the system: time, memory of all processes", measures.told_sizes(found["sizes"]))
    if given.briefs:
        found["batch"] = {f"{workers} workers": measures.batch(given.briefs, workers) for workers in (1, 2)}
        table(
            f"Batch of {given.briefs} briefs, briefs a minute",
            {name: f"{count:.0f}" for name, count in found["batch"].items()},
        )
    if not given.no_pages:
        found["pages"] = measures.pages()
        table("JupyterLab and Voila, s: forked kernel, started kernel", measures.told_pages(found["pages"]))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"\n{RESULT.relative_to(Path.cwd()) if RESULT.is_relative_to(Path.cwd()) else RESULT}")


def machine() -> dict[str, Any]:
    """What it was measured on. Without compiled bytecode every import takes two to three times as long, in stock kernels most of all."""
    compiled = Path(measures.__file__).parents[2] and any(Path(json.__file__).parent.glob("__pycache__/*"))
    packages = any(Path(__import__("papermill").__file__).parent.glob("__pycache__/*.pyc"))
    return {
        "cores": os.cpu_count(), "machine": platform.machine(), "system": platform.platform(), "python": platform.python_version(),
        "packages compiled": bool(packages and compiled), **{name: version(name) for name in PACKAGES},
    }  # fmt: skip


def table(title: str, rows: dict[str, str]) -> None:
    """Print as aligned lines."""
    print(f"\n{title}", flush=True)
    for name, value in rows.items():
        print(f"  {name:<52} {value:>30}", flush=True)


if __name__ == "__main__":
    main()

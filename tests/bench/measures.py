"""What `make bench` and its guard in CI measure."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import sized

from workbook import _files

BRIEF = "chat"

STOCK = """
import json, logging, sys, time
from pathlib import Path
import papermill
logging.getLogger("papermill").setLevel("ERROR")
began = time.perf_counter()
for path in sorted(Path(sys.argv[1]).glob(sys.argv[4])):
    given = {"parameters": {"brief": sys.argv[3]}, "kernel_name": "python3", "progress_bar": False}
    papermill.execute_notebook(str(path), str(Path(sys.argv[2]) / path.name), **given)
print(json.dumps(time.perf_counter() - began))
"""
"""Stock papermill's loop: one process, one notebook after another."""

OURS = """
import json, sys, time
from workbook.run import run
run(sys.argv[2], {}, sys.argv[1], progress=False)
seconds = []
for _ in range(3):
    began = time.perf_counter()
    run(sys.argv[2], {}, sys.argv[1], progress=False)
    seconds.append(time.perf_counter() - began)
print(json.dumps(sorted(seconds)[1]))
"""
"""Ours in a process that has run before, as in a batch; every run derives, executes and writes everything anew."""


def median(work: Callable[[], object], rounds: int) -> float:
    """The median of so many rounds, in seconds."""
    return statistics.median(timed(work) for _ in range(rounds))


def timed(work: Callable[[], object]) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def small() -> dict[str, float]:
    """What is short, in seconds."""
    from workbook.brief import load
    from workbook.plan import derive

    brief = load(BRIEF)
    derive(brief)
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    return {
        "derive(chat), after import": median(lambda: derive(brief), 15),
        "python": median(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), 5),
        "python, with import workbook": median(
            lambda: subprocess.run([sys.executable, "-c", "import workbook"], check=True), 5
        ),
        "workbook estimate chat": median(
            lambda: subprocess.run([sys.executable, "-m", "workbook", "estimate", BRIEF], **quiet), 3
        ),  # type: ignore[call-overload]
    }


ALL = "[0-9][0-9]_*.ipynb"
"""The notebooks of a report."""


def runs(rounds: int, stock: str = ALL) -> dict[str, Any]:
    """Ours cold and warm, and stock papermill on the same notebooks, in turn; seconds and the peak of memory.

    `stock` is a pattern of names: stock papermill may be given some of the notebooks only, and its seconds are for these.
    """
    taken: dict[str, list[float]] = {"ours, cold": [], "ours, warm": [], "stock, cold": [], "stock, warm": []}
    peaks: dict[str, int] = {}
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "stock").mkdir()
        for _ in range(rounds):
            command = [sys.executable, "-m", "workbook", "run", BRIEF, "-q", "-o", f"{folder}/cold"]
            _, seconds = _measured("ours", command, environment, peaks)
            taken["ours, cold"].append(seconds)
            inside, _ = _measured("ours", [sys.executable, "-c", OURS, f"{folder}/warm", BRIEF], environment, {})
            taken["ours, warm"].append(inside)
            command = [sys.executable, "-c", STOCK, str(_files.path("notebooks")), f"{folder}/stock", BRIEF, stock]
            inside, seconds = _measured("stock", command, environment, peaks)
            taken["stock, cold"].append(seconds)
            taken["stock, warm"].append(inside)
    return {
        "seconds": {name: statistics.median(found) for name, found in taken.items()},
        "all": taken,
        "peak bytes": peaks,
    }


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """How many times sooner ours is done."""
    seconds = found["seconds"]
    return {name: seconds[f"stock, {name}"] / seconds[f"ours, {name}"] for name in ("cold", "warm")}


def told_runs(found: dict[str, Any]) -> dict[str, str]:
    """As lines to print."""
    lines = {name: f"{seconds:.2f}" for name, seconds in found["seconds"].items()}
    lines |= {f"times sooner, {name}": f"{ratio:.1f}" for name, ratio in ratios(found).items()}
    return lines | {
        f"peak memory of {name}, all processes": f"{peak / 2**20:,.0f} MiB"
        for name, peak in found["peak bytes"].items()
    }


def _measured(name: str, command: list[str], environment: dict[str, str], peaks: dict[str, int]) -> tuple[float, float]:
    """The number that a process printed last, and the seconds it took; its greatest memory goes into `peaks`."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as place, _watched(name, peaks) as watch:
        process = subprocess.Popen(
            command, env=environment, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        watch.append(process.pid)
        said, wrong = process.communicate(timeout=600)
        seconds = time.perf_counter() - began
    assert process.returncode in (0, 1), wrong[-2000:]
    last = said.strip().splitlines()[-1] if said.strip() else "0"
    return (float(last) if last.replace(".", "").isdigit() else 0.0), seconds


@contextmanager
def _watched(name: str, peaks: dict[str, int]) -> Iterator[list[int]]:
    """Look at the memory of a process and all below it five times a second; shared pages count once."""
    watch: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.2):
            try:
                root = psutil.Process(watch[0])
                taken = sum(_share(one) for one in (root, *root.children(recursive=True)))
            except (psutil.Error, IndexError):
                continue
            peaks[name] = max(peaks.get(name, 0), taken)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def _share(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    except psutil.Error:
        return 0


def sizes(counts: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Seconds and peak memory of a run, for systems of so many entities, each with an operation and a feature."""
    found = {}
    for count in counts:
        peaks: dict[str, int] = {}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sized.yaml"
            path.write_text(sized.brief(count), encoding="utf-8")
            command = [sys.executable, "-m", "workbook", "run", str(path), "-o", f"{folder}/out", "-q"]
            _, seconds = _measured("run", command, dict(os.environ), peaks)
        found[f"{count} entities"] = {"seconds": seconds, "bytes": float(peaks["run"])}
    return found


def told_sizes(found: dict[str, dict[str, float]]) -> dict[str, str]:
    """As lines to print."""
    return {name: f"{one['seconds']:.1f} s, {one['bytes'] / 2**20:,.0f} MiB" for name, one in found.items()}


def phases() -> dict[str, float]:
    """Where the seconds of one warm run go, each measured alone; `floor` is what no faster start could save."""
    from workbook import artifacts, document
    from workbook.brief import load
    from workbook.document import show
    from workbook.document.blocks import Diagram
    from workbook.plan import derive
    from workbook.run import run
    from workbook.run.execute import execute
    from workbook.run.outputs import chapter
    from workbook.run.pipeline import _cover, default_jobs
    from workbook.run.report import html, markdown
    from workbook.run.tasks import tasks

    work = tasks(_files.path("notebooks"))
    given = {"brief": BRIEF, "overrides": {}}
    execute(work, given, jobs=default_jobs())
    plan = derive(load(BRIEF))
    document.build(plan)
    done: list[Any] = []
    found = {"notebooks, all together": timed(lambda: done.extend(execute(work, given, jobs=default_jobs())[0]))}
    one_by_one = execute(work, given, jobs=1)[0]
    cells = sum(cell.metadata.papermill.duration or 0 for one in one_by_one for cell in one.notebook.cells)
    found["of them, one by one: fork and kernel"] = sum(_until_first_cell(one) for one in one_by_one)
    found["of them, one by one: cells"] = cells
    found["of them, one by one: papermill and files"] = (
        sum(one.seconds for one in one_by_one) - cells - found["of them, one by one: fork and kernel"]
    )
    blocks = [block for section in document.build(plan) for block in section.walk()]
    diagrams = [block for block in blocks if isinstance(block, Diagram)]
    found["diagrams, drawn"] = timed(lambda: [show.svg(block) for block in diagrams])
    found["figures"] = timed(lambda: [show.bundles(block) for block in blocks if type(block).__name__ == "Plot"])
    found["artifacts"] = timed(lambda: artifacts.build(plan))
    chapters = tuple(chapter(one) for one in done)
    found["report, assembled"] = timed(lambda: (html(_cover(plan), chapters), markdown(_cover(plan), chapters)))
    with tempfile.TemporaryDirectory() as folder:
        found["whole run"] = timed(lambda: run(BRIEF, {}, folder, progress=False))

    def alone() -> None:
        for section in document.build(derive(load(BRIEF)), flips=True):
            for subsection in section.subsections:
                list(show.bundles(subsection))

    found["floor: the document in one process, no notebooks"] = timed(alone)
    return found


def _until_first_cell(one: Any) -> float:
    from datetime import datetime

    started = datetime.fromisoformat(one.notebook.metadata.papermill.start_time)
    first = min(
        datetime.fromisoformat(cell.metadata.papermill.start_time)
        for cell in one.notebook.cells
        if cell.metadata.papermill.start_time
    )
    return (first - started).total_seconds()


def batch(count: int, workers: int) -> float:
    """Briefs a minute: examples with their users changed, so that no two are alike."""
    with tempfile.TemporaryDirectory() as folder:
        briefs = Path(folder) / "briefs"
        briefs.mkdir()
        sources = sorted(_files.path("assets/briefs").glob("*.yaml"))
        for number in range(count):
            source = sources[number % len(sources)]
            text = source.read_text(encoding="utf-8")
            (briefs / f"{source.stem}-{number:03d}.yaml").write_text(f"{text}\n# {number}\n", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "workbook",
            "batch",
            str(briefs),
            "-o",
            f"{folder}/out",
            "--workers",
            str(workers),
            "-q",
        ]
        seconds = timed(lambda: subprocess.run(command, check=False, stdout=subprocess.DEVNULL))
        made = len(list(Path(folder).glob("out/**/report.html")))
        assert made == count, f"{made} of {count} reports"
    return count / seconds * 60


def pages(rounds: int = 3) -> dict[str, Any]:
    """Seconds to a kernel and to the first widget; empty where there is no browser."""
    import pages as measured
    from playwright.sync_api import sync_playwright

    import conftest

    if conftest.CHROMIUM is None:
        return {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=conftest.CHROMIUM, args=conftest.ARGUMENTS)
        try:
            return measured.measure(conftest.serving, browser, rounds)
        finally:
            browser.close()


def told_pages(found: dict[str, Any]) -> dict[str, str]:
    """As lines to print."""
    if not found:
        return {"not run": "needs chromium"}
    return {
        name: f"{one['forked']:.2f}, {one['started']:.2f}: {one['started'] / one['forked']:.1f} times"
        for name, one in found.items()
    }


__all__ = ["batch", "pages", "phases", "ratios", "runs", "sizes", "small", "told_pages", "told_runs", "told_sizes"]

"""Makes one report in processes of its own and sees to it that they end: in time, within their memory, and all of them."""

from __future__ import annotations

import json
import logging
import os
import platform
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbook import __version__, _temporary
from workbook.run import warm
from workbook.run.batch import mark
from workbook.run.batch.child import ANSWER, TASK, amount
from workbook.run.batch.jobs import Job, row
from workbook.run.batch.preload import ALL
from workbook.run.batch.processes import Tree
from workbook.run.batch.row import Row, Status
from workbook.run.preload import environment
from workbook.run.publishing import recover
from workbook.run.warm.which import ordinary

_LOOK = 0.2
"""Seconds between two looks at the clock, the memory and the mark."""


def one(job: Job) -> dict[str, Any]:
    """The row of this job, whatever happens."""
    began = time.monotonic()
    try:
        found = _refused(job) or _supervised(job)
    except Exception as error:  # noqa: BLE001 (whatever comes becomes a row)
        found = row(job, Status.failed, f"{type(error).__name__}: {error}")
    return {**found.plain(), "seconds": round(time.monotonic() - began, 2)}


def start() -> None:
    """Let the warm process begin, if there can be one."""
    if not warm.unfit():
        warm.warm(environment(Path()), ALL)


def _refused(job: Job) -> Row | None:
    """Why it can't be done on this machine."""
    if job["version"] != __version__:
        here, there = __version__, job["version"]
        return row(
            job,
            Status.failed,
            f"{platform.node()} has workbook {here} and this batch comes from {there}; install the same on both",
        )
    found = mark.seen(job)
    if found is None:
        return row(
            job,
            Status.failed,
            f"{platform.node()} does not see the folder {job['output']}; choose one that all workers share, with -o",
        )
    return None if found == job["token"] else row(job, Status.not_run, "The batch was stopped before.")


def _supervised(job: Job) -> Row:
    with _temporary.folder("batch") as folder:
        (folder / TASK).write_text(json.dumps(job), encoding="utf-8")
        (folder / "tmp").mkdir()
        _clear(job)
        process = _started(folder, job["memory"])
        tree = Tree(process.pid)
        try:
            ended = _watched(process, tree, job)
            return ended or _answer(job, folder, process.returncode)
        finally:
            tree.end()
            _close(process)
            _clear(job)


def _started(folder: Path, memory: int) -> Any:
    """A fork of the warm process, or an interpreter of its own."""
    around = {**environment(folder), "TMPDIR": str(folder / "tmp")}
    why = warm.unfit()
    if not why:
        try:
            serve = "workbook.run.batch.child:in_fork"
            return warm.spawn(
                serve, {"folder": str(folder)}, environment=around, modules=ALL, folder=os.getcwd(), memory=memory
            )
        except warm.Refused as refused:
            why = str(refused)
    ordinary(
        why, logging.getLogger(__name__), "%s, so each brief has an interpreter started for it, which takes longer."
    )
    command = [sys.executable, "-m", "workbook.run.batch.child", str(folder)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, env=around, start_new_session=True)


def _watched(process: Any, tree: Tree, job: Job) -> Row | None:
    """Wait for its end; returns a row where it was not let come to one."""
    until = time.monotonic() + job["timeout"]
    while True:
        try:
            process.wait(min(_LOOK, max(0.01, until - time.monotonic())))
            return None
        except subprocess.TimeoutExpired:
            pass
        if time.monotonic() >= until:
            return row(job, Status.timed_out, f"took more than {job['timeout']:g} s")
        if tree.holds_more_than(job["memory"]):
            return row(job, Status.out_of_memory, f"took more than {amount(job['memory'])}")
        if not mark.goes_on(job):
            return row(job, Status.not_run, "The batch was stopped while it was made.")


def _answer(job: Job, folder: Path, code: int | None) -> Row:
    try:
        return Row.of(json.loads((folder / ANSWER).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return row(job, Status.died, f"its process ended {_meaning(code)}")


def _meaning(code: int | None) -> str:
    if code is None:
        return "without a word"
    if code == -9:
        return "by signal 9 (most often because the machine ran out of memory)"
    return f"by signal {-code}" if code < 0 else f"with exit status {code}"


def _close(process: Any) -> None:
    """Give up what is left of it; its end is waited for."""
    if hasattr(process, "end"):
        process.end()
    else:
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)


def _clear(job: Job) -> None:
    """Take away what a killed run has begun to write."""
    folder, output = Path(job["folder"]), Path(job["output"])
    if folder.is_dir():
        recover(folder)
    for empty in (folder, *folder.parents):
        if empty == output:
            break
        with suppress(OSError):
            empty.rmdir()

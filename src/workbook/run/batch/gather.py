"""A batch: jobs to an executor, rows back, one table over all."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbook.run.batch import executors, page, tables
from workbook.run.batch.jobs import Job, Options, jobs, remembered, row, sources
from workbook.run.batch.mark import going_on
from workbook.run.batch.progress import Progress, shown
from workbook.run.batch.row import Row, Status
from workbook.run.batch.supervise import one

_ENDING = 30
"""Seconds in which everybody has to stop after an interruption."""


@dataclass(frozen=True)
class BatchResult:
    """What a batch left behind."""

    output: Path
    rows: tuple[Row, ...]
    made: int
    """How many reports this call made; the others were there."""
    interrupted: bool = False

    @property
    def summary(self) -> Path:
        """The page over all briefs."""
        return self.output / page.NAME

    @property
    def failed(self) -> tuple[Row, ...]:
        """Those without a whole report."""
        return tuple(row for row in self.rows if not row.done)

    @property
    def exit_status(self) -> int:
        """0 good, 1 with a finding that is an error, 2 interrupted, 3 where a report could not be made."""
        if self.interrupted:
            return 2
        if self.failed:
            return 3
        return 1 if any(row.errors for row in self.rows) else 0


def batch(
    briefs: Sequence[str | Path],
    output: str | Path,
    *,
    sweep: Mapping[str, Sequence[str]] | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    timeout: float = 120,
    memory: int = 2 << 30,
    verify: bool = False,
    again: bool = False,
    notebooks: Path | None = None,
    progress: bool = False,
) -> BatchResult:
    """Make the report of each brief, for each combination of the values in `sweep`, and a table over all of them.

    They are made by `executor`, by the workers of a Dask `scheduler`, or here, `workers` at a time. A report that is there already is
    not made `again`. A brief may take `timeout` seconds and `memory` bytes. Raises BadRun before anything is made.
    """
    place = Path(output).expanduser().absolute()
    found = sources(briefs)
    with going_on(place) as mark:
        options = Options(place, mark.token, timeout, memory, verify, notebooks)
        todo = list(jobs(found, sweep or {}, options))
        rows: dict[str, Row] = {job["name"]: row(job, Status.failed, problem) for job, problem in todo if problem}
        if not again:
            rows |= {job["name"]: kept for job, problem in todo if not problem and (kept := remembered(job))}
        left = [job for job, _ in todo if job["name"] not in rows]
        interrupted = False
        with shown([*rows.values()], len(todo), progress) as display:
            own = executors.cluster(scheduler) if scheduler else executors.local(workers)
            where = nullcontext(executor) if executor else own
            if left:
                with where as pool:
                    assert pool is not None
                    interrupted = _done(pool, left, rows, display, mark.stop)
        ordered = tuple(_final(job, rows.get(job["name"])) for job, _ in todo)
        _written(place, ordered, sweep or {})
    asked = {job["name"] for job in left}
    made = sum(row.done for row in ordered if row.name in asked)
    return BatchResult(place, ordered, made, interrupted)


def _done(pool: Executor, left: Sequence[Job], rows: dict[str, Row], display: Progress, stop: Any) -> bool:
    """Collect the rows; returns whether the user stopped it. Then nothing is left running."""
    futures: dict[Future[dict[str, Any]], Job] = {}

    def collect(seconds: float) -> bool:
        over, _ = wait(futures, seconds, FIRST_COMPLETED)
        for future in over:
            job = futures.pop(future)
            rows[job["name"]] = found = _row(future, job)
            display.done(found)
        return bool(futures)

    try:
        for job in left:
            futures[pool.submit(one, job)] = job
        while collect(0.25):
            display.running([job["name"] for future, job in futures.items() if future.running()])
    except KeyboardInterrupt:
        with _undisturbed():
            stop()
            display.stopping()
            wait(futures, _ENDING)
            collect(0)
        return True
    return False


def _final(job: Job, found: Row | None) -> Row:
    """The row; a report that was whole just before the batch was stopped counts."""
    if found is None or found.status == Status.not_run:
        return remembered(job) or found or row(job, Status.not_run, "The batch was stopped before.")
    return found


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not cut short the ending of processes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _row(future: Future[dict[str, Any]], job: Job) -> Row:
    try:
        return replace(Row.of(future.result(0)), name=job["name"], folder=job["name"])
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 (a worker's end becomes a row)
        return row(job, *_fault(error))


def _fault(error: BaseException) -> tuple[Status, str]:
    kind = type(error).__name__
    if kind == "KilledWorker":
        return (
            Status.died,
            "the workers of the cluster that took it ended while they did; perhaps their own limit of memory is too low",
        )
    if "Cancelled" in kind:
        return Status.not_run, "the cluster gave it up; is its scheduler still there?"
    if isinstance(error, ModuleNotFoundError):
        return (
            Status.failed,
            f"a worker of the cluster lacks {error.name or error}; install the workbook there as it is here",
        )
    return Status.failed, f"{kind}: {error}"


def _written(place: Path, rows: Sequence[Row], sweep: Mapping[str, Sequence[str]]) -> None:
    varied = tuple(path for path, values in sweep.items() if len(values) > 1)
    tables.write(place, rows)
    page.write(place, rows, varied)

"""Executes notebooks by papermill, several at a time, each in a folder and a kernel of its own."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workbook import _temporary
from workbook.run import warm
from workbook.run.machine import full_in, is_hopeless
from workbook.run.preload import MODULES
from workbook.run.tasks import Task

if TYPE_CHECKING:
    from workbook.run.kernel import Kernels

CELL_TIMEOUT = 180
"""Seconds after which one cell is given up: a section takes less than one."""

MEMORY = 2 << 30
"""Bytes that one notebook may take of its own: a section takes less than a hundredth."""

_ROOM = 256 << 20
"""Bytes of free memory that must be there for each notebook executed at a time."""


INTERRUPTED = "The run was stopped before this section was done."


@dataclass(frozen=True)
class Executed:
    """One notebook after its run: the notebook as papermill left it, how long it took, and why it stopped."""

    task: Task
    notebook: Any
    seconds: float
    error: str = ""


def execute(
    work: Sequence[Task],
    parameters: Mapping[str, object],
    *,
    jobs: int,
    brought: Mapping[str, str] = MappingProxyType({}),
    cell_timeout: int = CELL_TIMEOUT,
    slowness: Mapping[str, float] = MappingProxyType({}),
    done: Callable[[Executed], None] = lambda _: None,
) -> tuple[tuple[Executed, ...], bool]:
    """Run the notebooks, `jobs` at a time, the slowest first; `brought` are texts laid beside each by their names.

    Returns them in the order given, and whether the user stopped it: then all kernels are ended, and those not done say so. Raises
    OSError where the disk is full.
    """
    from workbook.run.kernel import Kernels

    results: dict[str, Executed] = {}
    stopped = False
    with _temporary.folder("run") as folder, _quiet():
        kernels = Kernels(folder)
        how = _how(kernels, cell_timeout)
        pool = ThreadPoolExecutor(max_workers=_at_a_time(jobs, len(work)), thread_name_prefix="workbook-run")
        futures: list[Future[Executed]] = []
        try:
            for task in sorted(work, key=lambda task: -slowness.get(task.name, 0)):
                desk = folder / task.path.stem
                desk.mkdir()
                for name, text in brought.items():
                    (desk / name).write_text(text, encoding="utf-8", newline="\n")
                futures.append(pool.submit(_execute_one, task, parameters, desk, how))
            for future in as_completed(futures):
                result = future.result()
                results[result.task.name] = result
                done(result)
        except KeyboardInterrupt:
            stopped = True
            over = [future.result() for future in futures if future.done() and future.exception() is None]
            results = {result.task.name: result for result in over}
        finally:
            for future in futures:
                future.cancel()
            kernels.end()
            pool.shutdown(wait=True)
    return tuple(results.get(task.name) or Executed(task, _source(task), 0.0, INTERRUPTED) for task in work), stopped


def _how(kernels: Kernels, cell_timeout: int) -> dict[str, Any]:
    """What papermill is told of the kernels: forks of the warm process, or where that can't be, processes of their own."""
    ordinary = {
        "kernel_manager_class": kernels.manager(),
        "shutdown_kernel": "immediate",
        "execution_timeout": cell_timeout,
    }
    if why := warm.unfit():
        logging.getLogger(__name__).warning(
            "%s, so each notebook has a kernel started for it, which takes longer.", why
        )
        return ordinary
    from papermill.engines import papermill_engines

    from workbook.run.warm.engine import WarmEngine

    papermill_engines.register("workbook", WarmEngine)
    forked = {
        "imports": MODULES,
        "environment": kernels.environment,
        "memory": MEMORY,
        "this_interpreter": True,
    }
    return {**ordinary, **forked, "engine_name": "workbook", "started": kernels.add}


def _at_a_time(jobs: int, work: int) -> int:
    """How many notebooks are executed at a time: no more than asked for, than there are, and than memory is free for."""
    import psutil

    return max(1, min(jobs, work, int(psutil.virtual_memory().available // _ROOM)))


def _execute_one(task: Task, parameters: Mapping[str, object], desk: Path, how: Mapping[str, Any]) -> Executed:
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.execute import execute_notebook

    started = time.perf_counter()
    output = desk / "executed.ipynb"
    error, notebook = "", None
    try:
        notebook = execute_notebook(
            str(task.path),
            str(output),
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            start_timeout=60,
            resources={"metadata": {"path": str(desk)}},
            **how,
        )
    except PapermillExecutionError as caught:
        if full := full_in(str(caught.ename), str(caught.evalue)):
            raise full from None
        error = _first_lines(f"{caught.ename}: {caught.evalue}" if caught.ename else caught.evalue)
    except (PapermillException, RuntimeError, TimeoutError, OSError) as caught:
        if is_hopeless(caught):
            raise
        error = _first_lines(f"{type(caught).__name__}: {caught}")
    return Executed(task, notebook or _read(output, task.path), time.perf_counter() - started, error)


def _first_lines(text: str, limit: int = 2000) -> str:
    return text.strip() if len(text) <= limit else text[:limit].rsplit("\n", 1)[0] + "\n..."


def _source(task: Task) -> Any:
    return _read(task.path, task.path)


def _read(output: Path, source: Path) -> Any:
    import nbformat

    return nbformat.read(output if output.exists() else source, as_version=4)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without papermill's log lines and the event loops' remarks about threads: errors come back as values."""
    logger = logging.getLogger("papermill")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)

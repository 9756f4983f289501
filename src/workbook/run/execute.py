"""Executes notebooks by papermill, several at a time, each in a folder and a kernel of its own."""

from __future__ import annotations

import logging
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workbook.run.tasks import Interrupted, Task

CELL_TIMEOUT = 180
"""Seconds after which one cell is given up: a section takes about one."""


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
    brought: Sequence[Path] = (),
    cell_timeout: int = CELL_TIMEOUT,
    done: Callable[[Executed], None] = lambda _: None,
) -> tuple[Executed, ...]:
    """Run the notebooks, `jobs` at a time; `brought` are files laid beside each. Raises Interrupted after ending all kernels."""
    from workbook.run.kernel import Kernels

    results: dict[str, Executed] = {}
    with TemporaryDirectory(prefix="workbook-") as folder, _quiet():
        kernels = Kernels(Path(folder))
        pool = ThreadPoolExecutor(max_workers=max(1, min(jobs, len(work))), thread_name_prefix="workbook-run")
        futures: list[Future[Executed]] = []
        try:
            for task in work:
                desk = Path(folder) / task.path.stem
                desk.mkdir()
                for file in brought:
                    shutil.copyfile(file, desk / file.name)
                futures.append(pool.submit(_execute_one, task, parameters, desk, kernels.manager(), cell_timeout))
            for future in as_completed(futures):
                result = future.result()
                results[result.task.name] = result
                done(result)
        except KeyboardInterrupt:
            raise Interrupted("The run was interrupted. Nothing was written.") from None
        finally:
            for future in futures:
                future.cancel()
            kernels.end()
            pool.shutdown(wait=True)
    return tuple(results[task.name] for task in work)


def _execute_one(task: Task, parameters: Mapping[str, object], desk: Path, manager: type[Any], cell_timeout: int) -> Executed:
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.execute import execute_notebook

    started = time.perf_counter()
    output = desk / "executed.ipynb"
    error = ""
    try:
        execute_notebook(
            str(task.path),
            str(output),
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            start_timeout=60,
            execution_timeout=cell_timeout,
            kernel_manager_class=manager,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(desk)}},
        )
    except PapermillExecutionError as caught:
        error = _first_lines(f"{caught.ename}: {caught.evalue}" if caught.ename else caught.evalue)
    except (PapermillException, RuntimeError, TimeoutError, OSError) as caught:
        error = _first_lines(f"{type(caught).__name__}: {caught}")
    return Executed(task, _read(output, task.path), time.perf_counter() - started, error)


def _first_lines(text: str, limit: int = 2000) -> str:
    return text.strip() if len(text) <= limit else text[:limit].rsplit("\n", 1)[0] + "\n..."


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

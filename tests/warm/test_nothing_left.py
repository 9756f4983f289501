"""What runs ends, and what was opened is closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from waiting import all_ended, until

from workbook.run.warm.process import warm

Run = Callable[..., Any]


def test_five_notebooks_leave_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process, no descriptor, no temporary file; what runs at exit has run, and the warm process keeps nothing of its children."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    cells = ["import atexit, os\nname = f'at-exit-{os.getpid()}'\natexit.register(lambda: open(name, 'w').close())"]
    parents: list[Any] = []
    run(cells, started=lambda kernel: parents.append(psutil.Process(kernel).parent()))
    this, (parent,) = psutil.Process(), parents
    pids: list[int] = []

    def state() -> tuple[Any, ...]:
        return (
            sorted(one.pid for one in this.children(recursive=True)),
            this.num_fds(),
            parent.num_fds(),
            this.num_threads(),
        )

    before = state()
    for _ in range(5):
        run(cells, started=pids.append)
    assert state() == before
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert [(tmp_path / f"at-exit-{pid}").exists() for pid in pids] == [True] * 5
    assert not list((tmp_path / "temporary").rglob("*"))
    assert not [one for one in psutil.process_iter() if set(pids) & {os.getsid(one.pid), os.getpgid(one.pid)}]


def test_nobody_else_can_reach_a_kernel(run: Run) -> None:
    """Neither the warm process nor its kernels listen anywhere: what they have are pairs without a name."""
    found: list[Any] = []

    def look(kernel: int) -> None:
        for one in (psutil.Process(kernel), psutil.Process(kernel).parent()):
            assert one is not None
            found.append(
                (
                    one.net_connections("inet"),
                    [connection.laddr for connection in one.net_connections("unix") if connection.laddr],
                )
            )

    run(["1"], started=look)
    assert found == [([], []), ([], [])]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_everything_ends_with_the_process_that_asked(number: signal.Signals, tmp_path: Path) -> None:
    """Whoever runs a notebook is killed in its middle: the kernel, what it started and the warm process end at once."""
    program = textwrap.dedent(
        """
        import nbformat, sys
        from nbformat.v4 import new_code_cell, new_notebook
        from papermill import execute_notebook
        from papermill.engines import papermill_engines
        from workbook.run.warm.engine import WarmEngine
        papermill_engines.register("workbook", WarmEngine)
        cell = new_code_cell("import subprocess, time; subprocess.Popen(['sleep', '3600']); open('running', 'w').close(); time.sleep(3600)")
        nbformat.write(new_notebook(cells=[cell]), "in.ipynb")
        execute_notebook("in.ipynb", None, kernel_name="python3", engine_name="workbook", progress_bar=False)
        """
    )
    client = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stderr=subprocess.DEVNULL)
    until(lambda: (tmp_path / "running").exists() or client.poll() is not None)
    assert client.poll() is None
    left = psutil.Process(client.pid).children(recursive=True)
    assert len(left) == 3
    client.send_signal(number)
    client.wait()
    assert all_ended(left)


def test_an_ended_warm_process_takes_its_last_kernel_along(run: Run) -> None:
    """Closing the handle ends the process."""
    process = warm(os.environ, ("workbook.run.warm.kernel", "json"))
    assert process.ready()
    process.close()
    assert not psutil.pid_exists(process.pid)

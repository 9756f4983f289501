"""What goes wrong in one notebook is said, and stays there."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from waiting import all_ended, ended, until

from workbook.run.warm import process, which
from workbook.run.warm.process import warm

Run = Callable[..., Any]
FINE = ["x = 1", "print('fine', x)"]
ENDS = {
    "leaves": ("import os; os._exit(3)", r"cell 2 \(it left with exit status 3\).*os._exit"),
    "is ended": (
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM); import time; time.sleep(3600)",
        r"cell 2 \(signal 15\)",
    ),
    "is killed": (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        r"cell 2 \(killed: most often the machine ran out of memory\)",
    ),
    "crashes": ("import ctypes; ctypes.string_at(0)", r"cell 2 \(signal 11\)"),
}
SILLY = {
    "a thread stays": "import threading, time; threading.Thread(target=time.sleep, args=(3600,)).start()",
    "everything is moved": "import os; os.mkdir('b'); os.chdir('b'); os.environ.clear(); import pandas; pandas.DataFrame = None",
    "much is printed": "for _ in range(100): print('x' * 999_999)",
    "a child stays": "import subprocess; subprocess.Popen(['sleep', '3600'])",
}


def printed(notebook: Any) -> str:
    """What the last cell printed."""
    return "".join(one.text for one in notebook.cells[-1].outputs)


def _group(process: psutil.Process) -> int:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return 0


@pytest.fixture
def warning(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What was said about kernels that could not be forked."""
    monkeypatch.setattr(which, "_said", set())
    caplog.set_level(logging.WARNING, "papermill")
    return lambda: [one.getMessage() for one in caplog.records if "ordinary kernel" in one.getMessage()]


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """The warm process that notebooks with these imports are forked from; ended afterwards."""
    before = dict(process._running)

    def found(*imports: str) -> Any:
        return warm(os.environ, ("workbook.run.warm.kernel", *imports))

    yield found
    for key in set(process._running) - set(before):
        process._running.pop(key).close()


@pytest.mark.parametrize("how", ENDS)
def test_a_kernel_that_ends_names_its_cell(how: str, run: Run, tmp_path: Path) -> None:
    """The message says which cell and what became of it; a notebook beside it and one after it are fine."""
    source, message = ENDS[how]
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(run, ["import time; time.sleep(1)", *FINE], name="beside.ipynb")
        with pytest.raises(Exception, match=f"(?s)The kernel ended in {message}") as caught:
            run(["print('before')", source, "print('never')"], name="ends.ipynb")
        assert type(caught.value).__name__ == "DeadKernelError"
        assert printed(beside.result()) == "fine 1\n"
    assert printed(run(FINE)) == "fine 1\n"


@pytest.mark.parametrize("what", SILLY)
def test_what_a_notebook_does_to_itself_is_its_own_affair(what: str, run: Run) -> None:
    """It ends, in time, with nothing left of it, and the next one knows nothing of it."""
    pids: list[int] = []
    run(["1", SILLY[what]], name="silly.ipynb", started=pids.append)
    assert all_ended(one for one in psutil.process_iter() if pids[0] in (one.pid, _group(one)))
    assert (
        printed(run(["import pandas, os; print(pandas.DataFrame.__name__, os.environ['NOTED'])"])) == "DataFrame no\n"
    )


def test_memory_is_bounded_where_one_says_how_much(run: Run) -> None:
    """Beyond `memory` bytes of its own a cell gets MemoryError, which it may even survive."""
    from papermill.exceptions import PapermillExecutionError

    with pytest.raises(PapermillExecutionError, match="MemoryError") as caught:
        run(["fine = bytearray(50 << 20)", "much = bytearray(400 << 20)"], memory=200 << 20)
    assert (caught.value.cell_index, caught.value.ename) == (1, "MemoryError")
    found = run(["try:\n    bytearray(400 << 20)\nexcept MemoryError:\n    print('caught')"], memory=200 << 20)
    assert printed(found) == "caught\n"


def waited_for() -> set[int]:
    """The tasks of all event loops that have not ended."""
    return {id(one) for one in gc.get_objects() if isinstance(one, asyncio.Task) and not one.done()}


def test_a_cell_past_its_time_leaves_nothing_running(run: Run) -> None:
    """The kernel is ended with the error, and with it all that nbclient had begun: nothing is said of it at the end of the program."""
    pids: list[int] = []
    before = waited_for()
    with pytest.raises(Exception, match="timed out"):
        run(["import time; time.sleep(3600)"], execution_timeout=1, started=pids.append)
    assert not psutil.pid_exists(pids[0])
    assert waited_for() <= before


def test_a_new_warm_process_follows_one_that_was_killed(run: Run, ours: Callable[..., Any]) -> None:
    """Killed between two notebooks: the next is forked from another, and nobody notices."""
    run(FINE, imports=())
    first = ours()
    os.kill(first.pid, signal.SIGKILL)
    pids: list[int] = []
    assert printed(run(FINE, imports=(), started=pids.append)) == "fine 1\n"
    assert ours().pid != first.pid
    assert len(pids) == 1


def test_a_kernel_outlives_the_process_it_was_forked_from(run: Run, ours: Callable[..., Any], tmp_path: Path) -> None:
    """Killed while a notebook runs: it goes on to its end, and leaves no process."""
    pids: list[int] = []
    running, killed = tmp_path / "running", tmp_path / "killed"

    def kill(kernel: int) -> None:
        def when_it_runs() -> None:
            until(running.exists)
            parent = ours().pid
            os.kill(parent, signal.SIGKILL)
            ended(parent)
            killed.touch()

        pids.append(kernel)
        threading.Thread(target=when_it_runs).start()

    waits = "import time, os\nopen('running', 'w').close()\nwhile not os.path.exists('killed'): time.sleep(0.01)"
    assert printed(run([waits, *FINE], imports=(), started=kill)) == "fine 1\n"
    assert ended(pids[0])


def test_a_module_that_starts_a_thread_is_not_forked(
    run: Run,
    ours: Callable[..., Any],
    warning: Callable[[], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fork would lack the thread: ordinary kernels are started, which is said once, and the results are right."""
    (tmp_path / "threaded_module.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), name='busy', daemon=True).start()\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
    for _ in range(2):
        assert printed(run(["import threaded_module", *FINE], imports=("threaded_module",))) == "fine 1\n"
    assert warning() == [
        "importing threaded_module started a thread (busy), so nothing can be forked from there: an ordinary kernel is started for each notebook."
    ]


def test_a_module_that_cannot_be_imported_is_the_notebooks_affair(run: Run, ours: Callable[..., Any]) -> None:
    """A name that isn't there, or a module that fails: the others are warm, and the cell that imports it says what is wrong."""
    assert printed(run(FINE, imports=("no_such_module_at_all",))) == "fine 1\n"


def test_a_changed_module_is_read_again(
    run: Run, ours: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody edits a module of his own between two notebooks: the second sees the new one."""
    module = tmp_path / "own_module.py"
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
    seen = []
    for number in (1, 2, 3):
        module.write_text(f"value = {number}\n")
        os.utime(module, (number, number))
        time.sleep(0.6)  # the files are looked at twice a second
        seen.append(printed(run(["import own_module; print(own_module.value)"], imports=("own_module",))))
    assert seen == ["1\n", "2\n", "3\n"]


def test_without_fork_kernels_are_ordinary(
    run: Run, warning: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a process can't be forked the notebooks still run, and it is said once."""
    monkeypatch.setenv("WORKBOOK_WARM", "0")
    assert [printed(run(FINE)) for _ in range(2)] == ["fine 1\n"] * 2
    assert warning() == ["WORKBOOK_WARM is 0: an ordinary kernel is started for each notebook."]
    monkeypatch.delenv("WORKBOOK_WARM")
    with monkeypatch.context() as patch:
        patch.delattr(os, "fork")
        assert process.unfit().endswith("has no fork")


def test_children_may_be_killed_while_they_print(run: Run) -> None:
    """Processes that a cell forks write to the same connection: one that dies in between spoils nothing for the others."""
    source = """
import os, signal, sys, time
for n in range(30):
    child = os.fork()
    if not child:
        while True:
            print("child", "x" * 300, flush=True)
    time.sleep(0.004 + n / 3000)
    os.kill(child, signal.SIGKILL); os.waitpid(child, 0)
"""
    found = run([source, "print('fine')"])
    assert printed(found) == "fine\n"
    assert "child xxx" in "".join(one.text for one in found.cells[0].outputs)


def test_many_notebooks_in_two_threads(run: Run) -> None:
    """Twelve notebooks, two at a time and one after the other: each has its own numbers."""
    with ThreadPoolExecutor(2) as pool:
        futures = [
            pool.submit(run, [f"x = {n}", "import time; time.sleep(0.1)", "print(x)"], name=f"{n}.ipynb")
            for n in range(12)
        ]
        assert [printed(future.result()) for future in futures] == [f"{n}\n" for n in range(12)]


def test_a_notebook_that_quits_ends_like_one_with_an_ordinary_kernel(both: Callable[..., Any]) -> None:
    """After quit() the kernel finishes the cell and is gone; what comes then fails, with a word of where."""
    theirs, ours = both(["quit()", "import time; time.sleep(1); print('still')", "time.sleep(1)", "print('never')"])
    assert type(theirs.error).__name__ == type(ours.error).__name__ == "DeadKernelError"
    assert [cell.outputs for cell in ours.notebook.cells] == [cell.outputs for cell in theirs.notebook.cells]

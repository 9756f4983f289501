"""What papermill's arguments ask for happens as with its own engine."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from waiting import until

Both = Callable[..., tuple[Any, Any]]
Run = Callable[..., Any]


def kind(error: Exception | None, folder: Path) -> tuple[str, str]:
    """An exception's type and text."""
    return type(error).__name__, str(error).replace(str(folder), "<folder>")


def sources(outcome: Any) -> list[str]:
    """The cells, with the banners that papermill adds."""
    return [cell.source for cell in outcome.notebook.cells]


def test_the_first_failing_cell_ends_the_run(both: Both) -> None:
    """The same exception, the same banners in the notebook, and nothing runs after it."""
    theirs, ours = both(["print('before')", "class Own(Exception): pass\nraise Own('of my own')", "print('never')"])
    for name in ("ename", "evalue", "cell_index", "exec_count", "source", "traceback"):
        assert getattr(ours.error, name) == getattr(theirs.error, name)
    assert ours.error.ename == "Own"
    assert sources(ours) == sources(theirs)
    assert "An Exception was encountered" in sources(ours)[0]
    assert ours.notebook.cells[-1].outputs == []
    assert [cell.metadata.get("papermill", {}).get("status") for cell in ours.notebook.cells] == [
        cell.metadata.get("papermill", {}).get("status") for cell in theirs.notebook.cells
    ]


@pytest.mark.parametrize(
    "last", ["raise SystemExit", "import sys; sys.exit(0)", "import sys; sys.exit(3)", "raise SystemExit('no')"]
)
def test_leaving_by_exit_is_what_papermill_takes_it_for(last: str, run: Run, tmp_path: Path) -> None:
    """Leaving without a status, or with 0, is no failure; anything else is."""
    fails = "3" in last or "no" in last
    if fails:
        with pytest.raises(Exception, match="SystemExit"):
            run([last, "1"])
    else:
        run([last, "1"])
    assert nbformat.read(tmp_path / "run.ipynb", 4).cells[-1].outputs == []


def test_output_is_logged_and_written_to_files(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    """log_output, stdout_file and stderr_file: the same lines in the same order."""
    cells = [
        "import sys\nprint('out', flush=True)\nprint('err', file=sys.stderr, flush=True)\n5",
        "display({'text/plain': 'shown'}, raw=True)",
    ]
    said = {}
    for engine in (None, "workbook"):
        caplog.clear()
        out, errors = io.StringIO(), io.StringIO()
        with caplog.at_level(logging.INFO, "papermill"):
            run(cells, engine=engine, log_output=True, stdout_file=out, stderr_file=errors)
        said[engine] = (
            [(one.levelname, one.getMessage()) for one in caplog.records if one.name == "papermill"],
            out.getvalue(),
            errors.getvalue(),
        )
    assert said["workbook"] == said[None]
    assert said[None][1:] == ("out\n", "err\n")


def test_a_cell_that_takes_too_long_is_given_up(both: Both) -> None:
    """execution_timeout: the same exception."""
    theirs, ours = both(["print('first')", "import time; time.sleep(3600)"], execution_timeout=5)
    assert kind(ours.error, ours.folder) == kind(theirs.error, theirs.folder)
    assert type(ours.error).__name__ == "CellTimeoutError"
    assert sources(ours) == sources(theirs)


@pytest.mark.parametrize(
    "options", [{"report_mode": True, "parameters": {"a": 5}}, {"prepare_only": True, "parameters": {"a": 5}}], ids=str
)
def test_modes_of_papermill(options: dict[str, Any], both: Both) -> None:
    """report_mode hides the sources; prepare_only runs nothing; a missing parameters cell has the injected one put first."""
    theirs, ours = both(["a = 1", "a"], **options)
    assert sources(ours) == sources(theirs)
    assert [cell.get("outputs") for cell in ours.notebook.cells] == [
        cell.get("outputs") for cell in theirs.notebook.cells
    ]
    assert [cell.metadata.get("jupyter") for cell in ours.notebook.cells] == [
        cell.metadata.get("jupyter") for cell in theirs.notebook.cells
    ]


def test_the_working_folder_and_the_bar(run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`cwd` is where the kernel works, and the bar counts the cells."""
    (tmp_path / "place").mkdir()
    before = Path.cwd()
    found = run(["import os; os.getcwd()"], cwd=str(tmp_path / "place"), resources={}, progress_bar={"desc": "Mine"})
    assert found.cells[0].outputs[0].data["text/plain"] == repr(str(tmp_path / "place"))
    assert Path.cwd() == before
    assert "1/1" in capfd.readouterr().err


@pytest.mark.parametrize("engine", [None, "workbook"])
def test_a_running_cell_is_already_in_the_file(engine: str | None, run: Run, tmp_path: Path) -> None:
    """What came before is saved while a cell takes long; with autosave_cell_every, what that cell has printed so far, too."""
    cells = [
        "print('before')",
        "import os, time\nwhile not os.path.exists('seen'):\n    print('so far', flush=True); time.sleep(0.05)",
    ]
    worker = threading.Thread(target=run, args=(cells,), kwargs={"engine": engine, "autosave_cell_every": 1})
    worker.start()

    def seen() -> list[str]:
        with contextlib.suppress(OSError, nbformat.reader.NotJSONError):  # papermill writes in place
            before, running = nbformat.read(tmp_path / "run.ipynb", 4).cells
            if running.metadata.papermill.status == "running" and before.outputs and running.outputs:
                return [before.metadata.papermill.status]
        return []

    try:
        assert until(seen) == ["completed"]
    finally:
        (tmp_path / "seen").touch()
        worker.join()
    assert nbformat.read(tmp_path / "run.ipynb", 4).cells[1].metadata.papermill.status == "completed"


def test_another_kernel_is_papermills_affair(
    run: Run, surroundings: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that is not this interpreter's ipykernel is started as ever, which is said once."""
    from workbook.run.warm import which

    monkeypatch.setattr(which, "_said", set())
    place = surroundings / "jupyter" / "kernels" / "other"
    place.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-X", "utf8", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (place / "kernel.json").write_text(
        json.dumps({"argv": command, "display_name": "Other", "language": "python", "env": {"OTHER": "1"}})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(surroundings / "jupyter"))
    for _ in range(2):
        found = run(["import os, sys; os.environ['OTHER'], sys.flags.utf8_mode"], kernel_name="other")
        assert found.cells[0].outputs[0].data["text/plain"] == "('1', 1)"
    assert [one.getMessage() for one in caplog.records if "ordinary kernel" in one.getMessage()] == [
        "The kernel other is not this interpreter's ipykernel: an ordinary kernel is started for each notebook."
    ]


def test_a_kernel_of_the_users_own_settings(run: Run, surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A specification of this interpreter with variables and arguments is forked, and has them."""
    place = surroundings / "jupyter" / "kernels" / "mine"
    place.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--InteractiveShell.ast_node_interactivity=all",
    ]
    (place / "kernel.json").write_text(
        json.dumps({"argv": command, "display_name": "Mine", "language": "python", "env": {"MINE": "1"}})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(surroundings / "jupyter"))
    pids: list[int] = []
    found = run(["import os\nos.environ['MINE']\nos.getpid()"], kernel_name="mine", started=pids.append)
    assert [one.data["text/plain"] for one in found.cells[0].outputs] == ["'1'", str(pids[0])]
    assert "MINE" not in os.environ

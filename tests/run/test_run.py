"""The run: notebooks in, one report out, whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from waiting import LONG, all_ended, until

from workbook.run import BadRun, pipeline, run
from workbook.run.execute import execute
from workbook.run.preload import environment
from workbook.run.tasks import tasks
from workbook.run.writing import put, staged

SHOWS = """
from IPython.display import display
data = {"text/html": f"<p>shown {brief}</p>", "text/markdown": f"shown *{brief}*"}
display(data, raw=True, metadata={"workbook": {"block": "0.1", "title": "First"}})
"""
FAILS = "from IPython.display import display\ndisplay({'text/html': '<p>before</p>', 'text/markdown': 'before'}, raw=True)\nopen('/no/such/file')"


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a report, the summary without its times."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    summary = json.loads(found.pop("summary.json"))
    for section in summary["sections"]:
        section.pop("seconds")
    return {**found, "summary.json": json.dumps(summary).encode()}


def test_a_failing_section_shows_its_error_and_the_others_still_come(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path
) -> None:
    """One broken notebook costs its own section, the exit status, and nothing else."""
    out = tmp_path / "out"
    found = run(brief, {}, out, notebooks=notebooks(SHOWS, FAILS, SHOWS), progress=False)
    page, text, summary = (
        (out / "report.html").read_text(),
        (out / "report.md").read_text(),
        json.loads((out / "summary.json").read_text()),
    )
    assert found.exit_status == 3
    assert [section["status"] for section in summary["sections"]] == ["done", "failed", "done"]
    assert page.count("shown village.yaml") == 2
    assert (
        page.index("<p>before</p>") < page.index("This section could not be made") < page.rindex("shown village.yaml")
    )
    assert "FileNotFoundError" in page
    assert "FileNotFoundError" in text
    assert text.count("shown *village.yaml*") == 2
    for kept in (page, text, (out / "notebooks" / "01_part.ipynb").read_text()):
        assert str(tmp_path) not in kept
        assert sys.prefix not in kept


def test_the_contents_lead_to_every_subsection_shown(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path
) -> None:
    """The table of contents has the sections from the notebooks' titles and the subsections from what they showed."""
    run(brief, {}, tmp_path / "out", notebooks=notebooks(SHOWS), progress=False)
    page = (tmp_path / "out" / "report.html").read_text()
    assert '<a href="#b-0">0 Part 0</a>' in page
    assert '<a href="#b-0.1">0.1 First</a>' in page


def test_the_same_brief_gives_the_same_bytes(brief: Path, notebooks: Callable[..., Path], tmp_path: Path) -> None:
    """Two runs into two folders differ in nothing but the seconds of the summary."""
    folder = notebooks(SHOWS, FAILS, "print('printed'); {'b', 'a', 'c'}")
    for name in ("one", "two"):
        run(brief, {"populations.users.daily_active": "3k"}, tmp_path / name, notebooks=folder, progress=False)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_a_misspelt_parameter_is_named_and_nothing_is_written(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path
) -> None:
    """Papermill itself lets a parameter pass that no notebook declares."""
    with pytest.raises(BadRun, match=r"00_part.ipynb has no parameter named overides. Did you mean overrides\?"):
        run(brief, {}, tmp_path / "out", notebooks=notebooks(SHOWS), progress=False, parameters={"overides": {}})
    assert not (tmp_path / "out").exists()


def test_a_parameter_that_papermill_would_change_is_refused(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path
) -> None:
    """A tuple would arrive as text without a word."""
    with pytest.raises(BadRun, match="is a tuple"):
        run(brief, {}, tmp_path / "out", notebooks=notebooks(SHOWS), progress=False, parameters={"overrides": ("a",)})


def test_an_unwritable_folder_is_said_before_anything_runs(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path
) -> None:
    """A file in place of the folder, and a place where nobody can make one."""
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/none/out")):
        with pytest.raises(BadRun, match="cannot be written to"):
            run(brief, {}, place, notebooks=notebooks(SHOWS), progress=False)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that cannot be written to: not by its mode, and for root, whom no mode holds, by its disk."""
    place = tmp_path / "locked"
    place.mkdir(mode=0o500)
    if os.geteuid() != 0:
        yield place
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_read_only_folder_is_left_as_it_is(brief: Path, notebooks: Callable[..., Path], locked: Path) -> None:
    """Permissions count as well."""
    with pytest.raises(BadRun, match="cannot be written to"):
        run(brief, {}, locked, notebooks=notebooks(SHOWS), progress=False)


def test_what_the_user_keeps_stays_and_what_an_earlier_run_left_goes(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path
) -> None:
    """Only files that a run wrote are ever replaced or taken away."""
    out = tmp_path / "out"
    run(brief, {}, out, notebooks=notebooks(SHOWS, SHOWS), progress=False)
    (out / "notes.txt").write_text("mine")
    (out / "notebooks" / "mine.ipynb").write_text("mine")
    (tmp_path / "own" / "01_part.ipynb").unlink()
    run(brief, {}, out, notebooks=tmp_path / "own", progress=False)
    assert (out / "notes.txt").read_text() == (out / "notebooks" / "mine.ipynb").read_text() == "mine"
    assert (out / "notebooks" / "00_part.ipynb").exists()
    assert not (out / "notebooks" / "01_part.ipynb").exists()
    assert not list(out.glob(".partial*"))


def test_an_artifact_cannot_leave_the_folder(tmp_path: Path) -> None:
    """A name from a brief is no way out."""
    with staged(tmp_path / "out") as stage:
        for name in ("../evil", "/etc/evil", "a/../../evil"):
            with pytest.raises(BadRun):
                put(stage, name, "")


def test_a_notebook_that_hangs_or_dies_costs_only_itself(notebooks: Callable[..., Path]) -> None:
    """Time-out and the death of a kernel come back as errors of that notebook."""
    folder = notebooks(SHOWS, "import time; time.sleep(3600)", "import os; os._exit(7)")
    found, _ = execute(tasks(folder), {"brief": "x"}, jobs=3, cell_timeout=10)
    assert [bool(one.error) for one in found] == [False, True, True]
    assert "Timeout" in found[1].error
    assert "ended in cell 4 (it left with exit status 7)" in found[2].error


def test_each_notebook_has_a_folder_and_an_environment_of_its_own(notebooks: Callable[..., Path]) -> None:
    """What one writes, changes or sets is not there for the next."""
    source = """
    import os, pathlib
    assert not list(pathlib.Path().glob("trace")), "somebody was here"
    assert "TRACE" not in os.environ
    pathlib.Path("trace").touch(); os.environ["TRACE"] = "1"
    """
    found, _ = execute(tasks(notebooks(source, source, source)), {}, jobs=1)
    assert [one.error for one in found] == ["", "", ""]


def started(process: subprocess.Popen[str], count: int) -> list[psutil.Process]:
    """What a run has started, once there is so much of it."""

    def found() -> list[psutil.Process]:
        children = psutil.Process(process.pid).children(recursive=True)
        return children if len(children) >= count or process.poll() is not None else []

    return until(found)


def test_an_interrupted_run_ends_its_kernels_and_writes_nothing(brief: Path, tmp_path: Path) -> None:
    """Ctrl-C before any section is done: status 2, one line, no child left, no folder left."""
    out = tmp_path / "out"
    command = [sys.executable, "-m", "workbook", "run", str(brief), "-o", str(out), "-q"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    children = started(process, 1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=LONG)
    assert children
    assert process.returncode == 2
    assert "interrupted" in said.lower()
    assert "Traceback" not in said
    assert not out.exists()
    assert all_ended(children)


SLOW = """
import sys
from pathlib import Path
from workbook.run import Interrupted, run
try:
    run(sys.argv[1], {}, sys.argv[2], jobs=1, notebooks=Path(sys.argv[3]), progress=False)
except Interrupted as stopped:
    print(stopped)
"""


def test_an_interrupted_run_leaves_a_report_of_what_was_done(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path
) -> None:
    """Ctrl-C later: the sections that were done are in the report, the others say that they were not, and no child is left."""
    marker, out = tmp_path / "reached", tmp_path / "out"
    folder = notebooks(SHOWS, f"import time, pathlib; pathlib.Path({str(marker)!r}).touch(); time.sleep(3600)")
    command = [sys.executable, "-c", SLOW, str(brief), str(out), str(folder)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    children = started(process, 2)
    until(marker.exists)
    process.send_signal(signal.SIGINT)
    said, wrong = process.communicate(timeout=LONG)
    assert "1 of 2 sections are in" in said, wrong
    assert [section["status"] for section in json.loads((out / "summary.json").read_text())["sections"]] == [
        "done",
        "failed",
    ]
    page = (out / "report.html").read_text()
    assert "shown village.yaml" in page
    assert "stopped before this section was done" in page
    assert all_ended(children)


def test_the_slowest_of_the_last_time_begins_first(brief: Path, notebooks: Callable[..., Path], tmp_path: Path) -> None:
    """Without another order at hand it is the notebooks' own; after one run it is by the seconds each took."""
    place, out = tmp_path / "order", tmp_path / "out"
    stamp = f"import pathlib; pathlib.Path({str(place)!r}).open('a').write('{{}} ')"
    folder = notebooks(*(stamp.format(name) for name in "abc"))
    run(brief, {}, out, notebooks=folder, jobs=1, progress=False)
    summary = json.loads((out / "summary.json").read_text())
    for section, seconds in zip(summary["sections"], (0, 60, 30), strict=True):
        section["seconds"] = seconds
    (out / "summary.json").write_text(json.dumps(summary))
    run(brief, {}, out, notebooks=folder, jobs=1, progress=False)
    assert place.read_text().split() == ["a", "b", "c", "b", "c", "a"]


@pytest.mark.parametrize("name", ["PYTHONPATH", "WORKBOOK_CATALOG", "WORKBOOK_PLUGINS"])
def test_a_search_path_holds_in_the_folder_of_a_notebook(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What the user named from where the run was started is found from where the notebook runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, os.pathsep.join(["own", "/elsewhere"]))
    assert environment(tmp_path / "private")[name] == os.pathsep.join([str(tmp_path / "own"), "/elsewhere"])


def test_without_a_fork_the_report_is_the_same(
    brief: Path, notebooks: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kernels that are started show what kernels that are forked show, and it is said once that they are."""
    folder = notebooks(SHOWS, FAILS, "print('printed'); {'b', 'a', 'c'}")
    run(brief, {}, tmp_path / "forked", notebooks=folder, progress=False)
    monkeypatch.setenv("WORKBOOK_WARM", "0")
    run(brief, {}, tmp_path / "started", notebooks=folder, progress=False)
    assert files(tmp_path / "forked") == files(tmp_path / "started")


def test_a_thread_beside_the_run_is_waited_for_by_who_presses_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted while it waits it waits on, and is interrupted then: nothing is written after the folder is gone."""
    asked: list[str] = []

    class Pool(ThreadPoolExecutor):
        """One whose first wait is interrupted."""

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            """Interrupted once, then it waits."""
            asked.append("wait")
            if len(asked) == 1:
                raise KeyboardInterrupt
            super().shutdown(wait, cancel_futures=cancel_futures)

    monkeypatch.setattr(pipeline, "ThreadPoolExecutor", Pool)
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt), pipeline._beside() as beside:
        beside.submit(lambda: (time.sleep(0.1), done.append(1)))
    assert asked == ["wait", "wait"]
    assert done == [1]

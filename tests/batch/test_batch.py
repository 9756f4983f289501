"""A batch: whatever one brief does, the others have their reports, and nothing is left behind."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

import pytest
from waiting import LONG, until

from workbook.run.batch import BatchResult, batch

Briefs = Callable[..., list[Path]]
Command = Callable[..., "subprocess.Popen[str]"]
HUNDRED = ["fails", "hangs", "eats"] + [f"village{number:02d}" for number in range(97)]


LIMIT = 15
"""Seconds for one brief where another is to run into the limit: many times what a brief takes, also on a machine that is busy."""


def explained(found: BatchResult, well: int = 97) -> None:
    """So many reports, and three rows that say what happened."""
    assert {
        row.name: (row.status, row.message) for row in found.failed if row.name not in ("fails", "hangs", "eats")
    } == {}
    rows = {row.name: row for row in found.failed}
    assert len(found.rows) == well + 3
    assert (rows["fails"].status, rows["hangs"].status, rows["eats"].status) == ("failed", "timed out", "out of memory")
    assert "FileNotFoundError" in rows["fails"].message
    assert rows["hangs"].message == f"took more than {LIMIT} s"
    assert rows["eats"].message.startswith("took more than 512 MiB")
    assert sum((found.output / row.folder / "report.html").is_file() for row in found.rows if row.done) == well
    assert found.exit_status == 3


def test_a_hundred_briefs_here(briefs: Briefs, notebooks: Path, tmp_path: Path, left) -> None:  # type: ignore[no-untyped-def]
    """One that fails, one that hangs and one that eats memory leave 97 reports and nothing else; the next call makes only those three again."""
    asked = briefs(*HUNDRED)
    found = batch(asked, tmp_path / "out", workers=2, timeout=LIMIT, memory=512 << 20, notebooks=notebooks)
    explained(found)
    assert left.files() == []
    second = batch(
        [path for path in asked if path.stem != "hangs"],
        tmp_path / "out",
        workers=2,
        memory=512 << 20,
        notebooks=notebooks,
    )
    assert (second.made, len(second.failed)) == (0, 2)
    from workbook.run import warm

    warm.close()
    assert left.processes() == []
    assert left.more_sockets() == 0


def test_briefs_on_a_cluster(briefs: Briefs, notebooks: Path, tmp_path: Path, left) -> None:  # type: ignore[no-untyped-def]
    """The same, with fewer of them, on two workers of a Dask cluster, each a process of its own."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        found = batch(
            briefs(*HUNDRED[:23]),
            tmp_path / "out",
            scheduler=cluster.scheduler_address,
            timeout=LIMIT,
            memory=512 << 20,
            notebooks=notebooks,
        )
        explained(found, 20)
    until(lambda: not left.processes())
    assert [name for name in left.files() if name.startswith("workbook")] == []


FAULTS = {
    "leaves": ("failed", "exit status 7"),
    "prints": ("out of memory", "took more than 512 MiB"),
    "threads": ("done", ""),
    "starts": ("done", ""),
    "crowd": ("out of memory", "took more than 512 MiB"),
}


def test_whatever_a_notebook_does_its_row_says_it_and_nothing_is_left(
    briefs: Briefs, notebooks: Path, tmp_path: Path, left
) -> None:  # type: ignore[no-untyped-def]
    """os._exit, 100 MB of text, a thread that stays, a process that hides in a session of its own, eight that are too much together."""
    found = batch(
        briefs(*FAULTS, "village"), tmp_path / "out", workers=2, timeout=600, memory=512 << 20, notebooks=notebooks
    )
    rows = {row.name: row for row in found.rows}
    assert {name: rows[name].status for name in FAULTS} == {name: status for name, (status, _) in FAULTS.items()}
    for name, (_, message) in FAULTS.items():
        assert message in rows[name].message
    assert rows["village"].done
    assert left.files() == []
    from workbook.run import warm

    warm.close()
    assert left.processes() == []


CHECK = """
import os, time
title = why = remedy = source = "Ours"
def check(plan):
    if "ends" in plan.brief.name: os._exit(9)
    if "raises" in plan.brief.name: raise RecursionError("round and round")
    if "stays" in plan.brief.name: time.sleep(3600)
    return iter(())
"""
OUTSIDE = {
    "ends": ("died", "its process ended with exit status 9"),
    "raises": ("failed", "RecursionError: round and round"),
    "village": ("done", ""),
}


@pytest.mark.parametrize("warm", ["1", "0"])
def test_f1_what_happens_outside_of_the_notebooks_is_a_row_as_well(  # type: ignore[no-untyped-def]
    warm: str, briefs: Briefs, notebooks: Path, tmp_path: Path, left, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that ends the process, raises or never returns; in forks, and in interpreters started for each brief.

    The one that never returns has a batch and a limit of its own, since the limit counts the start of an interpreter, too.
    """
    folder = tmp_path / "plugins" / "checks"
    folder.mkdir(parents=True)
    (folder / "ours.py").write_text(CHECK)
    monkeypatch.setenv("WORKBOOK_PLUGINS", str(folder.parent))
    monkeypatch.setenv("WORKBOOK_WARM", warm)
    rows = batch(briefs(*OUTSIDE), tmp_path / "out", workers=2, timeout=600, notebooks=notebooks).rows
    assert {row.name: (row.status, row.message) for row in rows} == OUTSIDE
    (row,) = batch(briefs("stays"), tmp_path / "alone", workers=1, timeout=2, notebooks=notebooks).rows
    assert (row.status, row.message) == ("timed out", "took more than 2 s")
    from workbook.run import warm as processes

    processes.close()
    assert left.files() == []
    assert left.processes() == []


def test_no_second_interpreter_is_started_for_a_brief(briefs: Briefs, notebooks: Path, tmp_path: Path, left) -> None:  # type: ignore[no-untyped-def]
    """Every process of a brief is a fork: none has begun as a program of its own, beside the one they all come from."""
    import threading

    import psutil

    seen: set[str] = set()
    over = threading.Event()
    ours = " ".join(psutil.Process().cmdline())  # what a child shows until it has begun its own program
    before = {one.pid for one in psutil.Process().children(recursive=True)}  # servers that other tests share

    def look() -> None:
        while not over.wait(0.01):
            for process in psutil.Process().children(recursive=True):
                try:
                    if process.pid not in before:
                        seen.add(" ".join(process.cmdline()))
                except psutil.Error:
                    continue

    watcher = threading.Thread(target=look)
    watcher.start()
    found = batch(briefs("slow1", "slow2"), tmp_path / "out", workers=2, notebooks=notebooks)
    over.set()
    watcher.join()
    assert not found.failed
    assert len([line for line in seen if "warm.server" in line]) == 1, seen
    others = seen - {ours} - {line for line in seen if "warm.server" in line or "multiprocessing" in line}
    assert [line for line in others if "python" in line] == []


def test_interrupted_and_resumed_it_makes_only_what_is_missing(
    briefs: Briefs, notebooks: Path, command: Command, tmp_path: Path, left, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    """Ctrl-C ends every process, says what is there, and the next call leaves that alone."""
    asked, out = briefs("one", "two", "three", *[f"waits{number}" for number in range(7)]), tmp_path / "out"
    monkeypatch.setenv("MAY_GO_ON", str(tmp_path / "go"))
    first = command(*asked, "-o", out, "--workers", 2, "-q", own=notebooks)
    until(lambda: len(list(out.glob("*/batch.json"))) == 3)
    first.send_signal(signal.SIGINT)
    _, errors = first.communicate(timeout=LONG)
    records = list(out.glob("*/batch.json"))
    there = {path: path.stat().st_mtime_ns for record in records for path in record.parent.rglob("*")}
    assert first.returncode == 2
    assert "3 of 10 reports are there" in errors
    assert "Traceback" not in errors
    assert len(records) == 3
    assert (out / "summary.csv").read_text().count("not run") == 7
    assert left.processes() == []
    assert left.files() == []
    assert not list(out.rglob(".*"))
    (tmp_path / "go").touch()
    second = command(*asked, "-o", out, "--workers", 2, "-q", own=notebooks)
    printed, errors = second.communicate(timeout=LONG)
    assert (second.returncode, printed.strip()) == (0, str(out / "summary.html")), errors
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert len(list(out.glob("*/report.html"))) == 10


def test_a_killed_batch_takes_its_processes_along(
    briefs: Briefs, notebooks: Path, command: Command, tmp_path: Path, left
) -> None:  # type: ignore[no-untyped-def]
    """Where nobody could tidy up, the processes end by themselves, and the next batch takes the files away."""
    asked, out = briefs("hangs", "village"), tmp_path / "out"
    killed = command(*asked, "-o", out, "--workers", 1, "-q", own=notebooks)
    until(lambda: len(left.processes()) >= 4)
    killed.kill()
    killed.communicate()
    until(lambda: not left.processes())
    assert left.files() != []
    assert batch(asked[1:], out, notebooks=notebooks).exit_status == 0
    assert left.files() == []


def test_a_changed_brief_is_made_again_and_the_others_are_not(briefs: Briefs, notebooks: Path, tmp_path: Path) -> None:
    """What counts is the text, what is laid over it, the notebooks, and whether it was asked for again."""
    asked, out = briefs("one", "two"), tmp_path / "out"
    assert batch(asked, out, notebooks=notebooks).made == 2
    assert batch(asked, out, notebooks=notebooks).made == 0
    asked[0].write_text(asked[0].read_text().replace("2k", "3k"))
    assert batch(asked, out, notebooks=notebooks).made == 1
    assert batch(asked, out, notebooks=notebooks, sweep={"populations.users.daily_active": ["4k"]}).made == 2
    assert (
        batch(asked, out, notebooks=notebooks, sweep={"populations.users.daily_active": ["4k"]}, again=True).made == 2
    )
    (out / "one" / "report.html").unlink()
    assert batch(asked, out, notebooks=notebooks, sweep={"populations.users.daily_active": ["4k"]}).made == 1


def test_briefs_of_one_name_have_folders_of_their_own(briefs: Briefs, notebooks: Path, tmp_path: Path) -> None:
    """Each is called after the folder it lies in; the same file named twice is made once."""
    (first,) = briefs("village")
    other = tmp_path / "other" / "village.yaml"
    other.parent.mkdir()
    other.write_text(first.read_text().replace("2k", "9k"))
    found = batch([first, other, str(first), other.parent], tmp_path / "out", notebooks=notebooks)
    assert [row.folder for row in found.rows] == ["briefs-village", "other-village"]
    assert batch([other, first], tmp_path / "out", notebooks=notebooks).made == 0


def test_a_brief_that_cannot_be_read_is_a_row(briefs: Briefs, notebooks: Path, tmp_path: Path) -> None:
    """YAML that is none, a mistake in a value, a file that is not there: each says what and where, the others are made."""
    good, torn, wrong = briefs("good", "torn", "wrong")
    torn.write_text("system: [")
    wrong.write_text(wrong.read_text().replace("2k", "lots"))
    rows = {
        row.name: row
        for row in batch([good, torn, wrong, tmp_path / "none.yaml"], tmp_path / "out", notebooks=notebooks).rows
    }
    assert {name: row.status for name, row in rows.items()} == {
        "good": "done",
        "torn": "failed",
        "wrong": "failed",
        "none": "failed",
    }
    assert "torn.yaml" in rows["torn"].message
    assert "wrong.yaml:4" in rows["wrong"].message
    assert "no such file" in rows["none"].message


def test_any_executor_will_do(briefs: Briefs, notebooks: Path, tmp_path: Path) -> None:
    """Nothing is asked of an executor but `submit`; what it raises becomes a row."""
    from concurrent.futures import Future

    class Broken(Executor):
        def submit(self, work, /, *arguments, **more):  # type: ignore[no-untyped-def]
            future: Future[object] = Future()
            future.set_exception(RuntimeError("no more"))
            return future

    (row,) = batch(briefs("village"), tmp_path / "out", executor=Broken(), notebooks=notebooks).rows
    assert (row.status, row.message) == ("failed", "RuntimeError: no more")


def test_a_worker_that_does_not_see_the_folder_or_has_another_workbook_says_so(briefs: Briefs, tmp_path: Path) -> None:
    """Both are found out before any work is done."""
    from workbook.run.batch import one
    from workbook.run.batch.jobs import Options, jobs, sources

    ((job, _),) = jobs(sources(briefs("village")), {}, Options(tmp_path / "out", "token"))
    assert "does not see the folder" in one(job)["message"]
    assert "has workbook" in one({**job, "version": "0.0.7"})["message"]
    json.dumps(job)

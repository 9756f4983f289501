"""Whatever happens to a run, there is a whole report or the one that was there before, and nothing else is left."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from waiting import LONG, until

from workbook import _temporary
from workbook.run import publishing, run, warm
from workbook.run.batch.preload import ALL
from workbook.run.preload import environment

FAULTS: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))
SUPPORT = Path(__file__).resolve().parents[1] / "support"
BRIEF = """\
workbook: 1
system: Village noticeboard
populations:
  users: {daily_active: USERS, monthly_active: 20k}
entities:
  notice: {fields: {id: id, body: string 200}, retention: 1 year}
operations:
  post: {does: create notice, rate: 1 per users per day, priority: P0, p99: 300 ms}
  read: {does: list notice, rate: 5 per users per day, priority: P0, p99: 300 ms}
"""
OLD, NEW, NEWER = (BRIEF.replace("USERS", users) for users in ("1k", "2k", "3k"))
SHOWS = "print('shown', brief)"
SECTIONS = 4
PAGE = 4096
"""Bytes that a disk gives a file at a time."""


def notebooks(folder: Path, cell: str) -> Path:
    """Some that show the brief, and in the end one with this cell."""
    folder.mkdir()
    for number, (name, source) in enumerate((*[("shows", SHOWS)] * (SECTIONS - 1), ("waits", cell))):
        made = new_notebook(
            cells=[
                new_markdown_cell(f"# {number}. Part {number}", id="title"),
                new_code_cell('brief = "none"\noverrides = {}', id="parameters", metadata={"tags": ["parameters"]}),
                new_code_cell(source, id="body"),
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(made, folder / f"{number:02d}_{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole report of the older brief."""
    place = tmp_path_factory.mktemp("old")
    (place / "brief.yaml").write_text(OLD, encoding="utf-8")
    found = run(
        place / "brief.yaml", {}, place / "out", notebooks=notebooks(place / "own", SHOWS), jobs=2, progress=False
    )
    assert not found.failed
    summary = json.loads((place / "out" / "summary.json").read_text(encoding="utf-8"))
    for section in summary["sections"]:
        section["seconds"] = 0.0  # the slowest would begin first: here it is the order of their names
    (place / "out" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return place / "out"


def surroundings(home: Path) -> dict[str, str]:
    """The variables of a run, with the home folder of its own."""
    path = os.pathsep.join([str(SUPPORT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**environment(home), "HOME": str(home), "PYTHONPATH": path}


@pytest.fixture(scope="module", autouse=True)
def _template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The process that the runs are forked from; its own variables name no folder of a test."""
    if not warm.unfit():
        warm.warm(surroundings(tmp_path_factory.mktemp("home")), ALL)


class World:
    """A fault with all that it needs: a folder of its own, and what is in it."""

    def __init__(self, place: Path, fault: Mapping[str, Any], old: Path) -> None:
        self.place, self.fault = place, fault
        self.out = place / fault.get("output", "out")
        self.temporary, self.desk = place / "temporary", place / "desk"
        for folder in (self.temporary, self.desk, place / "home"):
            folder.mkdir()
        self.brief = place / fault.get("name", "brief.yaml")
        self.brief.write_text(NEW, encoding="utf-8")
        self.reached, self.go = place / "reached", place / "go"
        waits = (
            f"import os, time\nopen({str(self.reached)!r}, 'w').close()\n"
            f"while not os.path.exists({str(self.go)!r}): time.sleep(0.01)"
        )
        notebooks(place / "own", fault.get("cell", waits if fault.get("at") == "cell" else SHOWS))
        if not fault.get("fresh"):
            shutil.copytree(old, self.out)
        for name in fault.get("make", ()):
            (self.out / name.removeprefix("out/").rstrip("/")).parent.mkdir(parents=True, exist_ok=True)
            made = place / name
            made.mkdir(parents=True) if name.endswith("/") else made.write_text("mine")
        if future := fault.get("future"):
            for path in (place / future, *(place / future).rglob("*")):
                os.utime(path, (time.time() + 10**8, time.time() + 10**8))
        self.before = digest(self.out)
        self.errors, self.printed = place / "stderr", place / "stdout"
        self.process: Any = None

    def plan(self) -> dict[str, Any]:
        """What the process is told."""
        return {
            "home": str(self.place / "home"),
            "notebooks": str(self.place / "own"),
            "reached": str(self.reached),
            "go": str(self.go),
            "stdout": str(self.printed),
            "stderr": str(self.errors),
            "arguments": ["run", str(self.brief), "-o", str(self.out), *self.fault.get("arguments", ())],
            **{name: value for name, value in self.fault.items() if name in PASSED},
        }

    def start(self) -> Any:
        """Start it, as a fork or as an interpreter of its own."""
        around = {**surroundings(self.place / "home"), "TMPDIR": str(self.temporary)}
        for name, value in self.fault.get("environment", {}).items():
            around.pop(name, None)
            around.update({name: value} if value is not None else {})
        if not self.fault.get("cold"):
            return warm.spawn(
                "faulty:forked", {"plan": self.plan()}, environment=around, modules=ALL, folder=str(self.desk)
            )
        closing = " ".join(f"{number}>&-" for number in self.fault.get("close", ()))
        command = ["sh", "-c", f'exec "$@" {closing}', "sh", sys.executable, "-m", "faulty", json.dumps(self.plan())]
        return subprocess.Popen(command, env=around, cwd=self.desk, start_new_session=True)

    def kernel(self) -> psutil.Process:
        """The one whose cell waits."""
        return next(one for one in self.processes() if folder_of(one).endswith("_waits"))

    def processes(self) -> list[psutil.Process]:
        """Those that belong to this run, however they got away: by their folder, their command or their variables."""
        return [one for one in psutil.process_iter() if one.pid != os.getpid() and str(self.place) in told_by(one)]

    def said(self) -> str:
        """What the user reads."""
        return "".join(path.read_text(errors="replace") for path in (self.errors, self.printed) if path.is_file())


PASSED = ("at", "close", "ignores", "nobody reads", "limits", "moving fails", "stdout", "stderr", "gone")


def folder_of(process: psutil.Process) -> str:
    """Its working folder, as far as it can be known."""
    with contextlib.suppress(psutil.Error, OSError):
        return str(process.cwd())
    return ""


def told_by(process: psutil.Process) -> str:
    """Where a process stands, how it was called, and where its temporary files go."""
    with contextlib.suppress(psutil.Error, OSError):
        if process.status() != psutil.STATUS_ZOMBIE:
            return f"{folder_of(process)} {' '.join(process.cmdline())} {process.environ().get('TMPDIR')}"
    return ""


def digest(folder: Path) -> dict[str, str]:
    """Every file below a folder, with its content; nothing of what is hidden."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def whole(world: World, folder: Path | None = None) -> bool:
    """Whether the report is the new one, all of it, and of one brief: revision, copy and what the notebooks were given."""
    out = folder or world.out
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    revision = hashlib.sha256(NEW.encode()).hexdigest()[:12]
    copy = out / "notebooks" / summary["brief"]["name"]
    return bool(
        [section["status"] for section in summary["sections"]] == ["done"] * SECTIONS
        and summary["brief"]["revision"] == revision
        and revision in (out / "report.md").read_text(encoding="utf-8")
        and copy.read_text(encoding="utf-8") == NEW
        and (out / "report.html").read_text(encoding="utf-8").count("shown ") >= SECTIONS - 1
        and set(digest(out)) == set(summary["files"])
    )


def unfinished(world: World) -> bool:
    """Whether the old report is as it was, and what was made is beside it."""
    beside = world.out / publishing.UNFINISHED
    if not (beside / "summary.json").exists():
        return False
    summary = json.loads((beside / "summary.json").read_text(encoding="utf-8"))
    kept = {name: said for name, said in digest(world.out).items() if not name.startswith(publishing.UNFINISHED)}
    return kept == world.before and publishing.sections_done(beside) < len(summary["sections"])


REPORTS: dict[str, Callable[[World], bool]] = {
    "old": lambda world: digest(world.out) == world.before,
    "mine": lambda world: digest(world.out) == world.before,
    "none": lambda world: not digest(world.out),
    "whole": whole,
    "unfinished": unfinished,
    "begun": lambda world: 0 < publishing.sections_done(world.out) < SECTIONS,
    "not less": lambda world: digest(world.out) == world.before or unfinished(world) or whole(world),
}


@contextlib.contextmanager
def small(folder: Path, room: int, options: str) -> Iterator[None]:
    """A disk of its own for this folder, with what is in it and so many bytes of room; needs root."""
    pages = sum(1 + path.stat().st_size // PAGE for path in folder.rglob("*"))
    kept = folder.with_name(f"{folder.name}-kept")
    folder.rename(kept)
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={pages * PAGE + room}", "tmpfs", str(folder)], check=True)
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        shutil.rmtree(kept)


def act(world: World, done: Any) -> None:
    """Let one thing happen."""
    ((what, value),) = done.items() if isinstance(done, dict) else ((done, ""),)
    if what == "signal":
        world.process.send_signal(getattr(signal, value))
    elif what == "group":
        os.killpg(world.process.pid, getattr(signal, value))
    elif what == "kernel":
        world.kernel().send_signal(getattr(signal, value))
    elif what == "warm":
        parent = world.kernel().parent()
        assert parent is not None
        parent.send_signal(getattr(signal, value))
    elif what == "edit":
        world.brief.write_text(NEWER, encoding="utf-8")
    elif what == "delete":
        (world.place / value).rename(world.place / "deleted")
        subprocess.run(["rm", "-r", str(world.place / "deleted")], check=True)
    else:
        assert what == "beside"
        world.go.touch()
        second = world.start()
        assert second.wait(LONG) == 0


def wait_for_place(world: World) -> None:
    """Wait until the run is where the fault is to come."""
    at = world.fault.get("at")
    if at == "server":
        until(lambda: list(world.temporary.glob("workbook-*/server/data")) or world.process.poll() is not None)
    elif at in ("cell", "designs", "moving"):
        until(lambda: world.reached.exists() or world.process.poll() is not None)
    assert at is None or world.process.poll() is None, world.said()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a short path, since sockets are made in it."""
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # a server of another user is to reach its own folder
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_after(name: str, place: Path, old: Path) -> None:
    """The status, what is said, the report; no process, no temporary file, nothing hidden in the folder."""
    fault = FAULTS[name]
    world = World(place, fault, old)
    with contextlib.ExitStack() as stack:
        for key, options in (("disk", "rw"), ("read only", "ro")):
            if key in fault:
                if os.geteuid() != 0:
                    pytest.skip("needs root, to mount a small disk")
                stack.enter_context(small(place / fault[key], fault["room"], options))
        world.process = stack.enter_context(started(world))
        wait_for_place(world)
        for done in fault.get("do", ()):
            act(world, done)
        world.go.touch()
        status = world.process.wait(LONG)
        expected = fault["status"] if isinstance(fault["status"], list) else [fault["status"]]
        assert status in expected, world.said()
        assert "Traceback" not in world.said()
        assert re.search(fault.get("says", ""), world.said(), re.DOTALL), world.said()
        until(lambda: not world.processes())
        if status < 0 or fault.get("swept"):
            _temporary.sweep(world.temporary, _temporary.PREFIX)
        if fault.get("swept"):
            publishing.recover(world.out)
        assert REPORTS[fault["report"]](world), f"{status}\n{world.said()}\n{sorted(digest(world.out))}"
    if "then" in fault:
        again(world)
    if world.temporary.exists():
        assert [path.name for path in world.temporary.rglob("*")] == []
    if status >= 0 or "then" in fault:
        assert [path.name for path in world.out.glob(".*")] == []


@contextlib.contextmanager
def started(world: World) -> Iterator[Any]:
    """The run; killed in the end where a failing test leaves it."""
    process = world.start()
    try:
        yield process
    finally:
        for one in (process, *world.processes()):
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                one.kill()


def again(world: World) -> None:
    """The next run into the same folder is as good as any, and takes away what a killed one left."""
    world.fault = {}
    world.process = world.start()
    assert world.process.wait(LONG) == 0, world.said()
    assert REPORTS["whole"](world)

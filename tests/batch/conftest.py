"""A hundred small briefs, notebooks that misbehave for some of them, and a look at what is left behind."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

BRIEF = """\
workbook: 1
system: {system}
populations:
  users: {{daily_active: 2k, monthly_active: 20k}}
entities:
  notice: {{fields: {{id: id, body: string 200}}, retention: 1 year}}
operations:
  post: {{does: create notice, rate: 1 per users per day, priority: P0, p99: 300 ms}}
  read: {{does: list notice, rate: 5 per users per day, priority: P0, p99: 300 ms}}
"""

FATES = """
import os, time
if "fails" in brief: open("/no/such/file")
if "hangs" in brief:
    while True: time.sleep(1)
if "eats" in brief: kept = [bytearray(b"x" * (64 << 20)) for _ in range(64)]
if "leaves" in brief: os._exit(7)
if "prints" in brief: print("x" * (100 << 20))
if "threads" in brief:
    import threading
    threading.Thread(target=lambda: [time.sleep(1) for _ in range(3600)]).start()
if "starts" in brief:
    import subprocess
    subprocess.Popen(["sleep", "3600"], start_new_session=True)
if "crowd" in brief:
    for _ in range(8):
        if os.fork() == 0:
            kept = bytearray(b"x" * (80 << 20)); time.sleep(3600); os._exit(0)
    time.sleep(3600)
if "slow" in brief: time.sleep(0.5)
if "waits" in brief:
    while not os.path.exists(os.environ["MAY_GO_ON"]): time.sleep(0.05)
print("made", brief)
"""


def notebook(folder: Path, source: str) -> Path:
    """A folder with one notebook of this one cell."""
    folder.mkdir()
    made = new_notebook(
        cells=[
            new_markdown_cell("# 0. Part", id="title"),
            new_code_cell('brief = "none"\noverrides = {}', id="parameters", metadata={"tags": ["parameters"]}),
            new_code_cell(textwrap.dedent(source), id="body"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(made, folder / "00_part.ipynb")
    return folder


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """One notebook that does as the brief's name says."""
    return notebook(tmp_path / "own", FATES)


@pytest.fixture
def briefs(tmp_path: Path) -> Callable[..., list[Path]]:
    """Makes briefs of these names."""

    def make(*names: str) -> list[Path]:
        folder = tmp_path / "briefs"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / f"{name}.yaml").write_text(BRIEF.format(system=f"Village {name}"), encoding="utf-8")
        return [folder / f"{name}.yaml" for name in names]

    return make


class Left:
    """What is there now that was not there before: processes of ours, sockets they hold, files in the temporary folder."""

    def __init__(self, temporary: Path) -> None:
        self.temporary = temporary
        gc.collect()  # event loops of earlier tests hold sockets until they are collected
        self.before = {process.pid for process in psutil.process_iter()}
        self.sockets = self._sockets()

    @staticmethod
    def _sockets() -> int:
        links = [path for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        return sum(os.readlink(path).startswith("socket:") for path in links)

    def processes(self) -> list[str]:
        """Those that run the workbook, or what its notebooks start."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid not in self.before and process.status() != psutil.STATUS_ZOMBIE and self._ours(process):
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found

    def _ours(self, process: psutil.Process) -> bool:
        return str(self.temporary) in (process.environ().get("TMPDIR") or "") and "multiprocessing" not in " ".join(
            process.cmdline()
        )

    def files(self) -> list[str]:
        """Those below the temporary folder."""
        return sorted(path.name for path in self.temporary.rglob("*"))

    def more_sockets(self) -> int:
        """How many sockets this process holds more than before."""
        return self._sockets() - self.sockets


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Left]:
    """A temporary folder of the test's own, and what is left in it and around it; every warm process ends with the test."""
    import tempfile

    from workbook.run import warm

    warm.close()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield Left(temporary)
    warm.close()


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts the command as a shell would; `own` are notebooks in place of the package's, for which it has no option."""

    def start(*arguments: object, own: Path | None = None) -> subprocess.Popen[str]:
        script = "import sys\nfrom functools import partial\nimport workbook.run.batch as b\n"
        if own is not None:
            script += f"from pathlib import Path\nb.batch = partial(b.batch, notebooks=Path({str(own)!r}))\n"
        script += "from workbook.cli import main\nmain(sys.argv[1:])"
        path = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry and Path(entry).is_dir())
        return subprocess.Popen(
            [sys.executable, "-c", script, "batch", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}, cwd=tmp_path,
        )  # fmt: skip

    return start

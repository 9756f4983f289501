"""The wheel works by itself, in an empty folder, without the clone it was built from."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from workbook import _files

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.skipif(find_spec("build") is None, reason="the package build is not installed")
@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="the wheel needs the README")
def test_the_wheel_alone_begins_a_brief_and_runs_it(tmp_path: Path) -> None:
    """Built, unpacked elsewhere and used from an empty folder: `new`, then `run`, with notebooks, briefs and styles from the wheel."""
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path / "dist"),
        str(ROOT),
    ]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    place, desk = tmp_path / "installed", tmp_path / "desk"
    desk.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    environment = {**os.environ, "PYTHONPATH": str(place)}

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=desk, env=environment, capture_output=True, text=True, timeout=180
        )

    where = python(
        "-c", "import workbook, workbook._files as f; print(workbook.__file__); print(f.root())"
    ).stdout.split()
    assert all(path.startswith(str(place)) for path in where)
    assert not any(path.startswith(str(_files.root())) for path in where)
    begun = python("-m", "workbook", "new", "Design a chat for 2 million people", "-o", "mine.yaml")
    assert begun.returncode == 0, begun.stderr
    ran = python("-m", "workbook", "run", "mine.yaml", "-o", "out", "-q")
    assert ran.returncode in (0, 1), ran.stderr
    assert (desk / "out" / "report.html").stat().st_size > 1_000_000

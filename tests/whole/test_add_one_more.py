"""The pages "add one more" are followed to the letter: two files each, nothing else touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def _examples() -> dict[str, list[tuple[str, str]]]:
    """Heading -> the files under it."""
    found = {}
    for part in re.split(r"(?m)^### ", PAGE)[1:]:
        heading, _, body = part.partition("\n")
        files = re.findall(r"(?ms)^`([\w/.-]+)`\n```\w+\n(.*?)^```", body)
        if files:
            found[heading.strip()] = files
    return found


EXAMPLES = _examples()


KINDS = {
    "A shape in a dialect",
    "A capability",
    "An archetype",
    "A technology of a known dialect",
    "A choice",
    "A check",
    "A kind of artifact",
    "A subsection",
}
PLAYED = {
    "tests/proof/shapes": "tests/proof/test_shapes.py",
    "tests/capabilities": "tests/capabilities/test_approaches.py",
}
"""Folders of cases, and the tests that play them."""
LEFT = (".git", ".venv", ".work", "node_modules", "reports", "__pycache__", ".*_cache", ".hypothesis")
LIMIT = 900
"""Seconds for the quick suite of the copy: far from what it takes."""


def test_q2_the_page_has_every_kind() -> None:
    """Eight kinds, an example of two files each."""
    assert set(EXAMPLES) == KINDS
    assert all(len(files) == 2 for files in EXAMPLES.values())


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with every example in it, and nothing else touched."""
    folder = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT), symlinks=True)
    for files in EXAMPLES.values():
        for name, text in files:
            target = folder / name
            assert not target.exists()
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return folder


def _pytest(folder: Path, *arguments: str) -> None:
    """Pytest finds tests in the copy, and all pass."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTEST_ADDOPTS": ""}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]


@pytest.mark.parametrize("heading", sorted(KINDS))
def test_two_files_are_enough(heading: str, copy: Path) -> None:
    """The new thing passes its own test, or the test that plays its case."""
    case = EXAMPLES[heading][1][0]
    played = PLAYED.get(str(Path(case).parent))
    arguments = (played, "-k", Path(case).stem) if played else (case,)
    _pytest(copy, *arguments)


@pytest.mark.attack
def test_all_of_them_together_disturb_nothing(copy: Path) -> None:
    """The whole quick suite passes in the copy that has them all; but for the test that lays the same files beside the project."""
    _pytest(
        copy,
        "--ignore",
        "tests/whole/test_plugins.py",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-m",
        "not slow and not browser and not attack",
    )

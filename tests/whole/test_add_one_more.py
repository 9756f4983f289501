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


def test_the_page_has_every_kind() -> None:
    """Choice, technology, archetype, check and artifact kind each have an example of two files."""
    assert set(EXAMPLES) == {
        "A technology of a known dialect",
        "An archetype",
        "A choice",
        "A check",
        "A kind of artifact",
    }
    assert all(len(files) == 2 for files in EXAMPLES.values())


@pytest.mark.parametrize("heading", EXAMPLES)
def test_two_files_are_enough(heading: str, tmp_path: Path) -> None:
    """In a copy of the project the new file and its test are added, and the test passes."""
    for folder in ("src", "assets", "notebooks", "rag"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in EXAMPLES[heading]:
        target = tmp_path / name
        assert not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    test = EXAMPLES[heading][1][0]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "PYTEST_ADDOPTS": ""}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path / test)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert "1 passed" in run.stdout

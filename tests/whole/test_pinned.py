"""What is fetched to build and to test is the same tomorrow."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    [*(path for path in (ROOT / ".ci").iterdir() if path.is_file()), *(ROOT / "tests").rglob("*.py"), ROOT / "Makefile"]
)
FETCHES = re.compile(r"pip\\?\"?,? \"?install|npm\"?,? \"?(?:install|i|ci)\\b|npx|go\"?,? \"?install")
PINNED = ("--require-hashes", '"npm", "ci"', "--no-deps --no-build-isolation -e .")
"""By hash, by the lock file of npm, or the project itself."""


@pytest.mark.parametrize("name", ["uv", "go"])
def test_f15_a_tool_has_one_version_and_its_hashes(name: str) -> None:
    """The requirement of a tool names one version, and a hash for each of its files."""
    text = (ROOT / ".ci" / f"{name}.txt").read_text()
    assert len(re.findall(r"^[a-z-]+==\d[\d.]* \\$", text, re.MULTILINE)) == 1
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) > 1


def test_f15_typescript_has_one_version_and_its_integrity() -> None:
    """The lock file of npm names the version that is asked for, and the hash of its archive, and no index."""
    folder = ROOT / ".ci" / "typescript"
    (version,) = json.loads((folder / "package.json").read_text())["devDependencies"].values()
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]["node_modules/typescript"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert locked["version"] == version
    assert locked["integrity"].startswith("sha512-")
    assert "resolved" not in locked


def test_f15_nothing_is_fetched_without_a_pin() -> None:
    """Each line of a script or a test that fetches a package says where its version and its hash stand."""
    here = Path(__file__)
    loose = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in SCRIPTS
        if path != here
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if FETCHES.search(line)
        and not line.lstrip().startswith(("#", "assert"))
        and not any(pin in line for pin in PINNED)
    ]
    assert loose == []

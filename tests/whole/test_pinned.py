"""What is fetched to build and to test is the same tomorrow."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from waiting import LONG

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


@pytest.mark.slow
def test_f15_the_bill_of_materials_lists_what_is_pinned(tmp_path: Path) -> None:
    """`make sbom` writes CycloneDX: the project, what it needs, each installed package in its pinned version, and no path of this machine."""
    out = tmp_path / "sbom.json"
    subprocess.run([ROOT / ".ci" / "sbom", out], check=True, capture_output=True, timeout=LONG)
    text = out.read_text(encoding="utf-8")
    bill = json.loads(text)
    assert bill["bomFormat"] == "CycloneDX"
    listed = {_plain(one["name"]): one["version"] for one in bill["components"]}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;]+)", lock, re.MULTILINE):
        pinned.setdefault(_plain(name), set()).add(version)  # one of them for each version of Python
    assert {"numpy", "papermill", "voila"} <= listed.keys()
    assert [f"{name} {version}" for name, version in listed.items() if version not in pinned.get(name, {version})] == []
    project = bill["metadata"]["component"]
    needs = next(one["dependsOn"] for one in bill["dependencies"] if one["ref"] == project["bom-ref"])
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == wanted["name"]
    asked = {_plain(re.split("[^A-Za-z0-9._-]", said)[0]) for said in wanted["dependencies"]}
    assert asked <= {_plain(reference.split("==")[0]) for reference in needs}
    assert str(ROOT) not in text


def _plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()

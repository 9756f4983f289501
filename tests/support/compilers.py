"""The compilers that tests show generated code to, in the versions that are pinned."""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLDEST_GO = (1, 22)
OFFLINE = {
    "GOFLAGS": "-mod=mod",
    "GOTOOLCHAIN": "local",
    "GOPROXY": "off",
    "GOCACHE": str(ROOT / ".work" / "gocache"),
}
"""What keeps go from the network."""


def typescript() -> list[str]:
    """The compiler of `.ci/typescript`, in the ignored folder `.work/node`; fetched where it is not there in that version."""
    folder = ROOT / ".work" / "node"
    pinned = ROOT / ".ci" / "typescript"
    compiler = folder / "node_modules" / "typescript" / "bin" / "tsc"
    if not shutil.which("node"):
        pytest.skip("not run: needs node")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _fetched(folder, pinned, compiler):
            if not shutil.which("npm"):
                pytest.skip("not run: needs npm")
            shutil.copytree(pinned, folder, dirs_exist_ok=True)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(folder)]
            subprocess.run(command, capture_output=True, timeout=300, check=False)
    if not compiler.exists():
        pytest.skip("not run: needs typescript from npm")
    return ["node", str(compiler)]


def _fetched(folder: Path, pinned: Path, compiler: Path) -> bool:
    name = "package-lock.json"
    kept = folder / name
    return compiler.exists() and kept.exists() and kept.read_bytes() == (pinned / name).read_bytes()


def go() -> str:
    """A go that is new enough: the one that `make test` keeps, else the one on the path."""
    for found in (*map(str, (ROOT / ".work" / "go").glob("**/bin/go")), shutil.which("go")):
        if found:
            said = subprocess.run([found, "version"], capture_output=True, text=True, timeout=60, check=False).stdout
            version = re.search(r"go(\d+)\.(\d+)", said)
            if version and (int(version[1]), int(version[2])) >= OLDEST_GO:
                return found
    pytest.skip("not run: needs go 1.22 or newer")


def unformatted(go_program: str, folder: Path) -> str:
    """The files that gofmt would change."""
    command = [go_program, "env", "GOROOT"]
    root = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()
    formatter = shutil.which("gofmt") or str(Path(root) / "bin" / "gofmt")
    if not Path(formatter).exists():
        return ""
    done = subprocess.run([formatter, "-l", "."], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout

"""The compilers that tests show generated code to, in the versions that are pinned."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
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


BRIEF_JVM = ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"]
"""A compiler that ends after seconds is not worth compiling and collecting for at length itself."""


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
            # In the folder and not by --prefix: that would also look for the machine's settings (certificates) there.
            command = ["npm", "ci", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False)
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


def refused_code(language: str, sources: Iterable[tuple[int, str, str]], folder: Path, every: int = 1) -> str:
    """What a language's compiler says against programs (number, name, text), each number in a folder of its own; empty: nothing.

    Of Python one system of `every` is shown to the type checker, which takes a second for each.
    """
    paths = []
    for number, name, text in sources:
        path = folder / f"c{number}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_packaged(text, number) if language == "java" else text, encoding="utf-8")
        paths.append(path)
    assert paths
    if language == "python":
        return _python(paths, folder, every)
    return {"java": _java, "typescript": _typescript, "go": _go}[language](paths, folder)


def _packaged(text: str, number: int) -> str:
    """A file of Java in a package of its own, so that all are compiled at once."""
    return re.sub(r"(?m)^(package |import (?:static )?)service\b", rf"\1c{number}.service", text)


def ran(command: list[str], folder: Path, **environment: str) -> str:
    """What a program says where it fails."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False, env={**os.environ, **environment}
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-4000:]


def _python(paths: list[Path], folder: Path, every: int) -> str:
    for path in paths:
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    rules = ["check", "--isolated", "--no-cache", "--select", "E9,F,B", "--output-format", "concise", "."]
    wrong = ran([sys.executable, "-m", "ruff", *rules], folder)
    if wrong or not importlib.util.find_spec("mypy"):
        return wrong
    options = ["--cache-dir", str(folder / ".mypy"), "--config-file", os.devnull, "--check-untyped-defs", "."]
    folders = sorted({p.parent for p in paths})[::every]
    return "".join(ran([sys.executable, "-m", "mypy", *options], one) for one in folders)


def _java(paths: list[Path], folder: Path) -> str:
    if not shutil.which("javac"):
        pytest.skip("not run: needs javac")
    strict = ["--release", "17", "-encoding", "UTF-8", "-Xlint:all", "-Xlint:-serial", "-Werror"]
    return ran(["javac", *BRIEF_JVM, *strict, "-d", str(folder / "out"), *map(str, paths)], folder)


def _typescript(paths: list[Path], folder: Path) -> str:
    strict = [
        "--strict",
        "--noUncheckedIndexedAccess",
        "--noUnusedLocals",
        "--target",
        "es2023",
        "--module",
        "nodenext",
    ]
    options = ["--noEmit", *strict, "--moduleDetection", "force"]
    return ran([*typescript(), *options, *map(str, paths)], folder)


def _go(paths: list[Path], folder: Path) -> str:
    compiler = go()
    (folder / "go.mod").write_text("module generated\n\ngo 1.22\n", encoding="utf-8")
    wrong = ran([compiler, "vet", "./..."], folder, **OFFLINE)
    return wrong or unformatted(compiler, folder)

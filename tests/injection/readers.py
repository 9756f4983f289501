"""Compilers and engines that read many systems at once."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import compilers
import pytest

from workbook.artifacts import build
from workbook.artifacts.base import databases
from workbook.artifacts.dialects.postgresql.examples import rows
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.proof.engines.postgresql import DIALECT, inside


def statements(plan: Plan, number: int) -> Iterator[str]:
    """Everything that PostgreSQL is given of a plan, in a schema of its own for each store."""
    artifacts = [a for a in build(plan) if a.dialect == DIALECT]
    for position, (store, tables) in enumerate(databases(plan, (DIALECT,))):
        mine = [a for a in artifacts if a.path.split("/")[1].split(".")[0] == file(store.id)]
        assert mine
        yield f"CREATE SCHEMA s{number}_{position}; SET search_path TO s{number}_{position}, public;"
        for artifact in sorted(mine, key=lambda a: a.kind != "schema"):
            if artifact.kind == "schema":
                yield artifact.text.replace(
                    "EXTENSION IF NOT EXISTS btree_gist", "EXTENSION IF NOT EXISTS btree_gist SCHEMA public"
                )
                yield rows(tables)
            else:
                yield f"BEGIN;\n{inside(artifact.text)}\nROLLBACK;"


def refused_code(language: str, sources: Iterable[tuple[int, str, str]], folder: Path) -> str:
    """What a language's compiler says against programs (number, name, text), each number in a folder of its own; empty: nothing."""
    paths = []
    for number, name, text in sources:
        path = folder / f"c{number}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_packaged(text, number) if language == "java" else text, encoding="utf-8")
        paths.append(path)
    assert paths
    return {"python": _python, "java": _java, "typescript": _typescript, "go": _go}[language](paths, folder)


def _packaged(text: str, number: int) -> str:
    """A file of Java in a package of its own, so that all are compiled at once."""
    return re.sub(r"(?m)^(package |import (?:static )?)service\b", rf"\1c{number}.service", text)


def ran(command: list[str], folder: Path, **environment: str) -> str:
    """What a program says where it fails."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False, env={**os.environ, **environment}
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-4000:]


EVERY = 12
"""Of so many systems one is shown to the type checker, which takes seconds for each."""


def _python(paths: list[Path], folder: Path) -> str:
    for path in paths:
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    rules = ["check", "--isolated", "--no-cache", "--select", "E9,F,B", "--output-format", "concise", "."]
    wrong = ran([sys.executable, "-m", "ruff", *rules], folder)
    if wrong or not importlib.util.find_spec("mypy"):
        return wrong
    options = ["--no-incremental", "--config-file", os.devnull, "--check-untyped-defs", "."]
    folders = sorted({p.parent for p in paths})[::EVERY]
    return "".join(ran([sys.executable, "-m", "mypy", *options], one) for one in folders)


def _java(paths: list[Path], folder: Path) -> str:
    if not shutil.which("javac"):
        pytest.skip("not run: needs javac")
    strict = ["--release", "17", "-encoding", "UTF-8", "-Xlint:all", "-Xlint:-serial", "-Werror"]
    return ran(["javac", *strict, "-d", str(folder / "out"), *map(str, paths)], folder)


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
    return ran([*compilers.typescript(), *options, *map(str, paths)], folder)


def _go(paths: list[Path], folder: Path) -> str:
    go = compilers.go()
    (folder / "go.mod").write_text("module generated\n\ngo 1.22\n", encoding="utf-8")
    wrong = ran([go, "vet", "./..."], folder, **compilers.OFFLINE)
    return wrong or compilers.unformatted(go, folder)

"""Compilers and engines that read many systems at once."""

from __future__ import annotations

import importlib.util
import os
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
        path.write_text(f"package c{number};\n{text}" if language == "java" else text, encoding="utf-8")
        paths.append(path)
    assert paths
    return {"python": _python, "java": _java, "typescript": _typescript, "go": _go}[language](paths, folder)


def ran(command: list[str], folder: Path, **environment: str) -> str:
    """What a program says where it fails."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False, env={**os.environ, **environment}
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-4000:]


def _python(paths: list[Path], folder: Path) -> str:
    for path in paths:
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    if not importlib.util.find_spec("mypy"):
        return ""
    flat = folder / "flat"
    flat.mkdir()
    names = [shutil.copy(p, flat / f"{p.parent.name}_{p.name}").name for p in paths]
    return ran([sys.executable, "-m", "mypy", "--strict", "--no-incremental", *names], flat)


def _java(paths: list[Path], folder: Path) -> str:
    if not shutil.which("javac"):
        pytest.skip("not run: needs javac")
    strict = ["--release", "17", "-encoding", "UTF-8", "-Xlint:all", "-Xlint:-serial", "-Werror"]
    return ran(["javac", *strict, "-d", str(folder / "out"), *map(str, paths)], folder)


def _typescript(paths: list[Path], folder: Path) -> str:
    strict = ["--strict", "--noUncheckedIndexedAccess", "--noUnusedLocals", "--target", "es2023", "--module", "es2022"]
    options = ["--noEmit", *strict, "--moduleDetection", "force"]
    return ran([*compilers.typescript(), *options, *map(str, paths)], folder)


def _go(paths: list[Path], folder: Path) -> str:
    go = compilers.go()
    (folder / "go.mod").write_text("module generated\n\ngo 1.22\n", encoding="utf-8")
    wrong = ran([go, "vet", "./..."], folder, **compilers.OFFLINE)
    return wrong or compilers.unformatted(go, folder)

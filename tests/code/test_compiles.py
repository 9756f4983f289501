"""Generated code compiles in its language, an operation a file, and says no word of what was not chosen."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbook.artifacts import Artifact, build_kind
from workbook.plan import Plan

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BRIEFS = ("chat", "feed", "music", "clinic", str(HERE / "odd.yaml"), str(HERE / "small_stay.yaml"))
LANGUAGES = ("python", "java", "go", "typescript")
SUFFIX = {"python": "py", "java": "java", "go": "go", "typescript": "ts"}
CHOICES: tuple[dict[str, str], ...] = ({}, {"database": "cassandra", "cache": "redis", "messaging": "kafka"})
Planned = Callable[..., Plan]


def files(plan: Plan) -> Iterator[Artifact]:
    """The generated files of a plan in the language chosen."""
    for kind in ("service", "worker"):
        yield from build_kind(plan, kind)


def written(planned: Planned, language: str, folder: Path) -> list[Path]:
    """Every brief with every choice, each in a folder of its own."""
    made = []
    for i, (brief, choices) in enumerate((b, c) for b in BRIEFS for c in CHOICES):
        for artifact in files(planned(brief, language=language, **choices)):
            path = folder / f"c{i}" / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists()
            path.write_text(artifact.text, encoding="utf-8")
            made.append(path)
    return made


def ran(command: list[str], folder: Path, **environment: str) -> str:
    """What a compiler says against it."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **environment}
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-3000:]


def test_python_compiles(planned: Planned, tmp_path: Path) -> None:
    """Every file is Python without an unused name, and type-correct where mypy is at hand."""
    paths = written(planned, "python", tmp_path)
    for path in paths:
        compile(path.read_text(), str(path), "exec")
    checks = ["check", "--isolated", "--no-cache", "--select", "E9,F,B", "--output-format", "concise", "."]
    assert not ran([sys.executable, "-m", "ruff", *checks], tmp_path)
    for folder in sorted({p.parent for p in paths}):
        arguments = ["--no-incremental", "--config-file", os.devnull, "--check-untyped-defs", "."]
        assert not ran([sys.executable, "-m", "mypy", *arguments], folder)


def test_typescript_compiles(planned: Planned, tmp_path: Path) -> None:
    """The TypeScript compiler accepts every file in its strictest mode."""
    compiler = shutil.which("tsc") or _typescript()
    paths = [str(p) for p in written(planned, "typescript", tmp_path)]
    strict = ["--strict", "--noUncheckedIndexedAccess", "--noUnusedLocals", "--noImplicitReturns"]
    target = ["--target", "es2023", "--module", "nodenext", "--moduleDetection", "force"]
    assert not ran([*compiler.split(), "--noEmit", *strict, *target, *paths], tmp_path)


def _typescript() -> str:
    """The compiler in the ignored folder `.work/node`, fetched once."""
    folder = ROOT / ".work" / "node"
    compiler = folder / "node_modules" / "typescript" / "bin" / "tsc"
    if not shutil.which("node"):
        pytest.skip("not run: needs node")
    if not compiler.exists():
        if not shutil.which("npm"):
            pytest.skip("not run: needs npm")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), "typescript@5"],
            capture_output=True,
            timeout=120,
            check=False,
        )
    if not compiler.exists():
        pytest.skip("not run: needs typescript from npm")
    return f"node {compiler}"


def test_java_compiles(planned: Planned, tmp_path: Path) -> None:
    """javac accepts every file without a warning."""
    if not shutil.which("javac"):
        pytest.skip("not run: needs javac")
    options = ["--release", "17", "-Xlint:all", "-Xlint:-serial", "-Werror"]
    paths = written(planned, "java", tmp_path)
    for folder in sorted({p.parents[1] for p in paths}):
        own = [str(p) for p in paths if p.is_relative_to(folder)]
        assert not ran(["javac", *options, "-d", str(folder / "out"), *own], tmp_path)


def _go() -> str | None:
    """A go that is new enough: the one `make test` keeps, else the one on the path."""
    for found in (*map(str, (ROOT / ".work" / "go").glob("go/bin/go")), shutil.which("go")):
        if found:
            said = subprocess.run([found, "version"], capture_output=True, text=True, timeout=60, check=False).stdout
            version = re.search(r"go(\d+)\.(\d+)", said)
            if version and (int(version[1]), int(version[2])) >= (1, 22):
                return found
    return None


def test_go_compiles(planned: Planned, tmp_path: Path) -> None:
    """go vet and go build accept every package, and gofmt would change nothing."""
    go = _go()
    if go is None:
        pytest.skip("not run: needs go 1.22 or newer")
    written(planned, "go", tmp_path)
    (tmp_path / "go.mod").write_text("module generated\n\ngo 1.22\n")
    environment = {
        "GOFLAGS": "-mod=mod",
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOCACHE": str(ROOT / ".work" / "gocache"),
    }
    assert not ran([go, "vet", "./..."], tmp_path, **environment)
    assert not ran([go, "build", "./..."], tmp_path, **environment)
    gofmt = Path(go).with_name("gofmt")
    if gofmt.exists():
        listed = subprocess.run([str(gofmt), "-l", "."], cwd=tmp_path, capture_output=True, timeout=60, check=False)
        assert listed.stdout == b""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("brief", BRIEFS)
def test_every_operation_is_a_file_and_has_a_way_in(planned: Planned, brief: str, language: str) -> None:
    """Each operation stands in one file, the routes name it, and every tunable that it uses has its number."""
    plan = planned(brief, language=language)
    made = {a.subject: a for a in files(plan)}
    assert set(made) == {*plan.world.programs, "support", "routes"}
    paths = [a.path.lower() for a in made.values()]
    assert len(set(paths)) == len(paths)
    assert all(a.path.endswith(f".{SUFFIX[language]}") for a in made.values())
    for endpoint in plan.design.endpoints:
        assert f"{endpoint.method} {endpoint.path}" in made["routes"].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_says_only_what_was_chosen(planned: Planned, language: str) -> None:
    """Other stores and brokers leave no word of the old ones: stores without statements are asked by ports."""
    plan = planned("chat", language=language, database="cassandra", messaging="rabbitmq", cache="memcached")
    text = "\n".join(a.text for a in files(plan)).lower()
    for word in ("kafka", "redis", "insert into", "on conflict"):
        assert word not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("python", ("def import_operation(", "from import_operation import import_operation", "later_ = 1800")),
        ("java", ("final class ListOperation {", "ListOperation::run")),
        ("go", ("func Import(", "var Routes = map[string]Operation{")),
        ("typescript", ("export async function importOperation(", "const later_ = 1800;")),
    ],
)
def test_names_that_mean_something_else_are_spelt_otherwise(
    planned: Planned, language: str, words: tuple[str, ...]
) -> None:
    """Operations called import, list, support and type, an entity called app, a tunable called later: none collides."""
    made = {a.subject: a for a in files(planned(str(HERE / "odd.yaml"), language=language))}
    text = "\n".join(a.text for a in made.values())
    for word in words:
        assert word in text
    assert not made["work_test"].path.endswith("_test.go")

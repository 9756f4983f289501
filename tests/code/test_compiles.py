"""Generated code compiles in its language, uses the brief's names, and says no word of what was not chosen."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import compilers
import pytest
from workbook.artifacts.code_text import SUFFIX

from workbook.artifacts import code_language, code_plan, code_text
from workbook.document.cursors import paged
from workbook.plan import Plan

BRIEFS = ("chat", "feed", "music", "clinic")
LANGUAGES = tuple(SUFFIX)
CHOICES = (
    {},
    {"cache": "redis", "messaging": "rabbitmq", "database": "postgresql"},
    {"cache": "memcached", "messaging": "kafka", "database": "postgresql"},
    {"cache": "in_process", "messaging": "outbox", "database": "postgresql"},
    {"cache": "redis", "messaging": "kafka", "database": "cassandra"},
    {"cache": "memcached", "messaging": "rabbitmq", "database": "mysql"},
    {"cache": "redis", "messaging": "kafka", "database": "mongodb"},
    {"cache": "redis", "messaging": "kafka", "database": "postgresql", "fan_out": "fan_out_on_read"},
    {"cache": "redis", "messaging": "kafka", "database": "cassandra", "fan_out": "fan_out_on_write"},
)
ROOT = Path(__file__).parents[2]
Planned = Callable[..., Plan]


def texts(plan: Plan, language: str) -> dict[str, str]:
    """The generated files of a plan by path."""
    return {a.path: a.text for make in (code_text.worker, code_text.service) for a in make(plan, language)}


def written(planned: Planned, language: str, folder: Path) -> list[Path]:
    """Every brief with every choice, each in a folder (and package) of its own."""
    made = []
    for i, (brief, choices) in enumerate((b, c) for b in BRIEFS for c in CHOICES):
        for name, text in texts(planned(brief, language=language, **choices), language).items():
            path = folder / f"c{i}" / Path(name).relative_to("code")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"package c{i};\n{text}" if language == "java" else text)
            made.append(path)
    assert len(made) == 2 * len(BRIEFS) * len(CHOICES)
    return made


def ran(command: list[str], folder: Path, **environment: str) -> str:
    """What a compiler says against it."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **environment}
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-3000:]


def test_python_compiles(planned: Planned, tmp_path: Path) -> None:
    """Every file is Python, and type-correct where mypy is at hand."""
    paths = written(planned, "python", tmp_path)
    for path in paths:
        compile(path.read_text(), str(path), "exec")
    if importlib.util.find_spec("mypy"):
        flat = tmp_path / "flat"
        flat.mkdir()
        names = [shutil.copy(p, flat / f"{p.parent.name}_{p.name}").name for p in paths]
        assert not ran([sys.executable, "-m", "mypy", "--strict", "--no-incremental", *names], flat)


@pytest.mark.slow
def test_typescript_compiles(planned: Planned, tmp_path: Path) -> None:
    """The TypeScript compiler accepts every file in its strictest mode."""
    compiler = compilers.typescript()
    paths = [str(p) for p in written(planned, "typescript", tmp_path)]
    strict = [
        "--strict",
        "--noUncheckedIndexedAccess",
        "--noUnusedLocals",
        "--target",
        "es2023",
        "--module",
        "es2022",
        "--moduleDetection",
        "force",
    ]
    assert not ran([*compiler, "--noEmit", *strict, *paths], tmp_path)


@pytest.mark.slow
def test_java_compiles(planned: Planned, tmp_path: Path) -> None:
    """javac accepts every file without a warning, in one call."""
    if not shutil.which("javac"):
        pytest.skip("not run: needs javac")
    paths = [str(p) for p in written(planned, "java", tmp_path)]
    assert not ran(
        ["javac", "--release", "17", "-Xlint:all", "-Xlint:-serial", "-Werror", "-d", str(tmp_path / "out"), *paths],
        tmp_path,
    )


@pytest.mark.slow
def test_go_compiles(planned: Planned, tmp_path: Path) -> None:
    """go vet accepts every package, and gofmt would change nothing."""
    go = compilers.go()
    written(planned, "go", tmp_path)
    (tmp_path / "go.mod").write_text("module generated\n\ngo 1.22\n")
    assert not ran([go, "vet", "./..."], tmp_path, **compilers.OFFLINE)
    assert compilers.unformatted(go, tmp_path) == ""


@pytest.mark.parametrize("brief", BRIEFS)
def test_code_says_only_what_was_chosen(planned: Planned, brief: str) -> None:
    """Changing language, cache, messaging and database leaves no word of the old ones."""
    words = {
        "cache": {"redis": ("redis", "zadd", "hset"), "memcached": ("memcached",), "in_process": ()},
        "messaging": {"kafka": ("kafka",), "rabbitmq": ("rabbitmq", "amqp", "pika"), "outbox": ("outbox",)},
        "database": {"postgresql": ("postgres", "psycopg", "pgx"), "cassandra": ("cassandra", "if not exists")},
    }
    for language in LANGUAGES:
        for chosen in CHOICES[1:5]:
            text = "\n".join(texts(planned(brief, language=language, **chosen), language).values()).lower()
            for role, known in words.items():
                for name, said in known.items():
                    found = [w for w in said if re.search(rf"\b{w}", text)]
                    assert name == chosen[role] or not found, f"{language}, {chosen}: {found}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("brief", BRIEFS)
def test_code_uses_the_brief_s_names(planned: Planned, brief: str, language: str) -> None:
    """Every column of the critical entities, the topic, the group, the operations and the tunables stand in the code."""
    plan = planned(brief, language=language)
    files = texts(plan, language)
    worker, service = (next(t for p, t in files.items() if kind in p.lower()) for kind in ("worker", "service"))
    topic = plan.design.topics[0]
    for name in (*dict(topic.fields), topic.name, topic.dead_letter, topic.groups[0][0], topic.event):
        assert name in worker
    found = paged(plan)
    assert found
    table, query = found
    said = plan.complete.operations[plan.design.critical_read]
    for entity in {said.entity, table.entity}:
        home = next(t for t in plan.design.tables if t.entity == entity and not t.purpose)
        for column in home.columns:
            assert column.name in service
    for operation in {plan.design.critical_read, query.operation}:
        assert operation in service or code_language.lower(operation) in service
    for name, value in plan.complete.model.tunables.items():
        for text in (worker, service):
            assert re.search(rf"\b{name}\b[^\n]* = {value}\b", text)


@pytest.mark.parametrize("brief", BRIEFS)
def test_the_code_pages_the_list_that_the_document_shows(planned: Planned, brief: str) -> None:
    """The document's cursor and the generated service speak of the same list."""
    plan = planned(brief)
    assert code_plan.paged(plan) == paged(plan)


def test_names_that_languages_or_templates_use_themselves_are_spelt_otherwise() -> None:
    """An entity called event or message, a column called class or key, an operation called read: none collides."""
    python, java, go = (code_language.Language(d) for d in ("python", "java", "go"))
    assert python.typed("event") == "EventRow"
    assert python.name("class") == "class_"
    assert java.name("default") == "default_"
    assert go.local("type") == "type_"
    assert python.local("key") == "key_"
    assert java.call("read") == "readNow"


def test_comments_and_strings_of_the_brief_cannot_end_the_code_s() -> None:
    """What a brief says is harmless in a comment and in a literal."""
    assert code_text.remark('a */ b """ c\nd') == "a b c d"
    assert code_text.quote('a"\n\\') == '"a\\"\\n\\\\"'

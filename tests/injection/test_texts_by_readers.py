"""Every compiler and engine takes what is generated from any text."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import compilers
import pytest
from readers import statements, to_mariadb
from systems import CHOICES, EVERY, TEXTS, everywhere, usual

from workbook.artifacts import build, build_kind
from workbook.artifacts.base import generators
from workbook.artifacts.writing import go, java, typescript
from workbook.proof.servers import MariaDB, Postgresql, Redis

GENERATED = {d for m in generators()["service"] for d in m.DIALECTS}
BY_LANGUAGE = {c["language"]: i for i, c in reversed(list(enumerate(CHOICES))) if c["language"] in GENERATED}


def sources(language: str) -> Iterator[tuple[int, str, str]]:
    """Number, name and text of programs: every text stands in those of two languages, and is in both kinds of program."""
    parity = list(BY_LANGUAGE).index(language) % 2
    for number, text in list(enumerate(TEXTS.values()))[parity::2]:
        plan = everywhere(text, BY_LANGUAGE[language])
        for artifact in (*build_kind(plan, "service"), *build_kind(plan, "worker")):
            yield number, artifact.path, artifact.text


@pytest.mark.parametrize("language", BY_LANGUAGE)
def test_f9_code_of_any_text_compiles(language: str, tmp_path: Path) -> None:
    """Python, Java, TypeScript and Go: texts in comments, constants and topics of a worker and a service. Their shape is tested for all."""
    assert compilers.refused_code(language, sources(language), tmp_path, EVERY) == ""


def test_f9_postgresql_takes_any_text(server: Postgresql) -> None:
    """As states of a row, in rows and in comments: every schema and statement runs."""
    assert not server.run("postgres", "CREATE DATABASE texts;")
    plans = [usual(), *(everywhere(t) for t in TEXTS.values()), *(everywhere(t, 1) for t in list(TEXTS.values())[::5])]
    text = "\n".join(s for number, plan in enumerate(plans) for s in statements(plan, number))
    assert not server.run("texts", text, 300)


def test_f9_mariadb_takes_any_text(mariadb_here: MariaDB) -> None:
    """In place of MySQL: as states of a row, in rows and in comments."""
    plans = [everywhere(t, len(CHOICES) - 1) for t in TEXTS.values()]
    text = "\n".join(s for number, plan in enumerate(plans) for s in to_mariadb(plan, f"texts_{number}"))
    assert not mariadb_here.run("", text, 300)


@pytest.mark.parametrize("choice", [0, 3])
def test_f9_redis_takes_any_text(choice: int, cache_server: Redis) -> None:
    """In cached rows and in events: every command of every file is taken."""
    for name, text in TEXTS.items():
        files = [a.text for a in build(everywhere(text, choice)) if a.language == "redis"]
        assert files
        assert not cache_server.run("FLUSHALL\n" + "\n".join(files)), name


def test_f9_java_go_and_javascript_print_what_was_written(tmp_path: Path) -> None:
    """A program of each language holds every text as a literal and prints its bytes; a comment with it stands before each."""
    texts = list(TEXTS.values())
    wanted = "".join(f"{t.encode().hex()}\n" for t in texts)

    def lines(writer: object, say: str) -> str:
        return "\n".join(f"{writer.comment(t)}\n{say.format(writer.string(t))}" for t in texts)  # type: ignore[attr-defined]

    (tmp_path / "a.mjs").write_text(
        lines(typescript, "console.log(Buffer.from({}).toString('hex'));"), encoding="utf-8"
    )
    (tmp_path / "A.java").write_text(
        "class A { static void say(String t) { System.out.println(java.util.HexFormat.of().formatHex("
        "t.getBytes(java.nio.charset.StandardCharsets.UTF_8))); }\npublic static void main(String[] a) {\n"
        + lines(java, "say({});") + "\n} }",
        encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "a.go").write_text(
        'package main\n\nimport "fmt"\n\nfunc main() {\n' + lines(go, 'fmt.Printf("%x\\n", []byte({}))') + "\n}\n",
        encoding="utf-8",
    )
    commands = (["node", "a.mjs"], ["java", "-Dfile.encoding=UTF-8", "A.java"], [compilers.go(), "run", "a.go"])
    for command in commands:
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **compilers.OFFLINE}
        )  # fmt: skip
        assert done.stdout == wanted, (command, done.stderr[-1000:])

"""Whatever is put into a writer comes back from the language's own reader as it was, and a comment ends where its line ends."""

from __future__ import annotations

import ast
import io
import json
import shlex
import subprocess
from typing import Any

import graphql as graphql_core
import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from ruamel.yaml import YAML
from systems import NAMES, TEXTS

from workbook.artifacts.writing import (
    cql,
    files,
    github_actions,
    go,
    graphql,
    java,
    markdown,
    memcached,
    mongodb,
    prometheus,
    proto,
    python,
    redis,
    shell,
    sql,
    typescript,
    yaml,
)
from workbook.artifacts.writing.text import one_line, remark
from workbook.brief.characters import refused
from workbook.catalog import loader
from workbook.proof.servers import Postgresql, Redis

ANY = st.one_of(st.sampled_from(sorted(TEXTS.values())), st.text(max_size=60))
SAID = st.one_of(
    st.sampled_from(sorted(TEXTS.values())), st.text(max_size=60).filter(lambda t: not any(map(refused, t)))
)
"""What a brief can hold."""
VALUES: Any = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), SAID),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(SAID, inner, max_size=3)),
    max_leaves=6,
)
FEW = settings(max_examples=100, deadline=None, derandomize=True)
COMMENTS = {
    "sql": sql.comment, "cql": cql.comment, "mongodb": mongodb.comment, "redis": redis.comment, "memcached": memcached.comment,
    "shell": shell.comment, "graphql": graphql.comment, "proto": proto.comment, "python": python.comment, "java": java.comment,
    "go": go.comment, "typescript": typescript.comment, "yaml": yaml.comment, "github_actions": github_actions.comment,
}  # fmt: skip


@pytest.mark.parametrize("dialect", COMMENTS)
@FEW
@given(text=ANY)
def test_f9_a_comment_is_one_line_for_every_reader(dialect: str, text: str) -> None:
    """No reader's idea of a line end is in it, nor anything that hides or reorders."""
    made = COMMENTS[dialect](text)
    assert len(made.splitlines()) == 1
    assert not any(refused(c) for c in made)


@FEW
@given(text=ANY)
def test_f9_a_remark_ends_no_comment_docstring_or_string(text: str) -> None:
    """Also where taking one sign away brings two others together."""
    made = remark(text)
    assert not any(sign in made for sign in ("*/", "/*", '"', "\\", "`"))
    assert len(made.splitlines()) <= 1


@FEW
@given(value=VALUES)
def test_f9_yaml_comes_back_from_old_and_new_readers(value: Any) -> None:
    """YAML 1.1 and 1.2 read the same value that was written."""
    text = yaml.dumped({"value": value})
    assert pyyaml.safe_load(text) == {"value": value}
    modern = YAML(typ="safe", pure=True)
    assert modern.load(io.StringIO(text)) == {"value": value}


@FEW
@given(text=SAID)
def test_f9_yaml_strings_stay_strings(text: str) -> None:
    """Within a line, too."""
    assert pyyaml.safe_load(f"a: {yaml.string(text)} {yaml.comment(text)}") == {"a": text}


@FEW
@given(value=VALUES)
def test_f9_python_literals_come_back(value: Any) -> None:
    """`ast` reads what was written, and the module around it keeps its one statement."""
    module = ast.parse(f"{python.comment(str(value))}\nx = {python.literal(value)}\n")
    assert len(module.body) == 1
    assert ast.literal_eval(module.body[0].value) == value  # type: ignore[attr-defined]


@FEW
@given(text=ANY)
def test_f9_json_like_strings_come_back(text: str) -> None:
    """What JavaScript, GraphQL and Go share with JSON is read back by a JSON reader; nothing stands raw that would end a line."""
    for writer in (typescript, go, prometheus, mongodb):
        assert json.loads(writer.string(text)) == text
        assert len(writer.string(text).splitlines()) == 1


@FEW
@given(text=SAID)
def test_f9_graphql_descriptions_come_back(text: str) -> None:
    """graphql-core reads the same text, and one field."""
    schema = graphql_core.build_schema(
        f"{graphql.comment(text)}\ntype Query {{\n{graphql.description(text)}  a: Int\n}}"
    )
    query = schema.query_type
    assert query is not None
    assert list(query.fields) == ["a"]
    assert (query.fields["a"].description or "") == one_line(text)
    value = graphql_core.parse_value(graphql.string(text))
    assert isinstance(value, graphql_core.StringValueNode)
    assert value.value == text


@FEW
@given(text=SAID)
def test_f9_shell_words_come_back(text: str) -> None:
    """A POSIX reader sees one word."""
    assert shlex.split(f"a {shell.string(text)} b", posix=True) == ["a", text, "b"]
    assert shlex.split(shell.word(text)) == [text]


def test_f9_a_shell_prints_what_was_written() -> None:
    """/bin/sh itself, all texts in one script with a comment before each."""
    texts = [t for t in TEXTS.values() if t]
    script = "\n".join(f"{shell.comment(t)}\nprintf '%s\\0' {shell.string(t)}" for t in texts)
    done = subprocess.run(["/bin/sh", "-eu"], input=script.encode(), capture_output=True, timeout=60, check=True)
    assert done.stdout.decode().split("\0")[:-1] == texts


@FEW
@given(text=SAID)
def test_f9_workflows_hold_no_expression_of_a_brief(text: str) -> None:
    """What GitHub would evaluate is kept apart."""
    assert "${{" not in github_actions.string(text)
    assert "${{" not in github_actions.comment(text)


@FEW
@given(text=SAID)
def test_f9_annotations_hold_no_template_of_a_brief(text: str) -> None:
    """Every pair of braces is one that prints itself."""
    rest = prometheus.template(text).replace('{{ "{{" }}', "")
    assert "{{" not in rest


@FEW
@given(text=SAID)
def test_v11_markdown_is_one_paragraph_of_plain_text(text: str) -> None:
    """A renderer finds no HTML, link, heading, list, table, fence or second paragraph, and the words that were put in."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = reader.parse(markdown.string(text))
    kinds = [t.type for t in tokens]
    assert kinds in ([], ["paragraph_open", "inline", "paragraph_close"])
    if kinds:
        inside = tokens[1].children or []
        assert {t.type for t in inside} <= {"text", "text_special"}
        assert "".join(t.content for t in inside) == one_line(text)


@FEW
@given(text=SAID)
def test_v11_code_and_fences_hold_any_text(text: str) -> None:
    """A span comes back as one line, a fence as it is; what follows it is outside."""
    reader = MarkdownIt("commonmark")
    span = reader.parse(f"a {markdown.code(text)} b")[1].children or []
    codes = [t.content for t in span if t.type == "code_inline"]
    assert codes == ([one_line(text)] if one_line(text) else [])
    tokens = reader.parse(f"{markdown.fenced(text, 'sql')}\n\nafter")
    assert [t.type for t in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content.rstrip("\n") == text.replace("\r", "\n").rstrip("\n")


@FEW
@given(text=SAID)
def test_v11_a_cell_stays_one_cell(text: str) -> None:
    """A table of two columns keeps two cells a row."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    cell = markdown.cell(markdown.inline(one_line(text)))
    tokens = reader.parse(f"| a | b |\n| --- | --- |\n| {cell} | x |")
    assert [t.type for t in tokens].count("td_open") == 2
    assert not [t for t in tokens for c in t.children or [] if c.type in ("html_inline", "link_open", "image")]


@pytest.mark.parametrize("name", [*NAMES, "x" * 300, "Mixed_Case", "a-b", "a b", 'a"b', "a`b", "é"])
def test_f10_names_of_files_are_ordinary(name: str) -> None:
    """Plain letters, at most 120, and no device of Windows."""
    made = files.identifier(name)
    assert made.replace(".", "").replace("_", "").replace("-", "").isalnum() or set(made) <= set("._-")
    assert made.isascii()
    assert len(made) <= 120
    assert made.partition(".")[0].lower() not in loader.name_rules()["files"].reserved


@FEW
@given(text=ANY)
def test_f10_memcached_keys_are_words_of_at_most_250_bytes(text: str) -> None:
    """Neither blank nor control; two long keys do not become one."""
    made = memcached.identifier("k" + text)
    assert len(made.encode()) <= 250
    assert not any(c.isspace() or not c.isprintable() for c in made)
    assert memcached.identifier("x" * 300 + "a") != memcached.identifier("x" * 300 + "b")


@pytest.mark.slow
def test_f9_postgresql_reads_back_every_text_and_name(server: Postgresql) -> None:
    """Literals, quoted names and comments, read by psql and the server: a wrong one raises."""
    assert not server.run("postgres", "CREATE DATABASE writers;")
    checks = ["CREATE FUNCTION same(text, text) RETURNS text LANGUAGE plpgsql AS 'BEGIN"]
    checks.append("IF encode(convert_to($1, ''UTF8''), ''hex'') <> $2 THEN RAISE EXCEPTION ''differs: %'', $1;")
    checks.append("END IF; RETURN $1; END';")
    for text in TEXTS.values():
        checks.append(sql.comment(text))
        checks.append(f"SELECT same({sql.string(text)}, '{text.encode().hex()}') AS {sql.identifier('n' + text[:20])};")
    for name in NAMES:
        called = sql.identifier(name)
        system = name in loader.name_rules()["postgresql"].columns
        if not system:
            checks.append(
                f"CREATE TABLE {called} ({called} int PRIMARY KEY); INSERT INTO {called} ({called}) VALUES (1);"
            )
            checks.append(f"SELECT {called} FROM {called} WHERE {called} = 1 ORDER BY {called}; DROP TABLE {called};")
    assert not server.run("writers", "\n".join(checks))


@pytest.mark.slow
def test_f10_every_keyword_of_postgresql_can_be_a_name(server: Postgresql) -> None:
    """The server's own list: each word as table, column and alias, written by the writer. The table of words holds all reserved ones."""
    done = subprocess.run(
        [server.psql, "-XAt", "-h", server.socket, "-p", str(server.port), "-U", server.user,
         "-d", "postgres", "-c", "SELECT word, catcode FROM pg_get_keywords()"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    words = dict(line.split("|") for line in done.stdout.split())
    reserved = {w for w, kind in words.items() if kind in ("R", "T")}
    assert reserved <= loader.name_rules()["postgresql"].reserved
    checks = []
    for word in words:
        called = sql.identifier(word)
        checks.append(
            f"CREATE TABLE {called} ({called} int PRIMARY KEY, b int); CREATE INDEX ON {called} (b, {called} DESC);"
        )
        checks.append(
            f"SELECT {called} FROM {called} WHERE {called} = 1 ORDER BY {called}; SELECT b AS {called} FROM {called};"
        )
        checks.append(f"DROP TABLE {called};")
    assert not server.run("postgres", "\n".join(checks), 120)


@pytest.mark.slow
def test_f9_redis_reads_back_every_text(cache_server: Redis) -> None:
    """redis-cli sends what was written, byte by byte."""
    texts = [t for t in TEXTS.values() if t]
    commands = "\n".join(f"SET k{i} {redis.string(t)}" for i, t in enumerate(texts))
    assert not cache_server.run(commands)
    import redis as client

    with client.Redis(unix_socket_path=cache_server.socket) as connection:
        assert [connection.get(f"k{i}") for i in range(len(texts))] == [t.encode() for t in texts]

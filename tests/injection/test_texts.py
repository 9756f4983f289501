"""No text of a brief changes what is generated but the texts in it: each artifact is read by its own reader and has the same shape."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import graphql
import openapi_spec_validator
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import CHOICES, PLACES, PROSE, TEXTS, brief, everywhere, planned, takes, usual, written

from workbook.artifacts import Artifact, build
from workbook.artifacts.writing.text import one_line
from workbook.brief import BriefError, loads
from workbook.brief.characters import refused
from workbook.guide import new
from workbook.plan import derive

BY_LINE = (
    "sql",
    "cql",
    "redis",
    "bash",
    "text",
    "javascript",
    "java",
    "go",
    "typescript",
    "python",
    "protobuf",
)
"""Languages in which a text of a brief may only make a line longer, never another line."""


@cache
def made(text: str, choice: int) -> dict[str, Artifact]:
    """The artifacts of the system with the text everywhere."""
    return {f"{a.kind} {a.subject}": a for a in build(everywhere(text, choice))}


@cache
def harmless(choice: int) -> dict[str, Artifact]:
    """Those of the same system with usual texts."""
    return {f"{a.kind} {a.subject}": a for a in build(usual(choice))}


def every(choice: int) -> Iterator[tuple[str, str, Artifact, Artifact]]:
    """Each text with each artifact that it stands in, beside the harmless one: all with the first products, a part with each other."""
    plain = harmless(choice)
    for number, (name, text) in enumerate(TEXTS.items()):
        if choice and number % (len(CHOICES) - 1) != choice - 1:
            continue
        found = made(text, choice)
        assert found.keys() == plain.keys(), name
        for key, artifact in found.items():
            yield name, text, artifact, plain[key]


@pytest.mark.parametrize("place", PROSE)
def test_f9_prose_takes_any_text(place: str) -> None:
    """Only a system's name is refused, and only for being long."""
    assert [n for n, t in TEXTS.items() if not takes(place, t) and not (place == "system" and len(t) > 200)] == []


@pytest.mark.parametrize("name", TEXTS)
def test_f9_who_calls_is_a_persona_by_name(name: str) -> None:
    """`by` takes no text of its own, so that none reaches an interface."""
    values = brief(lambda place: None, CHOICES[0])
    values["operations"]["write_note"]["by"] = TEXTS[name]
    with pytest.raises(BriefError, match="is not a persona"):
        planned(values)


@pytest.mark.parametrize("choice", range(len(CHOICES)))
def test_f9_a_text_never_begins_a_line(choice: int) -> None:
    """Every artifact has as many lines as with harmless texts, and no character that hides or reorders them."""
    for name, _, artifact, plain in every(choice):
        assert not [c for c in artifact.text if refused(c)], (name, artifact.path)
        assert not set("\u2028\u2029") & set(artifact.text), (name, artifact.path)
        if artifact.language in BY_LINE:
            assert artifact.text.count("\n") == plain.text.count("\n"), (name, artifact.path)
        if artifact.kind != "event_schema":
            assert artifact.path == plain.path, name


def skeleton(value: Any) -> Any:
    """What is left of a value without its texts: keys, lengths and kinds."""
    if isinstance(value, Mapping):
        return {k: skeleton(v) for k, v in value.items()}
    if isinstance(value, list):
        return [skeleton(v) for v in value]
    return type(value).__name__


def read(text: str) -> Any:
    """YAML as values."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@pytest.mark.parametrize("choice", [0, 3])
def test_f9_openapi_is_valid_and_says_the_text(choice: int) -> None:
    """The validator takes it, its shape is that of harmless texts, and title and description come back."""
    for name, text, artifact, plain in every(choice):
        if artifact.subject == "openapi":
            document = read(artifact.text)
            if name in ("script", "newline", "key", "word yes", "long"):
                openapi_spec_validator.validate(document)
            expected = skeleton(read(plain.text))
            assert skeleton({**document, "components": 0}) == {**expected, "components": "int"}, name
            assert document["info"]["description"] == (one_line(text) or document["info"]["title"])


@pytest.mark.parametrize("choice", range(len(CHOICES)))
def test_f9_a_pipeline_runs_what_it_runs_with_harmless_texts(choice: int) -> None:
    """Scripts hold the same commands, nothing is evaluated that is not the workflow's own, and the name comes back."""
    for name, text, artifact, plain in every(choice):
        if artifact.kind == "pipeline":
            found, expected = read(artifact.text), read(plain.text)
            assert skeleton(found) == skeleton(expected), name
            assert commands(found) == commands(expected), name
            assert artifact.text.count("${{") == plain.text.count("${{"), name
            if takes("system", text) and "${{" not in text:
                assert found["name"] == one_line(text), name


def commands(workflow: Mapping[str, Any]) -> list[str]:
    """The lines that a shell would run."""
    scripts = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    return [line for script in scripts for line in script.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("choice", range(len(CHOICES)))
def test_f9_alerts_and_events_keep_their_shape(choice: int) -> None:
    """Rules and schemas are read back; a text is in no expression and no template."""
    for name, _, artifact, plain in every(choice):
        if artifact.kind == "alerts":
            assert skeleton(read(artifact.text)) == skeleton(read(plain.text)), name
            rules = [r for g in read(artifact.text)["groups"] for r in g["rules"]]
            said = " ".join(str(t) for r in rules for t in r.get("annotations", {}).values())
            assert "{{" not in said.replace('{{ "{{" }}', ""), name
            assert [r["expr"] for r in rules] == [r["expr"] for g in read(plain.text)["groups"] for r in g["rules"]]
        if artifact.kind == "event_schema":
            assert skeleton(json.loads(artifact.text)) == skeleton(json.loads(plain.text)), name


def test_f9_graphql_has_the_same_types() -> None:
    """graphql-core builds the schema, with the same types and fields."""

    def types(text: str) -> dict[str, list[str]]:
        schema = graphql.build_schema(text)
        return {n: sorted(getattr(t, "fields", ())) for n, t in schema.type_map.items()}

    assert any(a.subject == "graphql" for a in harmless(1).values())
    for name, _, artifact, plain in every(1):
        if artifact.subject == "graphql":
            assert types(artifact.text) == types(plain.text), name


@pytest.mark.slow
def test_f9_protobuf_compiles_to_the_same_messages(tmp_path: Path) -> None:
    """protoc takes every file; without comments all are the harmless one but for the package."""
    from grpc_tools import protoc

    def bare(text: str) -> str:
        without = re.sub(r"[ \t]*//[^\n]*", "", text)
        return re.sub(r"package [\w.]+;|\w*NOTE_STATE_\w+ = 1;", "", without)

    paths = []
    for name, _, artifact, plain in every(2):
        if artifact.subject == "grpc":
            assert bare(artifact.text) == bare(plain.text), name
            paths.append(tmp_path / f"p{len(paths)}.proto")
            paths[-1].write_text(artifact.text, encoding="utf-8")
    assert len(paths) > len(TEXTS) // len(CHOICES)
    common = str(Path(protoc.__file__).parent / "_proto")
    for path in paths:
        arguments = [f"-I{tmp_path}", f"-I{common}", f"--descriptor_set_out={tmp_path / 'out'}", path.name]
        done = subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_f9_python_is_the_same_program() -> None:
    """`ast` reads both; without docstrings and constants they are one."""

    def shape(text: str) -> str:
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                node.value = ""
        return ast.dump(tree)

    for choice in (0, 4):
        for name, _, artifact, plain in every(choice):
            if artifact.language == "python":
                assert shape(artifact.text) == shape(plain.text), name


QUOTED = r"\"(?:\\.|[^\"\\\n])*\""
NOT_CODE = {
    "postgresql": r"--[^\n]*|'(?:[^']|'')*'",
    "mysql": r"--[^\n]*|'(?:[^'\\]|''|\\.)*'|varchar\(\d+\)",
    "cql": r"--[^\n]*|'(?:[^']|'')*'|[0-9a-f]{8}-[0-9a-f-]{27}",
    "dynamodb": r"(?m)^#.*$|'(?:[^']|'\\'')*'",
    "mongodb": rf"//[^\n]*|{QUOTED}",
    "java": rf"(?s)/\*.*?\*/|//[^\n]*|{QUOTED}",
    "typescript": rf"(?s)/\*.*?\*/|//[^\n]*|{QUOTED}",
    "go": rf"//[^\n]*|{QUOTED}",
}
"""Comments and strings of a dialect, and what differs with the length of a state or the name of an event."""


@pytest.mark.parametrize("choice", range(len(CHOICES)))
def test_f9_outside_comments_and_strings_nothing_changes(choice: int) -> None:
    """Statements, commands and programs are the same, letter by letter."""
    spaces = re.compile(r"\s+")
    for name, _, artifact, plain in every(choice):
        pattern = NOT_CODE.get(artifact.dialect)
        if pattern:
            bare = [spaces.sub(" ", re.sub(pattern, "", a.text)) for a in (artifact, plain)]
            assert bare[0] == bare[1], (name, artifact.path)


@pytest.mark.parametrize("name", TEXTS)
def test_f9_a_sentence_is_a_brief_that_says_it(name: str) -> None:
    """`workbook new` writes YAML that comes back, whatever the sentence."""
    sentence = f"Design a chat {TEXTS[name]}"
    assert loads(new(sentence)).raw["statement"] == one_line(sentence)
    derive(loads(new(sentence)))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    text=st.text(min_size=1, max_size=80).filter(lambda t: not any(map(refused, t))),
    choice=st.integers(0, len(CHOICES) - 1),
)
def test_f9_random_texts_everywhere_leave_every_reader_content(text: str, choice: int) -> None:
    """Any text that a brief can hold, in every place: YAML, JSON, Python and GraphQL are read, lines stay lines."""
    for artifact in build(planned(brief(lambda place: text, CHOICES[choice]))):
        if artifact.language == "yaml":
            read(artifact.text)
        elif artifact.language == "json":
            json.loads(artifact.text)
        elif artifact.language == "python":
            ast.parse(artifact.text)
        elif artifact.language == "graphql":
            graphql.build_schema(artifact.text)
        assert not [c for c in artifact.text if refused(c)]


def test_f9_a_file_of_any_text_stays_a_brief() -> None:
    """What the tests here write is read back as it was: the places hold the texts themselves."""
    for text in TEXTS.values():
        if len(text) < 200:
            said = loads(written(brief(lambda place, t=text: t, CHOICES[0]))).raw  # type: ignore[misc]
            assert said["statement"] == text
            assert said["quality"]["scanning"] == [text]
    assert len(PLACES) == len(set(PLACES))

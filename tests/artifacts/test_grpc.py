"""The file of services: taken by the compiler, whole, with numbers that stay and a deadline a method."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import pytest

from workbook.artifacts import Artifact, build
from workbook.artifacts.api_grpc import STYLES, _number, deadline_ms, package, snake
from workbook.artifacts.api_text import answered, shown
from workbook.brief import load
from workbook.catalog import loader
from workbook.plan import Plan, derive
from workbook.plan.names import camel
from workbook.proof import verify

BRIEFS = ("chat", "feed", "music", "clinic")
NEEDS = "not run: needs grpcio-tools"
HERE = importlib.util.find_spec("grpc_tools") is not None
WORDS = """workbook: 1
system: "2 Messages: ünïcode"
populations: {people: {daily_active: 1M}}
entities:
  message: {fields: {id: id, type: enum true null a-b a_b 1st, string: string 20, repeated: string 20?, optional: int?, place: geo?}}
  service: {fields: {id: id, message: ref message, message_: int, Reserved: date, note: json?}}
  send_request: {fields: {id: id, amount: money, data: blob 1 KB}}
operations:
  post: {does: create message, rate: 1 per people per day, by: people}
  send: {does: read message, rate: 1 per people per day, by: people}
  rpc: {does: list send_request, rate: 1 per people per day, by: people}
  stream: {does: subscribe service, rate: 1 per people per day, by: people}
  returns: {does: update service, rate: 1 per people per day, by: people}
  write_request: {does: create send_request, rate: 1 per people per day, by: people}
"""


def made(brief: str) -> tuple[Plan, Artifact]:
    """A plan and its description."""
    plan = derive(load(brief, {"choices.api_style": "grpc"}))
    artifact, *_webhooks = [a for a in build(plan) if a.kind == "api"]
    return plan, artifact


@pytest.fixture(scope="module", params=BRIEFS)
def example(request: pytest.FixtureRequest) -> tuple[Plan, Artifact]:
    """An example with procedures."""
    return made(request.param)


@pytest.mark.skipif(not HERE, reason=NEEDS)
def test_the_file_is_accepted(example: tuple[Plan, Artifact]) -> None:
    """The compiler takes the file."""
    plan, artifact = example
    assert [(c.outcome, c.message) for c in verify(plan, [artifact]).checks] == [("ok", "")]


def test_the_file_is_whole(example: tuple[Plan, Artifact]) -> None:
    """Every service called but by webhooks is a service; every endpoint a method of it with its deadline, a stream where it is pushed."""
    plan, artifact = example
    bodies = dict(re.findall(r"^service (\w+) \{\n(.*?)^\}", artifact.text, re.M | re.S))
    called = [e for e in plan.design.endpoints if e.style != "rest"]
    assert len(bodies) == len({e.service for e in called})
    for endpoint in called:
        body = next(
            b for n, b in bodies.items() if n.removesuffix("Service") == camel(endpoint.service).removesuffix("Service")
        )
        found = re.search(rf"rpc {camel(endpoint.operation)}\(\w+\) returns \((stream )?\w+\) \{{(.*?)\}}", body, re.S)
        assert found
        assert bool(found.group(1)) == (endpoint.style == "websocket")
        assert (f"(deadline_ms) = {deadline_ms(plan, endpoint)};" in found.group(2)) == (endpoint.style != "websocket")


def test_numbers_follow_the_fields(example: tuple[Plan, Artifact]) -> None:
    """A type has its fields in their order, numbered from one, and no number of the language's own."""
    plan, artifact = example
    for name, structure in answered(plan, STYLES).items():
        body = re.search(rf"^message {camel(name)} \{{\n(.*?)^\}}", artifact.text, re.M | re.S)
        assert body
        fields = re.findall(r"(\w+) = (\d+);", body.group(1))
        assert [n for n, _ in fields] == [snake(f) for f in shown(structure)]
        assert [int(n) for _, n in fields] == list(range(1, len(fields) + 1))
    assert (_number(18_999), _number(19_000)) == (18_999, 20_000)


def test_no_other_style_is_named(example: tuple[Plan, Artifact]) -> None:
    """The file speaks of no other way to describe an interface, and is the same every time."""
    plan, artifact = example
    assert not [w for w in ("graphql", "openapi", "rest api", "swagger", "dataloader") if w in artifact.text.lower()]
    assert next(a for a in build(plan) if a.kind == "api") == artifact


@pytest.mark.skipif(not HERE, reason=NEEDS)
def test_words_of_the_language_are_renamed(tmp_path: Path) -> None:
    """Fields called as words get an underscore, and what would be one name in generated code stays apart."""
    brief = tmp_path / "words.yaml"
    brief.write_text(WORDS)
    plan, artifact = made(str(brief))
    assert [c.message for c in verify(plan, [artifact]).checks] == [""]
    assert package(plan) == "system_2_messages_n_code.v1"
    assert not set(re.findall(r" (\w+) = \d+;", artifact.text)) & loader.name_rules()["protobuf"].reserved
    assert "string string_ = " in artifact.text
    assert "rpc Send(SendRequestRecord)" in artifact.text


@pytest.mark.skipif(not HERE, reason=NEEDS)
def test_a_broken_file_is_refused() -> None:
    """Broken syntax, an unknown type and a number used twice are refused with the compiler's words."""
    plan, artifact = made("clinic")
    wrong = (
        artifact.text + "message {",
        artifact.text.replace("message Patient {", "message Other {"),
        re.sub(r" = 2;", " = 1;", artifact.text),
    )
    for text in wrong:
        (check,) = verify(plan, [replace(artifact, text=text)]).checks
        assert (check.outcome, "service.proto" in check.message) == ("failed", True)


def test_without_the_compiler_the_check_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is claimed where the compiler is not there."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    plan, artifact = made("clinic")
    assert [(c.outcome, c.message) for c in verify(plan, [artifact]).checks] == [("not run", "needs grpcio-tools")]

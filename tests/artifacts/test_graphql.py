"""The schema of the graph: taken by the reference library, whole, and with measures of its plan."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from workbook.artifacts import Artifact, build
from workbook.artifacts.api_graphql import STYLES, lower, root_of
from workbook.artifacts.api_text import Names, answered, shown
from workbook.artifacts.graphql_measures import followed
from workbook.brief import load
from workbook.plan import Plan, derive
from workbook.proof import verify

BRIEFS = ("chat", "feed", "music", "clinic")
WORDS = """workbook: 1
system: Words of languages
populations: {people: {daily_active: 1M}}
entities:
  query: {fields: {id: id, type: enum true null a-b a_b 1st, input: string 20, message: string 20, optional: int, place: geo?}}
  subscription: {fields: {id: id, query: ref query, query_id: int, page_info: json?, reserved: date}}
  page_info: {fields: {id: id, option: ref subscription, amount: money, "on": bool}}
operations:
  mutation: {does: create query, rate: 1 per people per day, by: people}
  message: {does: read query, rate: 1 per people per day, by: people}
  service: {does: list page_info, rate: 1 per people per day, by: people}
  stream: {does: subscribe subscription, rate: 1 per people per day, by: people}
  fragment: {does: update subscription, rate: 1 per people per day, by: people}
  write_page: {does: create page_info, rate: 1 per people per day, by: people}
"""


def made(brief: str, style: str = "graphql") -> tuple[Plan, Artifact]:
    """A plan and its description."""
    plan = derive(load(brief, {"choices.api_style": style}))
    artifact, *_webhooks = [a for a in build(plan) if a.kind == "api"]
    return plan, artifact


@pytest.fixture(scope="module", params=BRIEFS)
def example(request: pytest.FixtureRequest) -> tuple[Plan, Artifact]:
    """An example as a graph."""
    return made(request.param)


def test_the_schema_is_accepted_and_whole(example: tuple[Plan, Artifact]) -> None:
    """The library takes the schema; every endpoint is a field of its root, every structure that is answered a type with its fields."""
    graphql = pytest.importorskip("graphql", reason="not run: needs graphql-core")
    plan, artifact = example
    assert [(c.outcome, c.message) for c in verify(plan, [artifact]).checks] == [("ok", "")]
    schema = graphql.build_schema(artifact.text)
    roots = {"Query": schema.query_type, "Mutation": schema.mutation_type, "Subscription": schema.subscription_type}
    for endpoint in (e for e in plan.design.endpoints if e.style != "rest"):
        field = roots[root_of(endpoint)].fields[lower(endpoint.operation)]
        assert endpoint.repeatable == ("idempotencyKey" in field.args)
        assert (endpoint.style == "websocket") == (root_of(endpoint) == "Subscription")
        if endpoint.paged and len(endpoint.answers) == 1 and root_of(endpoint) == "Query":
            assert {"first", "after"} <= set(field.args)
            assert set(schema.type_map["PageInfo"].fields) == {"hasNextPage", "endCursor"}
            assert set(graphql.get_named_type(field.type).fields) == {"edges", "pageInfo"}
    for name, structure in answered(plan, STYLES).items():
        kind = next(t for n, t in schema.type_map.items() if n.lower() == name.replace("_", ""))
        assert len(kind.fields) >= len(shown(structure))


def test_measures_are_those_of_the_plan(example: tuple[Plan, Artifact]) -> None:
    """The head limits depth, gives points for each tier, and names a batch for each reference."""
    plan, artifact = example
    head = artifact.text.split("directive", 1)[0]
    assert "Depth limit: " in head
    for tier in plan.complete.model.tiers:
        assert f"  {tier.replace('_', ' ')}: " in head
    batches = head.split("DataLoader", 1)[1]
    structures = answered(plan, STYLES)
    for name, structure in structures.items():
        type_ = "".join(p.capitalize() for p in name.split("_"))
        assert batches.count(f"{type_}.") == len(followed(structure, structures))


def test_no_other_style_is_named(example: tuple[Plan, Artifact]) -> None:
    """A schema speaks of no other way to describe an interface, and is the same every time."""
    plan, artifact = example
    assert not [w for w in ("grpc", "openapi", "rest api", "swagger", "proto") if w in artifact.text.lower()]
    assert next(a for a in build(plan) if a.kind == "api") == artifact


def test_words_of_the_language_are_renamed(tmp_path: Path) -> None:
    """Entities called as roots and shared types, values that differ in a sign alone, and a reference beside its own id stay apart."""
    graphql = pytest.importorskip("graphql", reason="not run: needs graphql-core")
    brief = tmp_path / "words.yaml"
    brief.write_text(WORDS)
    plan, artifact = made(str(brief))
    assert [c.message for c in verify(plan, [artifact]).checks] == [""]
    schema = graphql.build_schema(artifact.text)
    assert {"QueryRecord", "SubscriptionRecord", "PageInfoRecord"} <= set(schema.type_map)
    assert set(schema.type_map["QueryRecordType"].values) == {"TRUE", "NULL", "A_B", "A_B2", "V1ST"}
    assert {"query", "queryId", "queryId2"} <= set(schema.type_map["SubscriptionRecord"].fields)


def test_a_broken_schema_is_refused() -> None:
    """Broken syntax, an unknown type and a schema without a query are refused with the library's words."""
    pytest.importorskip("graphql", reason="not run: needs graphql-core")
    plan, artifact = made("clinic")
    wrong = (artifact.text + "type {", artifact.text.replace("scalar UUID", ""), "type Other {\n  id: ID!\n}\n")
    for text in wrong:
        (check,) = verify(plan, [replace(artifact, text=text)]).checks
        assert (check.outcome, bool(check.message)) == ("failed", True)


def test_without_the_library_the_check_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is claimed where the library is not there."""
    monkeypatch.setitem(sys.modules, "graphql", None)
    assert [(c.outcome, c.message) for c in verify(*_one()).checks] == [("not run", "needs graphql-core")]


def _one() -> tuple[Plan, list[Artifact]]:
    plan, artifact = made("clinic")
    return plan, [artifact]


def test_names_never_clash() -> None:
    """What is taken gets the suffix first and numbers after."""
    names = Names(("Query",), suffix="Record")
    assert [names.take("Query") for _ in range(3)] == ["QueryRecord", "Query2", "Query3"]

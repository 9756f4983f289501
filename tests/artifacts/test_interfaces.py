"""Interfaces, events, alerts and pipelines: valid by their specifications, and complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.artifacts import build
from workbook.artifacts.alerts_prometheus import RUNBOOK
from workbook.artifacts.pipeline_github_actions import STAGES
from workbook.brief import load
from workbook.plan import Plan, derive
from workbook.plan.fold import samples

jsonschema = pytest.importorskip("jsonschema", reason="not run: needs jsonschema")
openapi = pytest.importorskip("openapi_spec_validator", reason="not run: needs openapi-spec-validator")
BRIEFS = ("chat", "feed", "music", "clinic")


@pytest.fixture(scope="module", params=BRIEFS)
def plan(request: pytest.FixtureRequest) -> Plan:
    """The plan of an example."""
    return derive(load(request.param, {}))


def _only(plan: Plan, kind: str) -> str:
    (found,) = [a for a in build(plan) if a.kind == kind]
    return found.text


def test_the_openapi_document_is_valid_and_whole(plan: Plan) -> None:
    """The validator takes the document, and every endpoint of the design is in it under its own operationId."""
    document = yaml.safe_load(_only(plan, "api"))
    openapi.validate(document)
    there = {o["operationId"]: (m.upper(), p) for p, ways in document["paths"].items() for m, o in ways.items()}
    assert there == {e.operation: (e.method, e.path) for e in plan.design.endpoints if e.style in ("rest", "websocket")}
    for endpoint in plan.design.endpoints:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        assert {int(s) for s in operation["responses"]} == set(endpoint.statuses)
        named = [p.get("$ref", "") for p in operation["parameters"]]
        assert endpoint.repeatable == any("IdempotencyKey" in n for n in named)
        assert endpoint.paged == any("Cursor" in n for n in named)


@pytest.mark.parametrize("case", ["bn_hotel", "em_yelp", "d_payment_ledger", "mx_food_delivery"])
def test_the_openapi_document_of_other_systems_is_valid(case: str) -> None:
    """Briefs said as a person would say them, with an archetype behind, give a valid document too."""
    plan = derive(load(str(Path(__file__).parents[1] / "cases" / f"{case}.yaml"), {}))
    openapi.validate(yaml.safe_load(_only(plan, "api")))


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "components": document["components"]}


def test_examples_of_the_interface_fit_their_schemas(plan: Plan) -> None:
    """Every example body, request and answer, is valid under the schema beside it."""
    document = yaml.safe_load(_only(plan, "api"))
    seen = 0
    for ways in document["paths"].values():
        for operation in ways.values():
            bodies = [operation["requestBody"]] if "requestBody" in operation else []
            for body in [*bodies, *operation["responses"].values()]:
                for media in body.get("content", {}).values():
                    jsonschema.Draft202012Validator(_resolved(document, media["schema"])).validate(media["example"])
                    seen += 1
    assert seen > 20


def test_event_schemas_take_their_events_and_refuse_broken_ones(plan: Plan) -> None:
    """Each topic has a schema; its sample is valid, one without a required field or with a wrong type is not."""
    schemas = {a.subject: json.loads(a.text) for a in build(plan) if a.kind == "event_schema"}
    assert set(schemas) == {t.id for t in plan.design.topics}
    for topic in plan.design.topics:
        validator = jsonschema.Draft202012Validator
        validator.check_schema(schemas[topic.id])
        checker = validator(schemas[topic.id], format_checker=validator.FORMAT_CHECKER)
        event = json.loads(json.dumps(samples.event(topic)))
        checker.validate(event)
        assert not checker.is_valid({**event, "type": "SomethingElse"})
        assert not checker.is_valid({k: v for k, v in event.items() if k != "event_id"})
        required = schemas[topic.id]["properties"]["data"]["required"]
        assert required
        assert not checker.is_valid({**event, "data": {k: v for k, v in event["data"].items() if k != required[0]}})
        assert not checker.is_valid({**event, "data": {**event["data"], required[0]: ["a list"]}})


def test_alerts_are_rules_with_a_runbook(plan: Plan) -> None:
    """Every alert has an expression with matched brackets, a duration, a severity and a runbook; names are unique; every topic is watched."""
    rules = [r for g in yaml.safe_load(_only(plan, "alerts"))["groups"] for r in g["rules"]]
    alerts = [r for r in rules if "alert" in r]
    assert len({r["alert"] for r in alerts}) == len(alerts)
    recorded = {r["record"] for r in rules if "record" in r}
    for rule in rules:
        for opening, closing in ("()", "[]", "{}"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing)
    for alert in alerts:
        assert alert["annotations"]["runbook"].startswith(RUNBOOK)
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert all(word in recorded for word in alert["expr"].split() if word.startswith("system:"))
    text = " ".join(a["expr"] for a in alerts)
    assert all(t.id in text for t in plan.design.topics if t.hearers)


def test_the_pipeline_has_seven_stages_in_a_row(plan: Plan) -> None:
    """Each stage waits for the one before, runs something, and only the main branch is deployed."""
    jobs = yaml.safe_load(_only(plan, "pipeline"))["jobs"]
    assert tuple(jobs) == STAGES
    for number, stage in enumerate(STAGES):
        assert jobs[stage].get("needs") == (STAGES[number - 1] if number else None)
        assert any("run" in step for step in jobs[stage]["steps"])
        assert ("if" in jobs[stage]) == (number >= STAGES.index("deploy-staging"))


@pytest.mark.parametrize(
    ("style", "path"), [("graphql", "api/schema.graphql"), ("grpc", "api/service.proto"), ("rest", "api/openapi.yaml")]
)
def test_an_interface_is_written_in_its_own_style_alone(style: str, path: str) -> None:
    """Each style has one description, and no other style's document stands beside it, also where connections stay open."""
    plan = derive(load("chat", {"choices.api_style": style}))
    assert [(a.path, a.missing) for a in build(plan) if a.kind == "api"] == [(path, "")]

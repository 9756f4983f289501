"""The interface in OpenAPI 3.1: every endpoint that speaks HTTP, its parameters, bodies, errors and limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.api_text import Names, entity_columns
from workbook.artifacts.base import Artifact
from workbook.artifacts.json_types import json_type
from workbook.artifacts.writing.text import one_line
from workbook.artifacts.writing.yaml import dumped
from workbook.plan import Plan
from workbook.plan.design.model import Column, Endpoint
from workbook.plan.names import camel, words

KIND = "api"
DIALECTS: tuple[str, ...] = ()
PROBLEM = "application/problem+json"


def make(plan: Plan) -> Iterable[Artifact]:
    """One document, where endpoints are resources; of open connections alone, too, which no other description takes."""
    styles = {e.style for e in plan.design.endpoints}
    if "rest" in styles or styles == {"websocket"}:
        title = f"Interface of {plan.complete.model.system} in OpenAPI 3.1"
        yield Artifact(
            kind=KIND,
            subject="openapi",
            title=title,
            path="api/openapi.yaml",
            language="yaml",
            text=dumped(document(plan)),
        )


def document(plan: Plan) -> dict[str, Any]:
    """The whole document as plain values."""
    model = plan.complete.model
    paths: dict[str, dict[str, Any]] = {}
    schemas = _schemas()
    space = Names(schemas, suffix="Record")
    types = {e: space.take(camel(plan.complete.names.entity(e))) for e in plan.complete.entities}
    for endpoint in plan.design.endpoints:
        if endpoint.style in ("rest", "websocket"):
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(plan, endpoint, types)
    entities = dict.fromkeys(plan.complete.operations[e.operation].entity for e in plan.design.endpoints)
    services = {s.id: s for s in plan.design.services}
    tags = [
        {"name": s, "description": services[s].purpose} for s in dict.fromkeys(e.service for e in plan.design.endpoints)
    ]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": one_line(model.system),
            "version": "1.0.0",
            "description": one_line(model.statement or model.system),
            "license": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
        },
        "servers": [{"url": "https://api.example.com", "description": "production"}],
        "security": [{"bearer": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "parameters": _parameters(),
            "headers": _headers(),
            "schemas": {**schemas, **{types[e]: _entity(plan, e) for e in entities}},
        },
    }


def _entity(plan: Plan, entity: str) -> dict[str, Any]:
    columns = entity_columns(plan, entity)
    shown = plan.design.samples.get(entity, {})
    own = {n: columns[n] for n in shown if n in columns}
    made: dict[str, Any] = {"type": "object", "properties": {n: _described(c) for n, c in own.items()}}
    required = [n for n, c in own.items() if not c.optional]
    return {**made, **({"required": required} if required else {}), "examples": [dict(shown)]}


def _described(column: Column) -> dict[str, Any]:
    made = json_type(column)
    if column.purpose:
        made["description"] = column.purpose
    return made


def _inferred(value: Any) -> dict[str, Any]:
    """A schema for a value that no column stands for."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int):
        return {"type": "integer"}
    if isinstance(value, float):
        return {"type": "number"}
    if isinstance(value, Mapping):
        return {"type": "object"}
    if isinstance(value, (list, tuple)):
        return {"type": "array", "items": {}}
    if isinstance(value, str):
        return {"type": "string", "format": "uri"} if value.startswith("https://") else {"type": "string"}
    return {}


def _fields(plan: Plan, entity: str, values: Mapping[str, Any], partial: bool = False) -> dict[str, Any]:
    columns = entity_columns(plan, entity)
    made: dict[str, Any] = {
        "type": "object",
        "properties": {n: _described(columns[n]) if n in columns else _inferred(v) for n, v in values.items()},
    }
    required = [n for n in values if n in columns and not columns[n].optional]
    if required and not partial:
        made["required"] = required
    return made


def _operation(plan: Plan, endpoint: Endpoint, types: Mapping[str, str]) -> dict[str, Any]:
    operation = plan.complete.operations[endpoint.operation]
    entity = operation.entity
    columns = entity_columns(plan, entity)
    features = [plan.complete.model.features[f].title for f in endpoint.features]
    made: dict[str, Any] = {
        "operationId": endpoint.operation,
        "summary": words(endpoint.operation).capitalize(),
        "description": one_line(
            f"{endpoint.auth.capitalize()}. Limit: {endpoint.limit}."
            + (f" Part of: {', '.join(f for f in features if f)}." if any(features) else "")
        ),
        "tags": [endpoint.service],
        "parameters": [*_path_parameters(endpoint, columns, plan, entity), *_query_parameters(plan, endpoint)],
    }
    if endpoint.method in ("POST", "PUT", "PATCH"):
        schema = _fields(plan, entity, endpoint.request, partial=endpoint.method == "PATCH")
        made["requestBody"] = {
            "required": bool(endpoint.request),
            "content": {"application/json": {"schema": schema, "example": dict(endpoint.request)}},
        }
    made["responses"] = {
        str(code): _response(plan, endpoint, types, code, meaning) for code, meaning in endpoint.statuses
    }
    return made


def _path_parameters(
    endpoint: Endpoint, columns: Mapping[str, Column], plan: Plan, entity: str
) -> list[dict[str, Any]]:
    row = plan.design.samples.get(entity, {})
    made = []
    for name in re.findall(r"\{(\w+)\}", endpoint.path):
        schema = json_type(columns[name]) if name in columns else {"type": "string"}
        example = {"example": row[name]} if row.get(name) is not None else {}
        made.append({"name": name, "in": "path", "required": True, "schema": schema, **example})
    return made


def _query_parameters(plan: Plan, endpoint: Endpoint) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if endpoint.idempotent:
        made.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if any(c == 304 for c, _ in endpoint.statuses):
        made.append({"$ref": "#/components/parameters/IfNoneMatch"})
    if plan.complete.operations[endpoint.operation].verb == "search":
        made.append(
            {
                "name": "q",
                "in": "query",
                "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
                "description": "words or place searched for",
            }
        )
    if endpoint.paged:
        queries = [q for t in plan.design.tables for q in t.queries if q.operation == endpoint.operation and q.limit]
        limit = queries[0].limit if queries else 20
        made.append(
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": max(100, limit), "default": limit},
                "description": "rows a page",
            }
        )
        made.append({"$ref": "#/components/parameters/Cursor"})
        inside = set(re.findall(r"\{(\w+)\}", endpoint.path)) | {"recipient"}
        columns = entity_columns(plan, plan.complete.operations[endpoint.operation].entity)
        given = [c for q in queries[:1] for c in q.equals if c not in inside and c in columns]
        made += [{"name": c, "in": "query", "required": True, "schema": json_type(columns[c])} for c in given]
    return made


def _response(plan: Plan, endpoint: Endpoint, types: Mapping[str, str], code: int, meaning: str) -> dict[str, Any]:
    made: dict[str, Any] = {"description": meaning}
    if code < 300:
        made["headers"] = {
            n: {"$ref": f"#/components/headers/{n}"}
            for n in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
        }
        if endpoint.response and code != 204:
            made["content"] = {
                "application/json": {"schema": _body(plan, endpoint, types), "example": dict(endpoint.response)}
            }
    elif code in (429, 503):
        made["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    if code >= 400:
        made["content"] = {
            PROBLEM: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {"type": f"https://errors.example.com/{code}", "title": meaning, "status": code},
            }
        }
    return made


def _body(plan: Plan, endpoint: Endpoint, types: Mapping[str, str]) -> dict[str, Any]:
    entity = plan.complete.operations[endpoint.operation].entity
    reference = {"$ref": f"#/components/schemas/{types[entity]}"}
    if endpoint.paged:
        return {
            "type": "object",
            "required": ["data", "page_info"],
            "properties": {
                "data": {"type": "array", "items": reference},
                "page_info": {"$ref": "#/components/schemas/PageInfo"},
            },
        }
    if dict(endpoint.response) == dict(plan.design.samples.get(entity, {})):
        return reference
    return _fields(plan, entity, endpoint.response)


def _schemas() -> dict[str, Any]:
    return {
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": {
                "type": {"type": "string", "format": "uri"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "trace_id": {"type": "string"},
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
                    },
                },
            },
        },
        "PageInfo": {
            "type": "object",
            "required": ["has_next_page", "end_cursor"],
            "properties": {
                "has_next_page": {"type": "boolean"},
                "end_cursor": {"type": ["string", "null"], "description": "opaque; given back as `cursor`"},
            },
        },
    }


def _parameters() -> dict[str, Any]:
    return {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
            "description": "made by the caller; a repeat within a day is answered as the first call was",
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "the ETag held; 304 where it is still right",
        },
        "Cursor": {
            "name": "cursor",
            "in": "query",
            "required": False,
            "schema": {"type": "string", "maxLength": 500},
            "description": "`end_cursor` of the page before; none for the first",
        },
    }


def _headers() -> dict[str, Any]:
    return {
        "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "calls in the window"},
        "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "calls left in the window"},
        "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "seconds until the window ends"},
        "Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait"},
    }

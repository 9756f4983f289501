"""The interface in OpenAPI 3.1: every endpoint that speaks HTTP, its parameters, bodies, errors and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts import api_text
from workbook.artifacts.api_text import STATUSES, Names
from workbook.artifacts.base import Artifact
from workbook.artifacts.json_types import json_type
from workbook.artifacts.writing.text import one_line
from workbook.artifacts.writing.yaml import dumped
from workbook.plan import Plan
from workbook.plan.fold import samples
from workbook.plan.fold.endpoints import CURSOR, Endpoint, Part, Style
from workbook.plan.form.model import Structure
from workbook.plan.names import camel, words

KIND = "api"
DIALECTS: tuple[str, ...] = ()
PROBLEM = "application/problem+json"
STYLES = (Style.REST, Style.WEBSOCKET)
SUCCESS, NO_CONTENT, CLIENT_ERROR = 300, 204, 400
BUSY = (429, 503)


def make(plan: Plan) -> Iterable[Artifact]:
    """One document, where endpoints are resources; of open connections alone, too, which no other description takes."""
    styles = {e.style for e in plan.design.endpoints}
    if Style.REST in styles or styles == {Style.WEBSOCKET}:
        yield Artifact(
            kind=KIND,
            subject="openapi",
            title=f"Interface of {plan.complete.model.system} in OpenAPI 3.1",
            path="api/openapi.yaml",
            language="yaml",
            text=dumped(document(plan)),
        )


def document(plan: Plan) -> dict[str, Any]:
    """The whole document as plain values."""
    model = plan.complete.model
    schemas = _schemas()
    space = Names(schemas, suffix="Record")
    structures = api_text.answered(plan, STYLES)
    types = {n: space.take(camel(n)) for n in structures}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in plan.design.endpoints:
        if endpoint.style in STYLES:
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(plan, endpoint, types)
    services = dict.fromkeys(e.service for e in plan.design.endpoints)
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
        "tags": [{"name": s, "description": plan.design.title(s)} for s in services],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "parameters": _parameters(),
            "headers": _headers(),
            "schemas": {**schemas, **{types[n]: _row(s) for n, s in structures.items()}},
        },
    }


def _row(structure: Structure) -> dict[str, Any]:
    fields = api_text.shown(structure)
    made: dict[str, Any] = {"type": "object", "properties": {n: json_type(t) for n, t in fields.items()}}
    required = [n for n, t in fields.items() if not t.optional]
    example = {n: v for n, v in samples.row(structure).items() if n in fields}
    return {**made, **({"required": required} if required else {}), "examples": [example]}


def _operation(plan: Plan, endpoint: Endpoint, types: Mapping[str, str]) -> dict[str, Any]:
    features = [plan.complete.model.features[f].title for f in endpoint.features]
    part_of = f" Part of: {', '.join(f for f in features if f)}." if any(features) else ""
    made: dict[str, Any] = {
        "operationId": endpoint.operation,
        "summary": words(endpoint.operation).capitalize(),
        "description": one_line(f"{api_text.about(endpoint, plan)}.{part_of}"),
        "tags": [endpoint.service],
        "parameters": list(_parameters_of(plan, endpoint)),
    }
    if endpoint.method in ("POST", "PUT", "PATCH"):
        fields = endpoint.body
        required = [n for n, t in fields.items() if not t.optional]
        schema: dict[str, Any] = {"type": "object", "properties": {n: json_type(t) for n, t in fields.items()}}
        if required and endpoint.method != "PATCH":
            schema["required"] = required
        example = samples.body(fields, endpoint.operation)
        content = {"application/json": {"schema": schema, "example": example}}
        made["requestBody"] = {"required": bool(fields), "content": content}
    made["responses"] = {str(code): _response(plan, endpoint, types, code) for code in endpoint.statuses}
    return made


def _parameters_of(plan: Plan, endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    for name in endpoint.in_path:
        type_ = endpoint.request[name]
        example = samples.value(endpoint.operation, name, type_)
        yield {"name": name, "in": "path", "required": True, "schema": json_type(type_), "example": example}
    if endpoint.repeatable:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
    for name in endpoint.query:
        if name != CURSOR:
            type_ = endpoint.request[name]
            yield {"name": name, "in": "query", "required": not type_.optional, "schema": json_type(type_)}
    if endpoint.paged:
        rows = api_text.page_rows(plan, endpoint)
        most = max(api_text.LARGEST_PAGE, rows)
        schema = {"type": "integer", "minimum": 1, "maximum": most, "default": rows}
        yield {"name": "limit", "in": "query", "schema": schema, "description": "rows a page"}
        yield {"$ref": "#/components/parameters/Cursor"}


def _response(plan: Plan, endpoint: Endpoint, types: Mapping[str, str], code: int) -> dict[str, Any]:
    made: dict[str, Any] = {"description": STATUSES[code]}
    if code < SUCCESS:
        limits = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
        made["headers"] = {n: {"$ref": f"#/components/headers/{n}"} for n in limits}
        if (endpoint.answers or endpoint.file) and code != NO_CONTENT:
            example = samples.answer(endpoint, plan.world.form)
            made["content"] = {"application/json": {"schema": _body(endpoint, types), "example": example}}
    elif code in BUSY:
        made["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    if code >= CLIENT_ERROR:
        example = {"type": f"https://errors.example.com/{code}", "title": STATUSES[code], "status": code}
        made["content"] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return made


def _body(endpoint: Endpoint, types: Mapping[str, str]) -> dict[str, Any]:
    parts = {p.name: _part(p, types) for p in endpoint.answers}
    if endpoint.paged and len(parts) == 1:
        page = {"$ref": "#/components/schemas/PageInfo"}
        properties = {"data": next(iter(parts.values())), "page_info": page}
        return {"type": "object", "required": ["data", "page_info"], "properties": properties}
    if endpoint.file:
        parts["signed_url"] = {"type": "string", "format": "uri"}
    if len(parts) == 1 and not endpoint.file:
        return next(iter(parts.values()))
    return {"type": "object", "required": list(parts), "properties": parts}


def _part(part: Part, types: Mapping[str, str]) -> dict[str, Any]:
    one = (
        {"$ref": f"#/components/schemas/{types[part.structure]}"}
        if part.structure
        else json_type(api_text.part_type(part))
    )
    return {"type": "array", "items": one} if part.many and one.get("type") != "array" else one


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

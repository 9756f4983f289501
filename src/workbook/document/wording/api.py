"""Ways in, in words: statuses, who may, what is limited, an example as it travels."""

from __future__ import annotations

import json
from http import HTTPStatus

from workbook.artifacts import api_text
from workbook.artifacts.api_text import STATUSES
from workbook.document.page import Page
from workbook.plan.fold import samples
from workbook.plan.fold.endpoints import CURSOR, Endpoint, Style

SWITCHING = 101
__all__ = ["STATUSES", "auth", "example", "extras", "good", "limit", "request", "statuses"]
SAMPLE_KEY = "5f0c2a1e-8f7b-4d38-9a55-1f6f0f4b7c11"


def good(endpoint: Endpoint) -> int:
    """The status of a call that went well."""
    return SWITCHING if endpoint.style is Style.WEBSOCKET else endpoint.statuses[0]


def statuses(endpoint: Endpoint) -> str:
    """All of them."""
    return " ".join(str(s) for s in (good(endpoint), *endpoint.statuses[1:]))


def auth(endpoint: Endpoint, page: Page) -> str:
    """Who may call."""
    return api_text.auth(endpoint, page.plan)


def limit(endpoint: Endpoint, page: Page) -> str:
    """How often."""
    return api_text.limit(endpoint, page.plan) or "see 10.4"


def extras(endpoint: Endpoint) -> str:
    """What comes along."""
    said = ["paged"] if endpoint.paged else []
    said += ["Idempotency-Key"] if endpoint.repeatable else []
    said += ["signed address"] if endpoint.file else []
    return ", ".join(said) or "–"


def request(endpoint: Endpoint) -> dict[str, object]:
    """The body of the example."""
    return samples.body(endpoint.body, endpoint.operation)


def example(endpoint: Endpoint, page: Page) -> str:
    """A request and its answer over HTTP."""
    path = endpoint.path
    for name in endpoint.in_path:
        path = path.replace("{" + name + "}", str(samples.value(endpoint.operation, name, endpoint.request[name])))
    query = "&".join(
        f"{n}=…"
        for n in (("limit", CURSOR) if endpoint.paged else ()) + tuple(q for q in endpoint.query if q != CURSOR)
    )
    lines = [f"{endpoint.method} {path}{f'?{query}' if query else ''} HTTP/1.1", "Authorization: Bearer <token>"]
    if endpoint.style is Style.WEBSOCKET:
        lines += ["Connection: Upgrade", "Upgrade: websocket"]
    if endpoint.repeatable:
        lines.append(f"Idempotency-Key: {SAMPLE_KEY}")
    if endpoint.body:
        lines += ["Content-Type: application/json", "", json.dumps(request(endpoint), indent=2)]
    status = good(endpoint)
    lines += ["", f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    if endpoint.answers:
        lines += [
            "Content-Type: application/json",
            "",
            json.dumps(samples.answer(endpoint, page.plan.world.form), indent=2),
        ]
    return "\n".join(lines)

"""Ways in, in words: statuses, who may, what is limited, an example as it travels."""

from __future__ import annotations

import json

from workbook.brief.steps.syntax import Start
from workbook.document import words as w
from workbook.document.page import Page
from workbook.plan.fold import samples
from workbook.plan.fold.endpoints import CURSOR, Endpoint, Style

STATUSES = {
    101: "switches to the socket",
    200: "done",
    201: "created",
    202: "accepted, done later",
    204: "done, nothing to return",
    400: "the request is malformed",
    401: "no valid token",
    403: "not allowed to see or do it",
    404: "there is no such thing",
    409: "conflicts with the present state",
    410: "nothing is left",
    413: "too large",
    422: "well-formed but not acceptable",
    429: "too many calls; see Retry-After",
    503: "overloaded or a store is away; see Retry-After",
}
SWITCHING = 101
SAMPLE_KEY = "5f0c2a1e-8f7b-4d38-9a55-1f6f0f4b7c11"


def good(endpoint: Endpoint) -> int:
    """The status of a call that went well."""
    return SWITCHING if endpoint.style is Style.WEBSOCKET else endpoint.statuses[0]


def statuses(endpoint: Endpoint) -> str:
    """All of them."""
    return " ".join(str(s) for s in (good(endpoint), *endpoint.statuses[1:]))


def auth(endpoint: Endpoint, page: Page) -> str:
    """Who may call."""
    program = page.programs[endpoint.operation]
    if program.starts is Start.WEBHOOK:
        return f"signature of {w.words(endpoint.caller) or 'the sender'}"
    return f"bearer token, role {w.words(endpoint.caller)}" if endpoint.caller else "bearer token, anybody signed in"


def limit(endpoint: Endpoint, page: Page) -> str:
    """How often."""
    tiers = page.plan.complete.model.tiers
    if endpoint.caller in tiers:
        return " + ".join(r.text for r in tiers[endpoint.caller].limit)
    return ", ".join(f"{w.words(n)} {' + '.join(r.text for r in t.limit)}" for n, t in tiers.items()) or "see 10.4"


def extras(endpoint: Endpoint) -> str:
    """What comes along."""
    said = ["paged"] if endpoint.paged else []
    said += ["Idempotency-Key"] if endpoint.repeatable else []
    said += ["signed address"] if endpoint.file else []
    return ", ".join(said) or "–"


def request(endpoint: Endpoint) -> dict[str, object]:
    """The body of the example."""
    return samples.body(endpoint.body, endpoint.operation)


def response(endpoint: Endpoint, page: Page) -> object:
    """The answer of the example: a page, a row, several parts by name, or nothing."""
    made: dict[str, object] = {}
    for part in endpoint.answers:
        row: object = samples.row(page.structures[part.structure]) if part.structure else None
        if row is None:
            row = samples.value(endpoint.operation, part.name, part.type) if part.type else part.name
        made[part.name] = [row] if part.many else row
    if endpoint.file:
        made["signed_url"] = "https://files.example.com/signed"
    if endpoint.paged and len(endpoint.answers) == 1:
        only = next(iter(made.values()))
        return {"data": only, "page_info": {"has_next_page": True, "end_cursor": "see 3.3"}}
    return next(iter(made.values())) if len(made) == 1 and not endpoint.file else made


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
    lines += ["", f"HTTP/1.1 {status} {STATUSES[status]}"]
    if endpoint.answers:
        lines += ["Content-Type: application/json", "", json.dumps(response(endpoint, page), indent=2)]
    return "\n".join(lines)

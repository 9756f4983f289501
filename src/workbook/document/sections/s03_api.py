"""3 API design."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Code, Note, Subsection, Table
from workbook.document.cursors import cursor_example
from workbook.document.page import Page

NUMBER = 3
TITLE = "API design"


def build(page: Page) -> Iterator[Subsection]:
    """Endpoints with examples, the map to requirements both ways, pagination."""
    yield _endpoints(page)
    yield _map(page)
    yield _pagination(page)


def _endpoints(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for endpoint in plan.design.endpoints:
        extras = ", ".join(
            x for x in ("paged" if endpoint.paged else "", "Idempotency-Key" if endpoint.idempotent else "") if x
        )
        rows.append(
            (
                w.code(f"{endpoint.method} {endpoint.path}"),
                w.words(endpoint.operation),
                endpoint.style,
                endpoint.auth,
                endpoint.limit,
                " ".join(str(s) for s, _ in endpoint.statuses),
                extras or "–",
            )
        )
    meanings = sorted({s for e in plan.design.endpoints for s in e.statuses})
    examples = [
        _example(page, e.operation) for e in plan.design.endpoints if plan.complete.priority(e.operation) == "P0"
    ]
    internal = [n for n in plan.complete.operations if plan.design.endpoint(n) is None]
    specs = [page.code(f"3.1.spec{i}", a) for i, a in enumerate(page.made("api"), start=1)]
    return Subsection(
        id="3.1",
        title="Endpoints",
        blocks=(
            Table(
                id="3.1.endpoints",
                title=f"{plan.decisions['api_style'].chosen.name}, versioned in the path, JSON",
                columns=("Endpoint", "Operation", "Style", "Auth", "Rate limit", "Statuses", "Headers"),
                rows=tuple(rows),
            ),
            *(
                (
                    Note(
                        id="3.1.internal",
                        title="Without an endpoint",
                        text=f"The system does these by itself: {w.listed(internal, 12)}.",
                    ),
                )
                if internal
                else ()
            ),
            Table(
                id="3.1.statuses",
                title="Status codes",
                columns=("Status", "Meaning", "Used by"),
                align="><<",
                rows=tuple(
                    (s, m, w.listed([e.operation for e in plan.design.endpoints if (s, m) in e.statuses], 4))
                    for s, m in meanings
                ),
            ),
            *examples,
            *specs,
        ),
    )


def _example(page: Page, operation: str) -> Code:
    endpoint = page.plan.design.endpoint(operation)
    assert endpoint is not None
    samples = page.plan.design.samples.get(page.plan.complete.operations[operation].entity, {})
    path = endpoint.path
    for name, value in samples.items():
        path = path.replace("{" + name + "}", str(value))
    lines = [
        f"{endpoint.method} {path}{'?limit=20&cursor=…' if endpoint.paged else ''} HTTP/1.1",
        "Authorization: Bearer <token>",
    ]
    if endpoint.style == "websocket":
        lines += ["Connection: Upgrade", "Upgrade: websocket"]
    if endpoint.idempotent:
        lines.append("Idempotency-Key: 5f0c2a1e-8f7b-4d38-9a55-1f6f0f4b7c11")
    if endpoint.request:
        lines += ["Content-Type: application/json", "", json.dumps(endpoint.request, indent=2)]
    status, meaning = next((s for s in endpoint.statuses if s[0] < 300 or s[0] == 101), endpoint.statuses[0])
    lines += [
        "",
        f"HTTP/1.1 {status} {meaning}",
        "Content-Type: application/json",
        "",
        json.dumps(endpoint.response, indent=2),
    ]
    return Code(
        id=f"3.1.{operation}",
        title=f"{w.words(operation).capitalize()}: request and response",
        language="http",
        text="\n".join(lines),
    )


def _map(page: Page) -> Subsection:
    plan = page.plan
    there = tuple(
        (
            w.code(f"{e.method} {e.path}"),
            w.words(e.operation),
            ", ".join(page.feature_title(f) for f in page.features if e.operation in page.features[f]),
        )
        for e in plan.design.endpoints
    )
    back = []
    for feature in page.ordered_features:
        ways = [w.code(f"{e.method} {e.path}") for e in plan.design.endpoints if e.operation in page.features[feature]]
        inside = [w.words(o) for o in page.features[feature] if plan.design.endpoint(o) is None]
        back.append(
            (
                page.feature_priority(feature),
                page.feature_title(feature),
                ", ".join(ways) or "–",
                ", ".join(inside) or "–",
            )
        )
    return Subsection(
        id="3.2",
        title="Requirement map",
        blocks=(
            Table(
                id="3.2.endpoints",
                title="Endpoint to requirement",
                columns=("Endpoint", "Operation", "Feature"),
                rows=there,
            ),
            Table(
                id="3.2.features",
                title="Requirement to endpoint",
                columns=("Priority", "Feature", "Endpoints", "Done inside"),
                rows=tuple(back),
            ),
        ),
    )


def _pagination(page: Page) -> Subsection:
    plan = page.plan
    example = cursor_example(plan)
    paged = [e for e in plan.design.endpoints if e.paged]
    rows = tuple(
        (w.code(e.path), _limit(page, e.operation), w.code(", ".join(_order(page, e.operation)) or "relevance"))
        for e in paged
    )
    if example is None:
        note = Note(
            id="3.3.none",
            title="No pages",
            text=f"No operation of {plan.complete.model.system} lists rows, so nothing is paged.",
        )
        return Subsection(id="3.3", title="Pagination", blocks=(note,))
    types = (
        "interface Page<T> {\n  data: T[];\n  page_info: { has_next_page: boolean; end_cursor: string | null };\n}\n\n"
        "interface OffsetPage<T> {  // only for small, fixed lists\n  data: T[];\n  total: number;\n  page: number;\n  page_size: number;\n}\n"
    )
    return Subsection(
        id="3.3",
        title="Pagination",
        blocks=(
            Table(
                id="3.3.parameters",
                title="`limit` (1-100) and `cursor` on every list",
                columns=("Path", "Rows a page", "Order"),
                align="<><",
                rows=rows,
            ),
            Code(
                id="3.3.cursor",
                title=f"The cursor after the last row of a page of {w.words(example.operation)}",
                language="json",
                text=json.dumps(example.payload, indent=2),
            ),
            Code(
                id="3.3.base64",
                title="The same as it travels: base64url of the JSON without spaces, without padding",
                language="text",
                text=example.encoded,
            ),
            Table(
                id="3.3.rules",
                title="Rules",
                columns=("Rule",),
                rows=(
                    (
                        f"the page is ordered by {', '.join(w.code(c) for c in example.columns)}, which together are unique: no row is skipped or repeated",
                    ),
                    (
                        f"the next page of {w.words(example.operation)} begins after these values: {w.code(example.condition)}",
                    ),
                    (
                        f"a cursor names its operation ({w.code(example.operation)}) and version: one of another list is answered with 400",
                    ),
                ),
            ),
            Code(
                id="3.3.types",
                title="Answers by cursor, and by offset for comparison",
                language="typescript",
                text=types,
            ),
        ),
    )


def _query(page: Page, operation: str) -> tuple[int, tuple[str, ...]]:
    found = next((q for t in page.plan.design.tables for q in t.queries if q.operation == operation and q.limit), None)
    return (found.limit, found.order) if found else (20, ())


def _limit(page: Page, operation: str) -> int:
    return _query(page, operation)[0]


def _order(page: Page, operation: str) -> tuple[str, ...]:
    return _query(page, operation)[1]

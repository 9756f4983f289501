"""3 API design."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Code, Note, Subsection, Table
from workbook.document.cursors import Cursor, columns_of, cursor_example, paged
from workbook.document.page import Page
from workbook.document.wording import api, steps
from workbook.document.wording.values import value

NUMBER = 3
TITLE = "API design"
TYPES = """interface Page<T> {
  data: T[];
  page_info: { has_next_page: boolean; end_cursor: string | null };
}

interface OffsetPage<T> {  // only for small, fixed lists
  data: T[];
  total: number;
  page: number;
  page_size: number;
}
"""


def build(page: Page) -> Iterator[Subsection]:
    """Endpoints with examples, the map to requirements both ways, pagination."""
    yield _endpoints(page)
    yield _map(page)
    yield _pagination(page)


def _endpoints(page: Page) -> Subsection:
    endpoints = page.plan.design.endpoints
    if not endpoints:
        text = f"Nobody calls {page.plan.complete.model.system}: everything starts by itself."
        return Subsection(id="3.1", title="Endpoints", blocks=(Note(id="3.1.none", title="No endpoints", text=text),))
    rows = tuple(
        (
            w.code(f"{e.method} {e.path}"),
            w.words(e.operation),
            e.style.value,
            api.auth(e, page),
            api.limit(e, page),
            api.statuses(e),
            api.extras(e),
        )
        for e in endpoints
    )
    style = page.plan.decisions["api_style"].chosen.name if "api_style" in page.plan.decisions else "Webhooks"
    blocks: list[Block] = [
        Table(
            id="3.1.endpoints",
            title=f"{style}, versioned in the path, JSON",
            columns=("Endpoint", "Operation", "Style", "Auth", "Rate limit", "Statuses", "Headers"),
            rows=rows,
        )
    ]
    inside = [n for n in page.programs if page.plan.design.endpoint(n) is None]
    if inside:
        starts = "; ".join(f"{w.words(n)}: {steps.start(page.programs[n])}" for n in inside)
        blocks.append(Note(id="3.1.internal", title="Without an endpoint, and what starts it", text=f"{starts}."))
    blocks.append(_statuses(page))
    for endpoint in endpoints:
        if page.priority(endpoint.operation) == "P0":
            title = f"{w.words(endpoint.operation).capitalize()}: request and response"
            text = api.example(endpoint, page)
            blocks.append(Code(id=f"3.1.{endpoint.operation}", title=title, language="http", text=text))
    blocks += [page.code(f"3.1.spec{i}", a) for i, a in enumerate(page.made("api"), start=1)]
    return Subsection(id="3.1", title="Endpoints", blocks=tuple(blocks))


def _statuses(page: Page) -> Table:
    endpoints = page.plan.design.endpoints
    used = sorted({s for e in endpoints for s in (api.good(e), *e.statuses[1:])})
    rows = tuple(
        (s, api.STATUSES[s], w.listed([e.operation for e in endpoints if s == api.good(e) or s in e.statuses[1:]], 4))
        for s in used
    )
    return Table(
        id="3.1.statuses", title="Status codes", columns=("Status", "Meaning", "Used by"), align="><<", rows=rows
    )


def _map(page: Page) -> Subsection:
    endpoints = page.plan.design.endpoints
    there = tuple(
        (
            w.code(f"{e.method} {e.path}"),
            w.words(e.operation),
            ", ".join(page.feature_title(f) for f in page.features if e.operation in page.features[f]) or "–",
        )
        for e in endpoints
    )
    back = []
    for feature in page.ordered_features:
        ways = [w.code(f"{e.method} {e.path}") for e in endpoints if e.operation in page.features[feature]]
        inside = [w.words(o) for o in page.caused(feature) if page.plan.design.endpoint(o) is None]
        title, priority = page.feature_title(feature), page.feature_priority(feature)
        back.append((priority, title, ", ".join(ways) or "–", ", ".join(inside) or "–"))
    return Subsection(
        id="3.2",
        title="Requirement map",
        blocks=(
            Table(
                id="3.2.endpoints",
                title="Endpoint to requirement",
                columns=("Endpoint", "Operation", "Feature"),
                rows=there or (("none", "–", "–"),),
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
    example = cursor_example(page.plan)
    if example is None:
        text = f"No operation of {page.plan.complete.model.system} goes on from a cursor, so nothing is paged."
        return Subsection(id="3.3", title="Pagination", blocks=(Note(id="3.3.none", title="No pages", text=text),))
    rows = []
    for endpoint in page.plan.design.endpoints:
        step = paged(page.programs[endpoint.operation])
        if step is not None:
            columns, down = columns_of(page.plan, step)
            order = f"{', '.join(columns)}{' desc' if down else ''}"
            limit = value(step.limit) if step.limit is not None else "20"
            rows.append((w.code(endpoint.path), limit, w.code(order)))
    return Subsection(
        id="3.3",
        title="Pagination",
        blocks=(
            Table(
                id="3.3.parameters",
                title="`limit` (1-100) and `cursor` on every list that may be long",
                columns=("Path", "Rows a page", "Order"),
                align="<><",
                rows=tuple(rows),
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
            Table(id="3.3.rules", title="Rules", columns=("Rule",), rows=_rules(example)),
            Code(
                id="3.3.types",
                title="Answers by cursor, and by offset for comparison",
                language="typescript",
                text=TYPES,
            ),
        ),
    )


def _rules(example: Cursor) -> tuple[tuple[str], ...]:
    columns = ", ".join(w.code(c) for c in example.columns)
    name = w.words(example.operation)
    return (
        (f"the page is ordered by {columns}, which together are unique: no row is skipped or repeated",),
        (f"the next page of {name} begins after these values: {w.code(example.condition)}",),
        (
            f"a cursor names its operation ({w.code(example.operation)}) and version: one of another list is answered with 400",
        ),
    )

"""Ways in: a path, a method, examples and statuses for every operation that somebody calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbook.catalog import loader
from workbook.plan.complete import Complete
from workbook.plan.decisions.base import World, ability
from workbook.plan.design.model import Endpoint, Query, Service, Table
from workbook.plan.design.services import internal
from workbook.plan.names import kebab, plural, words
from workbook.plan.naming import Space

_PARAMETER = re.compile(r"\{\w+\}")

_STATUS = {
    200: "done",
    201: "created",
    202: "accepted, done later",
    204: "done, nothing to return",
    304: "not changed since",
    400: "the request is malformed",
    401: "no valid token",
    403: "not allowed to see or do it",
    404: "there is no such thing",
    409: "conflicts with the present state",
    413: "too large",
    422: "well-formed but not acceptable",
    429: "too many calls; see Retry-After",
    503: "overloaded; see Retry-After",
    101: "switches to the socket",
}


def endpoints(
    world: World, services: tuple[Service, ...], tables: tuple[Table, ...], samples: Mapping[str, Mapping[str, Any]]
) -> tuple[Endpoint, ...]:
    """Every operation that callers use. Two operations never share method and path."""
    complete = world.complete
    ways = _Ways(complete)
    made: list[Endpoint] = []
    for name in complete.operations:
        if internal(name, complete):
            continue
        service = next(s for s in services if name in s.operations)
        query = _query(name, tables)
        method, path = ways.own(name, *_route(name, complete, query, tables, ways.bases))
        made.append(_endpoint(name, service, method, path, query, world, samples, tables))
    return tuple(made)


class _Ways:
    """Methods and paths given so far. Two paths that differ in the names of their parameters alone are one to every router."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete
        self._taken: dict[tuple[str, str], str] = {}
        self._shapes: dict[str, str] = {}
        space = Space(longest=loader.name_rules()["paths"].longest, end="_list")
        referred = [f.ref for e in complete.entities.values() for f in e.fields.values() if f.ref]
        self.bases = {
            e: kebab(space.take(plural(complete.names.entity(e))))
            for e in dict.fromkeys((*complete.entities, *referred, *complete.model.populations))
        }

    def own(self, operation: str, method: str, path: str) -> tuple[str, str]:
        """A way that no other operation has."""
        shape = _PARAMETER.sub("{}", path)
        if (method, shape) in self._taken or self._shapes.get(shape, path) != path:
            path = f"{path}/{kebab(self._complete.names.operation(operation))}"
            shape = _PARAMETER.sub("{}", path)
        self._taken[method, shape] = operation
        self._shapes.setdefault(shape, path)
        return method, path


def _query(name: str, tables: tuple[Table, ...]) -> tuple[Table, Query] | None:
    return next(((t, q) for t in tables for q in t.queries if q.operation == name), None)


def _route(
    name: str,
    complete: Complete,
    found: tuple[Table, Query] | None,
    tables: tuple[Table, ...],
    bases: Mapping[str, str],
) -> tuple[str, str]:
    operation = complete.operations[name]
    base = f"/v1/{bases[operation.entity]}"
    key = (
        found[0].key
        if found
        else tuple(complete.entities[operation.entity].key)
        or tuple(complete.entities[operation.entity].fields)[:1]
        or ("id",)
    )
    own = next((t for t in tables if t.entity == operation.entity), None)
    key = own.key if own and not own.bucket else key
    one = base + "".join(f"/{{{k}}}" for k in key)
    verb = operation.verb
    if verb in ("create", "upload"):
        return "POST", base
    if verb in ("read", "download"):
        given = found[1].equals if found and found[1].equals else key
        path = base + "".join(f"/{{{k}}}" for k in given)
        return "GET", f"{path}/content" if verb == "download" else path
    if verb == "update":
        action = name.split("_")[0]
        return (
            ("PATCH", one)
            if action in ("update", "change", "edit", "set", "adjust", "move")
            else ("POST", f"{one}/{kebab(action)}")
        )
    if verb == "delete":
        return "DELETE", one
    if verb == "search":
        return "GET", f"{base}/search"
    if verb == "subscribe":
        return "GET", f"{base}/stream"
    given = found[1].equals if found else ()
    ref = _parent(given, found)
    tail = "/summary" if verb == "aggregate" else "/live" if verb == "stream" else ""
    if ref and given[0] != "recipient":
        parent = bases.get(ref) or kebab(plural(ref))
        return "GET", f"/v1/{parent}/{{{given[0]}}}/{bases[operation.entity]}{tail}"
    return "GET", base + tail if verb != "notify" else f"{base}/notices"


def _parent(given: tuple[str, ...], found: tuple[Table, Query] | None) -> str:
    if not given or found is None:
        return ""
    column = next((c for c in found[0].columns if c.name == given[0]), None)
    return (column.ref or column.name) if column and column.kind in ("ref", "id") else ""


def _endpoint(
    name: str,
    service: Service,
    method: str,
    path: str,
    found: tuple[Table, Query] | None,
    world: World,
    samples: Mapping[str, Mapping[str, Any]],
    tables: tuple[Table, ...],
) -> Endpoint:
    complete = world.complete
    operation = complete.operations[name]
    pushes = operation.verb == "subscribe"
    paged = operation.verb in ("list", "search", "stream")
    row = dict(samples.get(operation.entity, {}).items())
    said = complete.entities[operation.entity].fields
    columns = [c for t in tables if t.entity == operation.entity and not t.inbox for c in t.columns]
    system = {c.name for c in columns if c.name not in said} | {"id"}
    of_file = {c.role: c.name for c in columns if c.role in ("byte_size", "checksum")}
    request: dict[str, Any] = {}
    response: dict[str, Any] = {}
    if operation.verb in ("create", "upload"):
        request = {k: v for k, v in row.items() if k not in system}
        if operation.verb == "upload":
            size, checksum = (of_file.get(r, r) for r in ("byte_size", "checksum"))
            request |= {size: row.get(size, 1), checksum: row.get(checksum, "")}
            response = {**row, "upload_url": "https://files.example.com/upload/signed", "expires_in_seconds": 900}
        else:
            response = row
    elif operation.verb == "update" and found:
        request = {k: row.get(k) for k in found[1].sets if found[0].column(k).role != "changed"}
        response = row
    elif operation.verb == "download":
        response = {
            "download_url": "https://files.example.com/signed",
            "expires_in_seconds": 300,
            **{k: v for k, v in row.items() if k in ("id", *of_file.values())},
        }
    elif operation.verb == "read":
        response = row
    elif operation.verb == "aggregate":
        response = {"rows": 1, **{k: row.get(k) for k in (found[1].equals if found else ())}}
    elif paged:
        response = {"data": [row], "page_info": {"has_next_page": True, "end_cursor": "see 3.3"}}
    elif pushes:
        response = {"type": operation.entity, "data": row}
    return Endpoint(
        operation=name,
        service=service.id,
        method=method,
        path=path,
        style=_style(world, pushes),
        request=request,
        response=response,
        statuses=_statuses(operation.verb, complete, name),
        auth=_auth(operation.by),
        limit=_limit(complete, operation.by),
        paged=paged,
        idempotent=bool(operation.idempotent),
        features=tuple(f for f, v in complete.model.features.items() if name in v.operations),
    )


def _style(world: World, pushes: bool) -> Any:
    chosen = world.chosen("api_style")
    if pushes:
        return "websocket"
    if ability(chosen, "field_selection") >= 1:
        return "graphql"
    return (
        "grpc"
        if chosen.source.abilities.get("typed")
        and not ability(chosen, "field_selection") >= 1
        and ability(chosen, "browser") < 0.5
        else "rest"
    )


def _statuses(verb: str, complete: Complete, name: str) -> tuple[tuple[int, str], ...]:
    operation = complete.operations[name]
    good = {"create": 201, "upload": 201, "delete": 204, "subscribe": 101}.get(verb, 200)
    if operation.mode == "async" and verb in ("create", "update", "notify", "compute"):
        good = 202
    codes = [good, 401, 403, 429]
    if verb in ("create", "upload", "update", "search"):
        codes.append(400)
    if verb in ("create", "update"):
        codes.append(422)
    if verb in ("read", "download", "update", "delete", "aggregate"):
        codes.append(404)
    if verb in ("read", "download"):
        codes.append(304)
    if (
        operation.idempotent
        or (complete.consistency(operation.entity) == "strong" and verb in ("create", "update"))
        or (complete.entities[operation.entity].unique and verb == "create")
    ):
        codes.append(409)
    if verb == "upload":
        codes.append(413)
    return tuple((c, _STATUS[c]) for c in sorted({*codes, 503}))


def _auth(by: str | None) -> str:
    return f"bearer token, role {words(by)}" if by else "bearer token, any signed-in caller"


def _limit(complete: Complete, by: str | None) -> str:
    tiers = complete.model.tiers
    if not tiers:
        return "see 10.4"
    if by in tiers:
        return " + ".join(r.text for r in tiers[by].limit)
    return ", ".join(f"{words(n)} {' + '.join(r.text for r in t.limit)}" for n, t in tiers.items())

"""The interface as a GraphQL schema: types of the entities, pages by cursor, writes with their problems, subscriptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from workbook.artifacts.api_text import (
    LARGEST_PAGE,
    Names,
    column_of,
    entities,
    entity_columns,
    given,
    page_rows,
    path_keys,
    shown_columns,
)
from workbook.artifacts.base import Artifact
from workbook.artifacts.graphql_measures import header, loaded
from workbook.artifacts.writing import graphql
from workbook.plan import Plan
from workbook.plan.design.model import Column, Endpoint
from workbook.plan.names import camel, words

KIND = "api"
DIALECTS: tuple[str, ...] = ()
ROOTS = ("Query", "Mutation", "Subscription")
SCALARS: Mapping[str, str] = {
    "UUID": "An identifier as in RFC 9562.",
    "DateTime": "A moment as in RFC 3339, in UTC.",
    "Date": "A day as in RFC 3339.",
    "BigInt": "A whole number of up to 64 bits; Int has only 32.",
    "Decimal": "An exact number, written as a string.",
    "JSON": "Any value; its inside is not part of the schema.",
    "Bytes": "Bytes in base64.",
}
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("id", "ref"), "UUID"),
    **dict.fromkeys(("time", "timestamp"), "DateTime"),
    **dict.fromkeys(("decimal", "money"), "Decimal"),
    "date": "Date",
    "int": "BigInt",
    "bool": "Boolean",
    "json": "JSON",
    "blob": "Bytes",
    "geo": "GeoPoint",
}
PROBLEMS: Mapping[int, str] = {400: "Invalid", 422: "Invalid", 404: "NotFound", 409: "Conflict", 413: "TooLarge"}
"""What a caller can mend is a member of the result; 401, 403, 429 and 503 are errors with a code."""
_BUILT_IN = (
    "String",
    "Int",
    "Float",
    "Boolean",
    "ID",
    "GeoPoint",
    "GeoPointInput",
    "PageInfo",
    "Problem",
    "FieldProblem",
)


def make(plan: Plan) -> Iterable[Artifact]:
    """One schema, where the interface is a graph."""
    if any(e.style == "graphql" for e in plan.design.endpoints):
        title = f"Interface of {plan.complete.model.system} in GraphQL"
        yield Artifact(
            kind=KIND,
            subject="graphql",
            title=title,
            path="api/schema.graphql",
            language="graphql",
            text=_Schema(plan).text(),
        )


def lower(name: str) -> str:
    """`room_type` as `roomType`."""
    made = camel(name)
    return made[:1].lower() + made[1:]


def _block(head: str, lines: Iterable[str], about: str = "") -> str:
    return f"{graphql.description(about)}{head} {{\n" + "\n".join(lines) + "\n}"


class _Schema:
    """Names first, then text: every type has its name before a field speaks of it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.names = Names((*ROOTS, *_BUILT_IN, *SCALARS, *PROBLEMS.values()), suffix="Record")
        self.types = {e: self.names.take(camel(plan.complete.names.entity(e))) for e in entities(plan)}
        self.columns = {e: shown_columns(plan, e) for e in self.types}
        self.refs = {e: loaded(plan, e) for e in self.types}
        self.enums: dict[tuple[str, str], str] = {}
        self.fields: dict[str, dict[str, str]] = {}
        self.objects: dict[str, dict[str, str]] = {}
        for entity in self.types:
            self._name_fields(entity)
        paged = [plan.complete.operations[e.operation].entity for e in plan.design.endpoints if e.paged]
        self.connections = {
            e: (self.names.take(f"{self.types[e]}Connection"), self.names.take(f"{self.types[e]}Edge"))
            for e in dict.fromkeys(paged)
        }
        roots = Names()
        self.roots = {e.operation: roots.take(lower(e.operation)) for e in plan.design.endpoints}
        self.extra: list[str] = []
        self.problems: set[str] = set()

    def _name_fields(self, entity: str) -> None:
        names = Names()
        every = entity_columns(self.plan, entity) | self.columns[entity]
        own = {c: names.take(lower(c)) for c in every if c not in self.refs[entity]}
        self.objects[entity] = {}
        for column in self.refs[entity]:
            plain = lower(column.removesuffix("_id") or column)
            self.objects[entity][column] = names.take(plain)
            own[column] = names.take(f"{plain}Id")
        self.fields[entity] = own
        for name, kept in every.items():
            if kept.values:
                self.enums[entity, name] = self.names.take(f"{self.types[entity]}{camel(name)}")

    def text(self) -> str:
        """The whole schema."""
        kinds: dict[str, list[str]] = {r: [] for r in ROOTS}
        for endpoint in self.plan.design.endpoints:
            pushed = endpoint.style == "websocket"
            if pushed or endpoint.style == "graphql":
                reads = self.plan.complete.operations[endpoint.operation].reads
                kinds["Subscription" if pushed else "Query" if reads else "Mutation"].append(self._root(endpoint))
        if not kinds["Query"]:
            kinds["Query"].append(
                '  "Whether the interface answers; the language asks for one field to read."\n  alive: Boolean!'
            )
        bodies = [
            *self._enums(),
            *self._entities(),
            *self._pages(),
            *self.extra,
            *self._shared(),
            *(_block(f"type {r}", k) for r, k in kinds.items() if k),
        ]
        whole = "\n\n".join(bodies)
        scalars = [
            f"{graphql.description(about)}scalar {name}"
            for name, about in SCALARS.items()
            if re.search(rf"[:\[] ?{name}\b", whole)
        ]
        cost = '"Points that a field costs; `times` names the argument that multiplies them."\ndirective @cost(each: Int!, times: String) on FIELD_DEFINITION'
        names = {e: (self.types[e], self.objects[e]) for e in self.types}
        return "\n\n".join((header(self.plan, names), cost, *scalars, whole)) + "\n"

    def _type(self, entity: str, column: Column, *, inside: bool = False, optional: bool | None = None) -> str:
        name = self.enums.get((entity, column.name)) or _TYPES.get(column.kind, "String")
        must = not (column.optional if optional is None else optional)
        return f"{name}{'Input' if inside and name == 'GeoPoint' else ''}{'!' if must else ''}"

    def _enums(self) -> Iterable[str]:
        for (entity, name), enum in self.enums.items():
            column = (entity_columns(self.plan, entity) | self.columns[entity])[name]
            taken, lines = Names(), []
            for value in column.values:
                plain = re.sub(r"\W", "_", value, flags=re.ASCII).upper().lstrip("_") or "VALUE"
                shown = taken.take(graphql.value(f"V{plain}" if plain[0].isdigit() else plain))
                lines.append(
                    (graphql.description(f"stored as {value}", "  ") if shown.lower() != value else "") + f"  {shown}"
                )
            yield _block(f"enum {enum}", lines)

    def _entities(self) -> Iterable[str]:
        for entity, name in self.types.items():
            lines = []
            for column in self.columns[entity].values():
                lines.append(
                    graphql.description(column.purpose, "  ")
                    + f"  {self.fields[entity][column.name]}: {self._type(entity, column)}"
                )
                if column.name in self.refs[entity]:
                    target = self.types[self.refs[entity][column.name]]
                    lines.append(f"  {self.objects[entity][column.name]}: {target} @cost(each: 1)")
            yield _block(f"type {name}", lines)

    def _pages(self) -> Iterable[str]:
        for entity, (connection, edge) in self.connections.items():
            yield _block(f"type {connection}", (f"  edges: [{edge}!]!", "  pageInfo: PageInfo!"))
            yield _block(f"type {edge}", (f"  node: {self.types[entity]}!", "  cursor: String!"))

    def _shared(self) -> Iterable[str]:
        if self.connections:
            after = '  "Opaque; given back as `after`."\n  endCursor: String'
            yield _block("type PageInfo", ("  hasNextPage: Boolean!", after))
        if any(c.kind == "geo" for e in self.types for c in (entity_columns(self.plan, e) | self.columns[e]).values()):
            yield from (
                _block(f"{k} {n}", ("  lat: Float!", "  lon: Float!"))
                for k, n in (("type", "GeoPoint"), ("input", "GeoPointInput"))
            )
        if self.problems:
            common = ("  message: String!", "  traceId: String")
            yield _block("interface Problem", common, "What the caller can mend; a member of a result, not an error.")
            for name in dict.fromkeys(PROBLEMS.values()):
                if name in self.problems:
                    yield _block(
                        f"type {name} implements Problem",
                        (*common, *(("  fields: [FieldProblem!]!",) if name == "Invalid" else ())),
                    )
            if "Invalid" in self.problems:
                yield _block("type FieldProblem", ("  field: String!", "  reason: String!"))

    def _root(self, endpoint: Endpoint) -> str:
        operation = self.plan.complete.operations[endpoint.operation]
        entity, taken = operation.entity, Names(("first", "after", "input", "idempotencyKey"))
        columns = entity_columns(self.plan, entity) | self.columns[entity]
        pushed = endpoint.style == "websocket"
        arguments = []
        if operation.verb not in ("create", "upload"):
            keys = given(self.plan, endpoint) if operation.reads else path_keys(endpoint)
            for key in keys:
                column = column_of(key, "", columns)
                arguments.append(
                    f"{taken.take(self.fields[entity].get(key) or lower(key))}: {self._type(entity, column, inside=True, optional=False)}"
                )
        if operation.verb == "search":
            arguments.append(f"{taken.take('q')}: String!")
        cost = ""
        if pushed:
            arguments.append("after: String")
            answer = f"{self.types[entity]}!"
        elif endpoint.paged:
            arguments += [f"first: Int = {page_rows(self.plan, endpoint)}", "after: String"]
            answer, cost = f"{self.connections[entity][0]}!", ' @cost(each: 1, times: "first")'
        elif operation.verb in ("download", "aggregate"):
            answer = self._answer(endpoint, entity, "File" if operation.verb == "download" else "Summary")
        elif operation.reads:
            answer = self.types[entity]
        else:
            if endpoint.request:
                arguments.append(f"input: {self._input(endpoint, entity)}!")
            if endpoint.idempotent:
                arguments.append("idempotencyKey: UUID!")
            answer = f"{self._result(endpoint, entity)}!"
        made = f"({', '.join(arguments)})" if arguments else ""
        return (
            graphql.description(self._about(endpoint), "  ")
            + f"  {self.roots[endpoint.operation]}{made}: {answer}{cost}"
        )

    def _about(self, endpoint: Endpoint) -> str:
        target = self.plan.complete.latency(endpoint.operation).best * 1000
        rows = f" At most {LARGEST_PAGE} a page." if endpoint.paged else ""
        again = " Gives what was missed since `after`, then what comes." if endpoint.style == "websocket" else ""
        said = f"{words(endpoint.operation).capitalize()}: {endpoint.auth}; {endpoint.limit}; p99 {target:g} ms; {words(endpoint.service)}."
        return said + rows + again

    def _answer(self, endpoint: Endpoint, entity: str, suffix: str) -> str:
        columns = self.columns[entity]
        lines = self._lines(entity, endpoint.response, columns) or ["  done: Boolean!"]
        name = self.names.take(f"{camel(endpoint.operation)}{suffix}")
        self.extra.append(_block(f"type {name}", lines))
        return name

    def _lines(
        self,
        entity: str,
        values: Mapping[str, Any],
        columns: Mapping[str, Column],
        *,
        inside: bool = False,
        partial: bool = False,
    ) -> list[str]:
        taken, lines = Names(), []
        for name, value in values.items():
            column = column_of(name, value, columns)
            field = taken.take(self.fields[entity].get(name) or lower(name))
            lines.append(
                graphql.description(column.purpose, "  ")
                + f"  {field}: {self._type(entity, column, inside=inside, optional=True if partial else None)}"
            )
        return lines

    def _input(self, endpoint: Endpoint, entity: str) -> str:
        name = self.names.take(f"{camel(endpoint.operation)}Input")
        columns = entity_columns(self.plan, entity) | self.columns[entity]
        lines = self._lines(entity, endpoint.request, columns, inside=True, partial=endpoint.method == "PATCH")
        self.extra.append(_block(f"input {name}", lines))
        return name

    def _result(self, endpoint: Endpoint, entity: str) -> str:
        base = camel(endpoint.operation)
        codes = [c for c, _ in endpoint.statuses]
        rest = {n: v for n, v in endpoint.response.items() if n not in self.columns[entity]}
        lines = self._lines(entity, rest, {})
        if 202 in codes:
            lines.insert(0, '  "Taken; done later."\n  accepted: Boolean!')
        if len(rest) < len(endpoint.response):
            free = Names(lower(n) for n in (*rest, "accepted"))
            lines.append(
                f"  {free.take(lower(self.plan.complete.names.entity(entity)))}: {self.types[entity]}"
                + "!" * (202 not in codes)
            )
        payload, result = self.names.take(f"{base}Payload"), self.names.take(f"{base}Result")
        problems = list(dict.fromkeys(PROBLEMS[c] for c in codes if c in PROBLEMS))
        self.problems |= set(problems)
        self.extra.append(_block(f"type {payload}", lines or ["  done: Boolean!"]))
        self.extra.append(f"union {result} = {' | '.join((payload, *problems))}")
        return result

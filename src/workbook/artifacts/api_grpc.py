"""The interface in Protocol Buffers (proto3): one service for each deployed one, streams for what is pushed, a deadline a method."""

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
    system,
)
from workbook.artifacts.base import Artifact
from workbook.artifacts.writing import proto
from workbook.catalog import loader
from workbook.plan import Plan
from workbook.plan.design.model import Column, Endpoint, Service
from workbook.plan.names import camel, plural, words

KIND = "api"
DIALECTS: tuple[str, ...] = ()
FIRST_RESERVED, LAST_RESERVED = 19_000, 19_999
"""Field numbers that belong to the language."""
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("time", "timestamp"), "google.protobuf.Timestamp"),
    "int": "int64",
    "bool": "bool",
    "json": "google.protobuf.Struct",
    "blob": "bytes",
    "geo": "GeoPoint",
}
_MESSAGES = ("google.protobuf.Timestamp", "google.protobuf.Struct", "GeoPoint")
"""Types that may be absent anyhow."""
_NOTES: Mapping[str, str] = {
    **dict.fromkeys(("id", "ref"), "UUID"),
    **dict.fromkeys(("decimal", "money"), "exact, written as text"),
    "date": "YYYY-MM-DD",
}
CODES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    413: "OUT_OF_RANGE",
    422: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def make(plan: Plan) -> Iterable[Artifact]:
    """One file, where the interface is of procedures."""
    if any(e.style == "grpc" for e in plan.design.endpoints):
        title = f"Interface of {plan.complete.model.system} in gRPC"
        yield Artifact(
            kind=KIND,
            subject="grpc",
            title=title,
            path="api/service.proto",
            language="protobuf",
            text=_File(plan).text(),
        )


def same(name: str) -> str:
    """What the language compares: names that differ in underscores or capitals alone are one in JSON and in generated code."""
    return name.replace("_", "").lower()


def snake(name: str) -> str:
    """A field's name: small letters, and an underscore behind a word of the language."""
    made = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_") or "value"
    return proto.identifier(made)


def package(plan: Plan) -> str:
    """The package: the system's name and the version."""
    plain = re.sub(r"[^a-z0-9]+", "_", plan.complete.model.system.lower()).strip("_") or "system"
    plain = f"system_{plain}" if plain[0].isdigit() else plain
    plain = "google_" if plain == "google" else proto.identifier(plain)
    return f"{plain}.v1"


def deadline_ms(plan: Plan, endpoint: Endpoint) -> int:
    """How long a caller waits: the p99 target times the catalog's factor."""
    factor = float(loader.patterns()["timeout"].abilities["factor_of_p99"])
    return max(1, round(plan.complete.latency(endpoint.operation).best * 1000 * factor))


def _number(position: int) -> int:
    """The field number of a position, beginning with 1, past the language's own."""
    return position if position < FIRST_RESERVED else position + LAST_RESERVED - FIRST_RESERVED + 1


class _File:
    """Names first: services, methods and types share one space."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.endpoints = [e for e in plan.design.endpoints if e.style in ("grpc", "websocket")]
        self.services = [s for s in plan.design.services if any(e.service == s.id for e in self.endpoints)]
        self.names = Names(("GeoPoint", "deadline_ms"), suffix="Record", same=same)
        self.service_names = {
            s.id: self.names.take(camel(s.id) if s.id.endswith(("service", "gateway")) else f"{camel(s.id)}Service")
            for s in self.services
        }
        self.methods = {e.operation: self.names.take(camel(e.operation)) for e in self.endpoints}
        self.types = {e: self.names.take(camel(plan.complete.names.entity(e))) for e in entities(plan)}
        self.columns = {e: entity_columns(plan, e) | shown_columns(plan, e) for e in self.types}
        self.enums = {
            (e, n): self.names.take(f"{self.types[e]}{camel(n)}")
            for e, cs in self.columns.items()
            for n, c in cs.items()
            if c.values
        }
        self.pairs = {
            o: (self.names.take(f"{m}Request"), self.names.take(f"{m}Response")) for o, m in self.methods.items()
        }

    def text(self) -> str:
        """The whole file."""
        services = [self._service(s) for s in self.services]
        messages = [self._message(self.types[e], list(shown_columns(self.plan, e).values()), e) for e in self.types]
        calls = [m for e in self.endpoints for m in self._call(e)]
        bodies = [*self._enums(), *messages, *calls]
        if any(" GeoPoint " in b for b in bodies):
            bodies.append("message GeoPoint {\n  double lat = 1;\n  double lon = 2;\n}")
        whole = "\n\n".join(bodies)
        used = [n for n in ("struct", "timestamp") if f"google.protobuf.{n.capitalize()}" in whole]
        imports = "\n".join(f'import "google/protobuf/{n}.proto";' for n in ("descriptor", *used))
        option = "extend google.protobuf.MethodOptions {\n  // How long a caller waits; the rest of it is passed on with every further call.\n  int32 deadline_ms = 50001;\n}"
        head = "\n".join(map(proto.comment, self._head()))
        return (
            "\n\n".join(
                (head, 'syntax = "proto3";', f"package {package(self.plan)};", imports, option, *services, whole)
            )
            + "\n"
        )

    def _head(self) -> list[str]:
        factor = float(loader.patterns()["timeout"].abilities["factor_of_p99"])
        workers = [words(s.id) for s in self.plan.design.services if s not in self.services]
        codes = sorted({c for e in self.endpoints for c, _ in e.statuses} & set(CODES))
        return [
            f"{system(self.plan)}: services of the interface.",
            "",
            "Field numbers follow the order of the columns and never change: a new column takes the next free number, a removed one leaves its number",
            f"and name in `reserved`. Numbers 1 to 15 take one byte less; {FIRST_RESERVED} to {LAST_RESERVED} belong to the language.",
            f"Deadlines are {factor:g} x the p99 target of the operation; past it the call ends with DEADLINE_EXCEEDED, and nobody works on it further.",
            f"Fails with {', '.join(CODES[c] for c in codes)}; RESOURCE_EXHAUSTED and UNAVAILABLE carry a RetryInfo. Details are google.rpc.Status.",
            "Callers say who they are in the metadata `authorization`.",
            *([f"Without a service here, as nobody calls them: {', '.join(workers)}."] if workers else []),
        ]

    def _service(self, service: Service) -> str:
        rpcs = [self._rpc(e) for e in self.endpoints if e.service == service.id]
        return (
            f"{proto.comment(service.purpose)}\nservice {self.service_names[service.id]} {{\n"
            + "\n\n".join(rpcs)
            + "\n}"
        )

    def _rpc(self, endpoint: Endpoint) -> str:
        method, pushed = self.methods[endpoint.operation], endpoint.style == "websocket"
        reads = self.plan.complete.operations[endpoint.operation].reads
        target = self.plan.complete.latency(endpoint.operation).best * 1000
        codes = ", ".join(CODES[c] for c, _ in endpoint.statuses if c in CODES)
        lines = [
            proto.comment(f"{words(endpoint.operation).capitalize()}: {endpoint.auth}; {endpoint.limit}.", "  "),
            proto.comment(f"Fails with {codes}.", "  "),
        ]
        wait = [f"    option (deadline_ms) = {deadline_ms(self.plan, endpoint)};"]
        if pushed:
            lines.append(
                f"  // No deadline: stays open, with a sign of life every 30 s; each message arrives within {target:g} ms (p99)."
            )
            wait = []
        else:
            lines.append(f"  // p99 target {target:g} ms.")
        level = (
            ["    option idempotency_level = NO_SIDE_EFFECTS;"]
            if reads
            else ["    option idempotency_level = IDEMPOTENT;"]
            if endpoint.idempotent
            else []
        )
        stream = "stream " if pushed else ""
        request, response = self.pairs[endpoint.operation]
        return "\n".join((*lines, f"  rpc {method}({request}) returns ({stream}{response}) {{", *wait, *level, "  }"))

    def _enums(self) -> Iterable[str]:
        values = Names(same=same)
        for (entity, name), enum in self.enums.items():
            prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum).upper()
            lines = [f"  {values.take(f'{prefix}_UNSPECIFIED')} = 0;"]
            for number, value in enumerate(self.columns[entity][name].values, start=1):
                plain = re.sub(r"\W", "_", value, flags=re.ASCII).upper().strip("_") or "VALUE"
                said = "" if plain.lower() == value else "  " + proto.comment(f"stored as {value}")
                lines.append(f"  {values.take(f'{prefix}_{plain}')} = {number};{said}")
            yield f"enum {enum} {{\n" + "\n".join(lines) + "\n}"

    def _field(self, entity: str, column: Column, optional: bool) -> tuple[str, str]:
        kind = self.enums.get((entity, column.name)) or _TYPES.get(column.kind, "string")
        said = "; ".join(filter(None, (_NOTES.get(column.kind, ""), column.purpose)))
        return f"optional {kind}" if optional and kind not in _MESSAGES else kind, said

    def _message(
        self,
        name: str,
        columns: list[Column],
        entity: str,
        more: Iterable[tuple[str, str, str]] = (),
        partial: bool = False,
    ) -> str:
        """A message: columns first, then what the call needs besides, as (type, name, remark)."""
        taken = Names(same=same)
        fields = [(*self._field(entity, c, c.optional or partial), c.name) for c in columns]
        lines = []
        for position, (kind, said, wanted) in enumerate([*fields, *((k, s, n) for k, n, s in more)], start=1):
            remark = "  " + proto.comment(said) if said else ""
            lines.append(f"  {kind} {taken.take(snake(wanted))} = {_number(position)};{remark}")
        return f"message {name} {{\n" + "\n".join(lines) + "\n}" if lines else f"message {name} {{}}"

    def _call(self, endpoint: Endpoint) -> Iterable[str]:
        operation = self.plan.complete.operations[endpoint.operation]
        entity, verb = operation.entity, operation.verb
        request, response = self.pairs[endpoint.operation]
        columns, kind = self.columns[entity], self.types[entity]
        keys = (
            ()
            if verb in ("create", "upload")
            else given(self.plan, endpoint)
            if operation.reads
            else path_keys(endpoint)
        )
        asked = [column_of(k, "", columns) for k in keys]
        written = [column_of(n, v, columns) for n, v in endpoint.request.items() if n not in keys]
        more: list[tuple[str, str, str]] = []
        if verb == "search":
            more.append(("string", "query", "words or place searched for"))
        if endpoint.paged:
            rows = page_rows(self.plan, endpoint)
            more += [
                ("int32", "page_size", f"0 means {rows}; at most {max(LARGEST_PAGE, rows)}"),
                ("string", "page_token", "next_page_token of the page before"),
            ]
        if endpoint.style == "websocket":
            more.append(("string", "resume_token", "of the last message seen; what was missed comes first"))
        if endpoint.idempotent:
            more.append(
                ("string", "idempotency_key", "UUID made by the caller; a repeat is answered as the first call was")
            )
        yield self._message(request, [*asked, *written], entity, more, partial=endpoint.method == "PATCH" and not asked)
        if endpoint.paged:
            more = [
                (f"repeated {kind}", plural(self.plan.complete.names.entity(entity)), ""),
                ("string", "next_page_token", "empty on the last page"),
            ]
            yield self._message(response, [], entity, more)
        elif endpoint.style == "websocket":
            yield self._message(response, [], entity, [(kind, entity, ""), ("string", "resume_token", "")])
        elif verb in ("download", "aggregate"):
            yield self._message(response, self._values(endpoint.response, columns), entity)
        else:
            row = any(n in columns for n in endpoint.response) or operation.reads
            rest = {n: v for n, v in endpoint.response.items() if n not in columns}
            first = (
                [
                    (
                        kind,
                        entity,
                        "not set where it is done later" if any(c == 202 for c, _ in endpoint.statuses) else "",
                    )
                ]
                if row
                else []
            )
            yield self._message(response, self._values(rest, {}), entity, first)

    def _values(self, values: Mapping[str, Any], columns: Mapping[str, Column]) -> list[Column]:
        return [column_of(n, v, columns) for n, v in values.items()]

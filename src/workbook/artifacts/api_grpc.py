"""The interface in Protocol Buffers (proto3): one service for each deployed one, streams for what is pushed, a deadline a method."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workbook.artifacts import api_text
from workbook.artifacts.api_text import LARGEST_PAGE, Names
from workbook.artifacts.base import Artifact
from workbook.artifacts.writing import proto
from workbook.brief.fields import FieldType
from workbook.catalog import loader
from workbook.plan import Plan
from workbook.plan.fold.endpoints import Endpoint, Part, Style
from workbook.plan.fold.services import Service
from workbook.plan.names import camel, plural, words

KIND = "api"
DIALECTS: tuple[str, ...] = ()
STYLES = (Style.GRPC, Style.WEBSOCKET)
FIRST_RESERVED, LAST_RESERVED = 19_000, 19_999
"""Field numbers that belong to the language."""
MILLISECONDS = 1000
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("int", "count"), "int64"),
    "time": "google.protobuf.Timestamp",
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
    410: "FAILED_PRECONDITION",
    413: "OUT_OF_RANGE",
    422: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
Field = tuple[str, str, str]
"""Type, name, remark."""


def make(plan: Plan) -> Iterable[Artifact]:
    """One file, where the interface is of procedures."""
    if any(e.style is Style.GRPC for e in plan.design.endpoints):
        yield Artifact(
            kind=KIND,
            subject="grpc",
            title=f"Interface of {plan.complete.model.system} in gRPC",
            path="api/service.proto",
            language="protobuf",
            text=_File(plan).text(),
        )


def same(name: str) -> str:
    """What the language compares: names that differ in underscores or capitals alone are one in JSON and in generated code."""
    return name.replace("_", "").lower()


def snake(name: str) -> str:
    """A field's name: small letters, and an underscore behind a word of the language."""
    made = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace(".", "_")).lower().strip("_") or "value"
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
    return max(1, round(plan.complete.latency(endpoint.operation).best * MILLISECONDS * factor))


def _number(position: int) -> int:
    """The field number of a position, beginning with 1, past the language's own."""
    return position if position < FIRST_RESERVED else position + LAST_RESERVED - FIRST_RESERVED + 1


def _message(name: str, fields: Iterable[Field]) -> str:
    taken, lines = Names(same=same), []
    for position, (kind, wanted, said) in enumerate(fields, start=1):
        remark = f"  {proto.comment(said)}" if said else ""
        lines.append(f"  {kind} {taken.take(snake(wanted))} = {_number(position)};{remark}")
    return f"message {name} {{\n" + "\n".join(lines) + "\n}" if lines else f"message {name} {{}}"


class _File:
    """Names first: services, methods and types share one space."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.endpoints = [e for e in plan.design.endpoints if e.style in STYLES]
        self.services = [s for s in plan.design.services if any(e.service == s.id for e in self.endpoints)]
        self.structures = api_text.answered(plan, STYLES)
        self.names = Names(("GeoPoint", "deadline_ms"), suffix="Record", same=same)
        self.service_names = {
            s.id: self.names.take(camel(s.id) if s.id.endswith(("service", "gateway")) else f"{camel(s.id)}Service")
            for s in self.services
        }
        self.methods = {e.operation: self.names.take(camel(e.operation)) for e in self.endpoints}
        self.types = {s: self.names.take(camel(s)) for s in self.structures}
        self.pairs = {
            o: (self.names.take(f"{m}Request"), self.names.take(f"{m}Response")) for o, m in self.methods.items()
        }
        self.enums: dict[tuple[str, ...], str] = {}

    def text(self) -> str:
        """The whole file."""
        services = [self._service(s) for s in self.services]
        rows = [
            _message(self.types[n], [self._field(f, t, self.types[n]) for f, t in api_text.shown(s).items()])
            for n, s in self.structures.items()
        ]
        calls = [m for e in self.endpoints for m in self._call(e)]
        bodies = [*self._enums(), *rows, *calls]
        if any(" GeoPoint " in b for b in bodies):
            bodies.append("message GeoPoint {\n  double lat = 1;\n  double lon = 2;\n}")
        whole = "\n\n".join(bodies)
        used = [n for n in ("struct", "timestamp") if f"google.protobuf.{n.capitalize()}" in whole]
        imports = "\n".join(f'import "google/protobuf/{n}.proto";' for n in ("descriptor", *used))
        waits = "  // How long a caller waits; the rest of it is passed on with every further call."
        option = f"extend google.protobuf.MethodOptions {{\n{waits}\n  int32 deadline_ms = 50001;\n}}"
        head = "\n".join(map(proto.comment, self._head()))
        parts = (head, 'syntax = "proto3";', f"package {package(self.plan)};", imports, option, *services, whole)
        return "\n\n".join(parts) + "\n"

    def _head(self) -> list[str]:
        factor = float(loader.patterns()["timeout"].abilities["factor_of_p99"])
        workers = [words(s.id) for s in self.plan.design.services if s not in self.services]
        codes = sorted({c for e in self.endpoints for c in e.statuses} & set(CODES))
        fails = ", ".join(dict.fromkeys(CODES[c] for c in codes))
        return [
            f"{api_text.system(self.plan)}: services of the interface.",
            "",
            "Field numbers follow the order of the fields and never change: a new field takes the next free number, a removed one leaves",
            f"its number and name in `reserved`. Numbers 1 to 15 take one byte less; {FIRST_RESERVED} to {LAST_RESERVED} belong to the language.",
            f"Deadlines are {factor:g} x the p99 target of the operation; past it the call ends with DEADLINE_EXCEEDED, and nobody works on it further.",
            f"Fails with {fails}; RESOURCE_EXHAUSTED and UNAVAILABLE carry a RetryInfo. Details are google.rpc.Status.",
            "Callers say who they are in the metadata `authorization`.",
            *([f"Without a service here, as nobody calls them: {', '.join(workers)}."] if workers else []),
        ]

    def _service(self, service: Service) -> str:
        calls = [self._rpc(e) for e in self.endpoints if e.service == service.id]
        title = proto.comment(f"{self.plan.design.title(service.id)}.")
        return f"{title}\nservice {self.service_names[service.id]} {{\n" + "\n\n".join(calls) + "\n}"

    def _rpc(self, endpoint: Endpoint) -> str:
        pushed = endpoint.style is Style.WEBSOCKET
        codes = ", ".join(dict.fromkeys(CODES[c] for c in endpoint.statuses if c in CODES))
        lines = [proto.comment(f"{api_text.about(endpoint, self.plan)}.", "  ")]
        lines += [proto.comment(f"Fails with {codes}.", "  ")] if codes else []
        inside = []
        if pushed:
            lines.append("  // No deadline: stays open, with a sign of life every 30 s.")
        else:
            inside.append(f"    option (deadline_ms) = {deadline_ms(self.plan, endpoint)};")
        if endpoint.method == "GET":
            inside.append("    option idempotency_level = NO_SIDE_EFFECTS;")
        elif endpoint.repeatable:
            inside.append("    option idempotency_level = IDEMPOTENT;")
        request, response = self.pairs[endpoint.operation]
        answer = f"stream {response}" if pushed else response
        head = f"  rpc {self.methods[endpoint.operation]}({request}) returns ({answer}) {{"
        return "\n".join((*lines, head, *inside, "  }"))

    def _enum(self, type_: FieldType, wanted: str) -> str:
        if type_.values not in self.enums:
            self.enums[type_.values] = self.names.take(wanted) if type_.values else ""
        return self.enums[type_.values]

    def _enums(self) -> Iterable[str]:
        values = Names(same=same)
        for said, enum in self.enums.items():
            prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum).upper()
            lines = [f"  {values.take(f'{prefix}_UNSPECIFIED')} = 0;"]
            for number, value in enumerate(said, start=1):
                plain = re.sub(r"\W", "_", value, flags=re.ASCII).upper().strip("_") or "VALUE"
                stored = "" if plain.lower() == value else "  " + proto.comment(f"stored as {value}")
                lines.append(f"  {values.take(f'{prefix}_{plain}')} = {number};{stored}")
            if said:
                yield f"enum {enum} {{\n" + "\n".join(lines) + "\n}"

    def _field(self, name: str, type_: FieldType, owner: str, *, partial: bool = False) -> Field:
        kind = self._enum(type_, f"{owner}{camel(name.replace('.', '_'))}") or _TYPES.get(type_.kind, "string")
        said = _NOTES.get(type_.kind, "")
        if type_.many:
            return f"repeated {kind}", name, said
        optional = (type_.optional or partial) and kind not in _MESSAGES
        return f"optional {kind}" if optional else kind, name, said

    def _call(self, endpoint: Endpoint) -> Iterable[str]:
        request, response = self.pairs[endpoint.operation]
        method = self.methods[endpoint.operation]
        asked = [self._field(n, endpoint.request[n], method) for n in endpoint.in_path]
        partial = endpoint.method == "PATCH"
        asked += [self._field(n, t, method, partial=partial) for n, t in api_text.sent(endpoint).items()]
        yield _message(request, [*asked, *self._more(endpoint)])
        answered = [self._answered(p, method, endpoint.paged) for p in endpoint.answers]
        if endpoint.paged:
            answered.append(("string", "next_page_token", "empty on the last page"))
        if endpoint.style is Style.WEBSOCKET:
            answered.append(("string", "resume_token", ""))
        if endpoint.file:
            answered.append(("string", "signed_url", "where the bytes lie, for a few minutes"))
        yield _message(response, answered)

    def _more(self, endpoint: Endpoint) -> Iterable[Field]:
        """What a call needs besides."""
        if endpoint.paged:
            rows = api_text.page_rows(self.plan, endpoint)
            yield "int32", "page_size", f"0 means {rows}; at most {max(LARGEST_PAGE, rows)}"
            yield "string", "page_token", "next_page_token of the page before"
        if endpoint.style is Style.WEBSOCKET:
            yield "string", "resume_token", "of the last message seen; what was missed comes first"
        if endpoint.repeatable:
            said = "UUID made by the caller; a repeat is answered as the first call was"
            yield "string", "idempotency_key", said

    def _answered(self, part: Part, owner: str, paged: bool) -> Field:
        if not part.structure:
            kind, name, said = self._field(part.name, api_text.part_type(part), owner)
            return kind, name, said
        kind = self.types[part.structure]
        if not part.many:
            return kind, part.name, ""
        return f"repeated {kind}", plural(part.name) if paged else part.name, ""

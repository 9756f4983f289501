"""The interface as a GraphQL schema: types of what is answered, pages by cursor, writes with their problems, subscriptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workbook.artifacts import api_text
from workbook.artifacts.api_text import LARGEST_PAGE, Names
from workbook.artifacts.base import Artifact
from workbook.artifacts.graphql_measures import followed, header
from workbook.artifacts.writing import graphql
from workbook.brief.fields import FieldType
from workbook.plan import Plan
from workbook.plan.fold.endpoints import Endpoint, Part, Style
from workbook.plan.form.model import Structure
from workbook.plan.names import camel, words

KIND = "api"
DIALECTS: tuple[str, ...] = ()
STYLES = (Style.GRAPHQL, Style.WEBSOCKET)
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
    **dict.fromkeys(("decimal", "money"), "Decimal"),
    **dict.fromkeys(("int", "count"), "BigInt"),
    "time": "DateTime",
    "date": "Date",
    "bool": "Boolean",
    "json": "JSON",
    "blob": "Bytes",
    "geo": "GeoPoint",
}
PROBLEMS: Mapping[int, str] = {
    **dict.fromkeys((400, 422), "Invalid"),
    404: "NotFound",
    **dict.fromkeys((409, 410), "Conflict"),
    413: "TooLarge",
}
"""What a caller can mend is a member of the result; 401, 403, 429 and 503 are errors with a code."""
ACCEPTED, NOT_FOUND = 202, 404
_BUILT_IN = (
    *("String", "Int", "Float", "Boolean", "ID", "GeoPoint", "GeoPointInput", "PageInfo", "Problem", "FieldProblem"),
)


def make(plan: Plan) -> Iterable[Artifact]:
    """One schema, where the interface is a graph."""
    if any(e.style is Style.GRAPHQL for e in plan.design.endpoints):
        yield Artifact(
            kind=KIND,
            subject="graphql",
            title=f"Interface of {plan.complete.model.system} in GraphQL",
            path="api/schema.graphql",
            language="graphql",
            text=_Schema(plan).text(),
        )


def lower(name: str) -> str:
    """`room_type` as `roomType`."""
    made = camel(graphql.identifier(name)) or "value"
    return made[:1].lower() + made[1:]


def root_of(endpoint: Endpoint) -> str:
    """The root that an endpoint is a field of."""
    if endpoint.style is Style.WEBSOCKET:
        return "Subscription"
    return "Query" if endpoint.method == "GET" else "Mutation"


def _block(head: str, lines: Iterable[str], about: str = "") -> str:
    return f"{graphql.description(about)}{head} {{\n" + "\n".join(lines) + "\n}"


class _Schema:
    """Names first, then text: every type has its name before a field speaks of it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.endpoints = [e for e in plan.design.endpoints if e.style in STYLES]
        self.structures = api_text.answered(plan, STYLES)
        self.names = Names((*ROOTS, *_BUILT_IN, *SCALARS, *PROBLEMS.values()), suffix="Record")
        self.types = {s: self.names.take(camel(s)) for s in self.structures}
        self.enums: dict[tuple[str, ...], str] = {}
        self.fields: dict[str, dict[str, str]] = {}
        self.objects: dict[str, dict[str, str]] = {}
        for structure in self.structures.values():
            self._name_fields(structure)
        paged = [self._paged(e) for e in self.endpoints]
        self.connections = {
            s: (self.names.take(f"{self.types[s]}Connection"), self.names.take(f"{self.types[s]}Edge"))
            for s in dict.fromkeys(p.structure for p in paged if p is not None)
        }
        roots = Names()
        self.roots = {e.operation: roots.take(lower(e.operation)) for e in self.endpoints}
        self.extra: list[str] = []
        self.problems: set[str] = set()

    def _paged(self, endpoint: Endpoint) -> Part | None:
        """The only part of an answer that comes in pages."""
        parts = endpoint.answers
        whole = endpoint.paged and len(parts) == 1 and parts[0].many and parts[0].structure
        return parts[0] if whole and root_of(endpoint) == "Query" else None

    def _name_fields(self, structure: Structure) -> None:
        fields, refs = api_text.shown(structure), followed(structure, self.structures)
        names = Names()
        own = {f: names.take(lower(f)) for f in fields if f not in refs}
        self.objects[structure.id] = {}
        for column in refs:
            plain = lower(column.removesuffix("_id") or column)
            self.objects[structure.id][column] = names.take(plain)
            own[column] = names.take(f"{plain}Id")
        self.fields[structure.id] = {f: own[f] for f in fields}
        for name, type_ in fields.items():
            self._enum(type_, f"{self.types[structure.id]}{camel(name)}")

    def _enum(self, type_: FieldType, wanted: str) -> str:
        if type_.values not in self.enums:
            self.enums[type_.values] = self.names.take(wanted) if type_.values else ""
        return self.enums[type_.values]

    # Text -------------------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The whole schema."""
        kinds: dict[str, list[str]] = {r: [] for r in ROOTS}
        for endpoint in self.endpoints:
            kinds[root_of(endpoint)].append(self._root(endpoint))
        if not kinds["Query"]:
            alive = '  "Whether the interface answers; the language asks for one field to read."\n  alive: Boolean!'
            kinds["Query"].append(alive)
        types, roots = list(self._rows()), [_block(f"type {r}", k) for r, k in kinds.items() if k]
        bodies = [*self._enums(), *types, *self._pages(), *self.extra]
        whole = "\n\n".join([*bodies, *self._shared("\n".join([*bodies, *roots])), *roots])
        scalars = [
            f"{graphql.description(about)}scalar {name}"
            for name, about in SCALARS.items()
            if re.search(rf"[:\[] ?{name}\b", whole)
        ]
        about = '"Points that a field costs; `times` names the argument that multiplies them."'
        cost = f"{about}\ndirective @cost(each: Int!, times: String) on FIELD_DEFINITION"
        names = {s: (self.types[s], self.objects[s]) for s in self.types}
        return "\n\n".join((header(self.plan, self.structures, names), cost, *scalars, whole)) + "\n"

    def _type(self, type_: FieldType, wanted: str, *, inside: bool = False, optional: bool | None = None) -> str:
        name = self._enum(type_, wanted) or _TYPES.get(type_.kind, "String")
        made = f"{name}Input" if inside and name == "GeoPoint" else name
        made = f"[{made}!]" if type_.many else made
        must = not (type_.optional if optional is None else optional)
        return f"{made}{'!' if must else ''}"

    def _enums(self) -> Iterable[str]:
        for values, enum in self.enums.items():
            taken, lines = Names(), []
            for value in values:
                plain = re.sub(r"\W", "_", value, flags=re.ASCII).upper().lstrip("_") or "VALUE"
                shown = taken.take(graphql.value(f"V{plain}" if plain[0].isdigit() else plain))
                stored = graphql.description(f"stored as {value}", "  ") if shown.lower() != value else ""
                lines.append(f"{stored}  {shown}")
            if lines:
                yield _block(f"enum {enum}", lines)

    def _rows(self) -> Iterable[str]:
        for name, structure in self.structures.items():
            refs = followed(structure, self.structures)
            lines = []
            for field, type_ in api_text.shown(structure).items():
                wanted = f"{self.types[name]}{camel(field)}"
                lines.append(f"  {self.fields[name][field]}: {self._type(type_, wanted)}")
                if field in refs:
                    lines.append(f"  {self.objects[name][field]}: {self.types[refs[field]]} @cost(each: 1)")
            yield _block(f"type {self.types[name]}", lines or ["  done: Boolean!"])

    def _pages(self) -> Iterable[str]:
        for structure, (connection, edge) in self.connections.items():
            yield _block(f"type {connection}", (f"  edges: [{edge}!]!", "  pageInfo: PageInfo!"))
            yield _block(f"type {edge}", (f"  node: {self.types[structure]}!", "  cursor: String!"))

    def _shared(self, said: str) -> Iterable[str]:
        if self.connections:
            after = '  "Opaque; given back as `after`."\n  endCursor: String'
            yield _block("type PageInfo", ("  hasNextPage: Boolean!", after))
        for kind, name in (("type", "GeoPoint"), ("input", "GeoPointInput")):
            if re.search(rf"\b{name}\b", said):
                yield _block(f"{kind} {name}", ("  lat: Float!", "  lon: Float!"))
        if not self.problems:
            return
        common = ("  message: String!", "  traceId: String")
        yield _block("interface Problem", common, "What the caller can mend; a member of a result, not an error.")
        for name in dict.fromkeys(PROBLEMS.values()):
            if name in self.problems:
                more = ("  fields: [FieldProblem!]!",) if name == "Invalid" else ()
                yield _block(f"type {name} implements Problem", (*common, *more))
        if "Invalid" in self.problems:
            yield _block("type FieldProblem", ("  field: String!", "  reason: String!"))

    # Roots ------------------------------------------------------------------------------------------------------------

    def _root(self, endpoint: Endpoint) -> str:
        kind, page = root_of(endpoint), self._paged(endpoint)
        taken = Names(("first", "after", "input", "idempotencyKey"))
        sent = api_text.sent(endpoint)
        asked = {n: endpoint.request[n] for n in endpoint.in_path} | ({} if kind == "Mutation" else sent)
        arguments = [f"{taken.take(lower(n))}: {self._sent(endpoint, n, t)}" for n, t in asked.items()]
        cost = ""
        if kind == "Subscription":
            arguments.append("after: String")
            answer = f"{self._answer(endpoint)}!"
        elif page is not None:
            arguments += [f"first: Int = {api_text.page_rows(self.plan, endpoint)}", "after: String"]
            answer, cost = f"{self.connections[page.structure][0]}!", ' @cost(each: 1, times: "first")'
        elif kind == "Query":
            answer = self._answer(endpoint) + ("" if NOT_FOUND in endpoint.statuses else "!")
        else:
            if sent:
                arguments.append(f"input: {self._input(endpoint, sent)}!")
            if endpoint.repeatable:
                arguments.append("idempotencyKey: UUID!")
            answer = f"{self._result(endpoint)}!"
        made = f"({', '.join(arguments)})" if arguments else ""
        about = graphql.description(self._about(endpoint), "  ")
        return f"{about}  {self.roots[endpoint.operation]}{made}: {answer}{cost}"

    def _sent(self, endpoint: Endpoint, name: str, type_: FieldType) -> str:
        return self._type(type_, f"{camel(endpoint.operation)}{camel(name)}", inside=True)

    def _about(self, endpoint: Endpoint) -> str:
        rows = f" At most {LARGEST_PAGE} a page." if self._paged(endpoint) is not None else ""
        again = " Gives what was missed since `after`, then what comes." if root_of(endpoint) == "Subscription" else ""
        return f"{api_text.about(endpoint, self.plan)}; {words(endpoint.service)}.{rows}{again}"

    def _part(self, part: Part, wanted: str) -> str:
        if not part.structure:
            return self._type(api_text.part_type(part), wanted, optional=True)
        return f"[{self.types[part.structure]}!]" if part.many else self.types[part.structure]

    def _lines(self, endpoint: Endpoint) -> list[str]:
        """What is answered, a field a part."""
        taken, lines = Names(), []
        for part in endpoint.answers:
            wanted = f"{camel(endpoint.operation)}{camel(part.name.replace('.', '_'))}"
            field = taken.take(lower(part.name.replace(".", "_")))
            lines.append(f"  {field}: {self._part(part, wanted)}")
        if endpoint.file:
            lines.append(f'  "Where the bytes lie, for a few minutes."\n  {taken.take("signedUrl")}: String!')
        return lines

    def _answer(self, endpoint: Endpoint) -> str:
        """The type of an answer that has no problems of its own."""
        parts = endpoint.answers
        if len(parts) == 1 and parts[0].structure and not endpoint.file:
            return self._part(parts[0], "")
        name = self.names.take(f"{camel(endpoint.operation)}Answer")
        self.extra.append(_block(f"type {name}", self._lines(endpoint) or ["  done: Boolean!"]))
        return name

    def _input(self, endpoint: Endpoint, sent: Mapping[str, FieldType]) -> str:
        name, taken = self.names.take(f"{camel(endpoint.operation)}Input"), Names()
        partial = True if endpoint.method == "PATCH" else None
        lines = []
        for field, type_ in sent.items():
            kind = self._type(type_, f"{camel(endpoint.operation)}{camel(field)}", inside=True, optional=partial)
            lines.append(f"  {taken.take(lower(field))}: {kind}")
        self.extra.append(_block(f"input {name}", lines))
        return name

    def _result(self, endpoint: Endpoint) -> str:
        base, lines = camel(endpoint.operation), self._lines(endpoint)
        if ACCEPTED in endpoint.statuses:
            lines.insert(0, '  "Taken; done later."\n  accepted: Boolean!')
        payload, result = self.names.take(f"{base}Payload"), self.names.take(f"{base}Result")
        problems = list(dict.fromkeys(PROBLEMS[c] for c in endpoint.statuses if c in PROBLEMS))
        self.problems |= set(problems)
        self.extra.append(_block(f"type {payload}", lines or ["  done: Boolean!"]))
        self.extra.append(f"union {result} = {' | '.join((payload, *problems))}")
        return result

"""Ways in: method, path, what is sent and what comes back, for every operation that somebody calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, count

from workbook.brief.fields import FieldType
from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.outcomes import TOO_MANY, statuses
from workbook.plan.fold.services import Service
from workbook.plan.form.model import Program, Step
from workbook.plan.form.terms import Every, Ref, Root
from workbook.plan.form.verbs import MAKES_ROWS, READS, WRITES
from workbook.plan.names import kebab, plural
from workbook.plan.passes.model import ability
from workbook.plan.passes.world import World

CURSOR, REQUEST = "cursor", "request"
"""What a page is continued by, and what a request is known again by (a header, not a field of the body)."""
_FINDS = frozenset({Verb.SEARCH, Verb.NEAR, Verb.SIMILAR, Verb.COMPLETE})
PLAIN_CHANGES = frozenset({"update", "change", "edit", "set", "adjust", "rename"})
"""First words of operations that change a thing as a whole. Others name what is done with it."""


_SLOT = re.compile(r"\{\w+\}")


class Style(StrEnum):
    """How a way in is spoken."""

    REST = "rest"
    GRPC = "grpc"
    GRAPHQL = "graphql"
    WEBSOCKET = "websocket"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something that is answered: rows of a structure, one or many, or a single value."""

    name: str
    structure: str = ""
    many: bool = False
    type: FieldType | None = None
    fields: Mapping[str, FieldType] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A way in for one operation."""

    operation: str
    service: str
    method: str
    path: str
    style: Style
    in_path: tuple[str, ...]
    query: tuple[str, ...]
    body: Mapping[str, FieldType]
    request: Mapping[str, FieldType]
    answers: tuple[Part, ...]
    statuses: tuple[int, ...]
    caller: str
    paged: bool
    repeatable: bool
    file: bool
    """Whether bytes are fetched or brought by a signed address."""
    features: tuple[str, ...] = ()


def endpoints(world: World, services: Iterable[Service]) -> tuple[Endpoint, ...]:
    """Every operation that callers use. Two never share method and path."""
    taken: set[tuple[str, str]] = set()
    runs = {o: s.id for s in services for o in s.operations}
    opened = {p.operation.starts.on for p in world.programs.values() if p.starts is Start.OPENS}
    repeatable = {p.operation for p in world.pledges if p.kind is PromiseKind.REPEATABLE}
    made = []
    for name, program in world.programs.items():
        if program.starts not in (Start.CALLER, Start.WEBHOOK):
            continue
        method, path, in_path = _route(program, world, name in opened)
        path = _free(method, path, name, taken)
        taken.add((method, _SLOT.sub("{}", path)))
        made.append(_endpoint(program, world, runs[name], method, path, in_path, name in opened, name in repeatable))
    return tuple(made)


def _free(method: str, path: str, operation: str, taken: set[tuple[str, str]]) -> str:
    """The path itself where no other way in has it, whatever its parameters are called; else the operation's name behind it."""
    tail = f"{path}/{kebab(operation)}"
    tries = chain((path, tail), (f"{tail}-{number}" for number in count(2)))
    return next(p for p in tries if (method, _SLOT.sub("{}", p)) not in taken)


def _endpoint(
    program: Program,
    world: World,
    service: str,
    method: str,
    path: str,
    in_path: tuple[str, ...],
    pushes: bool,
    repeatable: bool,
) -> Endpoint:
    sent = {n: t for n, t in program.request.items() if n not in in_path and n != REQUEST}
    query = tuple(sent) if method in ("GET", "DELETE") else tuple(n for n in sent if n == CURSOR)
    return Endpoint(
        operation=program.id,
        service=service,
        method=method,
        path=path,
        style=_style(program, world, pushes),
        in_path=in_path,
        query=query,
        body={n: t for n, t in sent.items() if n not in query},
        request=program.request,
        answers=tuple(answers(program, world)),
        statuses=_statuses(program, world),
        caller=program.operation.caller,
        paged=CURSOR in program.request,
        repeatable=repeatable,
        file=any(s.direct for s, _ in program.steps()),
        features=tuple(f for f, v in world.complete.model.features.items() if program.id in v.operations),
    )


def _statuses(program: Program, world: World) -> tuple[int, ...]:
    """What the steps may come to, and too many calls where the brief limits them."""
    first, *rest = statuses(program)
    limited = bool(world.complete.model.tiers) and bool(program.operation.caller)
    return (first, *sorted({*rest, *((TOO_MANY,) if limited else ())}))


def answers(program: Program, world: World) -> Iterable[Part]:
    """What is answered, by the names it has in the steps. Of several answers the last is the usual one."""
    every = [s for s, around in program.steps() if s.verb is Verb.ANSWER]
    for value in every[-1].answers if every else ():
        ref = value.of if isinstance(value, Every) else value
        if not isinstance(ref, Ref):
            continue
        structure = world.form.structures.get(ref.structure)
        name = ".".join((ref.name, *ref.fields)) or str(ref)
        if structure is not None and not ref.fields:
            yield Part(name=name, structure=structure.id, many=ref.many, fields=structure.fields)
        else:
            yield Part(name=name, many=ref.many, type=ref.type)


def _style(program: Program, world: World, pushes: bool) -> Style:
    if program.starts is Start.WEBHOOK:
        return Style.REST if program.operation.over in ("", "http") else Style.OTHER
    chosen = world.chosen("api_style")
    if pushes:
        return Style.WEBSOCKET
    if ability(chosen, "field_selection") >= 1:
        return Style.GRAPHQL
    typed = bool(chosen.source.abilities.get("typed"))
    return Style.GRPC if typed and ability(chosen, "browser") < BROWSERS else Style.REST


BROWSERS = 0.5
"""A style below this is not for browsers."""


def _route(program: Program, world: World, pushes: bool) -> tuple[str, str, tuple[str, ...]]:
    """Method, path, and the fields of the request that stand in the path."""
    main = main_step(program, world)
    if program.starts is Start.WEBHOOK:
        return "POST", f"/v1/hooks/{kebab(program.id)}", ()
    if main is None:
        return "POST", f"/v1/{kebab(program.id)}", ()
    base = f"/v1/{kebab(plural(main.target))}"
    one, given = _one(base, main, program, world)
    if pushes:
        return "GET", f"{base}/stream", ()
    if main.verb in READS:
        return _read(main, base, one, given, program, world)
    if main.verb is Verb.REMOVE:
        return "DELETE", one, given
    if main.verb in MAKES_ROWS and (not given or main.direct):
        return "POST", base, ()
    if main.verb is Verb.PUT:
        return "PUT", one, given
    action = program.id.split("_")[0]
    return ("PATCH", one, given) if action in PLAIN_CHANGES else ("POST", f"{one}/{kebab(action)}", given)


def _read(
    main: Step, base: str, one: str, given: tuple[str, ...], program: Program, world: World
) -> tuple[str, str, tuple[str, ...]]:
    if main.verb is Verb.GET:
        return "GET", f"{one}/content" if main.direct else one, given
    if main.verb in _FINDS:
        owner = (world.form.structures[main.target].of or (main.target,))[0]
        return "GET", f"/v1/{kebab(plural(owner))}/search", ()
    tail = "/summary" if main.verb in (Verb.COUNT, Verb.RANK, Verb.SUMMARISE) else ""
    parent = next(((g.field, n) for g in main.by if (n := _sent(g.value))), None)
    if parent is None:
        return "GET", base + tail, ()
    field, name = parent
    type_ = world.form.structures[main.target].fields.get(field)
    above = type_.ref if type_ is not None and type_.ref else field
    return "GET", f"/v1/{kebab(plural(above))}/{{{name}}}/{kebab(plural(main.target))}{tail}", (name,)


def _one(base: str, main: Step, program: Program, world: World) -> tuple[str, tuple[str, ...]]:
    """The path of one row: what of its key the request says."""
    key = world.form.structures[main.target].key
    by = (
        {g.field: g.value for g in (*main.by, *main.sets)}
        if main.verb is Verb.PUT
        else {g.field: g.value for g in main.by}
    )
    given = tuple(name for k in (*key, *(f for f in by if f not in key)) if (name := _sent(by.get(k))))
    return base + "".join(f"/{{{n}}}" for n in given), given


def _sent(value: object) -> str:
    """The field of the request that a value is, or nothing."""
    if isinstance(value, Ref) and value.root is Root.BODY and len(value.fields) == 1:
        return value.fields[0]
    return ""


def main_step(program: Program, world: World) -> Step | None:
    """What an operation is about: what it does to the thing it names, else its first write, else its first read."""
    asked = world.complete.model.operations.get(program.id)
    own = [s for s, _ in program.steps() if s.target in world.form.structures]
    core = [s for s in own if not world.form.structures[s.target].added_by]
    about = asked.entity if asked is not None and asked.does else ""
    reads = asked is not None and asked.does is not None and asked.reads
    order = (
        [s for s in own if s.verb in _FINDS and about in world.form.structures[s.target].of],
        [s for s in core if s.target == about and (s.verb in READS) == reads],
        [s for s in core if s.target == about],
        [s for s in core if s.verb in WRITES],
        core,
        own,
    )
    return next((found[0] for found in order if found), None)

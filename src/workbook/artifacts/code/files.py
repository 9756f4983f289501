"""Operations as files: which belong to the service and which to the worker, and what each begins with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from weakref import WeakKeyDictionary

from workbook.artifacts.base import Artifact, databases
from workbook.artifacts.code import names
from workbook.artifacts.code.language import Written
from workbook.artifacts.code.printer import Printer
from workbook.artifacts.code.variables import Kind
from workbook.artifacts.code.whole import whole
from workbook.artifacts.dialects.postgresql.statements import NoStatement, PostgreSQL
from workbook.artifacts.dialects.statement import Refusal
from workbook.plan import Plan
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED
from workbook.plan.form import tunables
from workbook.plan.form.model import Program, Step
from workbook.plan.passes.world import DATABASE, World, remembered

_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_WORD = re.compile(r"(?<![.\w])\w+")
_CALL = re.compile(r"(?<![.\w])(\w+)\(")
SQL = ("postgresql",)
"""Dialects whose statements stand in the code; other stores are asked by ports."""
_WRITTEN: WeakKeyDictionary[Design, dict[str, Mapping[str, Written]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Part:
    """A store in `app`: one that statements are sent to, or one that is asked by its port."""

    name: str
    sql: bool


@dataclass(frozen=True)
class Way:
    """A way in: what is called or starts, and the operation."""

    name: str
    about: str
    operation: str


@dataclass(frozen=True)
class Used:
    """Words of an operation's code outside of texts and comments; `called` are those that a bracket follows."""

    words: frozenset[str]
    called: frozenset[str]


def used(made: Written, remark: str) -> Used:
    """What an operation needs from elsewhere."""
    code = _TEXT.sub('""', "\n".join(line for line in made.lines if not line.lstrip().startswith(remark)))
    return Used(frozenset(_WORD.findall(code)), frozenset(_CALL.findall(code)))


def asked(program: Program) -> bool:
    """Whether it belongs to the service: somebody calls. The rest is the worker's."""
    return program.starts in ASKED


def written(plan: Plan, printer: type[Printer], reserved: frozenset[str]) -> Mapping[str, Written]:
    """Every operation as code in one language. `reserved` no function may be called."""
    known = _WRITTEN.setdefault(plan.design, {})
    if printer.__name__ not in known:
        dialects = {s.id: PostgreSQL(dict(t)) for s, t in databases(plan, SQL)}
        world = plan.world
        called = names.functions(world.programs, reserved)
        taken = {*world.form.tunables, *called.values()}
        made: dict[str, Written] = {}
        for name, program in world.programs.items():
            entire = whole(program, partial(_partly, world, dialects))
            made[name] = printer(world, entire, dialects, called[name], taken).write()
            if printer.one_scope:
                taken |= set(made[name].constants)
        known[printer.__name__] = made
    return known[printer.__name__]


def _partly(world: World, dialects: Mapping[str, PostgreSQL], step: Step) -> bool:
    """Whether a step may do less than it was asked, and is refused then."""
    dialect = dialects.get(world.homes.get(step.target, DATABASE))
    if dialect is None or step.target not in world.form.structures:
        return False
    try:
        return any(s.refusal is Refusal.FEWER for s in dialect.statements(step))
    except NoStatement:
        return False


def constants(plan: Plan, operation: str) -> Iterator[str]:
    """The tunables that an operation uses."""
    yield from _constants(plan.world).get(operation, ())


@remembered
def _constants(world: World) -> Mapping[str, tuple[str, ...]]:
    """Operation, structure or promise -> the tunables that it uses."""
    found: dict[str, list[str]] = {}
    for name, places in tunables.uses(world.form, world.programs, world.pledges).items():
        for place in places:
            found.setdefault(place, []).append(name)
    return {place: tuple(names) for place, names in found.items()}


def head(plan: Plan, operation: str) -> str:
    """What an operation is, in one line."""
    starts = plan.world.programs[operation].operation.starts
    on = f" of {starts.on}" if starts.on else ""
    return f"{operation.replace('_', ' ').capitalize()}: starts by {starts.kind.value}{on}."


def artifact(plan: Plan, operation: str, path: str, dialect: str, text: str) -> Artifact:
    """The file of an operation."""
    kind = "service" if asked(plan.world.programs[operation]) else "worker"
    language = plan.design.language.name
    title = f"{operation.replace('_', ' ').capitalize()} in {language}"
    return Artifact(kind=kind, subject=operation, title=title, path=path, language=dialect, text=text, dialect=dialect)


def shared(subject: str, title: str, path: str, dialect: str, text: str) -> Artifact:
    """A file that does not belong to one operation."""
    return Artifact(
        kind="service", subject=subject, title=title, path=path, language=dialect, text=text, dialect=dialect
    )


def parts(plan: Plan) -> tuple[Part, ...]:
    """The stores that operations use, the database first."""
    spoken = {s.id for s, _ in databases(plan, SQL)}
    used = {plan.world.homes.get(n, DATABASE) for n in plan.world.form.structures}
    stores = {s.id: s.id in spoken for s in plan.design.stores}
    stores |= {name: False for name in sorted(used) if name not in stores}
    return tuple(Part(name, sql) for name, sql in sorted(stores.items(), key=lambda s: not s[1]))


def ports(made: Mapping[str, Written]) -> tuple[tuple[str, Kind], ...]:
    """What stores without statements are asked, and what each gives."""
    return tuple(sorted({p for w in made.values() for p in w.ports}))


def routes(plan: Plan) -> list[Way]:
    """Which call comes to which operation."""
    return [Way(f"{e.method} {e.path}", "", e.operation) for e in plan.design.endpoints]


def held(plan: Plan) -> list[Way]:
    """What a connection starts when it opens, closes or beats."""
    routed = {e.operation for e in plan.design.endpoints}
    programs = plan.world.programs.items()
    return [_way(n, p) for n, p in programs if asked(p) and n not in routed]


def started(plan: Plan) -> list[Way]:
    """What starts the operations that nobody calls."""
    return [_way(n, p) for n, p in plan.world.programs.items() if not asked(p)]


def _way(name: str, program: Program) -> Way:
    starts = program.operation.starts
    return Way(starts.kind.value, starts.on or starts.each, name)

"""What keeps promises, found by rule in tables, programs and access rules; each can be taken out, to see what it is good for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbook.artifacts.dialects.postgresql import security
from workbook.artifacts.dialects.postgresql.tables import STAYS, Beside
from workbook.artifacts.dialects.statement import Statement
from workbook.artifacts.writing.sql import identifier as name
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.layout import FENCE, LEASE, Table, Unique
from workbook.plan.form.model import Group, GroupKind, Part, Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.proof.promises.disarm import disarmed, keyless, without
from workbook.proof.stage.scene import Scene


@dataclass(frozen=True)
class Guard:
    """Something that keeps a promise, and how to take it out: of the database, of a step's statement, of a program, of the workers."""

    name: str
    sql: tuple[str, ...] = ()
    step: str = ""
    change: Callable[[Statement], Statement] = lambda statement: statement
    program: Callable[[Program], Program] = lambda program: program
    operation: str = ""
    """In which it stands, if in one."""
    without: str = ""
    """The operation that never starts."""
    lags: tuple[str, str] = ("", "")
    """The structure of which an operation reads a copy that lags."""
    unbounded: str = ""
    """The operation that starts however late it is."""
    keyless: str = ""
    """The table whose key is gone."""
    acknowledges: bool = False
    """That events count as handled only once they are."""


@dataclass(frozen=True)
class Without:
    """What is left when guards are taken out."""

    guards: tuple[Guard, ...] = ()

    @property
    def sql(self) -> str:
        """What is done to the database."""
        return "; ".join(line for g in self.guards for line in g.sql)

    @property
    def acknowledge_first(self) -> bool:
        """Whether events count as handled before they are."""
        return any(g.acknowledges for g in self.guards)

    @property
    def lagging(self) -> frozenset[tuple[str, str]]:
        """Structures of which operations read copies that lag."""
        return frozenset(g.lags for g in self.guards if g.lags[0])

    @property
    def unbounded(self) -> frozenset[str]:
        """Operations that start however late it is."""
        return frozenset(g.unbounded for g in self.guards if g.unbounded)

    def programs(self, programs: Mapping[str, Program]) -> dict[str, Program]:
        """The programs that are left."""
        left = {g.without for g in self.guards}
        made = {n: p for n, p in programs.items() if n not in left}
        for guard in self.guards:
            made = {n: guard.program(p) for n, p in made.items()}
        return made

    def change(self, statement: Statement, step: Step) -> Statement:
        """A statement without its guards."""
        for guard in self.guards:
            if guard.step == step.id:
                statement = guard.change(statement)
            if guard.keyless and guard.keyless == statement.table:
                statement = keyless(statement)
        return statement


# In the tables


def constraints(pledge: Pledge, tables: Mapping[str, Table]) -> Iterator[Guard]:
    """The constraints that a promise stands for."""
    beside = Beside(tables.values())
    for table in tables.values():
        for unique in table.uniques:
            if unique.promise == pledge.id or (
                not unique.tests and pledge.by and set(unique.columns) <= set(pledge.by)
            ):
                yield _unique(table, unique, beside)
        for exclusion in table.exclusions:
            if exclusion.promise == pledge.id:
                made = beside.of(table, "apart", *exclusion.by, promise=exclusion.promise)
                yield _constraint(table, "exclusion constraint", made)
        for check in table.checks:
            if check.promise == pledge.id:
                yield _constraint(table, "check", beside.of(table, "bounded", check.column, promise=check.promise))


def _unique(table: Table, unique: Unique, beside: Beside) -> Guard:
    title = f"unique index on {', '.join(unique.columns)} of {table.name}"
    kind = "once" if unique.tests else "key"
    made = beside.of(table, kind, *unique.columns, promise=unique.promise)
    lost = f"DROP INDEX {made}" if unique.tests else f"ALTER TABLE {name(table.name)} DROP CONSTRAINT {made}"
    return Guard(title, (lost,))


def _constraint(table: Table, kind: str, made: str) -> Guard:
    return Guard(f"{kind} on {table.name}", (f"ALTER TABLE {name(table.name)} DROP CONSTRAINT {made}",))


def primary_key(table: Table) -> Guard:
    """The key: without it what is written under a known key is a second row."""
    index = name(f"{table.name}_pkey")
    lost = f"ALTER TABLE {name(table.name)} DROP CONSTRAINT {index} CASCADE"
    return Guard(f"key of {table.name}", (lost,), keyless=table.name)


def append_only(table: Table, tables: Mapping[str, Table]) -> Iterator[Guard]:
    """The trigger by which rows stay as they are."""
    if table.append_only:
        beside = Beside(tables.values())
        lines = tuple(f"DROP TRIGGER {beside.of(table, word)} ON {name(table.name)}" for word in STAYS)
        yield Guard(f"append-only trigger on {table.name}", lines)


def row_security(structure: str, scene: Scene, personas: Iterable[str] = ()) -> Guard:
    """Grants and row security of a table: without them every role may do everything with it."""
    roles = sorted({security.role(p) for p in personas} | {security.role(r.persona) for r in scene.rules})
    lines = [f"ALTER TABLE {name(structure)} DISABLE ROW LEVEL SECURITY"]
    lines += [f"GRANT SELECT, UPDATE, DELETE ON {name(structure)} TO {name(r)}" for r in roles]
    return Guard(f"row security on {structure}", tuple(lines))


# In the programs


def conditions(programs: Mapping[str, Program], structures: Iterable[str]) -> Iterator[Guard]:
    """Steps that may be refused by a condition, a state or a lease, in the transactions that touch these structures."""
    wanted = set(structures)
    for program in programs.values():
        for step in near(program, wanted):
            conditional = step.verb in (Verb.MOVE, Verb.CLAIM, Verb.TAKE) or step.only_if
            if conditional:
                yield condition(step)


def condition(step: Step) -> Guard:
    """The condition of one step."""
    return Guard(
        f"condition of {step.id}: {step.text}",
        step=step.id,
        change=lambda statement: disarmed(statement, step),
        operation=step.id.split(".")[0],
    )


def near(program: Program, structures: set[str]) -> list[Step]:
    """The steps on these structures, and those of the same transactions."""
    every = list(program.steps())
    groups = {g.id for s, around in every if s.target in structures for g in around if g.kind is GroupKind.TOGETHER}
    return [s for s, around in every if s.target in structures or any(g.id in groups for g in around)]


def transactions(programs: Mapping[str, Program], structures: Iterable[str] = ()) -> Iterator[Guard]:
    """Steps that are done together; without that each is committed by itself."""
    wanted = set(structures)
    for program in programs.values():
        for group in _groups(program.parts):
            inside = {s.target for s, _ in _walked(group)}
            if group.kind is GroupKind.TOGETHER and (not wanted or inside & wanted):
                yield Guard(
                    f"transaction {group.id}", program=_without_group(program.id, group.id), operation=program.id
                )


def step_left_out(step: Step, operation: str) -> Guard:
    """A step that is not taken."""
    rewriting = _rewriting(operation, lambda p: () if _is(p, step.id) else (p,))
    return Guard(f"step {step.id}: {step.text}", program=rewriting, operation=operation)


def fence(operation: str) -> Guard:
    """A worker ends an item only if nobody has taken it since."""
    return Guard(f"fence of {operation}", step=f"{operation}.ended", change=lambda s: without(s, FENCE))


def lease(operation: str) -> Guard:
    """An item that a worker holds is not given to another."""
    return Guard(f"lease of {operation}", step=f"{operation}.taken", change=lambda s: without(s, LEASE))


def due_condition(operation: str) -> Guard:
    """A row that is due is asked again whether it still counts."""
    return Guard(
        f"condition under which {operation} starts", program=_started(operation, condition=()), operation=operation
    )


def due_bound(operation: str) -> Guard:
    """A row whose time is over by more than may be is left alone."""
    return Guard(f"bound of how late {operation} starts", unbounded=operation, operation=operation)


def unkeyed(step: Step) -> Guard:
    """The key of a call: the other side does the same thing once."""
    name = step.id.split(".")[0]
    bare = _rewriting(name, lambda p: (replace(p, by=()),) if isinstance(p, Step) and p.id == step.id else (p,))
    return Guard(f"key of {step.id}: {step.text}", program=bare, operation=name)


def asked_nothing(step: Step) -> Guard:
    """The conditions of a look-up: without them any row will do."""
    name = step.id.split(".")[0]
    bare = _rewriting(name, lambda p: (replace(p, where=()),) if isinstance(p, Step) and p.id == step.id else (p,))
    return Guard(f"conditions of {step.id}: {step.text}", program=bare, operation=name)


def never_started(operation: str) -> Guard:
    """What starts by itself does."""
    return Guard(f"{operation} starts by itself", without=operation, operation=operation)


def stale(structure: str, operation: str) -> Guard:
    """Reads go to where writes go, not to a copy that lags."""
    return Guard(f"{operation} reads {structure} where it is written", lags=(structure, operation), operation=operation)


def _started(operation: str, **changed: Any) -> Callable[[Program], Program]:
    return lambda program: replace(program, **changed) if program.id == operation else program


def acknowledged() -> Guard:
    """Events that come again until they are handled."""
    return Guard("events are acknowledged after they are handled", acknowledges=True)


def _is(part: Part, identifier: str) -> bool:
    return isinstance(part, Step) and part.id == identifier


def _groups(parts: tuple[Part, ...]) -> Iterator[Group]:
    for part in parts:
        if isinstance(part, Group):
            yield part
            yield from _groups(part.steps)


def _walked(group: Group) -> Iterator[tuple[Step, Any]]:
    for part in group.steps:
        if isinstance(part, Step):
            yield part, None
        else:
            yield from _walked(part)


def _without_group(operation: str, identifier: str) -> Callable[[Program], Program]:
    def spliced(part: Part) -> tuple[Part, ...]:
        if isinstance(part, Group) and part.id == identifier and part.kind is GroupKind.TOGETHER:
            return part.steps
        return (part,)

    return _rewriting(operation, spliced)


def _rewriting(operation: str, change: Callable[[Part], tuple[Part, ...]]) -> Callable[[Program], Program]:
    def rewritten(program: Program) -> Program:
        return replace(program, parts=_parts(program.parts, change)) if program.id == operation else program

    return rewritten


def _parts(parts: tuple[Part, ...], change: Callable[[Part], tuple[Part, ...]]) -> tuple[Part, ...]:
    made: list[Part] = []
    for part in parts:
        for one in change(part):
            made.append(replace(one, steps=_parts(one.steps, change)) if isinstance(one, Group) else one)
    return tuple(made)

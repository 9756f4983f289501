"""Who may see and change which rows: the paths of references from the caller by which the steps themselves go.

A step that names the caller, or a key that an earlier step of the caller's found, may reach just those rows. What no step narrows is open
to everybody who may call the operation, and said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.services import HELD
from workbook.plan.form.model import Form, Group, GroupKind, Program, Step, Structure
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Compared, Every, Ref, Root, Value
from workbook.plan.form.verbs import READS


class Command(StrEnum):
    """What is done with rows."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Own:
    """Rows in which a path of fields leads to the caller, or to what their token says."""

    path: tuple[str, ...]
    claim: tuple[str, ...] = ()
    """Of the token: empty for the caller themselves."""


@dataclass(frozen=True)
class Through:
    """Rows whose field is among those of another structure's rows that concern the caller."""

    field: str
    structure: str
    other: str
    narrowed: Own | Through


Narrowing = Own | Through


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a persona may do with the rows of a structure: with those that one of the narrowings names; none means all."""

    structure: str
    persona: str
    command: Command
    narrowed: tuple[Narrowing, ...]
    operations: tuple[str, ...]

    @property
    def everything(self) -> bool:
        """Whether nothing narrows it."""
        return not self.narrowed


_COMMANDS: Mapping[Verb, tuple[Command, ...]] = {
    **dict.fromkeys(READS, (Command.SELECT,)),
    Verb.APPEND: (Command.INSERT,),
    Verb.PUT: (Command.INSERT, Command.UPDATE),
    Verb.CLAIM: (Command.INSERT, Command.UPDATE),
    Verb.CHANGE: (Command.UPDATE,),
    Verb.MOVE: (Command.UPDATE,),
    Verb.ADD: (Command.UPDATE,),
    Verb.NEXT: (Command.UPDATE,),
    Verb.RELEASE: (Command.UPDATE,),
    Verb.REMOVE: (Command.DELETE,),
    Verb.TAKE: (Command.DELETE,),
    Verb.SWAP: (Command.UPDATE,),
}
_MADE_BY_COUNTING = frozenset({Shape.COUNTER, Shape.ROLLUP, Shape.SORTED_SET})


def commands(step: Step) -> tuple[Command, ...]:
    """What a step does with rows. Reading what one has written is part of writing."""
    found = _COMMANDS.get(step.verb, ())
    if step.shape in _MADE_BY_COUNTING and step.verb in (Verb.ADD, Verb.NEXT):
        found = (Command.INSERT, *found)
    if step.shape is Shape.QUEUE and step.verb is Verb.TAKE:
        found = (Command.UPDATE,)
    if step.shape is Shape.QUEUE and step.verb is Verb.APPEND:
        found = (Command.INSERT, Command.UPDATE)
    if step.shape is Shape.BUCKET and step.verb in (Verb.TAKE, Verb.ADD):
        found = (Command.INSERT, Command.UPDATE)
    if step.shape is Shape.TOPIC and step.verb is Verb.RELEASE:
        found = (Command.DELETE,)
    return (*found, Command.SELECT) if found and Command.SELECT not in found else found


def rules(form: Form, programs: Mapping[str, Program], pledges: Iterable[Pledge]) -> tuple[Rule, ...]:
    """A rule for each structure, persona and command that some operation of theirs needs."""
    found: dict[tuple[str, str, Command], list[tuple[str, Narrowing | None]]] = {}
    for program in programs.values():
        if program.starts not in (Start.CALLER, *HELD) or not program.operation.caller:
            continue
        for step, narrowed in narrowings(program, form):
            for command in commands(step):
                key = (step.target, program.operation.caller, command)
                found.setdefault(key, []).append((program.id, narrowed))
    private = [p for p in pledges if p.kind is PromiseKind.PRIVATE]
    said = {(p.structure, persona): p for p in private for persona in shown_to(p, form, programs)}
    return tuple(_rule(key, uses, said.get((key[0], key[1]))) for key, uses in found.items())


def shown_to(pledge: Pledge, form: Form, programs: Mapping[str, Program]) -> tuple[str, ...]:
    """The personas to whom a promise shows rows: named, or, by an operation of theirs, everybody who is a row of the same entity."""
    to = pledge.said.get("to", ())
    found: list[str] = []
    for name in [str(n) for n in ((to,) if isinstance(to, str) else to)]:
        caller = programs[name].operation.caller if name in programs else name
        said = form.personas.get(caller)
        alike = [p.id for p in form.personas.values() if said is not None and said.entity and p.entity == said.entity]
        found += [caller, *alike] if name in programs else [caller]
    return tuple(dict.fromkeys(found))


def _rule(key: tuple[str, str, Command], uses: list[tuple[str, Narrowing | None]], said: Pledge | None) -> Rule:
    structure, persona, command = key
    operations = tuple(dict.fromkeys(o for o, _ in uses))
    promised = tuple(_of_promise(said)) if said is not None and command is Command.SELECT else ()
    narrowed = promised or (() if any(n is None for _, n in uses) else tuple(dict.fromkeys(n for _, n in uses if n)))
    return Rule(structure=structure, persona=persona, command=command, narrowed=narrowed, operations=operations)


def _of_promise(said: Pledge) -> Iterator[Narrowing]:
    """The rule that a promise says in so many words."""
    for near in said.shared:
        yield Through(near.field, near.structure, near.other, Own(near.path, near.claim))
    for test in said.tests:
        if isinstance(test, Compared) and isinstance(test.left, Ref):
            callers = [r for r in test.right if isinstance(r, Ref) and r.root is Root.CALLER]
            yield from (Own(test.left.fields, r.fields) for r in callers if test.left.root is Root.OWN)


_BRANCHES = (GroupKind.WHEN, GroupKind.ELSE, GroupKind.REFUSED, GroupKind.UNKNOWN)
Branch = tuple[str, GroupKind]


@dataclass
class _Known:
    """What earlier steps of the caller's found, with the branch in which they did: it narrows nothing outside of it."""

    found: list[tuple[frozenset[Branch], str, Narrowing]] = field(default_factory=list)

    def get(self, name: str, here: frozenset[Branch]) -> Narrowing | None:
        """What is known at a place of the program under that name; of several the first."""
        return next((n for inside, known, n in self.found if known == name and inside <= here), None)

    def add(self, name: str, narrowed: Narrowing, here: frozenset[Branch]) -> None:
        """Something more."""
        self.found.append((here, name, narrowed))


def narrowings(program: Program, form: Form) -> Iterator[tuple[Step, Narrowing | None]]:
    """Every step on a structure with what narrows it to the caller; None where nothing does."""
    known = _Known()
    for step, around in program.steps():
        if step.target not in form.structures or step.verb is Verb.PUSH:
            continue
        here = frozenset((g.id, g.kind) for g in around if g.kind in _BRANCHES)
        narrowed = _narrowed(step, known, here)
        if narrowed is not None and not _may_fail(step, around):
            _learn(step, form.structures[step.target], narrowed, known, here)
        yield step, narrowed


def _may_fail(step: Step, around: tuple[Group, ...]) -> bool:
    """Whether the operation goes on though nothing is there, or no longer: then what follows is not narrowed by it."""
    if step.verb is Verb.REMOVE:
        return True
    tried = any(g.kind is GroupKind.TRY and step in g.steps for g in around)
    return tried or step.found is not None


def _narrowed(step: Step, known: _Known, here: frozenset[Branch]) -> Narrowing | None:
    for path, value in _equalities(step):
        if isinstance(value, Ref) and value.root is Root.CALLER:
            return Own(path, value.fields)
    for path, value in _equalities(step):
        found = known.get(_written(value), here)
        if found is not None and len(path) == 1 and isinstance(found, Through):
            return Through(path[0], found.structure, found.other, found.narrowed)
    return None


def _equalities(step: Step) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Fields, or paths of them, and the values that they must have."""
    for given in (*step.by, *step.sets):
        yield (given.field,), given.value
    for test in (*step.where, *step.only_if):
        if not isinstance(test, Compared) or test.operator not in ("=", "has") or len(test.right) != 1:
            continue
        if isinstance(test.left, Ref) and test.left.root is Root.OWN:
            yield test.left.fields, test.right[0]


def _written(value: Value) -> str:
    """A value by the name that it has in the steps; of `each X` that of X."""
    return str(value.of if isinstance(value, Every) else value)


def _learn(step: Step, structure: Structure, narrowed: Narrowing, known: _Known, here: frozenset[Branch]) -> None:
    """What a step has found may be used as a key: its fields, and the values that it was asked by."""
    for name in structure.fields:
        known.add(f"{step.name}.{name}", Through(name, step.target, name, narrowed), here)
    if structure.key:
        known.add(step.name, Through(structure.key[0], step.target, structure.key[0], narrowed), here)
    for given in step.by:
        if not isinstance(given.value, Every):
            known.add(_written(given.value), Through(given.field, step.target, given.field, narrowed), here)

"""Walks a program and writes it down. A language says how its statements and expressions look; the order of things is the same in all."""

from __future__ import annotations

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from workbook.artifacts.code.scope import Kind, Scope, kind_of
from workbook.artifacts.dialects.postgresql.statements import NoStatement, PostgreSQL
from workbook.artifacts.dialects.statement import Gives, Refusal, Slot, Statement
from workbook.brief.steps.syntax import Amount, Chance, Verb
from workbook.plan.fold.outcomes import of_refusal, of_word
from workbook.plan.form.model import (
    Applied,
    Compared,
    Every,
    Form,
    Found,
    Group,
    GroupKind,
    Part,
    Program,
    Ref,
    Root,
    Step,
    Sum,
    Test,
    Value,
)
from workbook.plan.passes.world import DATABASE, World

TIMES = ("time", "date")
WIDTH = 100


@dataclass(frozen=True)
class Asked:
    """Something that is asked of a store or of another part, with what it gives and what it means when nothing comes."""

    call: str
    """What the part is called in `app`."""
    method: str
    arguments: tuple[str, ...]
    gives: Kind | None = None
    bind: str = ""
    status: int = 0
    """With which the operation ends when it is refused; 0: it cannot be."""
    why: str = ""
    fewer: str = ""
    """An expression: how many rows must come back, where fewer are a refusal."""


@dataclass
class Written:
    """One operation as code: constants with statements, then the lines of the function."""

    constants: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


class Printer(ABC):
    """One operation of a world in one language."""

    def __init__(self, world: World, program: Program, tables: Mapping[str, PostgreSQL]) -> None:
        self.world, self.program, self.tables = world, program, tables
        self.form: Form = world.form
        self.scope = Scope(world.form, program)
        self.made = Written()
        self.depth = 0
        self.together = 0
        self.loops: list[set[str]] = []
        self.caught: list[str] = []

    # The walk ---------------------------------------------------------------------------------------------------------

    def write(self) -> Written:
        """Constants and lines."""
        self.opening()
        self.parts(self.program.parts)
        self.closing()
        return self.made

    def line(self, text: str = "") -> None:
        """A line at the depth of the block."""
        self.made.lines.append(f"{self.indent * self.depth}{text}" if text else "")

    def parts(self, parts: tuple[Part, ...]) -> None:
        """Steps and groups in order."""
        position = 0
        while position < len(parts):
            part = parts[position]
            if isinstance(part, Step):
                self.step(part)
                position += 1
                continue
            following = parts[position + 1 : position + 3]
            siblings = {p.kind: p for p in following if isinstance(p, Group) and p.id == part.id}
            self.group(part, siblings)
            position += 1 + len(siblings)

    def group(self, group: Group, siblings: Mapping[GroupKind, Group]) -> None:
        """A block of its own."""
        if group.kind is GroupKind.TOGETHER:
            self.transaction(self._database(group), group.steps)
        elif group.kind is GroupKind.EACH:
            self._each(group)
        elif group.kind is GroupKind.WHEN:
            other = siblings.get(GroupKind.ELSE)
            self.branch(self.tests(group.tests), group.steps, other.steps if other is not None else ())
        elif group.kind is GroupKind.TRY:
            self._try(group, siblings)
        else:
            self.parts(group.steps)

    def _database(self, group: Group) -> str:
        """The store in which a transaction is."""
        homes = [self.world.homes.get(s.target, "") for s, _ in Program.steps(_as_program(self.program, group))]
        stores = [h for h in homes if h in self.world.stores and self.world.stores[h].role == DATABASE]
        return stores[0] if stores else DATABASE

    def _each(self, group: Group) -> None:
        if group.read is not None:
            self.step(group.read)
            listed = self.variable(group.name)
        else:
            assert group.listed is not None
            listed = self.rows(group.listed)
        less = self.rows(group.less) if group.less is not None else ""
        batch = self.value(group.batch) if group.batch is not None else ""
        inside = {s.name for s, _ in Program.steps(_as_program(self.program, group)) if s.name}
        self.loops.append(inside)
        self.loop(
            self.variable(group.name, inner=True),
            listed,
            less,
            batch,
            self.tests(group.until) if group.until else "",
            group.steps,
        )
        self.loops.pop()

    def _try(self, group: Group, siblings: Mapping[GroupKind, Group]) -> None:
        """The tried step leaves a word instead of ending the operation."""
        said = f"outcome{len(self.caught) + 1 if self.caught else ''}"
        self.begin_try(said)
        self.caught.append(said)
        self.parts(group.steps[:1])
        self.caught.pop()
        if len(group.steps) > 1:
            self.branch(self.outcome_is(said, "done"), group.steps[1:], ())
        for kind, word in ((GroupKind.REFUSED, "refused"), (GroupKind.UNKNOWN, "unknown")):
            if kind in siblings:
                self.branch(self.outcome_is(said, word), siblings[kind].steps, ())

    # Steps ------------------------------------------------------------------------------------------------------------

    def step(self, step: Step) -> None:
        """One step."""
        if step.text and step.verb not in (Verb.ANSWER, Verb.REFUSE, Verb.STOP):
            self.comment(step.text)
        if step.verb is Verb.ANSWER:
            self.answer({_named(v): self.answered(v) for v in step.answers})
        elif step.verb is Verb.REFUSE:
            self.refuse(of_word(step.target), step.target)
        elif step.verb is Verb.STOP:
            self.stop()
        elif step.verb is Verb.PUBLISH and self._broker(step.target):
            self.ask(Asked("broker", "publish", (self.text(step.target), self.record((*step.by, *step.sets)))))
        elif step.verb is Verb.PUSH:
            self._push(step)
        elif step.verb is Verb.CALL:
            key = self.listing([self.value(g.value) for g in step.by])
            arguments = (self.text(step.target), key, self.record(step.sets))
            self.ask(
                Asked("outside", "call", arguments, Kind.ROW, step.name, of_refusal(step), f"{step.target} declines")
            )
        elif step.verb is Verb.RUN:
            on = self.listing([self.value(v) for v in step.on])
            self.ask(Asked("work", "run", (self.text(step.target), on), Kind.ROW, step.name))
        elif step.target not in ("event", "item", "lost"):
            self._kept(step)
        elif step.verb is Verb.RELEASE:
            self.ask(Asked("queue", "give_back", (self.item(),)))

    def _broker(self, topic: str) -> bool:
        home = self.world.home(topic)
        return home is None or home.role != DATABASE

    def _push(self, step: Step) -> None:
        assert step.to is not None
        to = self.rows(step.to.of if isinstance(step.to, Every) else step.to)
        self.ask(Asked("sockets", "push", (to, self.answered(step.answers[0]) if step.answers else self.nothing())))

    def _kept(self, step: Step) -> None:
        """A step on a structure: statements where its store speaks SQL, else by the port of the store."""
        home = self.world.homes.get(step.target, DATABASE)
        dialect = self.tables.get(home)
        if dialect is None:
            self._ported(step, home)
            return
        cursor = step.after
        if isinstance(cursor, Ref) and cursor.root is Root.BODY:
            self.paged(
                self.value(cursor),
                lambda: self._statements(replace(step, after=None), dialect, home),
                lambda: self._statements(step, dialect, home),
            )
        else:
            self._statements(step, dialect, home)

    def _statements(self, step: Step, dialect: PostgreSQL, home: str) -> None:
        try:
            statements = dialect.statements(step)
        except NoStatement as missing:
            self.missing(str(missing))
            return
        for i, statement in enumerate(statements):
            last = i == len(statements) - 1
            self._sent(statement, step, home, bind=step.name if last else "")

    def _sent(self, statement: Statement, step: Step, home: str, bind: str) -> None:
        constant = self._constant(step, statement)
        longest = [self.value(s.value) for s in statement.slots if s.many]
        slots = tuple(self.slot(s, longest) for s in statement.slots)
        refused = statement.refusal is not Refusal.NEVER
        fewer = ""
        if statement.refusal is Refusal.FEWER:
            fewer = self.value(step.amount) if step.amount is not None else self.length(longest[0]) if longest else ""
        kinds = {Gives.ROW: Kind.ROW, Gives.ROWS: Kind.ROWS, Gives.NUMBER: Kind.NUMBER}
        self.ask(
            Asked(
                home,
                {Gives.ROW: "one", Gives.ROWS: "rows", Gives.NUMBER: "number"}.get(statement.gives, "run"),
                (constant, self.listing(slots)),
                kinds.get(statement.gives),
                bind,
                of_refusal(step) if refused else 0,
                refused_because(step) if refused else "",
                fewer,
            )
        )

    def _constant(self, step: Step, statement: Statement) -> str:
        """The name under which a statement stands at the top; the same text has one name."""
        text = statement.write(self.mark)
        for known, said in self.made.constants.items():
            if said == text:
                return known
        name = f"{step.verb.value}_{step.target}".upper()
        number = 1
        while name in self.made.constants:
            number += 1
            name = f"{step.verb.value}_{step.target}_{number}".upper()
        self.made.constants[name] = text
        return name

    def _ported(self, step: Step, home: str) -> None:
        """What a store without statements here is asked: by verb, structure, key and fields."""
        by = self.record(step.by)
        arguments = [self.text(step.target), by]
        if step.sets or step.plus or step.verb in (Verb.PUT, Verb.APPEND, Verb.ADD):
            arguments.append(self.record((*step.sets, *step.plus)))
        same = [t for t in (*step.only_if, *step.where) if isinstance(t, Compared)]
        if same:
            tests = [self.text(f"{t.left} {t.operator}") + self.pair + self.value(t.right[0]) for t in same]
            arguments.append(self.mapping(tests))
        refused = bool(step.only_if) or (step.verb is Verb.GET and step.found is None and kind_of(step) is Kind.ROW)
        refused = refused or step.verb in (Verb.TAKE, Verb.CLAIM)
        self.ask(
            Asked(
                home,
                step.verb.value,
                tuple(arguments),
                kind_of(step) if step.name else None,
                step.name,
                of_refusal(step) if refused else 0,
                refused_because(step) if refused else "",
            )
        )

    # Expressions ------------------------------------------------------------------------------------------------------

    def variable(self, name: str, *, inner: bool = False) -> str:
        """The variable of a bound name: behind its loop the list that it was gathered in."""
        gathered = self.scope.gathered.get(name)
        inside = any(name in loop for loop in self.loops)
        return self.local(gathered if gathered and not inside and not inner else name)

    def value(self, said: Value) -> str:
        """A value of a step."""
        if isinstance(said, Amount):
            return self.number(said.quantity.best)
        if isinstance(said, Every):
            return self.column(said.of)
        if isinstance(said, Applied):
            whole = said.value.of if isinstance(said.value, Every) else said.value
            inner = self.rows(whole) if said.function == "count" and isinstance(whole, Ref) else self.value(said.value)
            return self.applied(said.function, inner)
        if isinstance(said, Sum):
            return self._sum(said)
        return self.ref(said)

    def _sum(self, said: Sum) -> str:
        left, right = self.value(said.left), self.value(said.right)
        if _timed(said.left) and said.operator in "+-":
            return self.moved(left, said.operator, right) if not _timed(said.right) else self.between(left, right)
        return self.reckoned(left, said.operator, right)

    def ref(self, said: Ref) -> str:
        """A value by name."""
        simple = {Root.NOW: self.now, Root.NEW: self.new, Root.HERE: self.here}
        if said.root in simple:
            return simple[said.root]()
        if said.root is Root.WORD:
            return self.truth(said.name == "true") if said.name in ("true", "false") else self.text(said.name)
        if said.root is Root.TUNABLE:
            return self.tunable(said.name)
        if said.root is Root.BOUND:
            return self._bound(said)
        base = {
            Root.CALLER: "caller",
            Root.BODY: "body",
            Root.EVENT: "event",
            Root.ITEM: "item",
            Root.LOST: "lost",
        }.get(said.root)
        if base is None:
            raise ValueError(f"{said} has no place in code")
        if said.fields:
            return self.along(self.local(base), said.fields, said)
        if said.root is Root.BODY:
            return self.local(base)
        return self.field(self.local(base), {Root.EVENT: "event_id"}.get(said.root, self.key_of(said)))

    def _bound(self, said: Ref) -> str:
        variable = self.variable(said.name)
        kind = self.scope.kinds.get(said.name, Kind.ROW)
        if kind is Kind.NUMBER:
            return variable
        listed = (said.name in self.scope.gathered and variable != self.local(said.name)) or kind is Kind.ROWS
        if listed and not self._element(said.name):
            return self.column(said)
        if not said.fields:
            return self.field(variable, self.key_of(said))
        return self.along(variable, said.fields, said)

    def _element(self, name: str) -> bool:
        """Whether a name is the element of a loop that the walk stands in."""
        return name in self.elements

    def key_of(self, said: Ref) -> str:
        """The field that stands for a whole row."""
        structure = self.form.structures.get(said.structure)
        return structure.key[0] if structure is not None and structure.key else "id"

    def along(self, variable: str, fields: tuple[str, ...], said: Ref) -> str:
        """A field of a row; behind a reference it is looked up."""
        found = self.field(variable, fields[0])
        here = said.structure
        owner = self.scope.program.bound.get(said.name, here)
        for name, following in pairwise(fields):
            structure = self.form.structures.get(owner)
            type_ = structure.fields.get(name) if structure is not None else None
            owner = type_.ref if type_ is not None else ""
            found = (
                self.looked_up(owner, found, following)
                if owner in self.form.structures
                else self.field(found, following)
            )
        return found

    def column(self, said: Ref) -> str:
        """One field of every row of a list."""
        rows = self.rows(said)
        if said.root is not Root.BOUND:
            return rows
        return self.picked(rows, said.fields[0] if said.fields else self.key_of(said))

    def rows(self, said: Value) -> str:
        """A list of rows."""
        ref = said.of if isinstance(said, Every) else said
        if isinstance(ref, Ref) and ref.root is Root.BOUND:
            variable = self.variable(ref.name)
            single = self.scope.kinds.get(ref.name) is Kind.ROW and variable == self.local(ref.name)
            return self.wrapped(variable) if single and ref.name not in self.batches else variable
        return self.as_list(self.value(ref))

    def answered(self, said: Value) -> str:
        """What is answered or pushed: whole rows, not their keys."""
        ref = said.of if isinstance(said, Every) else said
        if isinstance(ref, Ref) and not ref.fields and ref.root is Root.BOUND:
            return self.variable(ref.name)
        if isinstance(ref, Ref) and not ref.fields and ref.root in (Root.EVENT, Root.ITEM):
            return self.local(ref.root.value)
        return self.value(said)

    def tests(self, tests: Iterable[Test]) -> str:
        """All of them."""
        return self.all_of([self.test(t) for t in tests])

    def test(self, test: Test) -> str:
        """One condition."""
        if isinstance(test, Chance):
            return self.chance(test.share.best)
        if isinstance(test, Found):
            return self.found(self.variable(test.name), test.present)
        left = self.value(test.left)
        made = [self.compared(left, test.operator, self.value(v), _timed(test.left)) for v in test.right]
        return made[0] if len(made) == 1 else self.all_of(made) if test.operator == "!=" else self.any_of(made)

    @property
    def elements(self) -> set[str]:
        """Names of the loops that the walk stands in."""
        return self._elements

    @property
    def batches(self) -> set[str]:
        """Those of them that hold a batch at a time."""
        return self._batches

    _elements: set[str]
    _batches: set[str]

    # What a language says ---------------------------------------------------------------------------------------------

    indent = "    "
    pair = ": "

    @abstractmethod
    def opening(self) -> None:
        """Before the first step: the head of the function, variables."""

    @abstractmethod
    def closing(self) -> None:
        """After the last."""

    @abstractmethod
    def comment(self, text: str) -> None:
        """A comment on a line of its own."""

    @abstractmethod
    def ask(self, asked: Asked) -> None:
        """A call, its result, and what follows when it is refused."""

    @abstractmethod
    def transaction(self, store: str, steps: tuple[Part, ...]) -> None:
        """All or nothing."""

    @abstractmethod
    def branch(self, test: str, then: tuple[Part, ...], otherwise: tuple[Part, ...]) -> None:
        """One way or the other."""

    @abstractmethod
    def paged(self, cursor: str, first: Callable[[], None], following: Callable[[], None]) -> None:
        """The first page, or the one behind a cursor."""

    @abstractmethod
    def loop(self, name: str, listed: str, less: str, batch: str, until: str, steps: tuple[Part, ...]) -> None:
        """For each element, or each batch of them."""

    @abstractmethod
    def begin_try(self, said: str) -> None:
        """Before a step whose refusal does not end the operation."""

    @abstractmethod
    def outcome_is(self, said: str, word: str) -> str:
        """Whether the tried step was done, refused or left open."""

    @abstractmethod
    def answer(self, parts: Mapping[str, str]) -> None:
        """The end, with what the caller gets."""

    @abstractmethod
    def refuse(self, status: int, word: str) -> None:
        """The end, refused."""

    @abstractmethod
    def stop(self) -> None:
        """The end, nothing to say."""

    @abstractmethod
    def missing(self, what: str) -> None:
        """Something that cannot be written yet."""

    @abstractmethod
    def mark(self, position: int, slot: Slot) -> str:
        """Where a value goes in a statement."""

    @abstractmethod
    def slot(self, slot: Slot, longest: list[str]) -> str:
        """The value of a slot as the driver takes it."""

    @abstractmethod
    def local(self, name: str) -> str:
        """A variable."""

    @abstractmethod
    def field(self, variable: str, name: str) -> str:
        """A field of a row."""

    @abstractmethod
    def looked_up(self, structure: str, key: str, name: str) -> str:
        """A field of the row that a key leads to."""

    @abstractmethod
    def picked(self, rows: str, name: str) -> str:
        """A field of every row."""

    @abstractmethod
    def wrapped(self, variable: str) -> str:
        """A row, or nothing, as a list."""

    @abstractmethod
    def as_list(self, value: str) -> str:
        """A value that may be a list, as one."""

    @abstractmethod
    def record(self, given: Iterable[object]) -> str:
        """Fields and values as a mapping."""

    @abstractmethod
    def mapping(self, pairs: Iterable[str]) -> str:
        """Written pairs as a mapping."""

    @abstractmethod
    def listing(self, values: Iterable[str]) -> str:
        """Values as a list."""

    @abstractmethod
    def length(self, value: str) -> str:
        """How many there are."""

    @abstractmethod
    def text(self, value: str) -> str:
        """A text."""

    @abstractmethod
    def number(self, value: float) -> str:
        """A number."""

    @abstractmethod
    def truth(self, value: bool) -> str:
        """Yes or no."""

    @abstractmethod
    def nothing(self) -> str:
        """No value."""

    @abstractmethod
    def now(self) -> str:
        """This moment."""

    @abstractmethod
    def new(self) -> str:
        """A new identifier."""

    @abstractmethod
    def here(self) -> str:
        """This instance."""

    @abstractmethod
    def item(self) -> str:
        """The item that is worked on."""

    @abstractmethod
    def tunable(self, name: str) -> str:
        """A tunable."""

    @abstractmethod
    def applied(self, function: str, value: str) -> str:
        """`count`, `hash`, `size`."""

    @abstractmethod
    def moved(self, time: str, sign: str, seconds: str) -> str:
        """A time, later or earlier by so many seconds."""

    @abstractmethod
    def between(self, later: str, earlier: str) -> str:
        """Seconds between two times."""

    @abstractmethod
    def reckoned(self, left: str, operator: str, right: str) -> str:
        """Arithmetic on numbers."""

    @abstractmethod
    def compared(self, left: str, operator: str, right: str, timed: bool) -> str:
        """A comparison."""

    @abstractmethod
    def found(self, variable: str, present: bool) -> str:
        """Whether something was found."""

    @abstractmethod
    def chance(self, share: float) -> str:
        """True so often."""

    @abstractmethod
    def all_of(self, tests: list[str]) -> str:
        """All hold."""

    @abstractmethod
    def any_of(self, tests: list[str]) -> str:
        """One holds."""


def _as_program(program: Program, group: Group) -> Program:
    return replace(program, parts=group.steps)


def _named(said: Value) -> str:
    ref = said.of if isinstance(said, Every) else said
    return "_".join((ref.name or ref.root.value, *ref.fields)) if isinstance(ref, Ref) else str(said)


def _timed(said: Value) -> bool:
    if isinstance(said, Sum):
        return _timed(said.left)
    ref = said.of if isinstance(said, Every) else said
    if not isinstance(ref, Ref):
        return False
    return ref.root is Root.NOW or (ref.type is not None and ref.type.kind in TIMES)


def refused_because(step: Step) -> str:
    """Why a step is refused, in a few words for the caller."""
    target = step.target.replace("_", " ")
    if step.only_if:
        return f"{target}: {' and '.join(str(t) for t in step.only_if)} does not hold"
    made = {
        Verb.APPEND: f"such a {target} is there already",
        Verb.CLAIM: f"somebody else has {target}",
        Verb.TAKE: f"no {target} is left",
    }
    return made.get(step.verb, f"there is no such {target}")


def wrap(text: str, width: int = WIDTH) -> Iterator[str]:
    """A long comment on several lines."""
    yield from textwrap.wrap(" ".join(text.split()), width) or [""]

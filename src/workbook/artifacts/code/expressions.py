"""Values, conditions and fields of a program as expressions. A language says how each looks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from itertools import pairwise

from workbook.artifacts.code.variables import Kind, Place, Variable, Variables
from workbook.brief.fields import FieldType
from workbook.brief.steps.syntax import Amount, Chance, Start
from workbook.plan.fold.endpoints import CURSOR
from workbook.plan.form.model import Form, Program
from workbook.plan.form.scope import ID
from workbook.plan.form.terms import Applied, Compared, Every, Found, Ref, Root, Sum, Test, Value, is_list
from workbook.plan.passes.world import DATABASE, World

TIMES = ("time", "date")
ROOTS = {Root.CALLER: "caller", Root.BODY: "body", Root.EVENT: "event", Root.ITEM: "item", Root.LOST: "lost"}
_GIVEN = {Start.EVENT: "event", Start.QUEUE: "item", Start.DEAD: "item", Start.DUE: "item", Start.LOST: "lost"}


def given(program: Program) -> tuple[str, ...]:
    """What an operation is started with, besides the app."""
    start = program.operation.starts
    if start.kind is Start.EVERY:
        return ("item",) if start.each else ()
    return (_GIVEN[start.kind],) if start.kind in _GIVEN else ("caller", "body")


class Expressions(ABC):
    """What the walk knows where it stands, and the expressions that follow from it."""

    def __init__(self, world: World, program: Program, variables: Variables) -> None:
        self.world, self.program, self.variables = world, program, variables
        self.form: Form = world.form
        self.given = given(program)
        self.place: Place = ()
        self.loops: Place = ()
        self.seen: set[int] = set()
        """Variables that have a value by now."""
        self.sure: set[int] = set()
        """Those of them that are there: their row was found, or the operation has ended."""
        self.spelt: dict[int, str] = {}

    # Names ------------------------------------------------------------------------------------------------------------

    def meant(self, name: str) -> Variable:
        """The variable that a bound name means here."""
        found = self.variables.named(name, self.place, self.loops, self.seen)
        found = found or self.variables.named(name, self.place, self.loops)
        if found is None:
            raise ValueError(f"{self.program.id} binds no {name}")
        return found

    def maybe_nothing(self, said: Value) -> bool:
        """Whether a value may be missing."""
        if isinstance(said, Sum):
            return self.maybe_nothing(said.left) or self.maybe_nothing(said.right)
        if not isinstance(said, Ref):
            return False
        if said.type is not None and said.type.optional:
            return True
        if said.root is Root.BOUND:
            variable = self.meant(said.name)
            return variable.kind is Kind.ROW and id(variable) not in self.sure
        return said.root is Root.BODY and (said.fields[:1] == (CURSOR,) or Root.BODY.value not in self.given)

    # Values -----------------------------------------------------------------------------------------------------------

    def value(self, said: Value) -> str:
        """A value of a step."""
        if isinstance(said, Amount):
            return self.number(said.quantity.best)
        if isinstance(said, Every):
            return self.column(said.of)
        if isinstance(said, Applied):
            return self._applied(said)
        if isinstance(said, Sum):
            return self._sum(said)
        return self.ref(said)

    def _applied(self, said: Applied) -> str:
        whole = said.value.of if isinstance(said.value, Every) else said.value
        if said.function == "count" and isinstance(whole, Ref):
            return self.length(self.rows(whole))
        if said.function == "sum" and isinstance(whole, Ref):
            return self.total(self.column(whole))
        return self.digest(self.value(said.value)) if said.function == "hash" else self.size(self.value(said.value))

    def _sum(self, said: Sum) -> str:
        left, right = self.value(said.left), self.value(said.right)
        if is_list(said):
            return self.each_of(left, said.operator, right)
        if timed(said.left) and said.operator == "//":
            return self.window(left, right)
        if timed(said.left) and said.operator in "+-":
            return self.between(left, right) if timed(said.right) else self.moved(left, said.operator, right)
        if timed(said.right) and said.operator == "+":
            return self.moved(right, said.operator, left)
        return self.reckoned(left, said.operator, right, self.maybe_nothing(said))

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
        base = ROOTS.get(said.root)
        if base is None:
            raise ValueError(f"{said} has no place in code")
        if base not in self.given:
            return self.nothing()
        if said.fields:
            return self._along(self.root_field(base, said), said.fields, self._fields_of(said))
        if said.root is Root.BODY:
            return base
        return self.field(base, {Root.EVENT: "event_id"}.get(said.root, self.key_of(said)), sure=True)

    def root_field(self, base: str, said: Ref) -> str:
        """A field of what the operation is started with."""
        optional = said.root is Root.BODY and self.maybe_nothing(said)
        return self.sent(base, said.fields[0]) if optional else self.field(base, said.fields[0], sure=True)

    def sent(self, base: str, name: str) -> str:
        """A field that the caller may leave out."""
        return self.field(base, name, sure=True)

    def _bound(self, said: Ref) -> str:
        variable = self.meant(said.name)
        name = self.variable(variable)
        if variable.kind in (Kind.ROWS, Kind.VALUES):
            return self.column(said)
        if variable.kind is Kind.NUMBER:
            return name
        if variable.kind is Kind.VALUE:
            return self._along(name, ("", *said.fields), {"": said.type}) if said.fields else name
        sure = id(variable) in self.sure
        if not said.fields:
            return self.field(name, self.key_of(said), sure)
        return self._along(self.field(name, said.fields[0], sure), said.fields, self._fields_of(said))

    def variable(self, variable: Variable) -> str:
        """A variable as it is spelt."""
        return self.spelt[id(variable)]

    def key_of(self, said: Ref) -> str:
        """The field that stands for a whole row."""
        structure = self.form.structures.get(said.structure)
        return structure.key[0] if structure is not None and structure.key else ID.kind

    def _fields_of(self, said: Ref) -> Mapping[str, FieldType | None]:
        """The fields of what a path begins with."""
        start = self.program.operation.starts
        if said.root is Root.EVENT:
            topic = self.form.topics.get(start.on)
            return topic.fields if topic is not None else self._structure(start.on)
        if said.root in (Root.ITEM, Root.LOST):
            return self._structure(start.each or start.on)
        if said.root is Root.CALLER:
            persona = self.form.personas.get(self.program.operation.caller)
            token = {name: _reference(name) for name in persona.token} if persona is not None else {}
            return {**self._structure(persona.entity if persona is not None else ""), **token}
        return self._structure(self.program.bound.get(said.name, said.structure))

    def _structure(self, name: str) -> Mapping[str, FieldType]:
        structure = self.form.structures.get(name)
        return structure.fields if structure is not None else {}

    def _along(self, found: str, path: tuple[str, ...], fields: Mapping[str, FieldType | None]) -> str:
        """The fields behind the first one: a reference is looked up, what is nested is opened."""
        for name, following in pairwise(path):
            type_ = fields.get(name)
            owner = type_.ref if type_ is not None else ""
            known = owner in self.form.structures
            found = self.looked_up(owner, found, following) if known else self.opened(found, following)
            fields = self._structure(owner)
        return found

    def column(self, said: Ref) -> str:
        """One field of every row of a list."""
        if said.root is not Root.BOUND:
            return self.as_list(self.ref(said))
        rows, variable = self.rows(said), self.meant(said.name)
        if variable.kind in (Kind.VALUE, Kind.VALUES):
            return rows
        first, *rest = said.fields or (self.key_of(said),)
        found, fields = self.picked(rows, first), self._fields_of(said)
        for name in rest:
            type_ = fields.get(first)
            owner = type_.ref if type_ is not None else ""
            found = self.all_looked_up(owner, found, name) if owner in self.form.structures else found
            first, fields = name, self._structure(owner)
        return found

    def rows(self, said: Value) -> str:
        """A list of rows, or of plain values."""
        ref = said.of if isinstance(said, Every) else said
        if isinstance(ref, Ref) and ref.root is Root.BOUND:
            variable = self.meant(ref.name)
            name = self.variable(variable)
            if variable.kind is Kind.VALUE:
                return self.as_list(name)
            return self.wrapped(name) if variable.kind is Kind.ROW else name
        return self.as_list(self.value(ref))

    def answered(self, said: Value) -> str:
        """What is answered or pushed: whole rows, not their keys."""
        ref = said.of if isinstance(said, Every) else said
        if isinstance(ref, Ref) and not ref.fields:
            if ref.root is Root.BOUND:
                return self.variable(self.meant(ref.name))
            if ref.root in (Root.EVENT, Root.ITEM) and ref.root.value in self.given:
                return ref.root.value
        return self.value(said)

    # Conditions -------------------------------------------------------------------------------------------------------

    def tests(self, tests: Iterable[Test]) -> str:
        """All of them."""
        return self.all_of([self.test(t) for t in tests])

    def test(self, test: Test) -> str:
        """One condition."""
        if isinstance(test, Chance):
            return self.chance(test.share.best)
        if isinstance(test, Found):
            variable = self.meant(test.name.partition(".")[0])
            return self.found(self.variable(variable), variable.kind, test.present)
        left = self.value(test.left)
        made = [self._compared(test, left, v) for v in test.right]
        if len(made) == 1:
            return made[0]
        return self.all_of(made) if test.operator == "!=" else self.any_of(made)

    def _compared(self, test: Compared, left: str, right: Value) -> str:
        loose = self.maybe_nothing(test.left) or self.maybe_nothing(right)
        return self.compared(left, test.operator, self.value(right), timed(test.left), loose)

    # What a language says ---------------------------------------------------------------------------------------------

    @abstractmethod
    def field(self, variable: str, name: str, sure: bool) -> str:
        """A field of a row; of one that may be missing, nothing."""

    @abstractmethod
    def opened(self, value: str, name: str) -> str:
        """A field of a value that holds others."""

    @abstractmethod
    def looked_up(self, structure: str, key: str, name: str) -> str:
        """A field of the row that a key leads to."""

    @abstractmethod
    def all_looked_up(self, structure: str, keys: str, name: str) -> str:
        """A field of each row that a list of keys leads to."""

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
    def length(self, value: str) -> str:
        """How many there are."""

    @abstractmethod
    def total(self, value: str) -> str:
        """All of a list together."""

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
    def tunable(self, name: str) -> str:
        """A tunable."""

    @abstractmethod
    def digest(self, value: str) -> str:
        """By which two values are told apart."""

    @abstractmethod
    def size(self, value: str) -> str:
        """How long a value is, written."""

    @abstractmethod
    def moved(self, time: str, sign: str, seconds: str) -> str:
        """A time, later or earlier by so many seconds."""

    @abstractmethod
    def between(self, later: str, earlier: str) -> str:
        """Seconds between two times."""

    @abstractmethod
    def window(self, time: str, seconds: str) -> str:
        """The beginning of the window that a time lies in."""

    @abstractmethod
    def reckoned(self, left: str, operator: str, right: str, loose: bool) -> str:
        """Arithmetic on numbers; `loose`: of which one may be missing."""

    @abstractmethod
    def each_of(self, left: str, operator: str, right: str) -> str:
        """Arithmetic on lists, element by element."""

    @abstractmethod
    def compared(self, left: str, operator: str, right: str, timed: bool, loose: bool) -> str:
        """A comparison."""

    @abstractmethod
    def found(self, variable: str, kind: Kind, present: bool) -> str:
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

    def store_of(self, structure: str) -> str:
        """The store in which a structure rests."""
        return self.world.homes.get(structure, DATABASE)


def _reference(structure: str) -> FieldType:
    return FieldType("ref", ID.bytes, ref=structure)


def timed(said: Value) -> bool:
    """Whether a value is a moment."""
    if isinstance(said, Sum):
        return timed(said.left) and not (said.operator == "-" and timed(said.right))
    ref = said.of if isinstance(said, Every) else said
    if not isinstance(ref, Ref):
        return False
    return ref.root is Root.NOW or (ref.type is not None and ref.type.kind in TIMES and not ref.type.many)

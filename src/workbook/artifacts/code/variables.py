"""Names of a program as variables: where each is declared, what it holds, and whether anybody reads it.

A name that a loop binds is a new one in every turn; behind the loop it is a list of them all. A name that a branch binds and that is
used outside of it is declared where both see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workbook.brief.steps.syntax import Verb
from workbook.plan.form.model import Group, GroupKind, Part, Program, Step, names_one
from workbook.plan.form.terms import Applied, Compared, Every, Found, Ref, Root, Sum, Test, Value, is_list

_MANY = frozenset(
    {Verb.LIST, Verb.SCAN, Verb.SEARCH, Verb.NEAR, Verb.SIMILAR, Verb.COMPLETE, Verb.SUMMARISE, Verb.REMOVE}
)
_NUMBERS = frozenset({Verb.COUNT, Verb.RANK})
BLOCKS = frozenset({GroupKind.EACH, GroupKind.WHEN, GroupKind.ELSE, GroupKind.REFUSED, GroupKind.UNKNOWN})
"""Groups that are a block of their own in every language."""
Place = tuple[int, ...]
"""The blocks around something, outermost first."""


class Kind(StrEnum):
    """What a variable holds."""

    ROW = "row"
    ROWS = "rows"
    NUMBER = "number"
    VALUE = "value"
    VALUES = "values"


def kind_of(step: Step, key: tuple[str, ...] = ()) -> Kind:
    """What a step gives. `key` is that of its structure: what is removed by the whole of it is one row."""
    if step.verb is Verb.REMOVE and key and names_one(step, key):
        return Kind.ROW
    if step.verb in _NUMBERS:
        return Kind.NUMBER
    if step.verb in _MANY or any(is_list(g.value) for g in (*step.by, *step.sets)):
        return Kind.ROWS
    return Kind.ROWS if step.verb is Verb.TAKE and step.amount is not None else Kind.ROW


@dataclass(eq=False)
class Variable:
    """One variable of the code. `inline`: declared where it is first given a value, else at the start of `place`."""

    name: str
    kind: Kind
    place: Place = ()
    loops: Place = ()
    inline: bool = True
    once: bool = True
    read: bool = False
    gathers: Variable | None = None
    """The variable inside a loop whose values this list takes up."""
    binds: list[Place] = field(default_factory=list)
    uses: list[Place] = field(default_factory=list)

    def settle(self) -> None:
        """Where it is declared: the innermost block that holds all its uses."""
        self.place = _common([*self.binds, *self.uses])
        self.inline = self.place == self.binds[0]
        self.once = len(self.binds) == 1
        self.read = bool(self.uses)


class Variables:
    """The variables of a program, for a language in which `blocks` have variables of their own."""

    def __init__(
        self,
        program: Program,
        blocks: frozenset[GroupKind] = BLOCKS,
        keys: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._blocks = blocks
        self._keys = keys or {}
        self._known: dict[str, list[Variable]] = {}
        self._of_step: dict[int, Variable] = {}
        self._of_loop: dict[int, Variable] = {}
        self._gathered: dict[int, Variable] = {}
        self._walk(program.parts, (), ())
        for variable in self:
            variable.settle()

    def __iter__(self) -> Iterator[Variable]:
        yield from (v for known in self._known.values() for v in known if v.binds)
        yield from self._gathered.values()

    def of(self, step: Step) -> Variable | None:
        """What a step binds."""
        return self._of_step.get(id(step))

    def element(self, loop: Group) -> Variable:
        """What a loop calls the element that it is at."""
        return self._of_loop[id(loop)]

    def list_of(self, variable: Variable) -> Variable | None:
        """The list that a variable of a loop is gathered in."""
        return self._gathered.get(id(variable))

    def named(self, name: str, place: Place, loops: Place, bound: set[int] | None = None) -> Variable | None:
        """The variable that a name means at a place: of those already `bound`, the innermost one that is seen from there."""
        known = [v for v in self._known.get(name, ()) if bound is None or id(v) in bound]
        seen = [v for v in known if v.loops == loops[: len(v.loops)]]
        if seen:
            return max(reversed(seen), key=lambda v: len(v.loops))
        return self._gathered.get(id(known[-1])) if known else None

    # The walk ---------------------------------------------------------------------------------------------------------

    def _walk(self, parts: tuple[Part, ...], place: Place, loops: Place) -> None:
        for part in parts:
            if isinstance(part, Step):
                self._step(part, place, loops)
            elif part.kind is GroupKind.EACH:
                self._loop(part, place, loops)
            else:
                for test in part.tests:
                    self._tested(test, place, loops)
                inside = (*place, id(part)) if part.kind in self._blocks else place
                self._walk(part.steps, inside, loops)

    def _step(self, step: Step, place: Place, loops: Place) -> None:
        for value in step.values:
            self._valued(value, place, loops)
        if step.name:
            bound = self._bind(step, place, loops)
            if bound is not None:
                self._of_step[id(step)] = bound

    def _loop(self, loop: Group, place: Place, loops: Place) -> None:
        kind = Kind.VALUE
        if loop.read is not None:
            for value in loop.read.values:
                self._valued(value, place, loops)
            kind = Kind.ROW
        elif isinstance(loop.listed, Ref):
            self._valued(loop.listed, place, loops)
            kind = self._kind_of_element(loop.listed, place, loops)
        self._valued(loop.less, place, loops)
        self._valued(loop.batch, place, loops)
        inside, turns = (*place, id(loop)), (*loops, id(loop))
        if loop.batch is not None:
            kind = Kind.ROWS if kind is Kind.ROW else Kind.VALUES
        element = Variable(loop.name, kind, inside, turns)
        self._known.setdefault(loop.name, []).append(element)
        self._of_loop[id(loop)] = element
        for test in loop.until:
            self._tested(test, inside, turns)
        self._walk(loop.steps, inside, turns)

    def _kind_of_element(self, listed: Ref, place: Place, loops: Place) -> Kind:
        found = self.named(listed.name, place, loops) if listed.root is Root.BOUND and not listed.fields else None
        return Kind.ROW if found is not None and found.kind in (Kind.ROWS, Kind.ROW) else Kind.VALUE

    def _bind(self, step: Step, place: Place, loops: Place) -> Variable | None:
        name, kind = step.name, kind_of(step, self._keys.get(step.target, ()))
        known = [v for v in self._known.get(name, ()) if v.loops == loops[: len(v.loops)] and v.binds]
        variable = max(reversed(known), key=lambda v: len(v.loops)) if known else None
        if variable is None or variable.kind is not kind:
            if variable is not None and step.verb is Verb.REMOVE and name == step.target:
                return None  # what was removed keeps the name under which it was found
            variable = Variable(name, kind, place, loops)
            self._known.setdefault(name, []).append(variable)
        variable.binds.append(place)
        return variable

    def _use(self, name: str, place: Place, loops: Place) -> None:
        variable = self.named(name, place, loops)
        if variable is None:
            known = [v for v in self._known.get(name, ()) if v.binds]
            if not known:
                return
            variable = self._gather(known[-1], place, loops)
        variable.uses.append(place)
        if variable.gathers is not None:
            inner = variable.gathers
            turn = inner.binds[0].index(inner.loops[-1])
            inner.uses.append(inner.binds[0][: turn + 1])

    def _gather(self, inner: Variable, place: Place, loops: Place) -> Variable:
        """The list of what a loop bound, declared before that loop."""
        left = next(turn for turn in inner.loops if turn not in loops)
        before = inner.binds[0][: inner.binds[0].index(left)]
        made = Variable(f"all_{inner.name}", Kind.ROWS, gathers=inner, binds=[before])
        self._gathered[id(inner)] = made
        return made

    def _tested(self, test: Test, place: Place, loops: Place) -> None:
        if isinstance(test, Found):
            self._use(test.name.partition(".")[0], place, loops)
        elif isinstance(test, Compared):
            for side in (test.left, *test.right):
                self._valued(side, place, loops)

    def _valued(self, value: Value | None, place: Place, loops: Place) -> None:
        if isinstance(value, Ref):
            if value.root is Root.BOUND:
                self._use(value.name, place, loops)
        elif isinstance(value, Every):
            self._valued(value.of, place, loops)
        elif isinstance(value, Applied):
            self._valued(value.value, place, loops)
        elif isinstance(value, Sum):
            self._valued(value.left, place, loops)
            self._valued(value.right, place, loops)


def _common(places: list[Place]) -> Place:
    first, *others = places
    length = len(first)
    for other in others:
        alike = next((i for i, (a, b) in enumerate(zip(first, other, strict=False)) if a != b), len(other))
        length = min(length, alike)
    return first[:length]

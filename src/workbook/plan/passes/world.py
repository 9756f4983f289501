"""What a pass sees: the completed brief, the demand, the form as its predecessors left it, their answers, and where things rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.catalog.model import Technology
from workbook.plan.complete import Complete
from workbook.plan.demand import Demand
from workbook.plan.form.accesses import Access, accesses
from workbook.plan.form.keeping import Keeping, KeptBy, keepings
from workbook.plan.form.model import Form, Program
from workbook.plan.form.pledges import Pledge, pledges
from workbook.plan.form.resolve import resolve
from workbook.plan.load.load import Load, load
from workbook.plan.mechanisms.uses import Uses

if TYPE_CHECKING:
    from workbook.plan.passes.model import Decided, Option

P = ParamSpec("P")
R = TypeVar("R")
_PROGRAMS: WeakKeyDictionary[Form, Mapping[str, Program]] = WeakKeyDictionary()
"""Programs of a form: they know no numbers, so every world with that form shares them."""
_OF_FORM = ("programs", "pledges", "keepings", "accesses", "touched", "told_by", "of_form")
DATABASE, MEMORY, MESSAGING, OBJECTS, SEARCH = "database", "cache", "messaging", "object_store", "search"


@dataclass(frozen=True, eq=False)
class Store:
    """Something that keeps: a database of some contexts, the memory, the broker, files, the search engine."""

    id: str
    role: str
    technology: Technology
    contexts: tuple[str, ...] = ()


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Works something out once for a world (the first argument) and its further arguments."""

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        world = cast(World, args[0])
        key = (function, *args[1:])
        if key not in world.memo:
            world.memo[key] = function(*args, **kwargs)
        return cast(R, world.memo[key])

    return asked


@dataclass(frozen=True, eq=False)
class World:
    """One value while a question is asked, and equal only to itself."""

    complete: Complete
    demand: Demand
    form: Form
    uses: Uses
    decided: Mapping[str, Decided] = field(default_factory=dict)
    stores: Mapping[str, Store] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
    """Structure or topic -> store."""
    known: Mapping[str, Program] = field(default_factory=dict, repr=False)
    """Programs that were read before: those of unchanged operations are taken from here."""
    base: World | None = field(default=None, repr=False)
    """Of a world on trial: the one that it was tried from."""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)
    """What was worked out for it: kept while form and homes stay the same."""

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        """Every operation with its names resolved."""
        if self.form not in _PROGRAMS:
            _PROGRAMS[self.form] = {n: self._program(n) for n in self.form.operations}
        return _PROGRAMS[self.form]

    def _program(self, name: str) -> Program:
        old = self.known.get(name)
        if old is not None and old.operation is self.form.operations[name] and old.holds_in(self.form):
            return old
        return resolve(self.form, self.form.operations[name])

    @cached_property
    def load(self) -> Load:
        """What the form bears."""
        before = self.base.__dict__.get("load") if self.base is not None else None
        return load(self.form, self.programs, self.demand, before.inflow if before is not None else None)

    @cached_property
    def pledges(self) -> tuple[Pledge, ...]:
        """The promises, understood."""
        return pledges(self.form)

    @cached_property
    def keepings(self) -> tuple[Keeping, ...]:
        """How each promise is kept, and what that asks of the stores."""
        return keepings(self.form, self.programs, self.pledges)

    @cached_property
    def kept(self) -> tuple[Keeping, ...]:
        """How each promise is kept where everything rests: a store that lacks what that takes keeps nothing."""
        return tuple(self._at_home(k) for k in self.keepings)

    def _at_home(self, keeping: Keeping) -> Keeping:
        for need in keeping.needs:
            home = self.home(need.structure)
            if home is None or home.role != DATABASE:
                continue
            if not any(home.technology.abilities.get(a) for a in need.abilities):
                return replace(keeping, by=KeptBy.NOTHING, lacks=f"{home.technology.name}: {need.why}")
        return keeping

    @cached_property
    def accesses(self) -> Mapping[str, tuple[Access, ...]]:
        """How each structure is asked."""
        return accesses(self.form, self.programs)

    @cached_property
    def touched(self) -> Mapping[str, frozenset[Verb]]:
        """Structure or topic -> what is done with it somewhere."""
        found: dict[str, set[Verb]] = {}
        for program in self.programs.values():
            for step, _ in program.steps():
                found.setdefault(step.target, set()).add(step.verb)
        return {name: frozenset(verbs) for name, verbs in found.items()}

    @cached_property
    def told_by(self) -> Mapping[str, tuple[str, ...]]:
        """Context -> its topics."""
        found: dict[str, list[str]] = {}
        for name, topic in self.form.topics.items():
            found.setdefault(topic.context, []).append(name)
        return {context: tuple(names) for context, names in found.items()}

    @cached_property
    def of_form(self) -> dict[Any, Any]:
        """What was worked out of the form and its load alone: kept whatever is chosen, until the form changes."""
        return {}

    def with_form(self, form: Form) -> World:
        """The world with another form."""
        if form is self.form:
            return self
        return replace(self, form=form, known=self.programs, base=self, memo={})

    def on_form(self, form: Form) -> World:
        """The same world on a form that says the same: what was worked out of that one before is taken over."""
        return self if form is self.form else replace(self, form=form)

    def with_decided(self, decided: Decided) -> World:
        """The world with one more answer."""
        return self._with(decided={**self.decided, decided.id: decided}, memo=self.memo)

    def with_store(self, store: Store, *structures: str) -> World:
        """The world with a store, and these structures and topics in it."""
        homes = {**self.homes, **dict.fromkeys(structures, store.id)}
        return self._with(stores={**self.stores, store.id: store}, homes=homes, memo={})

    def _with(self, **changed: object) -> World:
        """A world in which the form is the same: what was worked out of it stays worked out."""
        made = replace(self, **changed)  # type: ignore[arg-type]
        made.__dict__["of_form"] = self.of_form
        for name in (*_OF_FORM, "load"):
            if name in self.__dict__:
                made.__dict__[name] = self.__dict__[name]
        return made

    def chosen(self, decision: str, subject: str = "") -> Option:
        """What was chosen before. Raises KeyError."""
        return self.decided[f"{decision}.{subject}" if subject else decision].chosen

    def has(self, decision: str, subject: str = "") -> bool:
        """Whether that question was asked."""
        return (f"{decision}.{subject}" if subject else decision) in self.decided

    def product(self, decision: str) -> Technology | None:
        """The product chosen, or None where the question did not arise."""
        decided = self.decided.get(decision)
        return decided.technology if decided else None

    def home(self, structure: str) -> Store | None:
        """Where a structure or topic rests, once that is decided."""
        return self.stores.get(self.homes.get(structure, ""))

    @property
    def headroom(self) -> float:
        """The share of capacity kept free."""
        return self.demand.total("headroom")

    @cached_property
    def contexts(self) -> tuple[str, ...]:
        """The logical services that own something."""
        named = [s.context for s in self.form.structures.values() if s.context]
        return tuple(dict.fromkeys([*self.complete.contexts.values(), *named]))

    def of_shape(self, *shapes: Shape) -> tuple[str, ...]:
        """Structures of these shapes."""
        return tuple(n for n, s in self.form.structures.items() if s.shape in shapes)

"""What a language says when an operation is written down: statements, blocks, calls."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbook.artifacts.code.expressions import Expressions
from workbook.artifacts.code.variables import BLOCKS, Kind, Variable
from workbook.artifacts.dialects.statement import Slot
from workbook.plan.form.model import Group


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Something that is asked of a store or of another part, with what it gives and what it means when nothing comes."""

    part: str
    """What it is called in `app`."""
    method: str
    arguments: tuple[str, ...]
    slots: tuple[str, ...] | None = None
    """The values of a statement's slots, in order."""
    more: tuple[tuple[str, str], ...] = ()
    """Further arguments by name."""
    gives: Kind | None = None
    variable: Variable | None = None
    """Where the result goes. None: nobody reads it."""
    status: int = 0
    """With which the operation ends when it is refused; 0: it cannot be, or what follows is done instead."""
    why: str = ""
    fewer: str = ""
    """An expression: how many rows must come back, where fewer are a refusal."""


@dataclass
class Written:
    """One operation as code: constants with statements, the lines of the function, what is asked of stores without statements."""

    name: str = ""
    constants: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    ports: set[tuple[str, Kind]] = field(default_factory=set)
    """Methods of stores that are asked by ports, and what each gives."""


class Language(Expressions):
    """How statements look."""

    indent = "    "
    blocks = BLOCKS
    one_scope = False
    """Whether constants of all files share one scope."""
    own_names: frozenset[str] = frozenset()
    """What the file means something else by: parameters, helpers, words of the language."""

    remark = "//"
    between_words = "_"

    @abstractmethod
    def spelling(self, name: str) -> str:
        """A name as variables are spelt."""

    @abstractmethod
    def opening(self) -> None:
        """The head of the function."""

    @abstractmethod
    def closing(self) -> None:
        """After the last step."""

    @abstractmethod
    def declare(self, variable: Variable) -> None:
        """A variable without a value yet."""

    @abstractmethod
    def ask(self, asked: Asked) -> None:
        """A call, its result, and the end where it is refused."""

    @abstractmethod
    def ask_and_test(self, asked: Asked) -> str:
        """A call and its result; gives the test by which it was refused."""

    @abstractmethod
    def tried(self, asked: Asked, outcome: str) -> None:
        """A call of another system that leaves a word."""

    @abstractmethod
    def outcome_is(self, outcome: str, word: str) -> str:
        """Whether a call was done, refused or left open."""

    @abstractmethod
    def declined(self, target: str, word: str, status: int) -> None:
        """The end, where nothing catches what another system said."""

    @abstractmethod
    def begin_attempt(self, store: str) -> str:
        """Before statements that are undone together when the last is refused."""

    @abstractmethod
    def undo_attempt(self, store: str, attempt: str) -> None:
        """They are undone."""

    @abstractmethod
    def keep_attempt(self, store: str, attempt: str) -> None:
        """They stay."""

    @abstractmethod
    def transaction(self, store: str, group: Group) -> None:
        """All or nothing."""

    @abstractmethod
    def commit(self) -> None:
        """What was done together stays, before an answer inside."""

    @abstractmethod
    def begin_if(self, test: str) -> None:
        """A branch begins."""

    @abstractmethod
    def begin_else(self) -> None:
        """The other branch."""

    @abstractmethod
    def end_if(self) -> None:
        """The branches end."""

    @abstractmethod
    def begin_loop(self, element: Variable, name: str, listed: str) -> None:
        """For each element."""

    @abstractmethod
    def break_loop(self) -> None:
        """No further element."""

    @abstractmethod
    def end_block(self) -> None:
        """A loop ends."""

    @abstractmethod
    def empty(self) -> None:
        """A block without a statement."""

    @abstractmethod
    def gather(self, variable: Variable, inner: Variable) -> None:
        """What a turn of a loop bound goes into the list."""

    @abstractmethod
    def comment(self, text: str) -> None:
        """A comment on lines of its own."""

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
    def missing_value(self, value: str) -> str:
        """Whether a value is not there."""

    @abstractmethod
    def mark(self, position: int, slot: Slot) -> str:
        """Where a value goes in a statement."""

    @abstractmethod
    def slot(self, slot: Slot) -> str:
        """The value of a slot as the driver takes it."""

    @abstractmethod
    def constant_name(self, name: str) -> str:
        """The name of a statement."""

    @abstractmethod
    def mapping(self, pairs: list[tuple[str, str]]) -> str:
        """Names and values."""

    @abstractmethod
    def listing(self, values: list[str]) -> str:
        """Values as a list."""

    @abstractmethod
    def own(self, written: str) -> str:
        """A value that the store reckons from its own row."""

    @abstractmethod
    def without(self, listed: str, keys: tuple[str, ...], less: str, less_keys: tuple[str, ...]) -> str:
        """A list without the elements of another."""

    @abstractmethod
    def batches(self, listed: str, size: str) -> str:
        """A list in parts."""

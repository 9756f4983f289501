"""What a line of steps says, before anybody knows which names mean what. Frozen, compared by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.quantities import Quantity


class Verb(StrEnum):
    """What a step does. BRIEF.md, "Verbs"."""

    GET = "get"
    LIST = "list"
    SEARCH = "search"
    NEAR = "near"
    SIMILAR = "similar"
    COMPLETE = "complete"
    COUNT = "count"
    RANK = "rank"
    SCAN = "scan"
    SUMMARISE = "summarise"
    PUT = "put"
    APPEND = "append"
    CHANGE = "change"
    MOVE = "move"
    ADD = "add"
    REMOVE = "remove"
    CLAIM = "claim"
    TAKE = "take"
    RELEASE = "release"
    NEXT = "next"
    SWAP = "swap"
    PUBLISH = "publish"
    PUSH = "push"
    CALL = "call"
    RUN = "run"
    ANSWER = "answer"
    REFUSE = "refuse"
    STOP = "stop"


ENDS = frozenset({Verb.ANSWER, Verb.REFUSE, Verb.STOP})
"""Verbs that end the operation."""


@dataclass(frozen=True, slots=True)
class Path:
    """A name, or a name and fields behind it: `body`, `event.author`, `patient.practice`."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


CALLER = Path(("caller",))
"""Whoever calls."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit."""

    quantity: Quantity

    def __str__(self) -> str:
        return self.quantity.text


@dataclass(frozen=True, slots=True)
class Each:
    """Once per element of a list, as one batch."""

    path: Path

    def __str__(self) -> str:
        return f"each {self.path}"


@dataclass(frozen=True, slots=True)
class Function:
    """`count(V)`, `hash(V)` or `size(V)`."""

    name: str
    value: Value

    def __str__(self) -> str:
        return f"{self.name}({self.value})"


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic; `//` rounds down to a multiple of the right side (windows, cells)."""

    operator: str
    left: Value
    right: Value

    def __str__(self) -> str:
        right = f"({self.right})" if isinstance(self.right, Binary) else str(self.right)
        loose = isinstance(self.left, Binary) and self.left.operator in "+-" and self.operator not in "+-"
        left = f"({self.left})" if loose else str(self.left)
        return f"{left} {self.operator} {right}"


Value = Path | Amount | Each | Function | Binary


@dataclass(frozen=True, slots=True)
class Pair:
    """A field and the value it is given or compared with. Without a value: the one of that name in scope."""

    field: str
    value: Value | None = None

    def __str__(self) -> str:
        return self.field if self.value is None else f"{self.field} = {self.value}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A value compared with one or several others; several: any of them."""

    left: Value
    operator: str
    right: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {' or '.join(str(v) for v in self.right)}"


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether an earlier step found something."""

    path: Path
    present: bool

    def __str__(self) -> str:
        return f"{self.path} is {'present' if self.present else 'absent'}"


@dataclass(frozen=True, slots=True)
class Chance:
    """A share of the cases, drawn at random."""

    share: Quantity

    def __str__(self) -> str:
        return f"chance {self.share.text}"


Condition = Comparison | Presence | Chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step as written. `subjects` are the target, or what is answered; the clauses are named after their words."""

    verb: Verb
    subjects: tuple[Path, ...] = ()
    amount: Value | None = None
    by: tuple[Pair, ...] = ()
    sets: tuple[Pair, ...] = ()
    plus: tuple[Pair, ...] = ()
    to: Value | None = None
    source: Value | None = None
    lasting: Value | None = None
    on: tuple[Value, ...] = ()
    where: tuple[Condition, ...] = ()
    only_if: tuple[Condition, ...] = ()
    order: tuple[str, bool] | None = None
    """The field, and whether the largest come first."""
    limit: Value | None = None
    after: Value | None = None
    within: Value | None = None
    rows: Value | None = None
    found: Value | None = None
    size: Value | None = None
    direct: bool = False
    alone: bool = False
    place: str = ""
    name: str = ""
    text: str = ""

    @property
    def target(self) -> Path:
        """What the step works on; an empty path where it works on nothing."""
        return self.subjects[0] if self.subjects else Path(())


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps that are taken in a share of the cases."""

    steps: tuple[Node, ...]
    share: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """All or nothing: one transaction or script."""

    steps: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Side by side; the slowest counts."""

    steps: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Per element of a list, or per part of `batch` elements; `until` makes it one after the other."""

    name: str
    listed: Path | None = None
    """The list that is walked …"""
    read: Line | None = None
    """… or the structure that is read part by part."""
    less: Path | None = None
    batch: Value | None = None
    width: Value | None = None
    until: tuple[Condition, ...] = ()
    about: Value | None = None
    steps: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """A branch. Without a share it follows from the condition, or is an open question."""

    condition: tuple[Condition, ...]
    then: Branch
    otherwise: Branch


@dataclass(frozen=True, slots=True)
class Try:
    """What to do when a step is refused, or nobody knows whether it was done."""

    step: Line
    refused: Branch | None = None
    unknown: Branch | None = None


Node = Line | Together | AtOnce | Loop | When | Try


def lines(nodes: tuple[Node, ...]) -> Iterator[Line]:
    """Every line of steps, in the order written."""
    for node in nodes:
        if isinstance(node, Line):
            yield node
        elif isinstance(node, Together | AtOnce):
            yield from lines(node.steps)
        elif isinstance(node, Loop):
            if node.read is not None:
                yield node.read
            yield from lines(node.steps)
        elif isinstance(node, When):
            yield from lines(node.then.steps)
            yield from lines(node.otherwise.steps)
        else:
            yield node.step
            for branch in (node.refused, node.unknown):
                yield from lines(branch.steps if branch else ())


def goes_each(line: Line) -> bool:
    """Whether a step is done for each element of a list, as one batch."""
    return any(_goes_each(p.value) for p in (*line.by, *line.sets, *line.plus))


def _goes_each(value: Value | None) -> bool:
    if isinstance(value, Binary):
        return _goes_each(value.left) or _goes_each(value.right)
    return isinstance(value, Each)


class Start(StrEnum):
    """What starts an operation. BRIEF.md, "Starts"."""

    CALLER = "caller"
    WEBHOOK = "webhook"
    OPENS = "opens"
    CLOSES = "closes"
    BEATS = "beats"
    EVENT = "event"
    QUEUE = "queue"
    DEAD = "dead"
    DUE = "due"
    EVERY = "every"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """What starts an operation, on what, how often, and under which condition."""

    kind: Start = Start.CALLER
    on: str = ""
    """A topic, queue, structure or operation."""
    field: str = ""
    offset: Value | None = None
    """Added to the due field."""
    every: Value | None = None
    each: str = ""
    batch: Value | None = None
    everywhere: bool = False
    condition: tuple[Condition, ...] = ()
    text: str = ""

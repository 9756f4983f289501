"""What a page says, before anyone draws it: frozen descriptions of tables, formulas, diagrams, code.

A section builds blocks; `document/show` draws them as HTML, Markdown or ASCII and decides nothing.
Strings may carry three marks and no others: `code`, **strong** and [text](#block-id).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Cell = str | int | float | bool | None
"""What stands in a table cell: text with the three marks, a plain number, yes/no, or nothing."""

Tone = Literal["info", "good", "warning", "danger"]


@dataclass(frozen=True, kw_only=True)
class Block:
    """The part every block has: a stable number such as `6.2.messages`, and a title (may be empty)."""

    id: str
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Text(Block):
    """Paragraphs of prose."""

    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Bullets(Block):
    """A list; numbered where the order matters."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, kw_only=True)
class Table(Block):
    """Rows under named columns. `align` has one of `<>^` a column, or is empty for all left."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    align: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FormulaLine:
    """One number: its name, the formula in words, the same with numbers put in, and the result."""

    name: str
    formula: str
    numbers: str
    result: str
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Formulas(Block):
    """Numbers with their derivation."""

    lines: tuple[FormulaLine, ...]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One row of a trade-off matrix. `excuse` says which limit excluded it, with the numbers."""

    name: str
    scores: tuple[float, ...]
    total: float
    excuse: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Matrix(Block):
    """Options weighed by criteria: scores are 0..1, weights sum to 1; `chosen` and `runner_up` name options."""

    criteria: tuple[str, ...]
    weights: tuple[float, ...]
    options: tuple[Option, ...]
    chosen: str
    runner_up: str = ""
    reason: str = ""
    flip: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line or set of bars: x and y of equal length."""

    name: str
    x: tuple[str | float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Plot(Block):
    """A chart. It carries its data, so that Markdown can show the same as a table."""

    kind: Literal["line", "bar", "stacked", "pie"]
    series: tuple[Series, ...]
    x_label: str = ""
    y_label: str = ""
    log_x: bool = False
    log_y: bool = False
    marks: tuple[tuple[str, float], ...] = ()
    """Horizontal lines with a label: limits, review marks, budgets."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A component in a diagram. `layer` orders the picture from client (0) downwards; `group` draws a frame."""

    id: str
    label: str
    sublabel: str = ""
    layer: int = 0
    group: str = ""
    icon: str = ""
    """Dotted path below the `diagrams` package, e.g. `onprem.database.PostgreSQL`; empty for a plain box."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Who calls whom, and how. `dashed` for asynchronous."""

    source: str
    target: str
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Diagram(Block):
    """Components and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a flow; `budget_ms` is its share of the latency target, where it has one."""

    source: str
    target: str
    action: str
    protocol: str = ""
    budget_ms: float | None = None
    failure: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Steps(Block):
    """A numbered sequence between components, with a latency budget and the failure at each hop."""

    steps: tuple[Step, ...]
    target_ms: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Code(Block):
    """Something to copy. `language` names the syntax; `path` where the run puts it below `artifacts/`.

    `proof` says which engine accepted it, or "not run: ..." with what that needs.
    """

    language: str
    text: str
    path: str = ""
    proof: str = ""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of a checklist: done or not, with a link to what it speaks of."""

    text: str
    state: Literal["done", "open", "not applicable", "failed"]
    detail: str = ""
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Checklist(Block):
    """What is there, and what is still open."""

    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Note(Block):
    """A remark that must not be overlooked."""

    text: str
    tone: Tone = "info"


@dataclass(frozen=True, kw_only=True)
class Subsection(Block):
    """A numbered part of a section (`2.2`), holding blocks in reading order."""

    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """One of the fourteen."""

    number: int
    title: str
    subsections: tuple[Subsection, ...] = field(default=())

    def walk(self) -> Iterator[Block]:
        """Every subsection and every block in it, in reading order."""
        for subsection in self.subsections:
            yield subsection
            yield from subsection.blocks

"""Where the boxes of a text picture stand: layers top-down, groups in frames, nothing wider than the page."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbook.document.blocks import Diagram, Node

from .ascii_text import cut, plain, ranges, width, wrap

COLUMNS = 110
_GAP = 2
_PANEL_GAP = 3


@dataclass(eq=False)
class Box:
    """A component: its number, the lines inside, and its place once it is known."""

    number: int
    label: str
    sublabel: str
    head: list[str]
    foot: list[str]
    whole_label: bool
    whole_sublabel: bool
    width: int
    x: int = 0
    y: int = 0
    height: int = 0

    @property
    def code(self) -> str:
        """The short name that tells it from all others."""
        return f"[C{self.number}]"


@dataclass(eq=False)
class Panel:
    """Boxes of one group within a layer, in rows; without a title there is no frame."""

    title: str
    rows: list[list[Box]]
    x: int = 0

    @property
    def framed(self) -> bool:
        """Whether a frame is drawn around it."""
        return bool(self.title)

    @property
    def width(self) -> int:
        """Columns it takes, its frame included."""
        if not self.framed:
            return self.inner
        return max(self.inner, min(width(self.title), 90) + (12 if self.beside else 4)) + 4

    @property
    def inner(self) -> int:
        """Columns its boxes take."""
        return max(sum(box.width for box in row) + _GAP * (len(row) - 1) for row in self.rows)

    @property
    def beside(self) -> bool:
        """Whether the boxes stand to the right of the title, so that lines can reach them from above."""
        return self.framed and self.inner < min(width(self.title), 80) + 12


@dataclass(eq=False)
class Shelf:
    """Panels side by side."""

    panels: list[Panel]
    y: int = 0
    heights: list[int] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Columns it takes."""
        return sum(panel.width for panel in self.panels) + _PANEL_GAP * (len(self.panels) - 1)

    @property
    def framed(self) -> bool:
        """Whether any panel has a frame."""
        return any(panel.framed for panel in self.panels)

    @property
    def tops(self) -> list[Box]:
        """Boxes that can be reached from above."""
        return [box for panel in self.panels for box in panel.rows[0]]

    @property
    def bottoms(self) -> list[Box]:
        """Boxes that can be reached from below."""
        return [box for panel in self.panels for box in panel.rows[-1]]


def shelves(diagram: Diagram) -> tuple[list[Box], list[Shelf]]:
    """All boxes in the order of the nodes, and the shelves with every x known. Heights are known, y is not."""
    number = {node.id: index for index, node in enumerate(diagram.nodes)}
    calls = [(number[edge.source], number[edge.target]) for edge in diagram.edges]
    boxes = [
        _box(
            index,
            node,
            [n for n, c in enumerate(calls, 1) if c[1] == index],
            [n for n, c in enumerate(calls, 1) if c[0] == index],
        )
        for index, node in enumerate(diagram.nodes)
    ]
    neighbours: dict[int, list[int]] = {index: [] for index in range(len(boxes))}
    for source, target in calls:
        neighbours[source].append(target)
        neighbours[target].append(source)
    found: list[Shelf] = []
    place: dict[int, float] = {}
    for layer in sorted({node.layer for node in diagram.nodes}):
        members = [index for index, node in enumerate(diagram.nodes) if node.layer == layer]
        panels = _ordered(members, diagram, neighbours, place)
        flat = [index for _, group in panels for index in group]
        place |= {index: (position + 0.5) / len(flat) for position, index in enumerate(flat)}
        packed = _packed(
            [Panel(title, _rows([boxes[i] for i in group], framed=bool(title))) for title, group in panels]
        )
        found += sorted(packed, key=lambda shelf: -_calls_between(found[-1], shelf, neighbours)) if found else packed
    page = max((shelf.width for shelf in found), default=0)
    for shelf in found:
        _place(shelf, (page - shelf.width) // 2)
    return boxes, found


def _calls_between(upper: Shelf, lower: Shelf, neighbours: dict[int, list[int]]) -> int:
    reachable = {box.number - 1 for box in upper.bottoms}
    return sum(other in reachable for box in lower.tops for other in neighbours[box.number - 1])


def _ordered(
    members: list[int], diagram: Diagram, neighbours: dict[int, list[int]], place: dict[int, float]
) -> list[tuple[str, list[int]]]:
    """The members by group, sorted so that each stands near those above it that it speaks to."""
    keys: dict[int, float] = {}
    for position, index in enumerate(members):
        above = [place[other] for other in neighbours[index] if other in place]
        keys[index] = sum(above) / len(above) if above else (position + 0.5) / len(members)
    groups: dict[tuple[str, int], list[int]] = {}
    for index in members:
        title = plain(diagram.nodes[index].group)
        groups.setdefault((title, -1 if title else index), []).append(index)
    sorted_groups = sorted(groups.items(), key=lambda item: sum(keys[i] for i in item[1]) / len(item[1]))
    return [(title, sorted(group, key=lambda i: keys[i])) for (title, _), group in sorted_groups]


def _box(index: int, node: Node, incoming: list[int], outgoing: list[int]) -> Box:
    label, sublabel = plain(node.label) or "(unnamed)", plain(node.sublabel)
    ports = [f"{word} {ranges(numbers)}" for word, numbers in (("in", incoming), ("out", outgoing)) if numbers]
    for inner in (14, 16, 18, 20, 22, 24, 26):
        head, whole = _fit(label, inner, 2)
        below, whole_below = _fit(sublabel, inner - 1, 2)
        if whole and whole_below and len(head) + len(below) <= 3 and all(width(port) <= inner - 1 for port in ports):
            break
    else:
        head, whole = _fit(label, inner, 3)
    longest = max(
        min(inner, width(line))
        for line in [*head, *(f" {line}" for line in below), *(f" {port}" for port in ports), " " * 12]
    )
    joined = "  ".join(ports)
    foot = [joined] if width(joined) < longest else [_shortened(port, longest - 1) for port in ports]
    return Box(
        number=index + 1,
        label=label,
        sublabel=sublabel,
        head=[f" {line}" for line in head] + [f"  {line}" for line in below],
        foot=[f"  {line}" for line in foot if line],
        whole_label=whole,
        whole_sublabel=whole_below,
        width=longest + 4,
    )


def _fit(text: str, limit: int, most: int) -> tuple[list[str], bool]:
    """The text in at most `most` lines, and whether that is all of it, word for word."""
    if not text:
        return [], True
    lines = wrap(text, limit)
    whole = len(lines) <= most and not any(glued for glued, _ in lines)
    shown = [line for _, line in lines[:most]]
    if len(lines) > most:
        shown[-1] = cut(f"{shown[-1]} …", limit)
    return shown, whole


def _shortened(ports: str, limit: int) -> str:
    """A long list of numbers ends with +: the list of calls below the picture has them all."""
    if len(ports) <= limit:
        return ports
    return ports[: limit - 1].rpartition(",")[0] + ",+"


def _rows(boxes: list[Box], *, framed: bool) -> list[list[Box]]:
    """As few rows as fit, and the boxes evenly among them."""
    room = COLUMNS - (4 if framed else 0)
    for count in range(1, len(boxes) + 1):
        share = -(-len(boxes) // count)
        rows = [boxes[i : i + share] for i in range(0, len(boxes), share)]
        if all(sum(box.width for box in row) + _GAP * (len(row) - 1) <= room for row in rows):
            return rows
    return [[box] for box in boxes]


def _packed(panels: list[Panel]) -> list[Shelf]:
    found: list[Shelf] = []
    for panel in panels:
        if found and found[-1].width + _PANEL_GAP + panel.width <= COLUMNS:
            found[-1].panels.append(panel)
        else:
            found.append(Shelf([panel]))
    return found


def _place(shelf: Shelf, x: int) -> None:
    """Give every box its column, and every row of the shelf one height."""
    for panel in shelf.panels:
        panel.x = x
        for row in panel.rows:
            inner = sum(box.width for box in row) + _GAP * (len(row) - 1)
            column = x + panel.width - 2 - inner if panel.beside else x + (panel.width - inner) // 2
            for box in row:
                box.x = column
                column += box.width + _GAP
        x += panel.width + _PANEL_GAP
    for index in range(max(len(panel.rows) for panel in shelf.panels)):
        row_boxes = [box for panel in shelf.panels for row in panel.rows[index : index + 1] for box in row]
        height = max(len(box.head) + len(box.foot) for box in row_boxes) + 2
        shelf.heights.append(height)
        for box in row_boxes:
            box.height = height

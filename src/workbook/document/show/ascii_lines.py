"""Lines between neighbouring shelves of a text picture: only those that cannot be misread.

All calls that leave one box form a net with one horizontal track. No two nets share a column, so a line
that crosses another always interrupts it, and where lines touch they belong together.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from workbook.document.blocks import Edge

from .ascii_layout import Box, Panel, Shelf
from .ascii_text import cut, width

_MOST_TRACKS = 7
_MOST_REACH = 80


@dataclass(eq=False)
class Net:
    """Calls that leave one box in the same manner, towards the same neighbour shelf."""

    source: Box
    dashed: bool
    down: bool
    targets: list[tuple[int, Box]]
    column: int = -1
    arrows: list[tuple[int, int, Box]] = field(default_factory=list)
    """Column, number of the call, box."""
    track: int = -1

    @property
    def span(self) -> tuple[int, int]:
        """The leftmost and rightmost column it touches."""
        columns = [self.column, *(column for column, _, _ in self.arrows)]
        return min(columns), max(columns)

    @property
    def straight(self) -> bool:
        """Whether it is one vertical line."""
        return self.span[0] == self.span[1]


@dataclass(eq=False)
class Channel:
    """The lines between two shelves, and how many rows they need."""

    nets: list[Net]

    @property
    def tracks(self) -> int:
        """Rows of horizontal lines."""
        return max((net.track for net in self.nets), default=-1) + 1

    @property
    def upward(self) -> bool:
        """Whether some arrow head stands below a box of the upper shelf."""
        return any(not net.down for net in self.nets)


def route(upper: Shelf, lower: Shelf, boxes: list[Box], edges: list[tuple[int, int, Edge]]) -> Channel:
    """Choose the columns and tracks between two shelves. What does not fit is left to the list of calls."""
    nets: dict[tuple[int, bool, bool], Net] = {}
    above, below = upper.bottoms, lower.tops
    for number, (source, target, edge) in enumerate(edges, 1):
        start, end = boxes[source], boxes[target]
        down = start in above and end in below
        if down or (start in below and end in above):
            net = nets.setdefault((source, edge.dashed, down), Net(start, edge.dashed, down, []))
            net.targets.append((number, end))
    columns = _Columns()
    for panel in lower.panels:
        if panel.framed:
            columns.block(panel.x, panel.x + width(title(panel)) + 4, upper=False)
    for panel in (*upper.panels, *lower.panels):
        if panel.framed:
            columns.edges |= {panel.x, panel.x + panel.width - 1}
    placed = [net for net in sorted(nets.values(), key=lambda net: net.source.x) if _leave(net, columns)]
    for net in placed:
        _arrive(net, columns)
    return Channel(_tracked([net for net in placed if net.arrows]))


def title(panel: Panel) -> str:
    """A group's name as its frame shows it."""
    return cut(panel.title, 90)


class _Columns:
    """Which columns are taken, and by whom, on the upper and the lower side of a channel."""

    def __init__(self) -> None:
        self.owner: dict[int, Net] = {}
        self.busy: tuple[set[int], set[int]] = (set(), set())
        self.edges: set[int] = set()

    def block(self, start: int, end: int, *, upper: bool) -> None:
        self.busy[0 if upper else 1].update(range(start, end))

    def free(self, column: int, net: Net, *, upper: bool, room: int) -> bool:
        mine = self.busy[0 if upper else 1]
        others = [self.owner[c] for c in (column - 1, column, column + 1) if c in self.owner]
        return (
            column not in self.edges
            and all(owner is net for owner in others)
            and not any(c in mine for c in range(column - 1, column + room + 2))
        )

    def take(self, column: int, net: Net, *, upper: bool, room: int) -> None:
        self.owner[column] = net
        self.block(column, column + room + 1, upper=upper)


def _nearest(
    box: Box, wanted: float, net: Net, columns: _Columns, *, upper: bool, room: int, margin: int = 2
) -> int | None:
    """The free column of a box's side that is nearest to the wanted one."""
    inside = range(box.x + margin, box.x + box.width - 2 - room)
    for column in sorted(inside, key=lambda c: (abs(c - wanted), c)):
        if columns.free(column, net, upper=upper, room=room):
            return column
    return None


def _leave(net: Net, columns: _Columns) -> bool:
    net.targets = [(n, box) for n, box in net.targets if abs(_middle(box) - _middle(net.source)) <= _MOST_REACH]
    if not net.targets:
        return False
    own, reach = net.source, [_middle(box) for _, box in net.targets]
    aim = sum(reach) / len(reach)
    wanted = (_middle(own) + max(own.x + 2, min(own.x + own.width - 3, aim))) / 2 if len(reach) == 1 else _middle(own)
    margin = 2 if net.down else len(own.code) + 3  # the upper border holds the code
    found = _nearest(own, round(wanted), net, columns, upper=net.down, room=0, margin=margin)
    if found is None:
        return False
    net.column = found
    columns.take(found, net, upper=net.down, room=0)
    return True


def _arrive(net: Net, columns: _Columns) -> None:
    for number, box in net.targets:
        room = len(str(number))
        wanted = (
            net.column
            if box.x + 2 <= net.column < box.x + box.width - 2 - room
            else (_middle(box) * 2 + net.column) / 3
        )
        found = _nearest(box, wanted, net, columns, upper=not net.down, room=room)
        if found is not None:
            net.arrows.append((found, number, box))
            columns.take(found, net, upper=not net.down, room=room)


def _tracked(nets: list[Net]) -> list[Net]:
    """Give the nets tracks, short ones first; those that find none are dropped."""
    taken: list[list[tuple[int, int]]] = []
    kept: list[Net] = []
    for net in sorted(nets, key=lambda net: (net.span[1] - net.span[0], net.column)):
        if net.straight:
            kept.append(net)
            continue
        left, right = net.span
        for track, spans in enumerate(taken):
            if all(right + 1 < start or end + 1 < left for start, end in spans):
                net.track = track
                break
        else:
            if len(taken) == _MOST_TRACKS:
                continue
            net.track = len(taken)
            taken.append([])
        taken[net.track].append((left, right))
        kept.append(net)
    return kept


def _middle(box: Box) -> int:
    return box.x + box.width // 2

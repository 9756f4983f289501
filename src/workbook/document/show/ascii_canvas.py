"""A grid of columns and rows to draw a text picture on."""

from __future__ import annotations

from .ascii_layout import Box, Panel, Shelf
from .ascii_lines import Channel, Net, title
from .ascii_text import cells

_JOINTS = {
    "du": "│", "lr": "─", "dr": "┌", "dl": "┐", "ru": "└", "lu": "┘",
    "dru": "├", "dlu": "┤", "dlr": "┬", "lru": "┴", "dlru": "┼",
}  # fmt: skip


class Canvas:
    """Cells by row and column; writing outside makes the picture larger."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []

    def write(self, x: int, y: int, text: str) -> None:
        """Put a text at a place, over what was there."""
        columns = cells(text)
        while len(self.rows) <= y:
            self.rows.append([])
        row = self.rows[y]
        row += [" "] * (x + len(columns) - len(row))
        row[x : x + len(columns)] = columns

    def lines(self) -> list[str]:
        """The picture, without spaces at line ends."""
        return ["".join(row).rstrip() for row in self.rows]

    def box(self, box: Box) -> None:
        """A component: its code in the upper border, its name, and the numbers of its calls at the foot."""
        inner = box.width - 2
        self.write(box.x, box.y, f"┌─{box.code}".ljust(box.width - 1, "─") + "┐")
        blank = box.height - 2 - len(box.head) - len(box.foot)
        for offset, line in enumerate([*box.head, *[""] * blank, *box.foot], 1):
            self.write(box.x, box.y + offset, "│" + " " * inner + "│")
            self.write(box.x + 1, box.y + offset, line)
        self.write(box.x, box.y + box.height - 1, "└" + "─" * inner + "┘")

    def frame(self, panel: Panel, y: int, height: int) -> None:
        """A group around its boxes."""
        name = f".- {title(panel)} "
        self.write(panel.x, y, name + "-" * (panel.width - 1 - len(cells(name))) + ".")
        for row in range(y + 1, y + height - 1):
            self.write(panel.x, row, ":")
            self.write(panel.x + panel.width - 1, row, ":")
        self.write(panel.x, y + height - 1, "'" + "-" * (panel.width - 2) + "'")

    def channel(self, channel: Channel, upper: Shelf, first: int, lower: Shelf) -> None:
        """The lines between two shelves; `first` is the row of the first track."""
        tops = {box: lower.y + _head(lower) for box in lower.tops}
        ends = {box: box.y + box.height for box in upper.bottoms}
        for net in channel.nets:
            if not net.straight:
                left, right = net.span
                self.write(left, first + net.track, ("·" if net.dashed else "─") * (right - left + 1))
        for net in channel.nets:
            self._verticals(net, first, ends, tops)
        for net in channel.nets:
            if not net.straight:
                self._joints(net, first + net.track)
        for net in channel.nets:
            self.write(net.column, ends[net.source] - 1 if net.down else tops[net.source], "┬" if net.down else "┴")
            for column, number, box in net.arrows:
                self.write(column, tops[box] - 1 if net.down else ends[box], f"{'▼' if net.down else '▲'}{number}")

    def _verticals(self, net: Net, first: int, ends: dict[Box, int], tops: dict[Box, int]) -> None:
        mark = ":" if net.dashed else "│"
        track = first + net.track
        for column, box in [(net.column, net.source), *((column, box) for column, _, box in net.arrows)]:
            from_above = box in ends and (net.down == (box is net.source))
            if net.straight:
                start, stop = (
                    (ends[net.source], tops[net.arrows[0][2]])
                    if net.down
                    else (ends[net.arrows[0][2]], tops[net.source])
                )
            elif from_above:
                start, stop = ends[box], track
            else:
                start, stop = track + 1, tops[box]
            for row in range(start, stop):
                self.write(column, row, mark)

    def _joints(self, net: Net, row: int) -> None:
        left, right = net.span
        ends: dict[int, set[str]] = {net.column: {"u" if net.down else "d"}}
        for column, _, _ in net.arrows:
            ends.setdefault(column, set()).add("d" if net.down else "u")
        for column, sides in ends.items():
            sides |= ({"l"} if column > left else set()) | ({"r"} if column < right else set())
            self.write(column, row, "·" if net.dashed else _JOINTS["".join(sorted(sides))])


def _head(shelf: Shelf) -> int:
    """Rows of a shelf above its boxes: the frame and the row of the arrow heads."""
    return 2 if shelf.framed else 1

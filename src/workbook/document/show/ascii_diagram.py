"""A diagram as text: boxes in layers, and below them the numbered list of calls, which is exact.

┌─[C4]──────────┐
│ Orders        │      `in` and `out` are numbers of the list; lines are drawn between neighbouring
│  Go, 6 copies │      rows where they cannot be misread, with the number of the call at the arrow head.
│  in 1  out 3-5│
└───────────────┘
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from workbook.document.blocks import Diagram, Edge

from .ascii_canvas import Canvas
from .ascii_layout import COLUMNS, Box, Shelf, shelves
from .ascii_lines import Channel, route
from .ascii_text import cells, cut, pad, plain, width, wrap

_NAMES = "Names in full"
_DETAILS = "Details in full"
_CALLS = "Calls"
_NAME_COLUMNS = 34
_INDENT = 10


def ascii(diagram: Diagram) -> str:
    """The picture as text, at most 110 columns wide, every component and every call in it."""
    if not diagram.nodes:
        return "(no components)"
    number = _numbers(diagram)
    edges = [(number[edge.source], number[edge.target], edge) for edge in diagram.edges]
    boxes, found = shelves(diagram)
    channels = [route(upper, lower, boxes, edges) for upper, lower in pairwise(found)]
    picture = _picture(found, channels)
    drawn = sum(len(net.arrows) for channel in channels for net in channel.nets)
    lists = [
        _listed(_NAMES, [(box.code, box.label) for box in boxes if not box.whole_label]),
        _listed(_DETAILS, [(box.code, box.sublabel) for box in boxes if not box.whole_sublabel]),
        _calls(boxes, edges, drawn),
    ]
    return "\n".join([*picture, *(line for part in lists if part for line in ("", *part))])


def _numbers(diagram: Diagram) -> dict[str, int]:
    number = {node.id: index for index, node in enumerate(diagram.nodes)}
    if len(number) < len(diagram.nodes):
        raise ValueError(f"{diagram.id}: two components have the same id. Give each node of a diagram its own.")
    for edge in diagram.edges:
        for end in (edge.source, edge.target):
            if end not in number:
                raise ValueError(
                    f"{diagram.id}: the edge {edge.source} -> {edge.target} needs a component {end!r}. Add the node or leave the edge out."
                )
    return number


def _picture(found: list[Shelf], channels: list[Channel]) -> list[str]:
    canvas, y, firsts = Canvas(), 0, []
    for index, shelf in enumerate(found):
        after = channels[index] if index < len(channels) else Channel([])
        shelf.y = y
        head = 2 if shelf.framed else 1
        row = y + head
        for place, height in enumerate(shelf.heights):
            for panel in shelf.panels:
                for box in panel.rows[place] if place < len(panel.rows) else []:
                    box.y = row
            row += height
        row += 1 if after.upward else 0
        for panel in shelf.panels:
            if panel.framed:
                canvas.frame(panel, y, row - y + 1)
        for box in (box for panel in shelf.panels for row_boxes in panel.rows for box in row_boxes):
            canvas.box(box)
        row += 1 if shelf.framed else 0
        firsts.append(row)
        y = row + after.tracks
    for index, channel in enumerate(channels):
        canvas.channel(channel, found[index], firsts[index], found[index + 1])
    lines = canvas.lines()
    return lines[1:] if lines and not lines[0] else lines


def _listed(header: str, entries: list[tuple[str, str]]) -> list[str]:
    lines = [header] if entries else []
    for code, text in entries:
        lines += _wrapped(f"  {code} ", text)
    return lines


def _calls(boxes: list[Box], edges: list[tuple[int, int, Edge]], drawn: int) -> list[str]:
    if not edges:
        return []
    names = [f"{cut(box.label, _NAME_COLUMNS - len(box.code) - 1)} {box.code}" for box in boxes]
    left = max(width(names[source]) for source, _, _ in edges)
    right = max((width(names[target]) for _, target, edge in edges if edge.label), default=0)
    dashed = sum(edge.dashed for _, _, edge in edges)
    legend = [f"{len(edges)} in all", f"{drawn} drawn as lines"]
    legend += ["--> and ─ wait for the answer, ..> and · are asynchronous"] if dashed else []
    lines = [f"{_CALLS} ({'; '.join(legend)})"]
    for number, (source, target, edge) in enumerate(edges, 1):
        start = f"{number:>3}. {pad(names[source], left)} {'..>' if edge.dashed else '-->'} {names[target]}"
        label = plain(edge.label)
        lines += _wrapped(pad(start, 10 + left + right) + " : ", label) if label else [start]
    return lines


def _wrapped(start: str, text: str) -> list[str]:
    """The text after `start`, in lines that `_unwrapped` can join: … at the indent goes on a broken word."""
    room = COLUMNS - width(start)
    whole = wrap(text, room)
    if len(whole) == 1:
        return [start + text]
    lines = wrap(text, min(room, COLUMNS - _INDENT))
    return [
        start + lines[0][1],
        *(" " * (_INDENT - glued) + ("…" if glued else "") + line for glued, line in lines[1:]),
    ]


def parse(text: str) -> tuple[list[str], list[tuple[int, int, bool, str]]]:
    """Read a picture back: the labels of the components, and the calls as source, target, dashed, label (numbers from 0)."""
    lines = text.split("\n")
    heads = [i for i, line in enumerate(lines) if line in (_NAMES, _DETAILS) or line.startswith(f"{_CALLS} (")]
    labels = _read_boxes([cells(line) for line in lines[: min(heads, default=len(lines))]])
    edges: list[tuple[int, int, bool, str]] = []
    for start, end in pairwise([*heads, len(lines)]):
        entries = _unwrapped(line for line in lines[start + 1 : end] if line)
        for entry in entries:
            if lines[start] == _NAMES and (name := re.match(r" +\[C(\d+)\] (.*)", entry)):
                labels[int(name[1])] = name[2]
            elif lines[start].startswith(_CALLS):
                edges.append(_read_call(entry))
    return [labels[number] for number in sorted(labels)], edges


def _unwrapped(lines: Iterable[str]) -> list[str]:
    entries: list[str] = []
    for line in lines:
        if line.startswith(" " * _INDENT):
            entries[-1] += " " + line[_INDENT:]
        elif line.startswith(" " * (_INDENT - 1) + "…"):
            entries[-1] += line[_INDENT:]
        else:
            entries.append(line)
    return entries


def _read_call(entry: str) -> tuple[int, int, bool, str]:
    found = re.match(r" *\d+\. .*? ?\[C(\d+)\] +(-->|\.\.>) .*?\[C(\d+)\](?: +: (.*))?$", entry)
    if found is None:
        raise ValueError(f"not a call: {entry!r}")
    return int(found[1]) - 1, int(found[3]) - 1, found[2] == "..>", found[4] or ""


def _read_boxes(rows: list[list[str]]) -> dict[int, str]:
    labels: dict[int, str] = {}
    inside: dict[
        int, tuple[int, int, list[str], bool]
    ] = {}  # by left column: right column, number, lines so far, still the label
    for row in rows:
        for x, (right, number, lines, open_) in list(inside.items()):
            if row[x] == "└":
                labels[number] = " ".join(lines)
                del inside[x]
                continue
            line = "".join(row[x + 1 : right]).rstrip()
            open_ = open_ and line.startswith(" ") and not line.startswith("  ")
            inside[x] = (right, number, [*lines, line[1:]] if open_ else lines, open_)
        covered = {c for x, (right, *_) in inside.items() for c in range(x, right + 1)}
        for x, mark in enumerate(row):
            if mark == "┌" and x not in covered and (head := re.match(r"┌─\[C(\d+)\]─*┐", _border(row, x))):
                inside[x] = (x + len(head[0]) - 1, int(head[1]), [], True)
    return labels


def _border(row: list[str], x: int) -> str:
    return "".join(column or " " for column in row[x : x + 40]).replace("┴", "─")

"""Long calls on several lines: an element a line, as formatters break them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

OPENING, CLOSING = "([{", ")]}"
SMALL_KEY, THRESHOLD = 40, 2.5
"""Source: exprList in go/printer/nodes.go, `smallSize` and `r`."""
Elements = Callable[[str, list[str]], list[str]]
"""Puts elements on one line that belong together: pairs of a call that takes keys and values."""


def apart(text: str) -> list[str]:
    """The elements of a written list: split at commas that stand in no bracket and no quotes."""
    made, depth, quoted, start = [], 0, False, 0
    for i, sign in enumerate(text):
        if sign == '"' and not _escaped(text, i):
            quoted = not quoted
        elif not quoted and sign in OPENING:
            depth += 1
        elif not quoted and sign in CLOSING:
            depth -= 1
        elif not quoted and sign == "," and depth == 0:
            made.append(text[start:i].strip())
            start = i + 1
    rest = text[start:].strip()
    return [*made, rest] if rest else made


def _escaped(text: str, position: int) -> bool:
    before = text[:position]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def opening(text: str) -> int:
    """Where the bracket opens that the text ends with; -1 where it ends with none."""
    if not text or text[-1] not in CLOSING:
        return -1
    open_, quoted = [], False
    for i, sign in enumerate(text):
        if sign == '"' and not _escaped(text, i):
            quoted = not quoted
        elif not quoted and sign in OPENING:
            open_.append(i)
        elif not quoted and sign in CLOSING:
            last = open_.pop()
            if i == len(text) - 1:
                return last
    return -1


def laid(
    text: str,
    width: int,
    indent: str,
    elements: Elements = lambda head, parts: parts,
    last: str = ",",
    aligned: bool = False,
) -> list[str]:
    """A text on one line where it fits, else broken at the bracket that it ends with."""
    begin = opening(text)
    grouping = begin >= 0 and text[begin] == "(" and (begin == 0 or text[begin - 1] in " !(")
    if len(text) <= width or begin < 0 or begin == len(text) - 2 or grouping:
        return [text]
    parts = elements(text[:begin], apart(text[begin + 1 : -1]))
    room = width - len(indent.expandtabs(4))
    inner = [laid(part, room - 1, indent, elements, last, aligned) for part in parts]
    if aligned and text[begin] == "{":
        inner = [[f"{head}{rest[0]}", *rest[1:]] for head, rest in align(inner)]
    lines = [text[: begin + 1]]
    for i, part in enumerate(inner):
        part[-1] += "," if i < len(inner) - 1 else last
        lines += [indent + one for one in part]
    return [*lines, text[-1]]


def align(parts: Iterable[list[str]]) -> list[tuple[str, list[str]]]:
    """Keys of a composite literal with the blanks that gofmt puts behind them, and what follows on each line."""
    made: list[tuple[str, list[str]]] = []
    section: list[tuple[str, list[str]]] = []
    sizes: list[float] = []
    before = 0
    for part in parts:
        key, _, value = _pair(part[0])
        size = len(key) if len(part) == 1 else 0
        if section and not _goes_on(before, size, sizes):
            made += _padded(section)
            section, sizes = [], []
        section.append((key, [value, *part[1:]]))
        if size:
            sizes.append(math.log(size))
        before = size
    return made + _padded(section)


def _pair(line: str) -> tuple[str, str, str]:
    quoted = False
    for i, sign in enumerate(line):
        if sign == '"' and not _escaped(line, i):
            quoted = not quoted
        elif not quoted and sign == ":":
            return line[:i], ":", line[i + 1 :].strip()
    return line, "", ""


def _goes_on(before: int, size: int, sizes: list[float]) -> bool:
    if not before or not size:
        return False
    if not sizes or (before <= SMALL_KEY and size <= SMALL_KEY):
        return True
    ratio = size / math.exp(sum(sizes) / len(sizes))
    return 1 / THRESHOLD < ratio < THRESHOLD


def _padded(section: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    longest = max((len(key) for key, _ in section), default=0)
    return [(f"{key}:".ljust(longest + 2), rest) for key, rest in section]

"""Text measured in columns: cleaned, wrapped so that it can be joined again, cut, and numbers as ranges."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_CODE = re.compile(r"\[(C\d+)\]")


def plain(text: str) -> str:
    """The text as one line that takes a predictable number of columns and cannot be mistaken for a code such as [C7]."""
    kept: list[str] = []
    for character in text:
        category = unicodedata.category(character)
        if character.isspace():
            kept.append(" ")
        elif category[0] == "M" and (not kept or kept[-1] == " "):
            continue  # a mark needs a letter to stand on
        elif category in ("Co", "Cn"):
            kept.append("?")
        elif category[0] != "C":
            kept.append(character)
    return _CODE.sub(r"(\1)", " ".join("".join(kept).split()))


def cells(text: str) -> list[str]:
    """One string per column: a wide character is followed by an empty one, a mark stays with its letter."""
    columns: list[str] = []
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me") and columns:
            place = -2 if columns[-1] == "" and len(columns) > 1 else -1
            columns[place] += character
        else:
            columns.append(character)
            if unicodedata.east_asian_width(character) in "WF":
                columns.append("")
    return columns


def width(text: str) -> int:
    """How many columns the text takes."""
    return len(cells(text))


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` columns, with … where something is left out."""
    columns = cells(text)
    if len(columns) <= limit:
        return text
    kept = columns[: limit - 1]
    if kept and columns[limit - 1] == "":
        kept.pop()  # half of a wide character
    return "".join(kept).rstrip() + "…"


def pad(text: str, columns: int) -> str:
    """The text, filled with spaces to a number of columns."""
    return text + " " * max(0, columns - width(text))


def wrap(text: str, limit: int) -> list[tuple[bool, str]]:
    """Lines of at most `limit` columns. The flag says that a line goes on the word that the line before broke off."""
    lines: list[tuple[bool, str]] = []
    for word in text.split(" "):
        if lines and width(f"{lines[-1][1]} {word}") <= limit:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {word}")
        else:
            lines += [(bool(place), piece) for place, piece in enumerate(_pieces(word, limit))]
    return lines


def _pieces(word: str, limit: int) -> list[str]:
    pieces: list[list[str]] = [[]]
    columns = cells(word)
    for place, column in enumerate(columns):
        taken = 2 if columns[place + 1 : place + 2] == [""] else 1
        if column and len(pieces[-1]) + taken > limit:
            pieces.append([])
        pieces[-1].append(column)
    return ["".join(piece) for piece in pieces]


def ranges(numbers: Iterable[int]) -> str:
    """1,2,3,7 as `1-3,7`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    signs = {1: "", 2: ","}
    return ",".join(signs.get(len(part), "-").join(dict.fromkeys((str(part[0]), str(part[-1])))) for part in parts)

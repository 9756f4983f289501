"""Takes the conditions out of a statement: what it may be refused by is no longer asked."""

from __future__ import annotations

import re
from dataclasses import replace

from workbook.artifacts.dialects.statement import Part, Refusal, Slot, Statement
from workbook.brief.steps.syntax import Verb
from workbook.plan.form.model import Step

_LINE = "\n  AND "
_OR = re.compile(r"\nWHERE .*?(?=\nRETURNING)", re.DOTALL)


def disarmed(statement: Statement, step: Step) -> Statement:
    """The statement with its key and without its conditions. What locks others out no longer does."""
    if step.verb is Verb.CLAIM:
        return replace(statement, parts=_without_takeover(statement.parts), refusal=Refusal.NEVER)
    if step.verb is Verb.TAKE:
        return replace(statement, parts=_without_locks(statement.parts))
    kept = len(step.by)
    return replace(statement, parts=_conditions(statement.parts, kept), refusal=Refusal.NEVER)


def _conditions(parts: tuple[Part, ...], kept: int) -> tuple[Part, ...]:
    """The first `kept` conditions of the last WHERE, and what stands behind it."""
    pieces = _flat(parts)
    start = max((i for i, p in enumerate(pieces) if p == "\nWHERE "), default=-1)
    if start < 0:
        return parts
    end = next(
        (i for i, p in enumerate(pieces) if i > start and isinstance(p, str) and p.startswith("\nRETURNING")),
        len(pieces),
    )
    conditions: list[list[Part]] = [[]]
    for piece in pieces[start + 1 : end]:
        if piece == _LINE:
            conditions.append([])
        else:
            conditions[-1].append(piece)
    made: list[Part] = []
    for i, condition in enumerate(conditions[:kept]):
        made += [_LINE] if i else []
        made += condition
    return (*pieces[: start + 1], *(made or ["true"]), *pieces[end:])


def _flat(parts: tuple[Part, ...]) -> list[Part]:
    """Parts cut at the words that matter."""
    made: list[Part] = []
    for part in parts:
        if isinstance(part, Slot):
            made.append(part)
        else:
            made += [p for p in re.split(r"(\nWHERE |\n  AND |(?=\nRETURNING))", part) if p]
    return made


def _without_takeover(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """A claim that everybody gets: it takes over whatever is there."""
    return (
        tuple(p for p in _conditions(parts, 0)) if any("\nWHERE " in p for p in parts if isinstance(p, str)) else parts
    )


def _without_locks(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """A taking that looks and then acts, as if nobody else did."""
    return tuple(p.replace("\nFOR UPDATE SKIP LOCKED", "") if isinstance(p, str) else p for p in parts)


def keyless(statement: Statement) -> Statement:
    """A row that is written whatever is there under its key."""
    pieces = [p for part in statement.parts for p in (_cut(part) if isinstance(part, str) else [part])]
    made: list[Part] = []
    skipped = False
    for piece in pieces:
        if isinstance(piece, str) and piece.startswith((_CONFLICT, "\nRETURNING")):
            skipped = piece.startswith(_CONFLICT)
        if not skipped:
            made.append(piece)
    return replace(statement, parts=tuple(made))


_CONFLICT = "\nON CONFLICT ("


def _cut(part: str) -> list[str]:
    return [p for p in re.split(r"(?=\nON CONFLICT \(|\nRETURNING)", part) if p]


def read_only(statement: Statement) -> Statement:
    """A taking that only looks: what it finds is there for the next one, too."""
    shown = ", ".join(statement.columns)
    parts = []
    for part in statement.parts:
        if isinstance(part, str):
            part = re.sub(r"^DELETE FROM ", f"SELECT {shown} FROM ", part)
            part = re.sub(r"\nRETURNING .*$", "", part.replace("\nFOR UPDATE SKIP LOCKED", ""), flags=re.DOTALL)
        parts.append(part)
    return replace(statement, parts=tuple(parts))


def without(statement: Statement, column: str) -> Statement:
    """The statement without its conditions on a column."""
    pieces = _flat(statement.parts)
    made: list[Part] = []
    skipped = False
    for piece in pieces:
        begins = isinstance(piece, str) and piece in ("\nWHERE ", _LINE)
        if begins or (isinstance(piece, str) and piece.startswith(("\nRETURNING", "\nORDER"))):
            skipped = False
        if isinstance(piece, str) and not begins and re.match(rf"\(?{column}\b", piece):
            skipped = True
            if made and made[-1] == _LINE:
                made.pop()
        if not skipped:
            made.append(piece)
        elif isinstance(piece, str) and "\nORDER" in piece:
            made.append(piece[piece.index("\nORDER") :])
            skipped = False
    return replace(statement, parts=tuple(made))

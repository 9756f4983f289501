"""Steps that may be done in part, and are refused then, stand in a transaction, so that nothing of them stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workbook.plan.form.model import Group, GroupKind, Part, Program, Step


def whole(program: Program, partly: Callable[[Step], bool]) -> Program:
    """The program with a group around each such step that stands in none. A tried one is undone where it is tried."""
    return replace(program, parts=_parts(program.parts, partly))


def _parts(parts: tuple[Part, ...], partly: Callable[[Step], bool]) -> tuple[Part, ...]:
    return tuple(_part(part, partly) for part in parts)


def _part(part: Part, partly: Callable[[Step], bool]) -> Part:
    if isinstance(part, Step):
        return Group(id=f"{part.id}.whole", kind=GroupKind.TOGETHER, steps=(part,)) if partly(part) else part
    if part.kind is GroupKind.TOGETHER:
        return part
    if part.kind is GroupKind.TRY:
        return replace(part, steps=(part.steps[0], *_parts(part.steps[1:], partly)))
    return replace(part, steps=_parts(part.steps, partly))

"""Programs and verdicts as text for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.plan import Plan
from workbook.plan.form.model import Group, GroupKind, Part, Program, Step
from workbook.proof.promises.base import Verdict

_WORDS = {
    GroupKind.TOGETHER: "together",
    GroupKind.AT_ONCE: "at once",
    GroupKind.ELSE: "else",
    GroupKind.TRY: "try",
    GroupKind.REFUSED: "refused",
    GroupKind.UNKNOWN: "unknown",
}


def listing(plan: Plan, operations: Iterable[str]) -> str:
    """Operations with what starts them, their steps, and who added them."""
    return "\n\n".join(_operation(plan.world.programs[o]) for o in operations)


def _operation(program: Program) -> str:
    operation = program.operation
    started = operation.starts.text or operation.starts.kind.value
    by = f" by {operation.caller}" if operation.caller else ""
    added = f"  # added by {operation.added_by}" if operation.added_by else ""
    return "\n".join([f"{program.id}: {started}{by}{added}", *_parts(program.parts, 1)])


def _parts(parts: tuple[Part, ...], depth: int) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Step):
            yield f"{'  ' * depth}- {part.text}"
        else:
            if part.read is not None:
                yield f"{'  ' * depth}- {part.read.text}"
            yield f"{'  ' * depth}- {_head(part)}:"
            yield from _parts(part.steps, depth + 1)


def _head(group: Group) -> str:
    if group.kind is GroupKind.EACH:
        return f"each {group.name}"
    if group.kind is GroupKind.WHEN:
        return f"when {' and '.join(str(t) for t in group.tests)}" if group.tests else "when"
    return _WORDS[group.kind]


def verdict(said: Verdict) -> str:
    """How an attack came out; where it succeeded, its history."""
    where = f" on {said.on}" if said.on else ""
    instead = f", standing in for {said.stands_in_for}" if said.stands_in_for else ""
    why = f": {said.why}" if said.why else ""
    lines = [f"{said.promise}: {said.tested.value.replace('_', ' ')}{where}{instead}{why}"]
    lines += [f"    attack: {said.attack}"] if said.attack else []
    lines += [f"    kept by {guard}" for guard in said.guards]
    lines += [f"    held without {guard}" for guard in said.idle]
    return "\n".join([*lines, *(f"    {line}" for line in said.history)])

"""Which operations the document follows in depth: those that its variables mean, else the busiest of the first priority."""

from __future__ import annotations

import re

from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.model import Program
from workbook.plan.form.verbs import LISTS, WRITES
from workbook.plan.passes.world import World

_VARIABLES = {
    True: ("CRITICAL_READ_OPERATION", "PRIMARY_READ_OPERATION"),
    False: ("CRITICAL_WRITE_OPERATION", "PRIMARY_WRITE_OPERATION"),
}


def changes(program: Program) -> bool:
    """Whether an operation changes or tells anything."""
    return any(s.verb in WRITES or s.verb is Verb.PUBLISH for s, _ in program.steps())


def critical(world: World, *, reads: bool) -> str:
    """The operation that the deep dive follows; empty where nobody asks for anything of the kind."""
    asked = [n for n, o in world.complete.operations.items() if o.reads == reads and n in world.programs]
    called = [n for n in asked if world.programs[n].starts is Start.CALLER] or asked
    said = _said(world, called, reads)
    if said or not called:
        return said
    first = [n for n in called if world.complete.priority(n) == "P0"] or called
    central = [n for n in first if _central(world.programs[n], reads)] or first
    return max(central, key=lambda n: world.demand.of_operation("peak_qps", n))


def _central(program: Program, reads: bool) -> bool:
    """A read of several rows, or a write that others are told of."""
    wanted = LISTS if reads else frozenset({Verb.PUBLISH})
    return any(s.verb in wanted for s, _ in program.steps())


def _said(world: World, candidates: list[str], reads: bool) -> str:
    for variable in _VARIABLES[reads]:
        said = world.complete.model.document.get(variable)
        found = _meant(said, candidates, world) if said else ""
        if found:
            return found
    return ""


def _meant(said: str, candidates: list[str], world: World) -> str:
    """The operation a title means: its own name, the words of its feature, or most words in common."""
    normal = said.lower().replace(" ", "_")
    if normal in candidates or not candidates:
        return normal if candidates else ""
    wanted = _tokens(said)
    complete = world.complete

    def likeness(name: str) -> float:
        own = _tokens(name.replace("_", " ")) | _tokens(complete.operations[name].entity.replace("_", " "))
        featured = any(
            name in f.operations and normal in (i, (f.title or "").lower().replace(" ", "_"))
            for i, f in complete.model.features.items()
        )
        return len(wanted & own) + (2 if featured else 0) + 0.01 * (1 - candidates.index(name) / 100)

    best = max(candidates, key=likeness)
    return best if likeness(best) >= 1 else ""


def _tokens(text: str) -> set[str]:
    return {t.rstrip("s") for t in re.split(r"[^a-z0-9]+", text.lower()) if len(t) > 2}

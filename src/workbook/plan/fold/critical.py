"""What the document looks at most closely: the operations and entities that its variables mean, else the busiest that matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from workbook.brief.problems import BriefError, Problem, nearest
from workbook.brief.quantities import shown
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.complete import Complete
from workbook.plan.form.model import Program
from workbook.plan.form.verbs import LISTS, WRITES
from workbook.plan.passes.world import World

STRUCTURES = "CRITICAL_DATA_STRUCTURES"
LIKE_ENOUGH = 1.0
"""One word in common: below that a title means nothing in this brief."""


@dataclass(frozen=True)
class Focus:
    """Operations by what they are looked at for; empty where the system has none."""

    critical_write: str
    critical_read: str
    primary_write: str
    primary_read: str
    structures: tuple[str, ...]


def changes(program: Program) -> bool:
    """Whether an operation changes or tells anything."""
    return any(s.verb in WRITES or s.verb is Verb.PUBLISH for s, _ in program.steps())


def critical(world: World, *, reads: bool) -> str:
    """The operation that the deep dive follows; empty where nobody asks for anything of the kind."""
    found = focus(world)
    return found.critical_read if reads else found.critical_write


def focus(world: World) -> Focus:
    """What the document follows. Raises BriefError where a variable means nothing in this brief."""
    asked = _Asked(world)
    critical_write, primary_write = asked.pair(reads=False)
    critical_read, primary_read = asked.pair(reads=True)
    structures = asked.structures()
    if asked.problems:
        raise BriefError(asked.problems)
    return Focus(critical_write, critical_read, primary_write, primary_read, structures)


@dataclass
class _Asked:
    world: World
    problems: list[Problem] = field(default_factory=list)

    def pair(self, *, reads: bool) -> tuple[str, str]:
        """The critical and the primary operation of a kind. What is said of one alone counts for both."""
        kind = "READ" if reads else "WRITE"
        primary = self._said(f"PRIMARY_{kind}_OPERATION", reads=reads)
        found = self._said(f"CRITICAL_{kind}_OPERATION", reads=reads) or primary or _busiest(self.world, reads=reads)
        return found, primary or found

    def _said(self, variable: str, *, reads: bool) -> str:
        complete = self.world.complete
        said = complete.model.document.get(variable)
        if not said:
            return ""
        known = candidates(self.world, reads=reads)
        found = _meant(said, known, complete)
        if not found:
            what = f'"{shown(said)}" means none of the operations that {"read" if reads else "write"}'
            self._complain(variable, what, _identifier(said), known)
        return found

    def structures(self) -> tuple[str, ...]:
        """The entities that are called critical."""
        complete = self.world.complete
        found: list[str] = []
        for part in re.split(r"[,;]", complete.model.document.get(STRUCTURES, "")):
            said = part.strip()
            entity = _entity(said, complete)
            if said and not entity:
                what = f'"{shown(said)}" means none of the entities'
                self._complain(STRUCTURES, what, _identifier(said), complete.entities)
            elif entity and entity not in found:
                found.append(entity)
        return tuple(found)

    def _complain(self, variable: str, what: str, said: str, known: Iterable[str]) -> None:
        names = list(known)
        remedy = nearest(said, names) or (f"Known are {', '.join(names)}." if names else "Take the line out.")
        self.problems.append(Problem(self.world.complete.brief.place(("document", variable)), what, remedy))


def candidates(world: World, *, reads: bool) -> list[str]:
    """The operations of a kind that somebody calls; where nobody calls any, those of the system itself."""
    of_kind = [n for n, o in world.complete.operations.items() if o.reads == reads and n in world.programs]
    return [n for n in of_kind if world.programs[n].starts is Start.CALLER] or of_kind


def _busiest(world: World, *, reads: bool) -> str:
    """The busiest P0 operation of a kind, a read of several rows or a write that others are told of before others."""
    known = candidates(world, reads=reads)
    if not known:
        return ""
    first = [n for n in known if world.complete.priority(n) == "P0"] or known
    wanted = LISTS if reads else frozenset({Verb.PUBLISH})
    central = [n for n in first if any(s.verb in wanted for s, _ in world.programs[n].steps())]
    return max(central or first, key=lambda n: world.demand.of_operation("peak_qps", n))


def _identifier(text: str) -> str:
    return text.strip().lower().replace(" ", "_")


def _tokens(text: str) -> set[str]:
    return {t.rstrip("s") for t in re.split(r"[^a-z0-9]+", text.lower()) if len(t) > 2}


def _meant(said: str, known: list[str], complete: Complete) -> str:
    """The operation a title means: its own name, the words of its feature, or most words in common; else nothing."""
    normal = _identifier(said)
    by_name = {_identifier(n): n for n in complete.operations}
    if normal in by_name:
        return by_name[normal] if by_name[normal] in known else ""
    wanted = _tokens(said)

    def likeness(name: str) -> float:
        own = _tokens(name.replace("_", " ")) | _tokens(complete.operations[name].entity.replace("_", " "))
        of_features = [
            f
            for i, f in complete.model.features.items()
            if name in f.operations and normal in (i.lower(), _identifier(f.title or ""))
        ]
        place = 1 - known.index(name) / 100
        return len(wanted & own) + (2 if of_features else 0) + 0.01 * place

    best = max(known, key=likeness, default="")
    return best if best and likeness(best) >= LIKE_ENOUGH else ""


def _entity(said: str, complete: Complete) -> str:
    """The entity that some words mean: its own name, or most words in common; else nothing."""
    wanted = _tokens(said)
    own = {name: _tokens(name.replace("_", " ")) for name in complete.entities}
    exact = [n for n in own if _identifier(n) == _identifier(said)]
    best = max(own, key=lambda n: (len(wanted & own[n]), -len(own[n])), default="")
    if exact:
        return exact[0]
    return best if best and wanted & own[best] else ""

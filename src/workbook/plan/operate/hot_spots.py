"""The key that most of a write falls on: said by the brief as skew, or the largest group of rows, else our guess."""

from __future__ import annotations

from dataclasses import dataclass

from workbook.plan.fold.critical import changes, critical
from workbook.plan.form.model import Program
from workbook.plan.form.verbs import WRITES
from workbook.plan.passes.world import World

GUESS = 0.01
"""Share of the calls that fall on the hottest key where the brief says no skew (our assumption)."""


@dataclass(frozen=True, kw_only=True)
class HotSpot:
    """An operation, the field whose hottest value it hits, and how often."""

    operation: str
    structure: str
    key: str
    share: float
    per_second: float
    peak: float
    said: bool


def hot_spot(world: World) -> HotSpot | None:
    """The hottest key of the whole system; None where nothing is written."""
    writing = {n: p for n, p in world.programs.items() if changes(p) and world.load.peak_of(n) > 0}
    written = {n: t for n, p in writing.items() if (t := _target(p, world)) is not None}
    if not written:
        return None
    skewed = {n: s for n in written if (s := _skew(n, world)) > 0}
    if skewed:
        name = max(skewed, key=lambda n: skewed[n] * world.load.peak_of(n))
    else:
        preferred = critical(world, reads=False)
        name = preferred if preferred in written else max(written, key=world.load.peak_of)
    peak, share = world.load.peak_of(name), skewed.get(name, GUESS)
    structure, key = written[name]
    return HotSpot(
        operation=name,
        structure=structure,
        key=key,
        share=share,
        per_second=peak * share,
        peak=peak,
        said=name in skewed,
    )


def _skew(operation: str, world: World) -> float:
    said = world.complete.operations.get(operation)
    return said.skew.best if said is not None and said.skew else 0.0


def _target(program: Program, world: World) -> tuple[str, str] | None:
    """The structure that it writes first, and the field by which its rows lie together."""
    for step, _ in program.steps():
        structure = world.form.structures.get(step.target)
        if step.verb in WRITES and structure is not None and not structure.added_by and structure.key:
            return structure.id, _together(structure.id, world)
    return None


def _together(name: str, world: World) -> str:
    """The field that its rows are asked by: the first of an index of several, a reference, else the key."""
    structure = world.form.structures[name]
    if len(structure.key) > 1:
        return structure.key[0]
    asked = [f for a in world.accesses.get(name, ()) for f in a.equals if f != structure.key[0]]
    return asked[0] if asked else structure.key[0]

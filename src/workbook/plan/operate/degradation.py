"""What is left without each component: read off the hops that pass it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.shapes import Loss
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.fold.hops import Hop, HopKind
from workbook.plan.form.model import Form, GroupKind


class Effect(StrEnum):
    """What becomes of an operation when a component is away, the worst first."""

    STOPS = "stops"
    """Whoever asks gets 503."""
    LATER = "later"
    """Nobody waits: it is done when the component is back."""
    WITHOUT = "without"
    """It goes on without what the component would have given."""
    SLOWER = "slower"
    """It goes on another way."""


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A component, and what becomes of the operations that use it."""

    component: str
    kind: Kind
    effects: Mapping[Effect, tuple[str, ...]]


def absences(design: Design) -> tuple[Absence, ...]:
    """Every component but the callers."""
    made = []
    for component in design.components:
        if component.kind is Kind.CLIENT:
            continue
        found: dict[Effect, list[str]] = {e: [] for e in Effect}
        for operation, hops in design.hops.items():
            worst = _worst(hops, component.id, design.world.form)
            if worst is not None:
                found[worst].append(operation)
        effects = {e: tuple(names) for e, names in found.items() if names}
        if effects:
            made.append(Absence(component=component.id, kind=component.kind, effects=effects))
    return tuple(made)


def _worst(hops: tuple[Hop, ...], component: str, form: Form) -> Effect | None:
    found = {_effect(h, component, form) for h in hops if component in h.way}
    return next((e for e in Effect if e in found), None)


def _effect(hop: Hop, component: str, form: Form) -> Effect:
    if hop.kind is HopKind.LOOKED_UP and component == _copy(hop):
        return Effect.SLOWER
    if hop.kind is HopKind.OUTSIDE and any(g.kind in (GroupKind.TRY, GroupKind.UNKNOWN) for g in hop.around):
        return Effect.WITHOUT if hop.awaited else Effect.LATER
    if component == hop.target and _may_be_missed(hop, form):
        return Effect.WITHOUT
    return Effect.STOPS if hop.awaited else Effect.LATER


def _copy(hop: Hop) -> str:
    """Where the copy lies that a look-up asks first."""
    return hop.way[1] if len(hop.way) > 1 else ""


def _may_be_missed(hop: Hop, form: Form) -> bool:
    """Whether the hop only asks for what may be absent, or drops or fills what may be lost."""
    return all(_missed(s.target, s.verb, s.found is not None, form) for s in hop.steps) and bool(hop.steps)


def _missed(target: str, verb: Verb, may_be_absent: bool, form: Form) -> bool:
    structure = form.structures.get(target)
    if structure is None or structure.loss is not Loss.ALLOWED:
        return False
    is_copy = bool(structure.of)
    return is_copy or (verb is Verb.GET and may_be_absent)

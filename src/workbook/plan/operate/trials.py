"""What is tested before a launch: an attack on every promise, load, the loss of each part, a restore."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.form.keeping import Keeping
from workbook.plan.operate import recovery
from workbook.plan.operate.degradation import Effect, absences
from workbook.plan.operate.recovery import Backup
from workbook.plan.operate.roadmap import LOAD_FACTOR
from workbook.plan.sizing import Sizing


class Trying(StrEnum):
    """What is tried."""

    PROMISE = "promise"
    LOAD = "load"
    SURGE = "surge"
    ABSENCE = "absence"
    RESTORE = "restore"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Something to try, and what it is about."""

    trying: Trying
    about: str = ""
    keeping: Keeping | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    goes_on: tuple[str, ...] = ()
    """Operations that must not notice the absence, or be late only."""


TAKEN_AWAY = frozenset({Kind.MEMORY, Kind.BROKER, Kind.INTEGRATION, Kind.SEARCH, Kind.CDN})
"""Parts whose absence something outlives: of a database or service it is the standby that is tried, with a zone."""


def trials(design: Design, sizing: Sizing) -> tuple[Trial, ...]:
    """Everything to be tried, promises first."""
    return tuple(_trials(design, sizing))


def _trials(design: Design, sizing: Sizing) -> Iterator[Trial]:
    world = design.world
    for keeping in world.kept:
        yield Trial(trying=Trying.PROMISE, about=keeping.pledge.id, keeping=keeping)
    peak = world.demand.total("total_peak_qps")
    yield Trial(trying=Trying.LOAD, numbers={"rate": peak * LOAD_FACTOR, "peak": peak})
    surge = world.complete.model.load.surge
    if surge is not None:
        yield Trial(trying=Trying.SURGE, numbers={"rate": world.demand.total("total_surge_qps")})
    for absence in absences(design):
        stops = set(absence.effects.get(Effect.STOPS, ()))
        outlives = tuple(
            n for e, names in absence.effects.items() if e is not Effect.STOPS for n in names if n not in stops
        )
        if absence.kind in TAKEN_AWAY and outlives:
            yield Trial(trying=Trying.ABSENCE, about=absence.component, goes_on=outlives)
    for store in recovery.stores(design, sizing):
        if store.backup is Backup.SNAPSHOT and store.seconds:
            yield Trial(
                trying=Trying.RESTORE, about=store.store, numbers={"seconds": store.seconds, "bytes": store.bytes}
            )

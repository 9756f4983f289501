"""From a prototype to the years after: phases, what has to be brought over, and what may go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbook.plan.fold.design import Design
from workbook.plan.form.keeping import KeptBy
from workbook.plan.form.model import Open
from workbook.plan.operate import recovery, scaling
from workbook.plan.operate.recovery import Disaster
from workbook.plan.operate.scaling import Spread
from workbook.plan.operate.threats import Attack, threats
from workbook.plan.sizing import Sizing

MONTH = 30 * 86_400.0
PROTOTYPE_SHARE, MVP_SHARE = 0.2, 0.7
"""A fifth of the time to the launch tries what is uncertain; the last third hardens (our assumption)."""
LOAD_FACTOR = 1.3
"""The load test goes so far beyond the peak (our assumption: as far as the headroom reaches)."""


class Phase(StrEnum):
    """A stretch of the way."""

    PROTOTYPE = "prototype"
    MVP = "MVP"
    LAUNCH = "launch"
    AFTER = "after"


@dataclass(frozen=True)
class Stretch:
    """A phase with its last month."""

    phase: Phase
    until: int


def stretches(design: Design) -> tuple[Stretch, ...]:
    """The phases, by the launch that the brief says or leaves to the default."""
    said = design.world.complete.model.constraints.launch
    seconds = (said or design.world.complete.default("constraints.launch", "time")).best
    months = max(1, round(seconds / MONTH))
    prototype = max(1, round(months * PROTOTYPE_SHARE))
    mvp = min(months, max(prototype + 1, round(months * MVP_SHARE)))
    return (
        Stretch(Phase.PROTOTYPE, prototype),
        Stretch(Phase.MVP, mvp),
        Stretch(Phase.LAUNCH, months),
        Stretch(Phase.AFTER, 0),
    )


@dataclass(frozen=True)
class Brought:
    """Rows that are there when it opens."""

    entity: str
    rows: float
    bytes: float


def brought(design: Design) -> tuple[Brought, ...]:
    """What has to be brought over or made before it opens, the largest first: rows that the brief counts from the start."""
    demand, made = design.world.demand, []
    for name in design.world.complete.entities:
        rows = demand.of_entity("initial_rows", name)
        if rows > 0 and design.world.complete.kind(name) != "memory":
            made.append(Brought(name, rows, rows * demand.of_entity("row_bytes", name)))
    return tuple(sorted(made, key=lambda b: -b.bytes))


class Danger(StrEnum):
    """What may go wrong, found in the design itself."""

    PROMISE = "promise"
    REGION = "region"
    RESTORE = "restore"
    ZONE = "zone"
    MARK = "mark"
    ATTACK = "attack"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Risk:
    """A danger and what it is about."""

    danger: Danger
    about: str
    why: str = ""
    attack: Attack | None = None


def risks(design: Design, sizing: Sizing, unknown: tuple[Open, ...]) -> tuple[Risk, ...]:
    """What is not kept, not met, open or not known, in this order."""
    return tuple(_risks(design, sizing, unknown))


def _risks(design: Design, sizing: Sizing, unknown: tuple[Open, ...]) -> Iterator[Risk]:
    broken = [k for k in design.world.kept if k.by is KeptBy.NOTHING]
    for keeping in broken:
        yield Risk(danger=Danger.PROMISE, about=keeping.pledge.id, why=keeping.lacks)
    for outcome in recovery.disasters(design, sizing):
        if outcome.disaster is Disaster.REGION and not (outcome.rpo and outcome.rto):
            yield Risk(danger=Danger.REGION, about="")
    for store in recovery.stores(design, sizing):
        if not store.fits:
            yield Risk(danger=Danger.RESTORE, about=store.store)
    for loss in scaling.zone_losses(design, sizing):
        if loss.busy > 1 or (not loss.left and loss.spread is not Spread.OFFERED):
            yield Risk(danger=Danger.ZONE, about=loss.component)
    for mark in sizing.thresholds:
        if mark.month == 0:
            yield Risk(danger=Danger.MARK, about=mark.component, why=mark.mark.value)
    for threat in threats(design, sizing):
        if threat.open:
            yield Risk(danger=Danger.ATTACK, about=", ".join(threat.open), attack=threat.attack)
    said = {f"promises.{k.pledge.id}" for k in broken}
    for one in unknown:
        if one.about not in said:
            yield Risk(danger=Danger.UNKNOWN, about=one.about, why=one.why)

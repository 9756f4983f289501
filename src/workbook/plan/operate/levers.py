"""What would make it cheaper, by how much, and which requirements cost most. Other choices are sized again, not estimated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.capacity import SECONDS_A_MONTH
from workbook.plan.fold.components import Kind
from workbook.plan.fold.design import Design
from workbook.plan.passes import asked
from workbook.plan.passes.model import Option, ability
from workbook.plan.passes.world import OBJECTS, World
from workbook.plan.sizing import Sizing, size
from workbook.plan.sizing.model import Item
from workbook.plan.sizing.prices import tariff
from workbook.plan.sizing.tiers import FOUR_NINES

RESERVED = 0.37
"""What a commitment of one year saves on machines without payment in advance (our assumption within the published 25-40 %)."""
COMMITTED = (Item.COMPUTE, Item.DATABASE, Item.CACHE, Item.STREAM, Item.SEARCH)
COLD_SHARE = 0.7
"""Share of the bytes of files that nobody reads after a month (our assumption)."""
SHRINKS = 0.2
"""What recompression takes off files (our assumption)."""
SAMPLED = 0.02
"""Share of the good calls that is still logged in full."""
WORTH = 0.002
"""Share of the bill below which a lever is not worth its price (our assumption)."""


class Means(StrEnum):
    """A way to pay less."""

    COMMIT = "Commit for a year"
    NIGHT = "Scale in when it is quiet"
    COLD = "Colder storage"
    SHRINK = "Smaller files"
    CHOICE = "Another choice"
    LOGS = "Fewer logs"


@dataclass(frozen=True, kw_only=True)
class Lever:
    """A way to pay less, with what it saves a month."""

    means: Means
    usd: float
    about: str = ""
    """The decision, for another choice."""
    option: str = ""
    base: float = 0.0
    """Dollars that it applies to."""
    share: float = 0.0


def of(sizing: Sizing, *items: Item) -> float:
    """Dollars of lines of the bill."""
    return sum(c.monthly_usd for c in sizing.costs if c.id in items)


def levers(design: Design, sizing: Sizing) -> tuple[Lever, ...]:
    """Every way that saves something, the largest first."""
    found = [
        *_commit(sizing),
        *_night(design, sizing),
        *_files(design, sizing),
        *_choices(design, sizing),
        *_logs(design, sizing),
    ]
    least = sizing.monthly_usd * WORTH
    return tuple(sorted((x for x in found if x.usd > least), key=lambda x: -x.usd))


def _commit(sizing: Sizing) -> Iterator[Lever]:
    base = of(sizing, *COMMITTED)
    yield Lever(means=Means.COMMIT, usd=base * RESERVED, base=base, share=RESERVED)


def _night(design: Design, sizing: Sizing) -> Iterator[Lever]:
    """Services at what they need on average, but not below their least."""
    demand = design.world.demand
    calm = demand.total("total_average_qps") / max(demand.total("total_peak_qps"), 1e-9)
    saved = 0.0
    for tier in sizing.tiers.values():
        if tier.kind is Kind.SERVICE and tier.nodes:
            need = max(tier.least, tier.fleet.nodes * calm)
            saved += tier.monthly_usd * (1 - need / tier.fleet.nodes)
    yield Lever(means=Means.NIGHT, usd=saved, base=of(sizing, Item.COMPUTE), share=calm)


def _files(design: Design, sizing: Sizing) -> Iterator[Lever]:
    stored, out = of(sizing, Item.OBJECTS), of(sizing, Item.CDN)
    complete = design.world.complete
    if not design.world.of_shape(Shape.OBJECT):
        return
    try:
        cold, warm = tariff("object_storage_cold", complete).first, tariff("object_storage", complete).first
    except KeyError:
        cold = warm = 0.0
    if warm > cold > 0:
        yield Lever(means=Means.COLD, usd=stored * COLD_SHARE * (1 - cold / warm), base=stored, share=COLD_SHARE)
    yield Lever(means=Means.SHRINK, usd=(stored + out) * SHRINKS, base=stored + out, share=SHRINKS)


SIZED_AGAIN = ("language", "regions")
"""Choices that change machines and nothing that is built: sizing them again is exact."""


def _choices(design: Design, sizing: Sizing) -> Iterator[Lever]:
    """The cheapest of the options that meet every limit."""
    for name in SIZED_AGAIN:
        decided = design.world.decided.get(name)
        if decided is None:
            continue
        costs = {
            j.option.id: with_option(design, name, j.option)
            for j in decided.judged
            if not j.excuses and j.option.id != decided.chosen.id
        }
        if costs:
            best = min(costs, key=lambda option: costs[option])
            saved = sizing.monthly_usd - costs[best]
            yield Lever(
                means=Means.CHOICE, usd=saved, about=name, option=decided.of(best).option.name, base=costs[best]
            )


def with_option(design: Design, decision: str, option: Option) -> float:
    """The bill of a month with another option of a choice that rewrites nothing."""
    world = design.world
    decided = replace(world.decided[decision], chosen=option)
    other = Design(replace(world, decided={**world.decided, decision: decided}, memo={}))
    return size(other).monthly_usd


def _logs(design: Design, sizing: Sizing) -> Iterator[Lever]:
    complete = design.world.complete
    share, line = complete.default("sizing.log_share", "share").best, complete.default("sizing.log_bytes", "size").best
    average = design.world.demand.total("total_calls_per_day") / 86_400
    price = tariff("logs_ingest_gb", complete)
    now = price.cost(average * SECONDS_A_MONTH * share * line / 1e9)
    then = price.cost(average * SECONDS_A_MONTH * min(SAMPLED, share) * line / 1e9)
    yield Lever(means=Means.LOGS, usd=now - then, base=now, share=SAMPLED)


# Requirements ---------------------------------------------------------------------------------------------------------


class Asked(StrEnum):
    """A requirement that costs."""

    AVAILABILITY = "availability"
    HEADROOM = "headroom"
    RETENTION = "retention"
    REGIONS = "regions"
    PEAK = "peak"


@dataclass(frozen=True, kw_only=True)
class Dear:
    """A requirement with what it costs a month."""

    asked: Asked
    usd: float
    about: str = ""
    numbers: dict[str, float] = field(default_factory=dict)


def dear(design: Design, sizing: Sizing) -> tuple[Dear, ...]:
    """The requirements that cost most, the dearest first."""
    found = [
        *_available(design, sizing),
        *_headroom(design, sizing),
        *_retained(design, sizing),
        *_regions(design, sizing),
    ]
    return tuple(sorted((d for d in found if d.usd > 0), key=lambda d: -d.usd))


def _available(design: Design, sizing: Sizing) -> Iterator[Dear]:
    """Four nines take a third copy; three take two."""
    said = design.world.complete.quality("availability").best
    if said >= FOUR_NINES:
        copies = asked.copies(design.world)
        usd = of(sizing, Item.DATABASE) / copies
        yield Dear(asked=Asked.AVAILABILITY, usd=usd, numbers={"said": said, "copies": copies})


def _headroom(design: Design, sizing: Sizing) -> Iterator[Dear]:
    """The share of every fleet that is kept free, where load and not the least number sets it."""
    headroom, usd = design.world.headroom, 0.0
    for tier in sizing.tiers.values():
        binding = tier.fleet.binding
        if binding is not None and binding.nodes > 1:
            usd += tier.monthly_usd * headroom
    yield Dear(asked=Asked.HEADROOM, usd=usd, numbers={"said": headroom})


def _retained(design: Design, sizing: Sizing) -> Iterator[Dear]:
    """What is kept longest costs its storage; half as long, half of it."""
    demand, world = design.world.demand, design.world
    entities = [e for e in world.complete.entities if world.complete.kind(e) != "memory"]
    if not entities:
        return
    longest = max(entities, key=lambda e: demand.of_entity("bytes_retained", e))
    structure, home = world.form.structures.get(longest), world.home(longest)
    files = structure is not None and structure.shape is Shape.OBJECT and OBJECTS in world.stores
    place = home.id if home is not None else ""
    tier = sizing.tiers.get(OBJECTS if files else place)
    stored = tier.fleet.storage_usd * tier.multiplier if tier is not None else 0.0
    days = min(demand.of_entity("kept", longest), demand.total("horizon"))
    kept = demand.of_entity("bytes_retained", longest)
    yield Dear(asked=Asked.RETENTION, usd=stored / 2, about=longest, numbers={"days": days, "bytes": kept})


def _regions(design: Design, sizing: Sizing) -> Iterator[Dear]:
    factor = ability(design.world.chosen("regions"), "cost_factor") or 1.0
    if factor > 1:
        usd = sum(t.monthly_usd for t in sizing.tiers.values()) * (1 - 1 / factor)
        yield Dear(asked=Asked.REGIONS, usd=usd, numbers={"factor": factor})


def reads_spared(world: World) -> float:
    """Look-ups a second at peak that copies in memory answer."""
    total = 0.0
    for i, run in enumerate(world.load.steps):
        structure = world.form.structures.get(run.step.target)
        if structure is not None and structure.of and run.step.verb is Verb.GET:
            total += float(world.load.peak["rows"][i, 0])
    return total

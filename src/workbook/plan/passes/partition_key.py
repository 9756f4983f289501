"""How is a context's data split over nodes, and by what key?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.plan import capacity
from workbook.plan.form.model import Structure
from workbook.plan.passes import asked, resting
from workbook.plan.passes.fit import simplicity
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, bound, lacks
from workbook.plan.passes.options import patterns
from workbook.plan.passes.world import World, remembered
from workbook.plan.texts import bytes_text
from workbook.prose import say

TIMED_BYTES = 100e9
"""Below this a year, rows that are over are simply removed (our assumption: a night's work of one node)."""
PARTITION_BYTES = 50e6
"""Above this a partition takes a time bucket into its key (our assumption; the usual advice is 100 MB)."""


class PartitionKey(Pass):
    """Weighs even spread, ordered reads and locality."""

    id = "partition_key"
    phase = Phase.LAYOUT
    several = True
    title = "Partitioning"
    question = "How is the data split over nodes, and by what key?"

    def subjects(self, world: World) -> Iterable[str]:
        return [d.subject for d in world.decided.values() if d.decision == "database"]

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return patterns("partitioning", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        parts, chosen = _parts(world, subject), world.chosen("database", subject)
        spreads = any(ability(chosen, a) for a in ("leaderless", "automatic_sharding", "elastic"))
        if not ability(option, "parts"):
            yield bound("parts in which it can be kept", 1.0, float(2 if spreads else parts))
        elif parts <= 1 and not spreads and not ability(option, "within_node"):
            yield lacks("one node holds it, so there is nothing to split", False)
        if ability(option, "bounds_partitions"):
            name, size = hottest(world, subject)
            yield lacks(
                f"no key gathers {bytes_text(PARTITION_BYTES)} of rows; the largest, of {name}, has {bytes_text(size)}",
                size > PARTITION_BYTES,
            )
            splits = ability(chosen, "automatic_sharding") and not ability(chosen, "leaderless")
            yield lacks("it splits by itself what has grown large", not splits)
        if ability(option, "by_region"):
            yield bound("regions to split by", float(len(world.complete.model.constraints.regions)), 2.0)
        if ability(option, "by_time"):
            yield lacks("parts by time are not built here yet: rows that are over are removed one by one", False)
            yield lacks("rows are placed by key: every new row would go to the node of today", not spreads)
            yield lacks("no row is kept by time", _timed(world, subject))
            added = asked.contexts(world)[subject].bytes_year
            yield bound("bytes a year from which dropping a part beats removing rows", added, TIMED_BYTES, " B")

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"even spread": 0.4, "pages in order": 0.3, "simplicity": 0.3}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        context = asked.contexts(world)[subject]
        paged = min(1.0, context.ranges / max(context.ranges + context.points, 1e-9) * 1.5)
        technology = world.decided[f"database.{subject}"].technology
        sorted_within = technology.model in ("wide_column", "key_value")
        ordered = 1.0 if sorted_within and ability(option, "parts") else ability(option, "range_reads")
        name, size = hottest(world, subject)
        return {
            "even spread": Score(
                ability(option, "spreads"), say(f"the hottest key of {name} gathers {bytes_text(size)}")
            ),
            "pages in order": Score(1 - paged * (1 - ordered), say(f"{paged:.0%} of the reads are pages")),
            "simplicity": simplicity(world, option.complexity),
        }


@remembered
def _parts(world: World, subject: str) -> int:
    """The nodes or shards that the chosen database takes."""
    load = asked.of_database(asked.contexts(world)[subject], world)
    fleet = capacity.database(load, world.decided[f"database.{subject}"].technology)
    return fleet.nodes if fleet.ring else fleet.shards


@remembered
def hottest(world: World, subject: str) -> tuple[str, float]:
    """The structure whose largest group of rows under one key is the largest of its context, and the bytes of that group."""
    found = [(group_bytes(world, world.form.structures[n]), n) for n in asked.contexts(world)[subject].structures]
    size, name = max(found, default=(0.0, subject))
    return name.replace("_", " "), size


def group_bytes(world: World, structure: Structure) -> float:
    """Bytes that gather under the hottest first key in the time rows are kept: said by `per`, by the skew of calls, or the mean."""
    if len(structure.key) < 2:
        return 0.0
    first = structure.key[0]
    measures = world.load.measures
    rows = measures.rows(structure.id)
    members = measures.members(structure, first)
    mean = float(rows[0] / max(members[0], 1.0)) if members[0] > 0 else 0.0
    most = structure.largest[first].best if first in structure.largest else mean
    skewed = [float(o.skew.best) for o in world.complete.operations.values() if o.skew and o.entity == structure.id]
    inflow = world.load.inflow.get(structure.id)
    if skewed and inflow is not None:
        most = max(most, max(skewed) * float(inflow[0]) * float(measures.kept_days(structure)[0]))
    return most * resting.row_bytes(structure, world)


def _timed(world: World, subject: str) -> bool:
    return any(
        world.form.structures[n].retention is not None or world.form.structures[n].kind in ("event", "series")
        for n in asked.contexts(world)[subject].structures
    )

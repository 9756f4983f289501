"""What rests in a structure: rows and bytes, at the horizon and after so many days."""

from __future__ import annotations

from workbook.brief.shapes import Shape
from workbook.plan.form.model import Structure
from workbook.plan.passes.world import World

OBJECT_ROW_BYTES = 200.0
"""What the database keeps of a file: its key, size, type and checksum (our assumption)."""
RETAINED_DAYS = 7.0
"""How long events are kept where the topic does not say (our assumption)."""
DAY = 86_400.0
"""Seconds."""


def row_bytes(structure: Structure, world: World) -> float:
    """Bytes of one row; of a file what the database keeps of it."""
    if structure.shape is Shape.OBJECT:
        return OBJECT_ROW_BYTES + sum(t.bytes for t in structure.fields.values() if t.kind != "blob")
    if structure.entity:
        said = world.demand.of_entity("row_bytes", structure.entity) / world.demand.of_entity(
            "compression", structure.entity
        )
        added = [
            t.bytes for n, t in structure.fields.items() if n not in world.complete.entities[structure.entity].fields
        ]
        return said + sum(added)
    return sum(t.bytes for t in structure.fields.values())


def resting_rows(world: World, name: str) -> float:
    """Rows that rest in a structure at the end of the horizon; of a topic the events that are kept."""
    topic = world.form.topics.get(name)
    if topic is None:
        return world.load.rows(name)
    kept = topic.retention.best if topic.retention else RETAINED_DAYS * DAY
    return world.load.of_structure("rows_written", name, average=True) * kept


def resting_bytes(world: World, name: str) -> float:
    """Bytes of one copy of a structure at the end of the horizon, without indexes."""
    return world.load.rows(name) * row_bytes(world.form.structures[name], world)


def rows_after(structure: Structure, world: World, days: float) -> float:
    """Rows that rest after so many days."""
    if structure.entity and world.demand.of_entity("rows_retained", structure.entity):
        demand, entity = world.demand, structure.entity
        kept = min(days, demand.of_entity("kept", entity))
        return demand.of_entity("initial_rows", entity) + demand.of_entity("rows_per_day", entity) * kept
    if structure.count is not None or structure.shape is Shape.SEARCH:
        return world.load.rows(structure.id)
    inflow = world.load.inflow.get(structure.id)
    life = float(world.load.measures.kept_days(structure)[0])
    return float(inflow[0]) * min(days, life) if inflow is not None else 0.0


def bytes_after(structure: Structure, world: World, days: float) -> float:
    """Bytes of one copy after so many days, indexes included."""
    overhead = 1 + world.complete.default("sizing.index_overhead", "share").best
    return rows_after(structure, world, days) * row_bytes(structure, world) * overhead

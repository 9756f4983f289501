"""The load of each context before any decision: demand given to the entities' owners."""

from __future__ import annotations

from workbook.brief.model import Operation
from workbook.brief.quantities import YEAR_DAYS
from workbook.plan.complete import Complete
from workbook.plan.decisions.base import ContextLoad
from workbook.plan.demand import Demand

OBJECT_ROW_BYTES = 200.0
"""What the database keeps of a file: its key, size, type and checksum (our assumption)."""


def access(operation: Operation, complete: Complete) -> str:
    """How an operation finds its rows: point, range, search, aggregate, or write."""
    if not operation.reads:
        return "write"
    if operation.verb in ("list", "stream", "subscribe"):
        return "range"
    if operation.verb in ("search", "aggregate"):
        return operation.verb
    return "point"


def loads(complete: Complete, demand: Demand) -> dict[str, ContextLoad]:
    """Every context with what it asks of its store. Entities of kind memory ask nothing of it; of files only the row counts."""
    names: dict[str, list[str]] = {}
    for entity, context in complete.contexts.items():
        names.setdefault(context, []).append(entity)
    return {context: _load(context, tuple(entities), complete, demand) for context, entities in names.items()}


def _load(context: str, entities: tuple[str, ...], complete: Complete, demand: Demand) -> ContextLoad:
    overhead = 1 + complete.default("sizing.index_overhead", "share").best
    stored = [e for e in entities if complete.kind(e) != "memory"]
    operations = {n: o for n, o in complete.operations.items() if o.entity in stored}
    by_access = dict.fromkeys(("point", "range", "search", "aggregate"), 0.0)
    average_reads = writes = average_writes = 0.0
    for name, operation in operations.items():
        peak, average = demand.of_operation("peak_qps", name), demand.of_operation("average_qps", name)
        kind = access(operation, complete)
        if kind == "write":
            rows = (
                1.0 if operation.verb not in ("create", "upload", "update") else _items(name, demand, operation.entity)
            )
            writes, average_writes = writes + peak * rows, average_writes + average * rows
        else:
            by_access[kind] += peak
            average_reads += average
    for name, operation in complete.operations.items():
        for entity in operation.creates:
            if entity in stored:
                rows = float(demand.inputs.arrays["rows_per_call"][demand.row[name], demand.column[entity], 0])
                rows -= _own_rows(name, entity, operation, demand)
                writes += demand.of_operation("peak_qps", name) * rows
                average_writes += demand.of_operation("average_qps", name) * rows
    year = sum(_bytes(e, min(YEAR_DAYS, demand.of_entity("kept", e)), complete, demand) for e in stored)
    end = sum(_bytes(e, demand.of_entity("kept", e), complete, demand) for e in stored)
    rows_kept = sum(demand.of_entity("rows_retained", e) for e in stored)
    objects = sum(demand.of_entity("bytes_retained", e) for e in stored if complete.kind(e) == "object")
    row_sizes = [_row(e, complete, demand) for e in stored]
    return ContextLoad(
        context,
        tuple(stored),
        sum(by_access.values()),
        writes,
        average_reads,
        average_writes,
        year * overhead,
        end * overhead,
        objects,
        max(row_sizes, default=0.0),
        rows_kept,
        by_access["point"],
        by_access["range"],
        by_access["search"],
        by_access["aggregate"],
        any(f.kind == "geo" for e in stored for f in complete.entities[e].fields.values()),
        any(complete.consistency(e) == "strong" for e in stored),
        any(complete.consistency(e) == "strong" for e in stored) and _several_rows(stored, complete),
        bool(stored) and all(complete.kind(e) in ("event", "series", "edge", "counter") for e in stored),
        frozenset(complete.entities[e].sensitive or "" for e in stored) - {""},
        max((o.skew.best for o in operations.values() if o.skew), default=0.0),
    )


def _items(operation: str, demand: Demand, entity: str) -> float:
    sent = float(demand.inputs.arrays["rows_sent_per_call"][demand.row[operation], demand.column[entity], 0])
    return max(1.0, sent)


def _own_rows(name: str, entity: str, operation: Operation, demand: Demand) -> float:
    """Rows of the operation's own entity, which are counted with its items."""
    return (
        _items(name, demand, entity) if operation.entity == entity and operation.verb in ("create", "upload") else 0.0
    )


def _row(entity: str, complete: Complete, demand: Demand) -> float:
    size = demand.of_entity("row_bytes", entity) / demand.of_entity("compression", entity)
    return min(size, OBJECT_ROW_BYTES) if complete.kind(entity) == "object" else size


def _bytes(entity: str, days: float, complete: Complete, demand: Demand) -> float:
    rows = demand.of_entity("initial_rows", entity) + demand.of_entity("rows_per_day", entity) * days
    return rows * _row(entity, complete, demand)


def _several_rows(entities: list[str], complete: Complete) -> bool:
    """Whether one operation changes several rows that must agree."""
    strong = {e for e in entities if complete.consistency(e) == "strong"}
    for operation in complete.operations.values():
        touched = {operation.entity, *operation.creates}
        items = operation.items is not None and operation.verb in ("create", "update")
        if not operation.reads and touched & strong and (len(touched) > 1 or items):
            return True
    return any(len(complete.entities[e].key) > 1 or complete.entities[e].sensitive == "payment" for e in strong)

"""What a capability may ask of a feature: numbers over its operations and entities, and the names it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbook.document import words as w
from workbook.plan import Plan

_VERBS = {
    "creates": "create",
    "uploads": "upload",
    "updates": "update",
    "deletes": "delete",
    "notifies": "notify",
    "computes": "compute",
    "reads": "read",
    "lists": "list",
    "searches": "search",
    "downloads": "download",
    "streams": "stream",
    "subscribes": "subscribe",
    "aggregates": "aggregate",
}
_KINDS = {
    "objects": "object",
    "edges": "edge",
    "counters": "counter",
    "series": "series",
    "events": "event",
    "in_memory": "memory",
}


def feature_measures(
    plan: Plan, feature: str, operations: tuple[str, ...], title: str, names: Mapping[str, str]
) -> tuple[dict[str, float], dict[str, Any]]:
    """The measures of a feature, and the names for texts (measures formatted among them; what does not apply reads as a dash)."""
    complete, demand = plan.complete, plan.demand
    own = {n: complete.operations[n] for n in operations if n in complete.operations}
    entities = list(dict.fromkeys([o.entity for o in own.values()] + [e for o in own.values() for e in o.creates]))
    measures: dict[str, float] = {m: float(sum(o.verb == v for o in own.values())) for m, v in _VERBS.items()}
    measures |= {m: float(sum(complete.kind(e) == k for e in entities)) for m, k in _KINDS.items()}
    kinds = [f.kind for e in entities for f in complete.entities[e].fields.values()]
    measures["geo"], measures["codes"] = float(kinds.count("geo")), float(kinds.count("code"))
    peak = {n: demand.of_operation("peak_qps", n) for n in own}
    writes = [n for n, o in own.items() if not o.reads]
    reads = [n for n, o in own.items() if o.reads]
    measures["peak_writes"], measures["peak_reads"] = sum(peak[n] for n in writes), sum(peak[n] for n in reads)
    average = {n: demand.of_operation("average_qps", n) for n in own}
    if sum(average[n] for n in writes) > 0:
        measures["reads_per_write"] = sum(average[n] for n in reads) / sum(average[n] for n in writes)
    fanning = [(n, o.fan_out) for n, o in own.items() if o.fan_out]
    if fanning:
        measures["fan_out"] = max(demand.of_operation("fan_out", n) for n, _ in fanning)
        measures["fan_out_high"] = max(
            measures["fan_out"], *(max(p.amount.high for p in product) for _, product in fanning)
        )
    measures["deliveries"] = sum(demand.of_operation("deliveries_per_second", n) for n in own)
    files = [e for e in entities if complete.kind(e) == "object"]
    rows = [e for e in entities if e not in files]
    if rows:
        measures["row_bytes"] = max(demand.of_entity("row_bytes", e) for e in rows)
    if files:
        measures["item_bytes"] = max(demand.of_entity("row_bytes", e) for e in files)
    measures["rows"] = max((demand.of_entity("rows_retained", e) for e in entities), default=0.0)
    measures["strong"] = float(any(complete.consistency(e) == "strong" for e in entities))
    contexts = {complete.contexts[e] for e in entities}
    measures["transactional"] = float(
        any(plan.world.contexts[c].transactions for c in contexts if c in plan.world.contexts)
    )
    measures["idempotent"] = float(sum(bool(o.idempotent) for o in own.values()))
    measures["asynchronous"] = float(sum(o.mode == "async" for o in own.values()))
    if any(o.skew for o in own.values()):
        measures["skew"] = max(o.skew.best for o in own.values() if o.skew)
    measures["connections"] = demand.total("concurrent_connections")
    measures["p99_ms"] = min(
        (complete.latency(n).best * 1000 for n in own), default=complete.quality("p99").best * 1000
    )
    kept = [demand.of_entity("retention", e) for e in entities if demand.of_entity("retention", e) < 1e6]
    if kept and len(kept) == len(entities):
        measures["retention_days"] = max(kept)
    marked = {complete.entities[e].sensitive for e in entities} - {None}
    measures["sensitive"] = float(bool(marked))
    measures |= {m: float(m in marked) for m in ("health", "payment", "secret")}
    called = [i for i, v in complete.model.integrations.items() if set(v.operations) & set(own)]
    measures["external"] = float(len(called))
    if complete.model.load.surge or any(o.surge for o in own.values()):
        measures["surge"] = (
            max(float(demand.inputs.arrays["surge_factor"][demand.row[n], 0]) for n in own) if own else 1.0
        )
    measures["team"], measures["compliance"] = float(complete.team_size), float(len(complete.model.quality.compliance))
    busiest_write = max(writes, key=lambda n: peak[n], default="")
    busiest_read = max(reads, key=lambda n: peak[n], default="")
    main = own[busiest_write or busiest_read].entity if own else ""
    table = next(iter(plan.design.tables_of(main)), None)
    topic = next((t for t in plan.design.topics if t.operation in own or t.entity == main), None)
    shown = dict.fromkeys(
        (
            *_VERBS,
            *_KINDS,
            "fan_out",
            "fan_out_high",
            "reads_per_write",
            "row_bytes",
            "item_bytes",
            "retention_days",
            "surge",
            "skew",
        ),
        "–",
    ) | {m: _shown(m, v) for m, v in measures.items()}
    if files and not rows and table:
        shown["row_bytes"] = w.size(sum(c.bytes for c in table.columns))
    key = (
        (table.partition or next((q.equals for q in table.queries if q.access == "range"), ()) or table.key)
        if table
        else ()
    )
    texts: dict[str, Any] = {
        **shown,
        **names,
        "feature": title,
        "write": w.words(busiest_write or busiest_read),
        "read": w.words(busiest_read or busiest_write),
        "entity": w.words(main),
        "entity_id": main,
        "entities": w.listed(entities),
        "key": w.words(key[0]) if key else "the caller",
        "topic": topic.name if topic else "no topic",
        "integration": w.words(called[0]) if called else "the integration",
    }
    home = plan.design.store_of(complete.contexts[main]) if main else None
    if home:
        texts["database"] = home.name
    return measures, texts


def _shown(measure: str, value: float) -> str:
    if measure in ("row_bytes", "item_bytes"):
        return w.size(value)
    if measure == "skew":
        return w.percent(value)
    return w.count(value)

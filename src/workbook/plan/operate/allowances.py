"""How the latency target of an operation is shared out: what each awaited hop may take. An allowance, not a forecast."""

from __future__ import annotations

from collections.abc import Sequence

from workbook.plan.fold.design import Design
from workbook.plan.fold.hops import Hop, HopKind
from workbook.plan.form.model import GroupKind
from workbook.plan.passes.world import MEMORY

WEIGHTS = {
    HopKind.CALLED: 4.0,
    HopKind.READ: 4.0,
    HopKind.LOOKED_UP: 2.0,
    HopKind.WRITE: 5.0,
    HopKind.TOGETHER: 6.0,
    HopKind.PUBLISH: 2.0,
    HopKind.PUSH: 2.0,
    HopKind.WORK: 8.0,
    HopKind.ANSWER: 3.0,
}
"""What hops take in proportion to each other (our assumption, until latency is worked out from the work of each step)."""
IN_MEMORY = 0.25
"""The same in memory (our assumption)."""


def allowances(hops: Sequence[Hop], target: float, design: Design) -> tuple[float | None, ...]:
    """Seconds for each hop: calls of others what they say at p99, the rest in proportion. None where nobody waits."""
    said = [_said(h, design) if h.awaited else None for h in hops]
    weights = [_weight(h, design) if h.awaited and s is None else 0.0 for h, s in zip(hops, said, strict=True)]
    left = max(target - sum(s or 0.0 for s in said), 0.0)
    total = sum(weights) or 1.0
    made: list[float | None] = []
    for hop, own, weight in zip(hops, said, weights, strict=True):
        share = left * weight / total if own is None else own
        made.append(share if hop.awaited else None)
    return tuple(made)


def _said(hop: Hop, design: Design) -> float | None:
    """What another company's system takes, where the brief says it."""
    if hop.kind is not HopKind.OUTSIDE or any(g.kind in (GroupKind.REFUSED, GroupKind.UNKNOWN) for g in hop.around):
        return None
    integration, _, call = hop.steps[0].target.partition(".")
    form = design.world.form.integrations[integration]
    p99 = form.calls[call].p99 if call in form.calls else None
    return float(p99.best) if p99 else None


def _weight(hop: Hop, design: Design) -> float:
    store = design.world.stores.get(hop.target)
    lighter = IN_MEMORY if store is not None and store.role == MEMORY else 1.0
    return WEIGHTS.get(hop.kind, 4.0) * lighter

"""What saturates first, and what is done then."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbook.document import words as w
from workbook.document.page import Page
from workbook.plan.fold.components import Kind
from workbook.plan.fold.services import Role
from workbook.plan.passes import asked
from workbook.plan.sizing.model import Tier


def remedy(page: Page, tier: Tier) -> str:
    """What is done when a tier is full."""
    said = _SAYS.get(tier.kind)
    if said is not None:
        return said(page, tier)
    return f"grows with use: {w.listed([n for n, h in page.plan.world.homes.items() if h == tier.id], 3)}"


def _gateway(page: Page, tier: Tier) -> str:
    calls = w.rate(page.plan.demand.total("total_peak_qps"))
    return f"a further node takes more of the {calls}" if tier.nodes else f"the provider grows it with the {calls}"


def _service(page: Page, tier: Tier) -> str:
    service = next(s for s in page.plan.design.services if s.id == tier.id)
    bounds = f"{tier.least} to {tier.most} instances"
    if service.role is Role.WORKER:
        queued = [o for o in service.operations if page.programs[o].starts in ("event", "queue", "dead")]
        return f"scales out on lag, {bounds}; {w.listed(queued, 2)} are tried again, then put aside as dead"
    if service.role is Role.REALTIME:
        return f"scales out on connections, {bounds}; whoever is turned away connects elsewhere"
    last = [o for o in service.operations if page.asked(o) and page.priority(o) != "P0"]
    shed = f"; sheds {w.listed(last, 2)} first, with 503 and Retry-After" if last else ""
    return f"scales out on calls a second, {bounds}{shed}"


def _memory(page: Page, tier: Tier) -> str:
    copied = [s.id for s in page.structures.values() if s.of and page.plan.world.homes.get(s.id) == "cache"]
    held = [n for n, h in page.plan.world.homes.items() if h == "cache" and n not in copied]
    behind = sum(page.plan.world.load.of_structure("lookups", n) for n in copied)
    parts = []
    if copied:
        parts.append(f"without it {w.listed(copied, 2)} cost the database {w.rate(behind)} more")
    if held:
        parts.append(f"{w.listed(held, 2)} fill again as clients come back")
    return "; ".join(parts) or "it fills again"


def _broker(page: Page, tier: Tier) -> str:
    inside = [t for t in page.plan.design.topics if t.inside]
    kept = "producers keep events in their outbox" if inside else "producers answer 503 rather than lose events"
    return f"{kept}; consumers go on from their position"


def _database(page: Page, tier: Tier) -> str:
    if tier.fleet.ring:
        return "a further node takes its share of the ring"
    contexts = asked.contexts(page.plan.world)
    store = page.plan.world.stores[tier.id]
    reads = sum(contexts[c].reads for c in store.contexts if c in contexts)
    writes = sum(contexts[c].writes for c in store.contexts if c in contexts)
    first = "a larger machine" if tier.fleet.shards <= 1 else f"more leaders than {tier.fleet.shards}"
    then = "read replicas" if reads > writes else "a split by key"
    return f"a standby takes over when it fails; when it is full {first}, then {then}"


_SAYS: Mapping[Kind, Callable[[Page, Tier], str]] = {
    Kind.GATEWAY: _gateway,
    Kind.SERVICE: _service,
    Kind.MEMORY: _memory,
    Kind.BROKER: _broker,
    Kind.DATABASE: _database,
}

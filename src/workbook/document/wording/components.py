"""Boxes and arrows in words: what each is for, why it is there, what goes along an arrow."""

from __future__ import annotations

from workbook.document import words as w
from workbook.document.page import Page
from workbook.document.wording import choices
from workbook.plan.fold.components import Call, Component, Kind
from workbook.plan.fold.hops import CDN, GATEWAY, HopKind
from workbook.plan.fold.services import Role, Service, connections
from workbook.plan.operate.threats import limited_by
from workbook.plan.passes.model import Decided
from workbook.plan.passes.world import MEMORY, MESSAGING, OBJECTS, SEARCH

_DECISIONS = {
    Kind.CDN: CDN,
    Kind.GATEWAY: GATEWAY,
    Kind.MEMORY: MEMORY,
    Kind.BROKER: MESSAGING,
    Kind.OBJECTS: OBJECTS,
    Kind.SEARCH: SEARCH,
}
_DOES = {
    HopKind.CALLED: "calls",
    HopKind.TOLD: "next events",
    HopKind.READ: "reads",
    HopKind.WRITE: "writes",
    HopKind.TOGETHER: "transactions",
    HopKind.LOOKED_UP: "look-ups",
    HopKind.FILE: "files",
    HopKind.PUBLISH: "events",
    HopKind.PUSH: "pushes",
    HopKind.OUTSIDE: "requests",
    HopKind.WORK: "work",
}


def decision(page: Page, component: Component) -> Decided | None:
    """The choice that brought a component in."""
    found = page.plan.decisions
    if component.kind is Kind.DATABASE:
        return next((found[n] for c in component.contexts if (n := f"database.{c}") in found), None)
    return found.get(_DECISIONS.get(component.kind, ""))


def kept_in(page: Page, component: str) -> list[str]:
    """Structures and topics that rest in a store."""
    return [n for n, home in page.plan.world.homes.items() if home == component]


def purpose(page: Page, component: Component) -> str:
    """What it is for."""
    design, model = page.plan.design, page.plan.complete.model
    kept = w.listed(kept_in(page, component.id), 5)
    service = next((s for s in design.services if s.id == component.id), None)
    if service is not None:
        return _does(service)
    if component.kind is Kind.INTEGRATION:
        calls = w.listed(page.plan.world.form.integrations[component.integration].calls)
        return f"{calls}: run by somebody else" if calls else "run by somebody else"
    limits = " and limits" if limited_by(design) == GATEWAY else ""
    made = {
        Kind.CLIENT: f"apps and browsers of {w.listed(model.personas) or 'callers'}",
        Kind.CDN: f"delivers bytes of {w.listed(_files(page))} near those who ask",
        Kind.GATEWAY: f"ends TLS, checks tokens{limits}, spreads calls over {_reached(page)}",
        Kind.BROKER: f"carries {kept}",
        Kind.DATABASE: f"keeps {kept}",
        Kind.MEMORY: f"holds {kept}, which may be lost or made again",
        Kind.OBJECTS: f"keeps the bytes of {w.listed(_files(page))}",
        Kind.SEARCH: f"answers searches in {kept}",
    }
    return made.get(component.kind, "")


def _does(service: Service) -> str:
    done = w.listed(service.operations, 5)
    return {
        Role.API: f"answers {done}",
        Role.REALTIME: f"holds the connections that stay open, and does {done}",
        Role.WORKER: f"does what nobody waits for: {done}",
    }[service.role]


def _files(page: Page) -> list[str]:
    return [n for n, s in page.structures.items() if s.shape == "object"]


def _reached(page: Page) -> str:
    from_gateway = [c.target for c in page.plan.design.calls if c.source == GATEWAY]
    return ", ".join(page.title(t).lower() for t in from_gateway) or "the instances"


def why(page: Page, component: Component) -> str:
    """Why it is there."""
    plan = page.plan
    service = next((s for s in plan.design.services if s.id == component.id), None)
    if service is not None:
        calls = sum(plan.world.load.peak_of(o) for o in service.operations)
        opened = {o.starts.on for o in plan.world.form.operations.values() if o.starts.kind == "opens"}
        held = connections(plan.world, opened)
        return {
            Role.API: f"{w.rate(calls)} at peak; it holds no state, so instances come and go",
            Role.REALTIME: f"{w.count(held)} open connections scale by memory, not by calls",
            Role.WORKER: f"{w.rate(calls)} at peak need not keep callers waiting",
        }[service.role]
    decided = decision(page, component)
    if decided is not None:
        return choices.reason(decided)
    if component.kind is Kind.INTEGRATION:
        used = [o for c in plan.design.calls if c.target == component.id for o in c.operations]
        return f"{w.listed(used, 3)} cannot do without it" if used else "it calls us"
    return f"{w.count(plan.demand.total('total_calls_per_day'))} calls a day come from them"


def along(call: Call) -> str:
    """What goes along an arrow."""
    kinds = ", ".join(dict.fromkeys(_DOES[k] for k in HopKind if k in call.kinds and k in _DOES))
    return f"{kinds}: {w.listed(call.operations, 4)}"

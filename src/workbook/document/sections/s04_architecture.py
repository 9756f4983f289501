"""4 High-level architecture."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.catalog import loader
from workbook.document import words as w
from workbook.document.blocks import Block, Diagram, Edge, Node, Note, Step, Steps, Subsection, Table, Text
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.plan.design.model import Flow, Link

NUMBER = 4
TITLE = "High-level architecture"


def build(page: Page) -> Iterator[Subsection]:
    """Picture, components, flows, bottlenecks, the decision for the style."""
    yield _diagram(page)
    yield _components(page)
    yield _flows(page)
    yield _bottlenecks(page)
    yield _decision(page)


def _diagram(page: Page) -> Subsection:
    design = page.plan.design
    nodes = tuple(
        Node(
            id=c.id,
            label=c.name,
            sublabel=c.technology if c.technology != c.name else "",
            layer=c.layer,
            group=c.group,
            icon=c.icon,
        )
        for c in design.components
    )
    edges = tuple(
        Edge(source=x.source, target=x.target, label=_label(page, x), dashed=x.asynchronous) for x in design.links
    )
    style = page.plan.decisions["architecture_style"].chosen.name
    kinds = {r: sum(s.role == r for s in design.services) for r in ("api", "realtime", "worker")}
    stores = ", ".join(dict.fromkeys(s.name for s in design.stores if s.role in ("database", "object_store")))
    parts = [
        f"{n} {name}{'s' if n > 1 else ''}"
        for n, name in (
            (kinds["api"], "API service"),
            (kinds["realtime"], "gateway for open connections"),
            (kinds["worker"], "worker"),
        )
        if n
    ]
    path = f"{page.plan.complete.model.system} ({style.lower()}) consists of {', '.join(parts)} over {stores}."
    flow = next((f for f in design.flows if f.operation == design.critical_write), None)
    via = (
        f" On its way, {w.words(flow.operation)} passes {' → '.join(dict.fromkeys(_name(page, h.target) for h in flow.hops if h.target != 'client'))}."
        if flow
        else ""
    )
    return Subsection(
        id="4.1",
        title="Diagram",
        blocks=(
            Text(id="4.1.overview", paragraphs=(path + via,)),
            Diagram(
                id="4.1.diagram", title=f"Components of {page.plan.complete.model.system}", nodes=nodes, edges=edges
            ),
        ),
    )


def _label(page: Page, link: Link) -> str:
    """The protocol, unless it is the name of what stands at either end."""
    return "" if link.protocol in (_name(page, link.source), _name(page, link.target)) else link.protocol


def _components(page: Page) -> Subsection:
    design = page.plan.design
    rows = []
    for component in design.components:
        speaks = sorted({x.protocol for x in design.links if component.id in (x.source, x.target)})
        rows.append((component.name, component.role, component.technology, ", ".join(speaks) or "–", component.why))
    links = tuple(
        (_name(page, x.source), _name(page, x.target), x.protocol, x.purpose, "no" if x.asynchronous else "yes")
        for x in design.links
    )
    return Subsection(
        id="4.2",
        title="Components",
        blocks=(
            Table(
                id="4.2.components",
                columns=("Component", "Purpose", "Technology", "Protocols", "Why"),
                rows=tuple(rows),
            ),
            Table(
                id="4.2.links",
                title="Who calls whom",
                columns=("From", "To", "Protocol", "For", "Caller waits"),
                rows=links,
            ),
        ),
    )


def _name(page: Page, identifier: str) -> str:
    found = next((c for c in page.plan.design.components if c.id == identifier), None)
    return found.name if found else w.words(identifier)


def _late(flow: Flow, step: int) -> bool:
    """Whether the caller has its answer before that step."""
    return bool(flow.asynchronous_from) and step >= flow.asynchronous_from


def steps(page: Page, identifier: str, flow: Flow, title: str = "") -> Steps:
    """A flow as a block."""
    made = tuple(
        Step(
            source=_name(page, h.source),
            target=_name(page, h.target),
            action=h.action + (f", within {w.milliseconds(h.budget_ms)}" if _late(flow, i) and h.budget_ms else ""),
            protocol=h.protocol,
            budget_ms=None if _late(flow, i) else h.budget_ms,
            failure=h.failure,
            remedy=h.remedy,
        )
        for i, h in enumerate(flow.hops, start=1)
    )
    note = (
        f"From step {flow.asynchronous_from} ({flow.hops[flow.asynchronous_from - 1].action}) on the caller no longer waits; the total counts until then."
        if flow.asynchronous_from
        else ""
    )
    return Steps(id=identifier, title=title or flow.title, steps=made, target_ms=flow.target_ms, note=note)


def _flows(page: Page) -> Subsection:
    design = page.plan.design
    document = page.plan.complete.model.document
    blocks: list[Block] = []
    for kind, operation, variable, name in (
        ("write", design.primary_write, "PRIMARY_WRITE_OPERATION", "Write path"),
        ("read", design.primary_read, "PRIMARY_READ_OPERATION", "Read path"),
    ):
        flow = next((f for f in design.flows if f.operation == operation), None)
        if flow:
            called = document.get(variable, w.words(operation))
            title = f"{name}: {called}" + (
                f" ({w.words(operation)})"
                if called.lower().replace(" ", "_") != operation and called != w.words(operation)
                else ""
            )
            blocks.append(steps(page, f"4.3.{kind}", flow, title))
    live = next((f for f in design.flows if f.kind == "realtime"), None)
    if live:
        blocks.append(steps(page, "4.3.realtime", live, f"Real-time path: {live.title}"))
    else:
        fresh = w.duration(page.plan.complete.quality("staleness").best)
        read = w.words(design.critical_read)
        blocks.append(
            Note(
                id="4.3.realtime",
                title="Real-time path",
                text=f"Nobody subscribes: {read} is asked again, and what it shows is at most {fresh} old. A subscription would add a gateway for open connections here.",
            )
        )
    return Subsection(id="4.3", title="Flows", blocks=tuple(blocks))


def _bottlenecks(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for tier in plan.sizing.tiers.values():
        need = tier.fleet.binding
        if need is None:
            continue
        used = (
            need.nodes
            * (1 - plan.world.headroom)
            / max(1, tier.fleet.nodes if tier.kind in ("compute", "stream") or tier.fleet.ring else tier.fleet.shards)
        )
        rows.append(
            (
                tier.name,
                f"{tier.fleet.nodes} x {tier.fleet.instance}",
                need.what,
                w.percent(round(min(used, 1), 2)),
                _remedy(page, tier.id, tier.kind),
            )
        )
    hops = []
    for operation in (plan.design.critical_write, plan.design.critical_read):
        flow = next((f for f in plan.design.flows if f.operation == operation), None)
        hops += (
            [
                (w.words(operation), f"{_name(page, h.source)} → {_name(page, h.target)}", h.failure, h.remedy)
                for h in flow.hops
            ]
            if flow
            else []
        )
    return Subsection(
        id="4.4",
        title="Bottlenecks and resilience",
        blocks=(
            Table(
                id="4.4.bottlenecks",
                title="What saturates first",
                columns=("Component", "Size", "Dimension", "Used at peak", "Then"),
                align="<<<><",
                rows=tuple(rows),
            ),
            Table(
                id="4.4.hops",
                title="Each hop of the critical paths",
                columns=("Path", "Hop", "Failure", "Resilience"),
                rows=tuple(hops),
            ),
        ),
    )


def _remedy(page: Page, identifier: str, kind: str) -> str:
    plan = page.plan
    if kind == "compute":
        worker = next((s.role for s in plan.design.services if s.id == identifier), "api") == "worker"
        return (
            "scales out on lag; poison events go to the dead letters after five tries"
            if worker
            else "scales out on requests per second; sheds P1 before P0 with 503 and Retry-After"
        )
    if kind == "cache":
        return f"breaker opens at 50 % failures: reads go to the database at {w.rate(sum(c.points + c.ranges for c in plan.world.contexts.values()))}, P1 reads are shed"
    if kind == "stream":
        kept = any(s.technology.abilities.get("transactions") for s in plan.design.stores if s.role == "database")
        return f"{'producers keep events in the outbox' if kept else 'producers retry and refuse new calls (503) rather than lose events'}, consumers resume from their offset"
    if kind == "database":
        tier = plan.sizing.tiers[identifier]
        return (
            "a further node takes its share of the ring"
            if not tier.fleet.shards > 1 and tier.fleet.ring
            else f"standby takes over; then more leaders (now {tier.fleet.shards})"
        )
    return "grows with use"


def _decision(page: Page) -> Subsection:
    decided = page.plan.decisions["architecture_style"]
    rows = []
    for judged in decided.judged:
        pattern = loader.patterns()[judged.option.id]
        verdict = (
            "chosen"
            if judged.option.id == decided.chosen.id
            else (
                judged.excuses[0]
                if judged.excuses
                else f"{judged.total:.2f} against {decided.of(decided.chosen.id).total:.2f}"
            )
        )
        rows.append((pattern.name, pattern.use_when, "; ".join(pattern.pros[:2]), "; ".join(pattern.cons[:2]), verdict))
    return Subsection(
        id="4.5",
        title="Architecture decision",
        blocks=(
            Table(
                id="4.5.styles",
                title="Styles compared",
                columns=("Style", "When", "Pros", "Cons", "Verdict here"),
                rows=tuple(rows),
            ),
            matrix(page, "4.5.matrix", "architecture_style"),
            *((matrix(page, "4.5.fan_out", "fan_out"),) if "fan_out" in page.plan.decisions else ()),
            matrix(page, "4.5.api_style", "api_style"),
        ),
    )

"""4 High-level architecture."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Diagram, Edge, Node, Note, Subsection, Table, Text
from workbook.document.flows import flow
from workbook.document.matrices import matrix, ranked
from workbook.document.page import Page
from workbook.document.wording import components, resilience, steps
from workbook.plan.fold.components import Component, Kind
from workbook.plan.fold.services import HELD, Role
from workbook.plan.passes.world import DATABASE, OBJECTS

NUMBER = 4
TITLE = "High-level architecture"
_LAYERS = {
    Kind.CLIENT: 0,
    Kind.CDN: 1,
    Kind.GATEWAY: 2,
    Kind.SERVICE: 3,
    Kind.BROKER: 4,
    Kind.DATABASE: 5,
    Kind.MEMORY: 5,
    Kind.OBJECTS: 5,
    Kind.SEARCH: 5,
    Kind.INTEGRATION: 6,
}
_GROUPS = {Kind.SERVICE: "services", Kind.INTEGRATION: "outside"}
CLIENT_ICON = "onprem.client.Users"


def build(page: Page) -> Iterator[Subsection]:
    """Picture, components, flows, bottlenecks, the decision for the style."""
    yield _diagram(page)
    yield _components(page)
    yield _flows(page)
    yield _bottlenecks(page)
    yield _decision(page)


def _diagram(page: Page) -> Subsection:
    design = page.plan.design
    edges = tuple(
        Edge(source=c.source, target=c.target, label=_label(page, c.target), dashed=not c.awaited) for c in design.calls
    )
    diagram = Diagram(
        id="4.1.diagram",
        title=f"Components of {page.plan.complete.model.system}",
        nodes=tuple(_node(page, c) for c in design.components),
        edges=edges,
    )
    return Subsection(id="4.1", title="Diagram", blocks=(Text(id="4.1.overview", paragraphs=_overview(page)), diagram))


def _node(page: Page, component: Component) -> Node:
    technology, title = component.technology, page.title(component.id)
    icon = CLIENT_ICON if component.kind is Kind.CLIENT else ""
    return Node(
        id=component.id,
        label=title,
        sublabel=technology.name if technology is not None and technology.name not in title else "",
        layer=_LAYERS[component.kind],
        group=_GROUPS.get(component.kind, ""),
        icon=icon if technology is None else technology.icon,
    )


def _label(page: Page, target: str) -> str:
    """The protocol, unless it is the name of what stands there."""
    protocol = page.plan.design.protocols.get(target, "")
    return "" if protocol == page.title(target) else protocol


def _overview(page: Page) -> tuple[str, ...]:
    design = page.plan.design
    kinds = {r: sum(s.role is r for s in design.services) for r in Role}
    named = ((Role.API, "API service"), (Role.REALTIME, "gateway for open connections"), (Role.WORKER, "worker"))
    parts = ", ".join(f"{kinds[r]} {name}{'s' if kinds[r] > 1 else ''}" for r, name in named if kinds[r])
    stores = ", ".join(dict.fromkeys(s.technology.name for s in design.stores if s.role in (DATABASE, OBJECTS)))
    style = page.plan.decisions["architecture_style"].chosen.name.lower()
    over = f" over {stores}" if stores else ""
    said = f"{page.plan.complete.model.system} ({style}) consists of {parts or 'no service'}{over}."
    followed = design.critical_write or design.critical_read
    if followed:
        ways = [n for h in design.hops[followed] for n in h.way]
        passed = dict.fromkeys(page.title(n) for n in ways if n != "client")
        said += f" On its way, {w.words(followed)} passes {' → '.join(passed)}."
    return (said,)


def _components(page: Page) -> Subsection:
    design = page.plan.design
    rows = []
    for one in design.components:
        at = [c.target for c in design.calls if one.id in (c.source, c.target)]
        speaks = sorted({p for t in at if (p := design.protocols.get(t, ""))})
        technology = one.technology.name if one.technology is not None else "–"
        rows.append(
            (
                page.title(one.id),
                components.purpose(page, one),
                technology,
                ", ".join(speaks) or "–",
                components.why(page, one),
            )
        )
    links = tuple(
        (
            page.title(c.source),
            page.title(c.target),
            design.protocols.get(c.target, "–"),
            components.along(c),
            "yes" if c.awaited else "no",
        )
        for c in design.calls
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


def _flows(page: Page) -> Subsection:
    design = page.plan.design
    blocks: list[Block] = []
    for kind, operation, variable, name in (
        ("write", design.focus.primary_write, "PRIMARY_WRITE_OPERATION", "Write path"),
        ("read", design.focus.primary_read, "PRIMARY_READ_OPERATION", "Read path"),
    ):
        if operation:
            called = page.plan.complete.model.document.get(variable, w.words(operation))
            other = f" ({w.words(operation)})" if called.lower().replace("_", " ") != w.words(operation) else ""
            blocks.append(flow(page, f"4.3.{kind}", operation, f"{name}: {called}{other}"))
    blocks.append(_realtime(page))
    return Subsection(id="4.3", title="Flows", blocks=tuple(blocks))


def _realtime(page: Page) -> Block:
    """What pushes, else what opens a connection, else that nobody subscribes."""
    pushes = [n for n, p in page.programs.items() if any(s.verb == "push" for s, _ in p.steps())]
    held = [n for n, p in page.programs.items() if p.starts in HELD]
    if pushes or held:
        name = max(pushes or held, key=page.plan.world.load.peak_of)
        title = f"Real-time path: {w.words(name)}, which starts when {steps.start(page.programs[name])}"
        return flow(page, "4.3.realtime", name, title)
    fresh = w.duration(page.plan.complete.quality("staleness").best)
    read = w.words(page.plan.design.critical_read) or "the state"
    text = f"Nobody holds a connection: {read} is asked again, and what it shows is at most {fresh} old."
    return Note(id="4.3.realtime", title="Real-time path", text=text)


def _bottlenecks(page: Page) -> Subsection:
    plan = page.plan
    rows = [
        (
            page.title(tier.id),
            f"{tier.nodes} x {tier.fleet.instance}",
            need.what,
            w.percent(round(tier.used, 2)),
            resilience.remedy(page, tier),
        )
        for tier in plan.sizing.tiers.values()
        if (need := tier.fleet.binding) is not None
    ]
    hops = [
        (
            w.words(operation),
            f"{page.title(h.source)} → {page.title(h.target)}",
            steps.failure(h, dict(plan.design.titles)),
            steps.remedy(h, page.programs[operation], plan.world.form, operation in page.repeatable),
        )
        for operation in (plan.design.critical_write, plan.design.critical_read)
        if operation
        for h in plan.design.hops[operation]
    ]
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


def _decision(page: Page) -> Subsection:
    decided = page.plan.decisions["architecture_style"]
    best = decided.of(decided.chosen.id).total
    rows = []
    for judged in ranked(decided):
        pattern = judged.option.source
        lost = str(judged.excuses[0]) if judged.excuses else f"{judged.total:.2f} against {best:.2f}"
        verdict = "chosen" if judged.option.id == decided.chosen.id else lost
        rows.append((pattern.name, pattern.use_when, "; ".join(pattern.pros[:2]), "; ".join(pattern.cons[:2]), verdict))
    approaches = [use.id for use in page.plan.world.uses.built if len(page.plan.decisions[use.id].judged) > 1]
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
            *(matrix(page, f"4.5.{name}", name) for name in approaches),
            *((matrix(page, "4.5.api_style", "api_style"),) if "api_style" in page.plan.decisions else ()),
        ),
    )

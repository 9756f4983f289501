"""9 Scalability, high availability and operations."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.steps.syntax import Start
from workbook.document import words as w
from workbook.document.blocks import Block, Note, Subsection, Table
from workbook.document.matrices import matrix
from workbook.document.page import Page
from workbook.document.wording import operations as say
from workbook.plan.operate import degradation, recovery, scaling
from workbook.plan.operate.degradation import Effect
from workbook.plan.operate.recovery import Disaster
from workbook.plan.operate.rollout import drain_seconds
from workbook.plan.operate.runbooks import Book, book_of, books
from workbook.plan.operate.signal import Signal, Watch
from workbook.plan.operate.signals import signals
from workbook.plan.passes.world import DATABASE

NUMBER = 9
TITLE = "Scalability, high availability and operations"
PILLARS = ("metrics", "logs", "traces")
PROBE_SECONDS = 5
"""How often health is asked, and after how many failures it counts: three of the process, two of its stores (our assumption)."""


def build(page: Page) -> Iterator[Subsection]:
    """Autoscaling, zones and regions, recovery, what is watched, what is done then."""
    yield _autoscaling(page)
    yield _regions(page)
    yield _recovery(page)
    found = signals(page.plan.design, page.plan.sizing)
    known = books(page.plan.design, page.plan.sizing)
    yield _monitoring(page, found, known)
    yield _runbooks(page, known)


def _autoscaling(page: Page) -> Subsection:
    design, sizing = page.plan.design, page.plan.sizing
    services = tuple(
        (
            page.title(s.service),
            s.role.value,
            f"{s.nodes} x {s.instance}",
            f"{s.least} … {s.most}",
            say.scales_on(s, page),
        )
        for s in scaling.services(design, sizing)
    )
    stores = tuple(
        (
            page.title(s.store),
            f"{s.nodes} x {s.instance}" if s.nodes else s.instance,
            say.fills(s),
            say.grows(s),
            say.review(s),
        )
        for s in scaling.stores(design, sizing)
    )
    out, back = w.duration(scaling.OUT_SECONDS), w.duration(scaling.IN_SECONDS)
    blocks: list[Block] = [
        Table(
            id="9.1.services",
            title="Services scale by themselves",
            columns=("Service", "Type", "Now", "Bounds", "Adds an instance at"),
            rows=services,
            note=f"A new instance serves within {out}; a spare one goes after {back}.",
        )
    ]
    if stores:
        blocks.append(
            Table(
                id="9.1.stores",
                title="Stores grow by plan",
                columns=("Store", "Now", "Fills first", "Then", "Review mark"),
                rows=stores,
            )
        )
    ways = tuple((t.way.value, say.way(t, page)) for t in scaling.ways(design, sizing))
    blocks.append(Table(id="9.1.which", title="Ways to carry more", columns=("Way", "Here"), rows=ways))
    return Subsection(id="9.1", title="Autoscaling", blocks=tuple(blocks))


def _regions(page: Page) -> Subsection:
    design, sizing = page.plan.design, page.plan.sizing
    losses = scaling.zone_losses(design, sizing)
    rows = tuple((page.title(z.component), say.spread(z), say.without_zone(z)) for z in losses)
    most = max((z.zones for z in losses), default=1)
    blocks: list[Block] = [
        Table(
            id="9.2.zones",
            title=f"{most} zones; {page.plan.decisions['regions'].chosen.name.lower()}",
            columns=("Part", "Stands in", "When a zone is lost"),
            rows=rows,
        ),
        _absences(page),
    ]
    shares = page.plan.complete.model.constraints.regions
    if len(shares) > 1:
        where = tuple((w.words(n), w.percent(s.best)) for n, s in shares.items())
        title = "Where the calls come from"
        blocks.append(Table(id="9.2.users", title=title, columns=("Region", "Share"), align="<>", rows=where))
    blocks += [_health(page), matrix(page, "9.2.decision", "regions")]
    return Subsection(id="9.2", title="Regions and replication", blocks=tuple(blocks))


def _absences(page: Page) -> Table:
    rows = tuple(
        (
            page.title(a.component),
            say.absence(a, Effect.STOPS, page),
            say.absence(a, Effect.LATER, page),
            "; ".join(t for e in (Effect.WITHOUT, Effect.SLOWER) if (t := say.absence(a, e, page)) != "–") or "–",
        )
        for a in degradation.absences(page.plan.design)
    )
    return Table(
        id="9.2.degradation",
        title="What is left without each part",
        columns=("Without", "Answers 503", "Is done later", "Goes on without it"),
        rows=rows,
    )


def _health(page: Page) -> Table:
    asked = [page.title(s.id) for s in page.plan.design.stores if s.role == DATABASE]
    held = [n for n, p in page.programs.items() if p.starts is Start.OPENS]
    waiting = [n for n, p in page.programs.items() if p.starts in (Start.EVENT, Start.QUEUE)]
    ends = [f"takes no more calls, answers what it has within {w.duration(drain_seconds(page.plan.design))}"]
    if held:
        ends.append("closes its connections one by one, so that clients come back spread out")
    if waiting:
        ends.append("hands back events that it has not finished")
    rows = (
        ("`/health`: the process", f"every {PROBE_SECONDS} s; three failures restart it"),
        ("`/ready`: its stores", f"asks {', '.join(asked) or 'nothing'}; two failures take it out of the gateway"),
        ("An instance ends", "; ".join(ends)),
    )
    return Table(id="9.2.health", title="Health and shutdown", columns=("Check", "Here"), rows=rows)


def _recovery(page: Page) -> Subsection:
    design, sizing = page.plan.design, page.plan.sizing
    rows = tuple(
        (page.title(s.store), say.backup(s, page), say.restore(s, page), say.against(s), say.drill(s))
        for s in recovery.stores(design, sizing)
    )
    outcomes = recovery.disasters(design, sizing)
    targets = page.plan.complete.quality("rpo").best, page.plan.complete.quality("rto").best
    blocks: list[Block] = []
    if rows:
        blocks.append(
            Table(
                id="9.3.backup",
                title=f"Against RPO {w.duration(targets[0])} and RTO {w.duration(targets[1])}",
                columns=("Store", "Backup", "Restore", "Within the RTO", "Drill"),
                rows=rows,
            )
        )
    region = next(o for o in outcomes if o.disaster is Disaster.REGION)
    blocks.append(
        Table(
            id="9.3.disaster",
            title="Disasters",
            columns=("What", "Then", "Lost", "Serves again after"),
            rows=tuple((say.disaster(o), say.then(o, page), say.loses(o, page), say.back(o, page)) for o in outcomes),
            note=say.region_question(page, region),
        )
    )
    return Subsection(id="9.3", title="Backup and DR", blocks=tuple(blocks))


def _monitoring(page: Page, found: tuple[Signal, ...], known: tuple[Book, ...]) -> Subsection:
    watched: dict[Watch, list[Signal]] = {}
    for signal in found:
        watched.setdefault(signal.watch, []).append(signal)
    metrics = tuple(
        (
            watch.value,
            w.code(group[0].series),
            say.tells(watch),
            ", ".join(dict.fromkeys(page.title(s.source) for s in group)),
        )
        for watch, group in watched.items()
    )
    blocks: list[Block] = [
        Table(
            id="9.4.metrics",
            title="What is measured",
            columns=("Watched", "Metric", "Says", "Comes from"),
            rows=metrics,
        ),
        *_business(page),
        _alerts(page, found, known),
    ]
    chosen = page.plan.decisions
    tools = tuple((p.capitalize(), chosen[p].chosen.name, say.asks(p, page)) for p in PILLARS if p in chosen)
    if tools:
        blocks.append(Table(id="9.4.tools", title="Three pillars", columns=("Pillar", "Tool", "Question"), rows=tools))
    for i, artifact in enumerate(page.made("alerts"), start=1):
        text = say.rules(page, artifact.path, len(found))
        blocks.append(Note(id=f"9.4.rules{i}", title="The same as rules", text=text))
    return Subsection(id="9.4", title="Monitoring and alerts", blocks=tuple(blocks))


def _alerts(page: Page, found: tuple[Signal, ...], known: tuple[Book, ...]) -> Table:
    alike: dict[tuple[str, str, str, str, str], list[Signal]] = {}
    for signal in found:
        book = book_of(signal, known)
        runbook = f"[{book.title}](#9.5.{book.id})" if book is not None else "–"
        key = (signal.watch.value, say.threshold(signal), say.lasting(signal), say.told(signal), runbook)
        alike.setdefault(key, []).append(signal)
    rows = tuple((key[0], say.about(group, page), *key[1:]) for key, group in alike.items())
    left = [s for s in found if book_of(s, known) is None]
    return Table(
        id="9.4.alerts",
        title="Alerts, symptoms before causes",
        columns=("Watched", "Of", "Threshold", "For", "Does", "Runbook"),
        rows=rows,
        note=say.no_runbook(left, page) if left else "",
    )


def _business(page: Page) -> Iterator[Table]:
    """Use of the features, as calls a day."""
    rows = tuple(
        (
            page.feature_title(f),
            ", ".join(w.code(o) for o in page.features[f] if page.asked(o)),
            w.count(sum(page.plan.demand.of_operation("calls_per_day", o) for o in page.features[f] if page.asked(o))),
        )
        for f in page.ordered_features
        if page.feature_priority(f) == "P0"
    )
    if rows:
        yield Table(
            id="9.4.business",
            title="Business metrics: use of the features that it is for",
            columns=("Feature", "Counted", "Planned a day"),
            align="<<>",
            rows=rows,
        )


def _runbooks(page: Page, known: tuple[Book, ...]) -> Subsection:
    blocks: list[Block] = []
    for book in known:
        steps = [
            ("Symptom", book.symptom),
            *(("Check", c) for c in book.check),
            *(("Mend", m) for m in book.mend),
            ("Prevent", book.prevent),
        ]
        rows = tuple((i, kind, text) for i, (kind, text) in enumerate(steps))
        blocks.append(Table(id=f"9.5.{book.id}", title=book.title, columns=("#", "Step", "Do"), rows=rows, align="><<"))
    if not blocks:
        blocks.append(Note(id="9.5.none", title="No runbooks", text="Nothing of it runs."))
    return Subsection(id="9.5", title="Runbooks", blocks=tuple(blocks))

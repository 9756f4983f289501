"""5 Functional requirement deep dives."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Code, Note, Subsection, Table
from workbook.document.cursors import cursor_example
from workbook.document.page import Knowledge, Page
from workbook.document.sections.s04_architecture import steps

NUMBER = 5
TITLE = "Functional requirement deep dives"
MOST_P1 = 2


def build(page: Page) -> Iterator[Subsection]:
    """Every P0 feature and the busiest P1; then the critical write and read to the last command."""
    yield _features(page)
    yield _sequences(page)
    yield _topics(page)
    yield _commands(page)
    yield _code(page)
    yield _cursor(page)


def deep(page: Page) -> list[str]:
    """The features that are worth a deep dive: every P0, and the busiest of P1."""
    load = lambda f: sum(page.plan.demand.of_operation("peak_qps", o) for o in page.features[f])  # noqa: E731
    first = [f for f in page.ordered_features if page.feature_priority(f) == "P0"]
    second = sorted((f for f in page.ordered_features if page.feature_priority(f) == "P1"), key=load, reverse=True)
    return first + second[:MOST_P1] if first else second[: MOST_P1 + 2]


def _features(page: Page) -> Subsection:
    return Subsection(id="5.1", title="Features", blocks=tuple(b for f in deep(page) for b in _feature(page, f)))


def _feature(page: Page, feature: str) -> Iterator[Block]:
    plan = page.plan
    title, priority = page.feature_title(feature), page.feature_priority(feature)
    operations = page.features[feature]
    known = page.knowledge(feature)
    yield Table(
        id=f"5.1.{feature}",
        title=f"{priority} {title}: the component sheet",
        columns=("Part", "Here"),
        rows=_sheet(page, feature),
    )
    busiest = max(
        operations, key=lambda n: (not plan.complete.operations[n].reads, plan.demand.of_operation("peak_qps", n))
    )
    flow = next(f for f in plan.design.flows if f.operation == busiest)
    yield steps(page, f"5.1.{feature}.flow", flow, f"{title}: {flow.title}, step by step")
    if known:
        yield _approaches(page, feature, known)
        yield Table(
            id=f"5.1.{feature}.edges",
            title=f"{title}: edge cases and errors",
            columns=("Case", "Handling"),
            rows=(
                *((e, "said in the brief") for e in _said(page, feature)),
                *((k.fill(e.case), k.fill(e.handling)) for k in known for e in k.capability.edge_cases[:4]),
            ),
        )
        rows = [(k.fill(p),) for k in known for p in k.capability.performance[:2]]
        yield Table(
            id=f"5.1.{feature}.performance",
            title=f"{title}: performance and scale",
            columns=("Consideration",),
            rows=(*((_numbers(page, n),) for n in operations[:4]), *rows),
        )
        metrics = {k.fill(m.name): (m.type, k.fill(m.why)) for k in known for m in k.capability.metrics[:3]}
        yield Table(
            id=f"5.1.{feature}.metrics",
            title=f"{title}: what to measure",
            columns=("Metric", "Type", "Why"),
            rows=tuple((w.code(n), t, y) for n, (t, y) in metrics.items()),
        )
    else:
        entity = plan.complete.operations[busiest].entity
        yield Table(
            id=f"5.1.{feature}.approaches",
            title=f"{title}: approaches",
            columns=("Approach", "How", "For it", "Against it"),
            rows=(
                (
                    "1 in the call (recommended)" if not flow.asynchronous_from else "1 in the call",
                    f"{w.words(busiest)} answers when {w.words(entity)} is stored",
                    "the caller knows the outcome",
                    f"every hop counts against {w.milliseconds(flow.target_ms)}",
                ),
                (
                    "2 accepted, then done (recommended)" if flow.asynchronous_from else "2 accepted, then done",
                    f"{w.words(busiest)} answers 202, a worker does the rest",
                    "bursts are absorbed",
                    "the caller has to ask or wait for the outcome",
                ),
            ),
        )
        yield Table(
            id=f"5.1.{feature}.edges",
            title=f"{title}: edge cases and errors",
            columns=("Case", "Handling"),
            rows=tuple((h.failure, h.remedy) for h in flow.hops),
        )
        yield Table(
            id=f"5.1.{feature}.performance",
            title=f"{title}: performance and scale",
            columns=("Consideration",),
            rows=tuple((_numbers(page, n),) for n in operations),
        )
        yield Table(
            id=f"5.1.{feature}.metrics",
            title=f"{title}: what to measure",
            columns=("Metric", "Type", "Why"),
            rows=tuple(
                (
                    w.code(f"{n}_seconds"),
                    "histogram",
                    f"p99 against {w.milliseconds(plan.complete.latency(n).best * 1000)}",
                )
                for n in operations
            ),
        )


def _said(page: Page, feature: str) -> tuple[str, ...]:
    found = page.plan.complete.model.features.get(feature)
    return found.edge_cases if found else ()


def _numbers(page: Page, name: str) -> str:
    plan = page.plan
    entries = [e.key for e in plan.design.caches if name in e.operations]
    table = next(((t, q) for t in plan.design.tables for q in t.queries if q.operation == name), None)
    by = (
        f", by {w.code(table[1].index)} of {w.code(table[0].name)}"
        if table and table[1].access != "insert"
        else f", into {w.code(table[0].name)}"
        if table
        else ""
    )
    cached = f", {w.code(entries[0])} before it" if entries else ""
    return f"{w.words(name)}: {w.rate(plan.demand.of_operation('peak_qps', name))} at peak in {w.milliseconds(plan.complete.latency(name).best * 1000)}{by}{cached}"


def _sheet(page: Page, feature: str) -> tuple[tuple[str, str], ...]:
    plan = page.plan
    design, complete = plan.design, plan.complete
    operations = page.features[feature]
    services = list(dict.fromkeys(design.service_of(o).id for o in operations))
    named = [s for s in design.services if s.id in services]
    entities = list(
        dict.fromkeys(
            [complete.operations[o].entity for o in operations]
            + [e for o in operations for e in complete.operations[o].creates]
        )
    )
    contexts = {complete.contexts[e] for e in entities}
    published = [t for t in design.topics if t.operation in operations]
    consumed = [(t, g) for t in design.topics for g, _ in t.groups if t.entity in entities and t not in published]
    tables = [t.name for t in design.tables if t.entity in entities]
    tiers = [plan.sizing.tiers[s] for s in services if s in plan.sizing.tiers]
    called = [i for i, v in complete.model.integrations.items() if set(v.operations) & set(operations)]
    flow = next(f for f in design.flows if f.operation == operations[0])
    return (
        (
            "Components involved",
            ", ".join(
                dict.fromkeys(
                    [s.name for s in named]
                    + [
                        s.name
                        for s in design.stores
                        if set(s.contexts) & contexts and (s.role != "cache" or s.technology.port)
                    ]
                    + ([design.messaging.name] if published else [])
                )
            ),
        ),
        ("Responsibilities", "; ".join(w.words(o) for o in operations)),
        ("Owns", w.listed(entities, 10)),
        (
            "Endpoints",
            ", ".join(w.code(f"{e.method} {e.path}") for e in design.endpoints if e.operation in operations)
            or "none: done by the system itself",
        ),
        ("Events published", ", ".join(w.code(t.event) for t in published) or "none"),
        (
            "Events consumed",
            ", ".join(w.code(f"{t.event} by {g}") for t, g in consumed)
            or ", ".join(w.code(f"{t.event} by {g}") for t in published for g, _ in t.groups)
            or "none",
        ),
        ("Data model", ", ".join(w.code(t) for t in tables) or "kept in memory only"),
        (
            "Scaling",
            "; ".join(f"{t.name} {t.least}-{t.most} x {t.fleet.instance}" for t in tiers) or "with the application",
        ),
        (
            "Failure handling",
            "; ".join(dict.fromkeys(h.remedy for h in flow.hops[1:4]))
            + (f"; breaker around {w.listed(called)}" if called else ""),
        ),
    )


def _approaches(page: Page, feature: str, known: tuple[Knowledge, ...]) -> Table:
    rows = []
    for knowledge in known:
        for i, (approach, _, reasons) in enumerate(knowledge.approaches, start=1):
            best = approach is knowledge.recommended
            why = "; ".join(reasons) if reasons else "; ".join(knowledge.fill(p) for p in approach.pros[:1])
            verdict = (
                f"**recommended**: {why}"
                + (f"; no longer with {', '.join(knowledge.flips)}" if knowledge.flips else "")
                if best
                else "–"
            )
            rows.append(
                (
                    f"{knowledge.capability.title}: {i} {knowledge.fill(approach.name)}",
                    knowledge.fill(approach.how),
                    "; ".join(knowledge.fill(p) for p in approach.pros),
                    "; ".join(knowledge.fill(c) for c in approach.cons),
                    verdict,
                )
            )
    return Table(
        id=f"5.1.{feature}.approaches",
        title=f"{page.feature_title(feature)}: approaches and trade-offs",
        columns=("Approach", "How", "For it", "Against it", "Verdict"),
        rows=tuple(rows),
    )


def _sequences(page: Page) -> Subsection:
    design = page.plan.design
    blocks: list[Block] = []
    for kind, name in (("write", design.critical_write), ("read", design.critical_read)):
        flow = next((f for f in design.flows if f.operation == name), None)
        if flow is None:
            blocks.append(
                Note(
                    id=f"5.2.{kind}",
                    title=f"Critical {kind}",
                    text=f"{page.plan.complete.model.system} has no operation that {kind}s.",
                )
            )
            continue
        topic = next((t for t in design.topics if t.operation == name), None)
        via = f" → {topic.name} {topic.event} → {topic.groups[0][0]}" if topic and kind == "write" else ""
        blocks.append(steps(page, f"5.2.{kind}", flow, f"Critical {kind}: {flow.title}{via}"))
    return Subsection(id="5.2", title="Critical sequences", blocks=tuple(blocks))


def _topics(page: Page) -> Subsection:
    plan = page.plan
    if not plan.design.topics:
        return Subsection(
            id="5.3",
            title="Topics and payloads",
            blocks=(
                Note(
                    id="5.3.none",
                    title="No events",
                    text=f"Nothing in {plan.complete.model.system} changes state, so there is nothing to tell.",
                ),
            ),
        )
    first = [t for t in plan.design.topics if plan.complete.priority(t.operation) == "P0"] or list(
        plan.design.topics[:1]
    )
    codes = tuple(
        Code(
            id=f"5.3.{t.event}",
            title=f"{t.event} on {t.name}, key `{t.key}`",
            language="json",
            text=json.dumps(t.payload, indent=2),
        )
        for t in first
    )
    return Subsection(id="5.3", title="Topics and payloads", blocks=codes)


def _commands(page: Page) -> Subsection:
    entities = {
        page.plan.complete.operations[o].entity
        for o in (page.plan.design.critical_write, page.plan.design.critical_read)
        if o
    }
    made = page.made("cache")
    own = [
        a
        for a in made
        if any(e.id == a.subject and e.entity in entities for e in page.plan.design.caches)
        or a.subject in entities
        or not a.text
    ]
    chosen = own or made[:2]
    if not chosen:
        text = f"{w.words(page.plan.design.critical_read).capitalize()} must see the last write, so it is read from the database each time; nothing of it stands in {page.plan.design.cache.name}."
        return Subsection(
            id="5.4",
            title="Cache commands",
            blocks=(Note(id="5.4.none", title="Nothing cached on this path", text=text),),
        )
    return Subsection(
        id="5.4",
        title="Cache commands",
        blocks=tuple(page.code(f"5.4.{a.subject or i}", a) for i, a in enumerate(chosen)),
    )


def _code(page: Page) -> Subsection:
    made = [*page.made("worker"), *page.made("service")]
    blocks: tuple[Block, ...] = tuple(page.code(f"5.5.{a.kind}{i if i else ''}", a) for i, a in enumerate(made))
    if not blocks:
        blocks = (
            Note(
                id="5.5.none", title="Code", text=f"no generator for {page.plan.design.language.name}", tone="warning"
            ),
        )
    return Subsection(id="5.5", title="Code", blocks=blocks)


def _cursor(page: Page) -> Subsection:
    example = cursor_example(page.plan)
    if example is None:
        return Subsection(
            id="5.6",
            title="Cursor",
            blocks=(
                Note(
                    id="5.6.none", title="Cursor", text=f"No operation of {page.plan.complete.model.system} lists rows."
                ),
            ),
        )
    table = example.table
    where = f"{table}: rows after {example.condition}"
    algorithm = (
        f"take `limit` + 1 rows of {w.code(table)} in the order {', '.join(w.code(c) for c in example.columns)}",
        "if one more came than asked for, there is a next page; drop it",
        f"of the last row kept, put {', '.join(w.code(c) for c in example.columns)} into `after`, with `op` {w.code(example.operation)} and version 1",
        "write it as JSON without spaces, in this order of keys; base64url; drop the padding",
        f"next page: decode, check `v` and `op`, then read {where}",
    )
    return Subsection(
        id="5.6",
        title="Cursor",
        blocks=(
            Table(
                id="5.6.algorithm",
                title="Building it",
                columns=("#", "Step"),
                rows=tuple((i, a) for i, a in enumerate(algorithm, start=1)),
                align="><",
            ),
            Code(id="5.6.json", title="Sample cursor", language="json", text=json.dumps(example.payload)),
            Code(id="5.6.base64", title="As base64url", language="text", text=example.encoded),
        ),
    )

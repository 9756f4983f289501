"""5 Functional requirement deep dives."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Code, Note, Subsection, Table
from workbook.document.cursors import cursor_example
from workbook.document.flows import flow
from workbook.document.page import Page
from workbook.document.wording import features
from workbook.plan.fold import samples
from workbook.plan.fold.critical import changes

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

    def load(feature: str) -> float:
        return sum(page.plan.world.load.peak_of(o) for o in page.features[feature])

    first = [f for f in page.ordered_features if page.feature_priority(f) == "P0"]
    second = sorted((f for f in page.ordered_features if page.feature_priority(f) == "P1"), key=load, reverse=True)
    return first + second[:MOST_P1] if first else second[: MOST_P1 + 2]


def _features(page: Page) -> Subsection:
    return Subsection(id="5.1", title="Features", blocks=tuple(b for f in deep(page) for b in _feature(page, f)))


def _feature(page: Page, feature: str) -> Iterator[Block]:
    title, priority = page.feature_title(feature), page.feature_priority(feature)

    def table(part: str, said: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
        return Table(id=f"5.1.{feature}{part}", title=f"{title}: {said}", columns=columns, rows=rows)

    sheet = table("", "the component sheet", ("Part", "Here"), tuple(features.sheet(page, feature)))
    yield Table(id=sheet.id, title=f"{priority} {sheet.title}", columns=sheet.columns, rows=sheet.rows)
    load = page.plan.world.load
    busiest = max(page.features[feature], key=lambda n: (changes(page.programs[n]), load.peak_of(n)))
    yield flow(page, f"5.1.{feature}.flow", busiest, f"{title}: {w.words(busiest)}, step by step")
    for behind in [o for o in page.caused(feature) if o not in page.features[feature]][:2]:
        yield flow(page, f"5.1.{feature}.flow.{behind}", behind, f"{title}: {w.words(behind)}, which follows")
    weighed = ("Approach", "How", "For it", "Against it", "Verdict")
    yield table(".approaches", "approaches and trade-offs", weighed, tuple(features.approaches(page, feature)))
    yield table(".edges", "edge cases and errors", ("Case", "Handling"), tuple(features.edges(page, feature)))
    rows = tuple((said,) for said in features.performance(page, feature))
    yield table(".performance", "performance and scale", ("Consideration",), rows)
    measured = tuple((w.code(n), kind, why) for n, kind, why in dict.fromkeys(features.metrics(page, feature)))
    yield table(".metrics", "what to measure", ("Metric", "Type", "Why"), measured)


def _sequences(page: Page) -> Subsection:
    design = page.plan.design
    blocks: list[Block] = []
    for kind, name in (("write", design.critical_write), ("read", design.critical_read)):
        if not name:
            text = f"{page.plan.complete.model.system} has no operation that {kind}s."
            blocks.append(Note(id=f"5.2.{kind}", title=f"Critical {kind}", text=text))
            continue
        blocks.append(flow(page, f"5.2.{kind}", name, f"Critical {kind}: {w.words(name)}"))
        for behind in _behind(page, name) if kind == "write" else ():
            blocks.append(flow(page, f"5.2.{kind}.{behind}", behind, f"Then: {w.words(behind)}"))
    return Subsection(id="5.2", title="Critical sequences", blocks=tuple(blocks))


def _behind(page: Page, operation: str) -> list[str]:
    """What starts by what an operation tells, one after the other."""
    found = [operation]
    for name in found:
        touched = {s.target for s, _ in page.programs[name].steps()}
        starts = ((o, p.operation.starts.on) for o, p in page.programs.items() if p.starts in ("event", "queue"))
        found += [o for o, on in starts if on in touched and o not in found]
    return found[1:]


def _topics(page: Page) -> Subsection:
    topics = page.plan.design.topics
    if not topics:
        text = f"Nobody is told of anything in {page.plan.complete.model.system}: what changes is asked for."
        return Subsection(
            id="5.3", title="Topics and payloads", blocks=(Note(id="5.3.none", title="No events", text=text),)
        )
    first = [t for t in topics if any(page.priority(o) == "P0" for o in t.tellers)] or list(topics[:1])
    codes = tuple(
        Code(
            id=f"5.3.{t.id}",
            title=f"{t.event} on {w.code(t.id)}, key {', '.join(w.code(k) for k in t.key)}",
            language="json",
            text=json.dumps(samples.event(t), indent=2),
        )
        for t in first
    )
    return Subsection(id="5.3", title="Topics and payloads", blocks=codes)


def _commands(page: Page) -> Subsection:
    design = page.plan.design
    ways = {s.target for o in (design.critical_write, design.critical_read) if o for s, _ in page.programs[o].steps()}
    made = page.made("cache")
    chosen = [a for a in made if a.subject in ways or not a.text] or list(made[:2])
    if not chosen:
        read = w.words(design.critical_read).capitalize() or page.plan.complete.model.system
        text = f"{read} must see the last write, so it is read from the database each time; nothing of it stands in memory."
        none = Note(id="5.4.none", title="Nothing cached on this path", text=text)
        return Subsection(id="5.4", title="Cache commands", blocks=(none,))
    blocks = tuple(page.code(f"5.4.{a.subject or i}", a) for i, a in enumerate(chosen))
    return Subsection(id="5.4", title="Cache commands", blocks=blocks)


def _code(page: Page) -> Subsection:
    design = page.plan.design
    write, read = design.critical_write, design.critical_read
    followed = [n for n in (write, read, *(_behind(page, write) if write else ())) if n]
    made = [a for kind in ("worker", "service") for a in page.made(kind) if a.subject in followed or not a.text]
    blocks: tuple[Block, ...] = tuple(page.code(f"5.5.{a.kind}{i if i else ''}", a) for i, a in enumerate(made))
    if not blocks:
        text = f"no generator for {page.plan.design.language.name}"
        blocks = (Note(id="5.5.none", title="Code", text=text, tone="warning"),)
    return Subsection(id="5.5", title="Code", blocks=blocks)


def _cursor(page: Page) -> Subsection:
    example = cursor_example(page.plan)
    if example is None:
        text = f"No operation of {page.plan.complete.model.system} goes on from a cursor."
        return Subsection(id="5.6", title="Cursor", blocks=(Note(id="5.6.none", title="Cursor", text=text),))
    columns = ", ".join(w.code(c) for c in example.columns)
    table = w.code(example.structure)
    algorithm = (
        f"take one row of {table} more than asked for, in the order {columns}",
        f"if it came, there is a next page: drop it again from those of {w.words(example.operation)}",
        f"of the last row kept, put {columns} into `after`, with `op` {w.code(example.operation)} and version 1",
        f"write it as JSON without spaces; base64url; {len(example.encoded)} characters without padding",
        f"next page: decode, check `v` and `op`, then read the rows of {table} after {example.condition}",
    )
    rows = tuple((i, a) for i, a in enumerate(algorithm, start=1))
    return Subsection(
        id="5.6",
        title="Cursor",
        blocks=(
            Table(id="5.6.algorithm", title="Building it", columns=("#", "Step"), rows=rows, align="><"),
            Code(id="5.6.json", title="Sample cursor", language="json", text=json.dumps(example.payload)),
            Code(id="5.6.base64", title="As base64url", language="text", text=example.encoded),
        ),
    )

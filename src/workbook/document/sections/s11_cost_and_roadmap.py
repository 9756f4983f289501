"""11 Cost, trade-offs and future roadmap."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Block, Note, Subsection, Table
from workbook.document.page import Page
from workbook.document.wording import choices, costs
from workbook.document.wording import roadmap as say
from workbook.plan.operate.levers import dear, levers
from workbook.plan.operate.roadmap import Danger, Risk, brought, risks, stretches
from workbook.plan.passes.model import Decided

NUMBER = 11
TITLE = "Cost, trade-offs and future roadmap"
MOST_DRIVERS = 6
MOST_ASSUMED = 6
MEASURED = ("operations", "populations", "load", "entities")


def build(page: Page) -> Iterator[Subsection]:
    """Drivers and levers, trade-offs, the way ahead."""
    yield _drivers(page)
    yield _tradeoffs(page)
    yield _roadmap(page)


def _drivers(page: Page) -> Subsection:
    design, sizing = page.plan.design, page.plan.sizing
    ordered = sorted(sizing.items, key=lambda c: -c.monthly_usd)[:MOST_DRIVERS]
    drivers = tuple((costs.name(c.id), w.usd(c.monthly_usd), w.percent(c.share), str(c.how)) for c in ordered)
    found = [(*say.lever(x, page), x.usd) for x in levers(design, sizing)]
    rows = tuple((name, done, w.usd(usd), price) for name, done, price, usd in found)
    asked = tuple((*say.dear(d), w.usd(d.usd)) for d in dear(design, sizing))
    blocks: list[Block] = [
        Table(
            id="11.1.drivers",
            title=f"What makes the {w.usd(sizing.monthly_usd)} of a month",
            columns=("Driver", "A month", "Share", "How"),
            align="<>><",
            rows=drivers,
        )
    ]
    if rows:
        blocks.append(
            Table(
                id="11.1.levers",
                title="Levers, the largest first; savings do not add up",
                columns=("Lever", "What is done", "Saves a month", "Price of it"),
                align="<<><",
                rows=rows,
            )
        )
    if asked:
        blocks.append(
            Table(
                id="11.1.questions",
                title="Requirements that cost most: are they meant so?",
                columns=("Requirement", "If it were softer", "About, a month"),
                align="<<>",
                rows=tuple((requirement, softer, usd) for requirement, softer, usd in asked),
            )
        )
    return Subsection(id="11.1", title="Cost drivers", blocks=tuple(blocks))


def _tradeoffs(page: Page) -> Subsection:
    rows = []
    for decided in page.plan.decisions.values():
        gains, loses = say.aspects(decided)
        if decided.runner_up is not None and loses and not decided.pinned:
            rows.append((_titled(decided), decided.chosen.name, decided.runner_up.name, gains or "simplicity", loses))
    blocks: list[Block] = [
        Table(
            id="11.2.tradeoffs",
            columns=("Trade-off", "Here", "The other way"),
            rows=tuple(say.tradeoffs(page)),
        )
    ]
    if rows:
        blocks.append(
            Table(
                id="11.2.aspects",
                title="Choices that give something up against their runner-up",
                columns=("Choice", "Chosen", "Runner-up", "Gains", "Gives up"),
                rows=tuple(rows),
            )
        )
    blocks += _pins(page)
    systems = [
        (u.binding.capability.title, "; ".join(u.binding.capability.systems)) for u in page.plan.world.uses.built
    ]
    known = tuple((title, named) for title, named in systems if named)
    if known:
        title = "Published systems that solve the same"
        blocks.append(Table(id="11.2.systems", title=title, columns=("Mechanism", "System and source"), rows=known))
    return Subsection(id="11.2", title="Trade-offs", blocks=tuple(blocks))


def _pins(page: Page) -> Iterator[Table]:
    """Choices that the brief takes by itself."""
    pinned = [d for d in page.plan.decisions.values() if d.pinned]
    if pinned:
        rows = tuple((_titled(d), d.chosen.name, choices.reason(d)) for d in pinned)
        yield Table(
            id="11.2.pinned", title="Pinned by the brief", columns=("Choice", "Chosen", "What it costs"), rows=rows
        )


def _titled(decided: Decided) -> str:
    return f"{decided.title or w.words(decided.decision)}{f' of {w.words(decided.subject)}' if decided.subject else ''}"


def _roadmap(page: Page) -> Subsection:
    phases, before = [], 0
    for stretch in stretches(page.plan.design):
        phases.append((say.stretch(stretch, before, page), say.builds(stretch, page), say.done_when(stretch, page)))
        before = stretch.until
    blocks: list[Block] = [
        Table(id="11.3.phases", title="MVP to long term", columns=("Phase", "Builds", "Done when"), rows=tuple(phases)),
        *_brought(page),
        *_risks(page),
        _future(page),
        _integrations(page),
        *_uncertain(page),
    ]
    return Subsection(id="11.3", title="Roadmap", blocks=tuple(blocks))


def _brought(page: Page) -> Iterator[Table]:
    rows = tuple((w.words(b.entity), w.count(b.rows), w.size(b.bytes)) for b in brought(page.plan.design))
    if rows:
        note = (
            "The brief does not say where these rows come from. From another system: copy, compare counts and sums, let a pilot "
            "group work on the copy, then switch. The old system stays readable until the first restore drill."
        )
        yield Table(
            id="11.3.migration",
            title="There from the first day: to be brought over or made",
            columns=("Entity", "Rows", "Bytes"),
            align="<>>",
            rows=rows,
            note=note,
        )


def _risks(page: Page) -> Iterator[Table]:
    grouped: dict[Danger, list[Risk]] = {}
    for one in risks(page.plan.design, page.plan.sizing, page.plan.unknown):
        grouped.setdefault(one.danger, []).append(one)
    rows = tuple((*say.risk(danger, found, page), "to be named") for danger, found in grouped.items())
    if rows:
        yield Table(
            id="11.3.risks",
            title="Risks that the design itself shows",
            columns=("Risk", "Where", "Remedy", "Owner"),
            rows=rows,
        )


def _future(page: Page) -> Table | Note:
    named = page.plan.complete.model.future
    if not named:
        text = f"The brief of {page.plan.complete.model.system} names no future feature: `future` would."
        return Note(id="11.3.future", title="Future features", text=text)
    rows = tuple((f, "not designed: its operations in the brief would show what it changes") for f in named)
    return Table(id="11.3.future", title="Future features", columns=("Feature", "State"), rows=rows)


def _integrations(page: Page) -> Table | Note:
    outside = page.plan.complete.model.integrations
    if not outside:
        text = f"{page.plan.complete.model.system} calls no other system."
        return Note(id="11.3.integrations", title="Integrations", text=text)
    rows = tuple(
        (page.title(i) if i in page.plan.design.titles else w.words(i), v.does or "–") for i, v in outside.items()
    )
    return Table(id="11.3.integrations", title="Integrations", columns=("With", "What it does"), rows=rows)


def _uncertain(page: Page) -> Iterator[Table]:
    assumed = [a for a in page.plan.complete.assumptions if a.path.split(".")[0] in MEASURED][:MOST_ASSUMED]
    rows = tuple((w.code(a.path), a.value, a.why or "no reason is known") for a in assumed)
    if rows:
        yield Table(
            id="11.3.prototype",
            title="Assumed, and to be measured in the prototype or asked first",
            columns=("Value", "Assumed", "Because"),
            rows=rows,
        )

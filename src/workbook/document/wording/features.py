"""A feature in words: what takes part, how it is built and what else was weighed, what goes wrong, how fast, what is measured."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.steps.syntax import Start, Verb
from workbook.document import words as w
from workbook.document.page import Page
from workbook.document.wording import choices, promises, steps
from workbook.plan.fold.components import Kind
from workbook.plan.fold.hops import Hop
from workbook.plan.fold.outcomes import of_refusal, refusable
from workbook.plan.fold.services import ASKED
from workbook.plan.form.model import GroupKind
from workbook.plan.form.verbs import READS, WRITES
from workbook.plan.load.walk import Run
from workbook.plan.mechanisms.uses import Use
from workbook.plan.passes.model import Decided, Judged

MOST_ROWS = 8
MANY = 1.5
"""Runs or rows of one call from which they are told."""


def touched(page: Page, feature: str) -> list[str]:
    """Structures that its operations use, and what they start."""
    names = [s.target for o in page.caused(feature) for s, _ in page.programs[o].steps()]
    return [n for n in dict.fromkeys(names) if n in page.structures]


def sheet(page: Page, feature: str) -> Iterator[tuple[str, str]]:
    """The component sheet."""
    design, world = page.plan.design, page.plan.world
    own, every = page.features[feature], page.caused(feature)
    structures = touched(page, feature)
    written = [n for n in structures if any(_writes(page, o, n) for o in own)]
    kinds = {c.id: c.kind for c in design.components}
    passed = [n for o in every for h in design.hops[o] for n in h.way if kinds.get(n) is not Kind.CLIENT]
    published = [t.id for t in design.topics if set(t.tellers) & set(every)]
    consumed = [f"{t.id} by {h}" for t in design.topics for h in t.hearers if h in every]
    ways = [w.code(f"{e.method} {e.path}") for e in design.endpoints if e.operation in own]
    tiers = [page.plan.sizing.tiers[n] for n in dict.fromkeys(passed) if n in page.plan.sizing.tiers]
    scaled = [f"{page.title(t.id)} {t.least}-{t.most} x {t.fleet.instance}" for t in tiers if t.kind is Kind.SERVICE]
    yield "Components involved", ", ".join(dict.fromkeys(page.title(n) for n in passed))
    yield "Responsibilities", "; ".join(w.words(o) for o in every)
    yield "Owns", w.listed(written, 10) or "nothing: it only reads"
    yield "Endpoints", ", ".join(ways) or "none: done by the system itself"
    yield "Events published", ", ".join(w.code(p) for p in published) or "none"
    yield "Events consumed", ", ".join(w.code(c) for c in consumed) or "none"
    yield "Data model", ", ".join(w.code(n) for n in structures) or "nothing is kept"
    yield "Scaling", "; ".join(scaled) or "with whoever calls it"
    yield "Failure handling", "; ".join(dict.fromkeys(r for o in own for _, r in _failures(page, o)[:3]))
    kept = [k for k in world.kept if k.pledge.structure in written or k.pledge.operation in every]
    if kept:
        said = (f"{promises.promise(k.pledge)} ({promises.kept(k, page.steps)})" for k in kept[:4])
        yield "Promises", "; ".join(said)


def _writes(page: Page, operation: str, structure: str) -> bool:
    return any(s.target == structure and s.verb in WRITES for s, _ in page.programs[operation].steps())


def _failures(page: Page, operation: str) -> list[tuple[str, str]]:
    """Each hop that may fail in a way of its own, with what is done then."""
    program, design = page.programs[operation], page.plan.design
    titles, again = dict(design.titles), operation in page.repeatable

    def pair(hop: Hop) -> tuple[str, str]:
        return steps.failure(hop, titles), steps.remedy(hop, program, page.plan.world.form, again)

    return list(dict.fromkeys(pair(h) for h in design.hops[operation]))


# How it is built, and what else was weighed --------------------------------------------------------------------------


def uses(page: Page, feature: str) -> list[Use]:
    """Capabilities that its operations and structures are built with."""
    about = {*page.caused(feature), *touched(page, feature)}

    def concerns(use: Use) -> bool:
        players = {i for p in use.binding.players.values() for i in p.id.split()}
        operations = players & set(page.programs)
        return use.feature == feature or bool(operations & about) or (not operations and bool(players & about))

    return [u for u in page.plan.world.uses.built if concerns(u)]


def approaches(page: Page, feature: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Approach, how, what speaks for it, what against it, the verdict."""
    built = [page.plan.decisions[u.id] for u in uses(page, feature)]
    for decided in [*built, *_choices(page, feature)]:
        ranked = sorted(decided.judged, key=lambda j: (bool(j.excuses), -j.total))
        for i, judged in enumerate(ranked[:3], start=1):
            source = judged.option.source
            name = f"{w.words(choices.subject(decided) or decided.title)}: {i} {judged.option.name}"
            yield (
                name,
                source.summary,
                "; ".join(source.pros[:2]),
                "; ".join(source.cons[:2]),
                _verdict(decided, judged),
            )


def _verdict(decided: Decided, judged: Judged) -> str:
    if judged.option.id == decided.chosen.id:
        return f"**recommended**: {choices.reason(decided)}"
    return f"out: {judged.excuses[0]}" if judged.excuses else f"{judged.total:.2f}"


def _choices(page: Page, feature: str) -> list[Decided]:
    """Choices that concern what it touches: whether it is copied; where nothing else was weighed, where it rests."""
    names = touched(page, feature)
    found = [d for n in names if (d := page.plan.decisions.get(f"copies.{n}")) is not None]
    if found or uses(page, feature):
        return found
    contexts = dict.fromkeys(page.structures[n].context for n in names)
    return [d for c in contexts if (d := page.plan.decisions.get(f"database.{c}")) is not None]


# What goes wrong ------------------------------------------------------------------------------------------------------


def edges(page: Page, feature: str) -> Iterator[tuple[str, str]]:
    """Cases and what then happens: those of the brief, refusals, repeats, what others do not do."""
    said = page.plan.complete.model.features.get(feature)
    yield from ((case, "said in the brief") for case in (said.edge_cases if said else ()))
    found: dict[str, str] = {}
    for name in page.caused(feature):
        for case, handling in (*_refusals(page, name), *_branches(page, name), *_failures(page, name)):
            found.setdefault(case, handling)
    yield from list(found.items())[:MOST_ROWS]


def _refusals(page: Page, operation: str) -> Iterator[tuple[str, str]]:
    program = page.programs[operation]
    if program.starts not in ASKED:
        return
    for step, around in program.steps():
        tried = any(g.kind is GroupKind.TRY and step in g.steps for g in around)
        if refusable(step) and not tried:
            yield f"{w.words(operation)}: {steps.refused(step)}", f"{of_refusal(step)}, and nothing is changed"


def _branches(page: Page, operation: str) -> Iterator[tuple[str, str]]:
    """What follows where a step was refused, or nobody knows whether it was done."""
    for step, around in page.programs[operation].steps():
        for group in around:
            if group.kind in (GroupKind.REFUSED, GroupKind.UNKNOWN):
                tried = next((g for g in _tries(page, operation) if g[0] == group.id), ("", "it"))[1]
                word = "is refused" if group.kind is GroupKind.REFUSED else "leaves it open whether it was done"
                yield f"{w.words(operation)}: {tried} {word}", steps.step(step)


def _tries(page: Page, operation: str) -> Iterator[tuple[str, str]]:
    for step, around in page.programs[operation].steps():
        for group in around:
            if group.kind is GroupKind.TRY:
                yield group.id, w.words(step.target.replace(".", " "))


# How fast, and what is measured ----------------------------------------------------------------------------------------


def performance(page: Page, feature: str) -> Iterator[str]:
    """Each operation with its rate, target and work; then what makes it hard."""
    for name in page.caused(feature)[:MOST_ROWS]:
        yield _work(page, name)
    for name in touched(page, feature):
        for field, largest in page.structures[name].largest.items():
            yield f"the largest {w.words(field)} has {w.count(largest.best)} rows of {w.words(name)}; a page of it is read by index, never the whole"


def _work(page: Page, name: str) -> str:
    load = page.plan.world.load
    rate, runs = w.rate(load.peak_of(name)), load.runs.get(name, ())
    within = f" within {w.time(page.plan.complete.latency(name).best)}" if page.asked(name) else ""
    reads = sum(float(r.runs[0]) * float(r.rows[0]) for r in runs if r.step.verb in READS)
    writes = sum(float(r.runs[0]) * float(r.rows[0]) for r in runs if r.step.verb in WRITES)
    many = [_many(r) for r in runs if float(r.runs[0]) * float(r.rows[0]) >= MANY and r.step.target]
    rows = f"{reads:.3g} rows read and {writes:.3g} written a call"
    of = f" ({'; '.join(many[:2])})" if many else ""
    return f"{w.words(name)}: {rate} at peak{within}; {rows}{of}"


def _many(run: Run) -> str:
    count = float(run.runs[0]) * float(run.rows[0])
    return f"{w.count(count)} of {w.words(run.step.target.split('.')[0])}"


def metrics(page: Page, feature: str) -> Iterator[tuple[str, str, str]]:
    """Metric, type and why, named as Prometheus does."""
    for name in page.caused(feature)[:MOST_ROWS]:
        program = page.programs[name]
        if program.starts in ASKED and page.asked(name):
            limit = w.time(page.plan.complete.latency(name).best)
            yield f"{name}_seconds", "histogram", f"p99 against {limit}"
            refusals = sorted({of_refusal(s) for s, _ in program.steps() if refusable(s)})
            if refusals:
                yield f"{name}_refused_total", "counter", f"by status: {', '.join(str(r) for r in refusals)}"
        elif program.starts in (Start.EVENT, Start.QUEUE):
            on = program.operation.starts.on
            yield f"{name}_lag", "gauge", f"what waits in {w.words(on)} for it"
            yield f"{name}_dead_total", "counter", f"given up after the last try of {w.words(name)}"
        elif program.starts is Start.DUE:
            yield f"{name}_late_seconds", "histogram", f"behind {w.words(program.operation.starts.field)}"
        for step, _ in program.steps():
            if step.verb is Verb.CALL:
                yield f"{step.target.replace('.', '_')}_failed_total", "counter", f"asked by {w.words(name)}"

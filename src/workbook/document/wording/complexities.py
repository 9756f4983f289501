"""What is hard about a feature: read off its steps, its promises and its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.steps.syntax import Verb
from workbook.document import words as w
from workbook.document.page import Page
from workbook.document.wording.promises import promise
from workbook.plan.fold.services import ASKED
from workbook.plan.form.model import GroupKind
from workbook.plan.form.verbs import WRITES

MANY = 10.0
"""Recipients, rows or rounds of one call from which they are worth a word."""


def technical(page: Page, feature: str) -> list[str]:
    """Races, fan-out, repeats, hot keys, others' systems; and the rate within the time."""
    made = [*_races(page, feature), *_fan_out(page, feature), *_largest(page, feature), *_outside(page, feature)]
    return [*made, *_repeats(page, feature), *_plain(page, feature)]


def _touched(page: Page, feature: str, verbs: frozenset[Verb] | None = None) -> list[str]:
    steps = [s for o in page.caused(feature) for s, _ in page.programs[o].steps()]
    return list(
        dict.fromkeys(s.target for s in steps if s.target in page.structures and (verbs is None or s.verb in verbs))
    )


def _races(page: Page, feature: str) -> Iterator[str]:
    written = _touched(page, feature, WRITES)
    for keeping in page.plan.world.kept:
        pledge = keeping.pledge
        if pledge.structure in written or pledge.operation in page.features[feature]:
            yield promise(pledge)


def _fan_out(page: Page, feature: str) -> Iterator[str]:
    for name in page.caused(feature):
        for run in page.plan.world.load.runs.get(name, ()):
            many = float(run.rows[0]) * float(run.runs[0])
            looped = any(g.kind is GroupKind.EACH for g in run.groups)
            if (run.step.verb in (Verb.PUSH, Verb.CALL) or looped) and many >= MANY:
                yield f"one {w.words(name)} comes to {w.count(many)} times {w.words(run.step.verb.value)} {w.words(run.step.target)}"
                return


def _largest(page: Page, feature: str) -> Iterator[str]:
    for name in _touched(page, feature):
        for field, largest in page.structures[name].largest.items():
            yield f"the largest {w.words(field)} has {w.count(largest.best)} rows of {w.words(name)}"


def _outside(page: Page, feature: str) -> Iterator[str]:
    for name in page.caused(feature):
        for step, _ in page.programs[name].steps():
            if step.verb is Verb.CALL:
                integration, _, call = step.target.partition(".")
                said = page.plan.world.form.integrations[integration].calls[call]
                slow = f" within {said.p99.text} at p99" if said.p99 else ""
                yield f"{w.words(integration)} answers{slow}, declines, or leaves it open whether it was done"
                return


def _repeats(page: Page, feature: str) -> Iterator[str]:
    behind = [o for o in page.caused(feature) if page.programs[o].starts not in ASKED]
    if behind:
        yield f"{w.listed(behind, 3)} may run twice for the same reason, and must come to the same"


def _plain(page: Page, feature: str) -> Iterator[str]:
    plan = page.plan
    name = max(page.features[feature], key=plan.world.load.peak_of)
    if page.asked(name):
        rate, target = w.rate(plan.world.load.peak_of(name)), w.time(plan.complete.latency(name).best)
        yield f"{w.words(name)} at {rate} within {target}"


def business(page: Page, feature: str) -> str:
    """What a fault in it would mean."""
    marked = {page.structures[s].sensitive for s in _touched(page, feature)} - {""}
    if marked:
        return f"{', '.join(sorted(marked))} data: a leak is reported to the authority and to those concerned"
    if page.feature_priority(feature) == "P0":
        return "P0: the system is worthless without it"
    return f"{page.feature_priority(feature)}: the first release can do without it for a while"

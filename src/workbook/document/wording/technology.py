"""The stack, its delivery and other systems in words."""

from __future__ import annotations

from workbook.document import words as w
from workbook.document.page import Page
from workbook.plan.operate.dependencies import CLOSED_AFTER, COUNTED, TIMEOUT_TIMES, Dependency
from workbook.plan.operate.rollout import Rollout
from workbook.plan.passes.model import Decided
from workbook.plan.passes.world import Store


def about(decided: Decided) -> str:
    """What a choice is about."""
    return w.words(decided.subject.rpartition(".")[2])


def offered(store: Store, page: Page) -> str:
    """A product as the cloud offers it."""
    name = store.technology.name
    managed = store.technology.offered.get(page.plan.complete.cloud)
    return f"{name}, as {managed}" if managed and managed != name else name


def canary(found: Rollout) -> str:
    """The first step of a deployment."""
    share, span = w.percent(round(found.share, 3)), w.duration(found.seconds)
    if found.tells:
        return f"{share} of the calls for {span}, about {w.count(found.calls)}; a version that burns the budget at the pace that pages shows {w.count(found.failures)} failures and is taken back"
    return f"{share} of the calls for {span}, about {w.count(found.calls)}: too few for a burn rate, so any failed call takes it back"


def smoke(page: Page) -> str:
    """What the integration test does."""
    design = page.plan.design
    write, read = design.critical_write or design.critical_read, design.critical_read or design.critical_write
    if not write:
        return "health of every service"
    return f"{w.words(write)}, then {w.words(read)}" if write != read else w.words(write)


def tests(page: Page) -> str:
    """What the test stage runs."""
    tool = str(page.plan.design.language.details.get("test", "unit tests"))
    count = len(page.plan.world.kept)
    return f"{tool}; attacks on {count} promises ([13.1](#13.1))" if count else tool


def waits(one: Dependency) -> str:
    """How long we wait, and what a breaker does."""
    took = f"{TIMEOUT_TIMES:g} times its p99" if one.p99 else "nobody says how long it takes"
    return f"{w.duration(one.timeout)} ({took}); breaker opens at {w.percent(one.opens_at)} of {COUNTED} failed, tries again after {w.duration(CLOSED_AFTER)}"


def unanswered(one: Dependency) -> str:
    """What it is when it does not answer."""
    if one.handled:
        return "the steps say what is done then, known or unknown"
    if one.awaited:
        return "whoever waits gets 503"
    return "tried again under the same key" if one.keyed else "tried again; **it cannot tell a second time**"


def remark(found: tuple[Dependency, ...], uncalled: tuple[str, ...]) -> str:
    """What stands out."""
    said = []
    for one in found:
        if one.too_slow:
            said.append(f"{w.listed(one.too_slow)} promise less time than {w.words(one.integration)} takes at p99.")
        if one.changes and not one.keyed:
            said.append(f"{w.words(one.integration).capitalize()} changes something and is asked without a key.")
    if uncalled:
        said.append(f"No step calls {w.listed(uncalled)}.")
    return " ".join(said)

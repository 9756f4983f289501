"""The checklist in words: artifacts, what is tested and how, red flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from workbook.artifacts import Artifact
from workbook.brief.frame import Confirmed
from workbook.brief.promises import PromiseKind
from workbook.document import words as w
from workbook.document.blocks import Item
from workbook.document.page import Page
from workbook.document.wording.promises import promise
from workbook.plan.form.pledges import Pledge
from workbook.plan.operate.trials import Trial, Trying
from workbook.proof.promises.base import Tested, Verdict, kinds
from workbook.review.base import Result

MOST_DETAILS = 3
State = Literal["done", "open", "not applicable", "failed"]
WHERE: Mapping[str, tuple[str, str]] = {
    "schema": ("Schemas", "6.2"),
    "query": ("Queries", "6.2"),
    "cache": ("Cache commands", "5.4"),
    "topics": ("Topics and queues", "8.1"),
    "event_schema": ("Event schemas", "8.1"),
    "api": ("API specification", "3.1"),
    "worker": ("Worker code", "5.5"),
    "service": ("Service code", "5.5"),
    "alerts": ("Alert rules", "9.4"),
    "pipeline": ("Pipeline", "12.2"),
}
"""What a kind of artifact is called, and where the document speaks of it."""
_ATTACKS = {
    PromiseKind.UNIQUE: "many callers ask for the same at once, then one after the other",
    PromiseKind.NO_OVERLAP: "callers ask for the same span, inside it, around it, across each end, all at once; spans that only touch must both be taken",
    PromiseKind.BOUNDED: "callers race near the bound by every operation that moves it",
    PromiseKind.FOLLOWS: "every move from every state, two racing moves, the same move twice",
    PromiseKind.TAKEN_ONCE: "takers race for fewer things than there are takers; one dies with its thing in hand",
    PromiseKind.REPEATABLE: "the same request ten times at once, after a crash before the answer, and with another body",
    PromiseKind.ORDERED: "slow writers and a reader with a cursor between them",
    PromiseKind.DELIVERED: "events are dropped, doubled, reordered; the worker is killed between its steps",
    PromiseKind.AGREES: "random operations and faults, then both are compared with one made anew",
    PromiseKind.SETTLED: "the other system answers late, never, twice, or refuses",
    PromiseKind.TRACED: "calls that fail half way: no answer without its row",
    PromiseKind.PRIVATE: "every persona asks for everybody's rows by every operation",
    PromiseKind.ERASED: "markers are planted, everything is used, then erased; every store is searched for them",
    PromiseKind.FRESH: "a read on another instance right after the write",
    PromiseKind.ON_TIME: "the clock jumps; what is moved or cancelled in between must not happen at its old time",
    PromiseKind.UNCHANGED: "every operation and every role of the database tries to change and remove rows",
}


def attacked(pledge: Pledge) -> str:
    """How a promise is attacked: as its attack says, else as the kind of promise asks for."""
    module = kinds().get(pledge.kind)
    if module is not None:
        return str(module.describe(pledge))
    return _ATTACKS.get(pledge.kind, "no attack is written yet")


_OUTCOMES: Mapping[Tested, State] = {
    Tested.PASSED: "done",
    Tested.FAILED: "failed",
    Tested.STAND_IN_PASSED: "open",
    Tested.STAND_IN_FAILED: "failed",
    Tested.CANNOT_TELL: "open",
    Tested.NOT_RUN: "open",
}


def trial(one: Trial, page: Page) -> Item:
    """A test with how it goes, and what came out where it ran."""
    if one.trying is Trying.PROMISE and one.keeping is not None:
        return _promise(one, page)
    n, title = one.numbers, page.title(one.about) if one.about else ""
    made = {
        Trying.LOAD: (
            "Load",
            f"{w.rate(n.get('rate', 0.0))}, beyond the peak of {w.rate(n.get('peak', 0.0))}; targets of 1.4 hold",
            "1.4",
        ),
        Trying.SURGE: ("Surge", f"{w.rate(n.get('rate', 0.0))}: P0 holds, the rest is shed with 503", "9.1"),
        Trying.ABSENCE: (
            f"{title} is taken away",
            f"without loss go on, or wait: {w.listed(one.goes_on, 4)}",
            "9.2",
        ),
        Trying.RESTORE: (
            f"{title} is restored",
            f"{w.size(n.get('bytes', 0.0))} beside the running store within {w.duration(n.get('seconds', 0.0))}",
            "9.3",
        ),
    }
    text, detail, link = made[one.trying]
    return Item(text=text, state="open", detail=f"{detail}; not run", link=link)


def _promise(one: Trial, page: Page) -> Item:
    assert one.keeping is not None
    pledge = one.keeping.pledge
    verdict = page.verdicts.get(pledge.id)
    text = w.sentence(promise(pledge))
    how = attacked(pledge)
    if one.keeping.lacks:
        return Item(text=text, state="failed", detail=f"nothing keeps it: {one.keeping.lacks}", link="0.1")
    if verdict is None:
        return Item(text=text, state="open", detail=f"attack: {how}; not run", link="0.1")
    return Item(
        text=text,
        state=_OUTCOMES[verdict.tested],
        detail=f"attack: {verdict.attack or how}; {_came_out(verdict)}",
        link="0.1",
    )


def _came_out(verdict: Verdict) -> str:
    said = {
        Tested.PASSED: f"failed to break it on {verdict.on}",
        Tested.FAILED: f"broke it on {verdict.on}: {verdict.why}",
        Tested.STAND_IN_PASSED: f"failed to break the protocol on {verdict.on}, which stands in for {verdict.stands_in_for}",
        Tested.STAND_IN_FAILED: f"broke the protocol on {verdict.on}: {verdict.why}",
        Tested.CANNOT_TELL: f"cannot tell: {verdict.why}",
        Tested.NOT_RUN: f"not run: {verdict.why}",
    }
    return said[verdict.tested]


def artifacts(kind: str, made: tuple[Artifact, ...], page: Page) -> Item:
    """What was produced of a kind, and what engines said to it."""
    name, where = WHERE.get(kind, (w.words(kind).capitalize(), "13.1"))
    missing = [a.missing for a in made if a.missing]
    good = [a for a in made if a.text]
    proved = [a for a in good if page.accepted(a.path)]
    refused = [a for a in good if page.proofs.get(a.path, "").startswith("refused")]
    said = [f"{len(good)} {'file' if len(good) == 1 else 'files'}", *missing]
    if proved:
        engines = list(dict.fromkeys(page.proofs[a.path] for a in proved))
        said.append(f"verified {len(proved)} of {len(good)}: {', '.join(engines[:3])}")
    elif good:
        unseen = [page.proofs[a.path] for a in good if a.path in page.proofs]
        said.append(unseen[0] if unseen else "not verified in this run: `workbook run --verify`")
    if refused:
        said.append(f"{len(refused)} refused: {page.proofs[refused[0].path]}")
    return Item(text=name, state=_state(bool(good), bool(missing), bool(refused)), detail="; ".join(said), link=where)


def _state(good: bool, missing: bool, refused: bool) -> State:
    if refused:
        return "failed"
    if missing:
        return "open"
    return "done" if good else "not applicable"


_STATES: Mapping[str, State] = {
    "holds": "done",
    "fails": "failed",
    "does not apply": "not applicable",
    "waiting": "open",
}


def flag(found: Result) -> Item:
    """A red flag that was looked for."""
    state: State = "done" if found.accepted else _STATES[found.state]
    details = list(found.details[:MOST_DETAILS])
    if found.accepted:
        details.append(f"accepted: {found.accepted}")
    more = len(found.details) - MOST_DETAILS
    if more > 0:
        details.insert(MOST_DETAILS, f"and {more} more")
    said = "; ".join(details)
    if found.state == "fails" and not found.accepted:
        said = f"{said}. {found.remedy}"
    return Item(text=found.title, state=state, detail=said or "looked for, and not found")


def confirmed(one: Confirmed, content: str) -> str:
    """Who confirmed a stage and when, and whether it was what the brief says now."""
    said = f"confirmed by {one.by}, {one.date}"
    if one.revision == content:
        return said
    return f"{said}; withdrawn: the brief has changed since" if one.revision else f"{said}, without a revision"

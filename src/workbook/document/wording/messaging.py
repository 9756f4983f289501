"""Events, items and clocks in words: how they are told, shared out, tried again, and what a second coming does."""

from __future__ import annotations

from workbook.brief.steps.syntax import Start
from workbook.document import words as w
from workbook.document.page import Page
from workbook.document.wording import steps
from workbook.plan.fold.services import ASKED
from workbook.plan.fold.topics import Topic
from workbook.plan.operate.consumption import Consumption, Twice
from workbook.plan.operate.seen import FILTER_ERROR, Seen
from workbook.plan.operate.telling import Mode, Telling, telling


def told(topic: Topic, page: Page) -> str:
    """How an event gets from the change to its topic."""
    made = {
        Telling.INSIDE: "written in the transaction of the change, read from there",
        Telling.ALONE: "a row of its own, in no transaction with another write",
        Telling.RELAYED: "from the outbox, in the order of commits",
        Telling.DIRECT: f"straight to {page.title(topic.home)}; the caller gets 503 when it is away",
        Telling.APART: "after the write, not with it: **a crash between the two loses the event**",
    }
    return made[telling(topic, page.plan.design)]


def rests(topic: Topic, page: Page) -> str:
    """Where the events of a topic lie."""
    where = page.title(topic.home) or "nowhere"
    return f"table of {where}" if topic.inside else where


def shared(one: Consumption) -> str:
    """How the work is shared out among the consumers."""
    if one.starts in (Start.QUEUE, Start.DEAD):
        return "each item under a lease, to one worker"
    key = ", ".join(w.words(k) for k in one.in_order)
    if one.partitions:
        each = max(1, one.partitions // max(1, one.consumers))
        return (
            f"by {key}: {each} of {one.partitions} partitions each"
            if key
            else f"{each} of {one.partitions} partitions each"
        )
    if one.consumers > 1:
        return f"each reader a share of the keys by hash of {key or 'the event'}, in the order of commits"
    return "one reader at a time, in the order of commits"


def second(one: Consumption, page: Page) -> str:
    """What a second coming does."""
    marks = w.code(one.marks)
    made = {
        Twice.CLAIMED: f"nothing: it claims {marks} in the transaction of its effect",
        Twice.LOOKED: f"nothing, as {marks} says that it was done; only a crash between effect and mark repeats it",
        Twice.REFUSED: "nothing: it is refused, as its row or state is there already",
        Twice.KEYED: "the other system is asked under the same key, and does it once",
        Twice.TOLD: "it is told again under the same `event_id`",
        Twice.PUSHED: "the client gets it again and knows it by its key",
        Twice.ASKED: "**the other system is asked again and cannot tell**",
        Twice.ADDED: "**it is done a second time**",
        Twice.SAME: "nothing: its steps come to the same",
    }
    return made[one.twice]


def late(one: Consumption, page: Page) -> str:
    """What it is when it comes late."""
    program = page.programs[one.operation]
    if program.condition:
        return "the condition is asked again: what no longer holds is left out"
    if one.starts in (Start.EVERY, Start.DUE):
        return "it is found at the next round"
    if one.starts is Start.LOST:
        return f"until it is done {w.code(one.on)} finds less"
    limit = f", for {days(one.kept_days)} at most" if one.kept_days and one.tries else ""
    return f"it waits its turn{limit}"


def days(kept: float) -> str:
    """How long events are kept."""
    return f"{kept:g} {'day' if kept == 1 else 'days'}"


def never(one: Consumption) -> str:
    """What brings it about all the same."""
    if one.otherwise:
        return f"by {w.listed(one.otherwise, 3)}"
    if one.starts in (Start.EVERY, Start.DUE):
        return "the rows stay, so the next round finds them"
    if one.starts is Start.LOST:
        return "–"
    return f"dead letters: {w.code(one.dead)}" if one.dead else "it stays in the outbox until the broker has it"


def retries(one: Consumption) -> str:
    """How often and after which pauses."""
    if not one.tries:
        return "until it is done"
    span = f"{w.duration(one.first_pause)} to {w.duration(one.longest_pause)}"
    return f"{one.tries} tries, pauses {span}, each ± half"


def backlog(one: Consumption) -> str:
    """What may wait, and what is done then."""
    if not one.consumers or one.starts in (Start.EVERY, Start.LOST):
        return "–"
    return f"above {w.count(one.scale_at)} waiting: more consumers; above {w.count(one.page_at)}: page"


def begins(one: Consumption, page: Page) -> str:
    """What starts it."""
    program = page.programs[one.operation]
    if program.starts is Start.DUE:
        return w.code(program.operation.starts.text)
    return steps.start(program)


def mode(found: Mode, page: Page, operation: str) -> str:
    """Why a caller waits or not."""
    rate = w.rate(page.plan.world.load.peak_of(operation))
    if found is Mode.ALONE:
        program = page.programs[operation]
        return w.code(program.operation.starts.text) if program.starts is Start.DUE else steps.start(program)
    if found is Mode.ACCEPTED:
        return f"{rate} at peak are accepted first and done later"
    return f"the caller waits at most {w.time(page.plan.complete.latency(operation).best)}"


def filtered(seen: Seen) -> str:
    """The filter before a seen-set, or that it is too small for one."""
    sized = f"{w.size(seen.filter_bytes)}, {seen.hashes} hashes, {w.percent(FILTER_ERROR)} false"
    return sized if seen.filtered else f"not worth it ({sized})"


def once(page: Page, sets: tuple[Seen, ...]) -> str:
    """By what something is known again, and what a filter may decide."""
    said = []
    if page.plan.design.topics:
        said.append("An event is known again by its `event_id`, however often it is told.")
    if sets:
        said.append("A request or event that was claimed before is refused by the key of its row: the set decides.")
    if any(s.filtered for s in sets):
        said.append(
            "A bloom filter only spares look-ups of keys that are certainly new: alone it would drop true ones."
        )
    return " ".join(said)


def producers(page: Page) -> str:
    """What those who tell notice when nobody hears."""
    found: dict[Telling, list[str]] = {}
    for topic in page.plan.design.topics:
        found.setdefault(telling(topic, page.plan.design), []).extend(topic.tellers)
    said = []
    kept = [*found.get(Telling.INSIDE, ()), *found.get(Telling.ALONE, ())]
    if kept:
        said.append(f"Not held up while events wait, until the disk is full: {w.listed(dict.fromkeys(kept), 4)}.")
    told = [*found.get(Telling.DIRECT, ()), *found.get(Telling.APART, ())]
    direct = [o for o in dict.fromkeys(told) if page.programs[o].starts in ASKED]
    if direct:
        said.append(f"Refused with 503 when the broker takes no more: {w.listed(direct, 4)}.")
    return " ".join(said)


def none(page: Page) -> str:
    """What is said where nothing is told."""
    behind = [n for n, p in page.programs.items() if not page.asked(n) and p.starts is not Start.CALLER]
    system = page.plan.complete.model.system
    if not behind:
        return f"No operation of {system} tells another: each ends with its answer."
    return f"No operation of {system} tells another. What nobody asks for is started by the clock or by rows: {w.listed(behind, 5)}."


def dead(page: Page, given_up: list[Consumption]) -> str:
    """Who looks after what was given up."""
    handled = {p.operation.starts.on: n for n, p in page.programs.items() if p.starts is Start.DEAD}
    by = [f"{w.words(handled[c.on])} takes what {w.words(c.on)} gave up" for c in given_up if c.on in handled]
    rest = [c.on for c in given_up if c.dead and c.on not in handled]
    if rest:
        by.append(
            f"no operation takes dead-letter events of {w.listed(dict.fromkeys(rest), 4)}: a person does, woken by a ticket ([9.4](#9.4))"
        )
    return f"{w.sentence('; '.join(by))}"

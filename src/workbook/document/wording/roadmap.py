"""Costs, trade-offs and the way ahead in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.brief.steps.syntax import Start, Verb
from workbook.document import words as w
from workbook.document.page import Page
from workbook.document.wording import growth
from workbook.plan.form.verbs import WRITES
from workbook.plan.operate.levers import SAMPLED, Asked, Dear, Lever, Means, reads_spared
from workbook.plan.operate.roadmap import LOAD_FACTOR, Danger, Phase, Risk, Stretch
from workbook.plan.passes.model import Decided
from workbook.plan.passes.world import MEMORY

CLOSE = 0.005
MOST = 3


def lever(one: Lever, page: Page) -> tuple[str, str, str]:
    """Its name, what is done, and the price of it."""
    base, share = w.usd(one.base), w.percent(round(one.share, 3))
    if one.means is Means.CHOICE:
        decided = page.plan.decisions[one.about]
        done = f"{one.option} rather than {decided.chosen.name}: the whole bill sized again is {base}"
        return f"{decided.title}: {one.option}", done, _price(decided, one.option)
    made = {
        Means.COMMIT: (
            f"{share} off the machines that run all day ({base})",
            "bound for a year: for the base, not for the peak",
        ),
        Means.NIGHT: (
            f"services at {share} of the peak, which is the mean load, never below their least",
            "slow to follow a sudden burst",
        ),
        Means.COLD: (
            f"files that nobody has read for a month ({share} assumed) in the colder class",
            "reading them costs more and takes longer",
        ),
        Means.SHRINK: (
            f"{share} off the bytes that are stored and fetched ({base})",
            "work when they are brought; quality must be judged",
        ),
        Means.LOGS: (f"{w.percent(SAMPLED)} of the good calls logged in full", "rare faults are harder to find"),
    }
    done, price = made[one.means]
    return one.means.value, done, price


def _price(decided: Decided, option: str) -> str:
    """What the other option is worse at."""
    mine = decided.of(decided.chosen.id)
    other = next(j for j in decided.judged if j.option.name == option)
    gaps = {c: weight * (mine.scores[c].value - other.scores[c].value) for c, weight in decided.weights.items()}
    most = max(gaps, key=lambda c: gaps[c], default="")
    if not most or gaps[most] <= 0:
        return "none of the criteria speaks against it"
    evidence = str(other.scores[most].evidence)
    return f"{most}: {evidence}" if evidence else f"worse at {most}"


def dear(one: Dear) -> tuple[str, str]:
    """A requirement, and what would be softer."""
    n = one.numbers
    made = {
        Asked.AVAILABILITY: (
            f"availability {w.percent(n.get('said', 0.0))}",
            f"99.9 % needs two copies of each row rather than {n.get('copies', 0):g}",
        ),
        Asked.HEADROOM: (
            f"headroom {w.percent(n.get('said', 0.0))}",
            "halved, half of it; a failover leaves less room",
        ),
        Asked.RETENTION: (
            f"{w.words(one.about)} kept {w.duration(n.get('days', 0.0) * 86_400)}: {w.size(n.get('bytes', 0.0))}",
            "kept half as long, this is saved",
        ),
        Asked.REGIONS: (
            f"a further region: {n.get('factor', 1.0):g} times the machines",
            "one region; its loss is then a restore",
        ),
        Asked.PEAK: ("the peak", "–"),
    }
    return made[one.asked]


# Trade-offs -----------------------------------------------------------------------------------------------------------


def consistency(page: Page) -> tuple[str, str]:
    """What is strong, what may be old; and the other way."""
    complete = page.plan.complete
    strong = [e for e in complete.entities if complete.consistency(e) == "strong"]
    weak = [e for e in complete.entities if e not in strong]
    stale = w.duration(complete.quality("staleness").best)
    copied = [n for n, s in page.structures.items() if s.of]
    old = [w.words(page.structures[n].of[0]) for n in copied]
    here = f"{w.listed(strong, 4) or 'nothing'} strong; the rest may be {stale} old"
    if old:
        here = f"{here}, and copies of {', '.join(dict.fromkeys(old[:4]))} are read"
    reads = w.rate(page.plan.demand.total("total_peak_read_qps"))
    return (
        here,
        f"all strong: {reads} of reads go to leaders and past the copies" if weak else "nothing is left to relax",
    )


def memory(page: Page) -> tuple[str, str]:
    """What memory costs and what it spares."""
    tier = page.plan.sizing.tiers.get(MEMORY)
    spared = reads_spared(page.plan.world)
    if tier is None or not tier.monthly_usd:
        return (
            "no memory of its own: the database answers every look-up",
            f"copies would spare it some of {w.rate(page.plan.demand.total('total_peak_read_qps'))}, and be dropped at each write",
        )
    held = [n for n, home in page.plan.world.homes.items() if home == MEMORY]
    other = (
        f"without copies the databases answer {w.rate(spared)} more" if spared else "the same in tables of the database"
    )
    return f"{page.title(MEMORY)} for {w.usd(tier.monthly_usd)} a month holds {w.listed(held, 3)}", other


def fan_out(page: Page) -> tuple[str, str]:
    """The work of one write for many, or of one read over many."""
    load = page.plan.world.load
    pushed = [
        (load.average_of(r.program.id) * many, many, r.program.id, r.step.target)
        for r in load.steps
        if r.program.starts in (Start.EVENT, Start.QUEUE)
        and (r.step.verb in WRITES or r.step.verb is Verb.PUSH)
        and (many := float((r.runs * r.rows)[0])) > 1
    ]
    if pushed:
        _, many, operation, target = max(pushed)
        return (
            f"fan-out: one run of {w.words(operation)} comes to {w.count(many)} times {w.words(target)}",
            "pull: every reader looks the same up, each time",
        )
    read = page.plan.design.critical_read
    rows = [(float(r.rows[0]), r.step.target) for r in load.runs.get(read, ()) if r.step.target in page.structures]
    if rows:
        most, target = max(rows)
        return (
            f"pull: {w.words(read)} reads {w.count(most)} rows of {w.words(target)} each time",
            "fan-out: each write puts its row where every reader finds it; it pays when readers outnumber writers",
        )
    return "neither: nothing is read or told for many", "–"


def aspects(decided: Decided) -> tuple[str, str]:
    """What the chosen option is ahead on, and what it gives up against the runner-up. Nothing is given up against what is out."""
    mine = decided.of(decided.chosen.id)
    rival = decided.of(decided.runner_up.id) if decided.runner_up else mine
    if rival.excuses:
        return "", ""
    gaps = {c: weight * (mine.scores[c].value - rival.scores[c].value) for c, weight in decided.weights.items()}
    ahead = [c for c in sorted(gaps, key=lambda c: -gaps[c]) if gaps[c] > CLOSE]
    behind = [c for c in sorted(gaps, key=lambda c: gaps[c]) if gaps[c] < -CLOSE]
    return ", ".join(ahead[:MOST]), ", ".join(behind[:MOST])


def tradeoffs(page: Page) -> Iterator[tuple[str, str, str]]:
    """The three that every system makes."""
    yield "Consistency against freshness and latency", *consistency(page)
    yield "Memory against latency", *memory(page)
    yield "Fan-out against pull", *fan_out(page)


# The way ahead --------------------------------------------------------------------------------------------------------


def stretch(one: Stretch, before: int, page: Page) -> str:
    """A phase with its months."""
    names = {Phase.PROTOTYPE: "0 Prototype", Phase.MVP: "1 MVP", Phase.LAUNCH: "2 Launch", Phase.AFTER: "3 After it"}
    if one.phase is Phase.AFTER:
        return names[one.phase]
    return f"{names[one.phase]}, until month {one.until}"


def builds(one: Stretch, page: Page) -> str:
    """What a phase builds."""
    design = page.plan.design
    first = [page.feature_title(f) for f in page.ordered_features if page.feature_priority(f) == "P0"]
    later = [page.feature_title(f) for f in page.ordered_features if page.feature_priority(f) != "P0"]
    risky = design.critical_write or design.critical_read
    marks = [
        f"{page.title(t.component)}: {growth.mark(t.mark)} in month {t.month}"
        for t in page.plan.sizing.thresholds
        if t.month
    ]
    made = {
        Phase.PROTOTYPE: f"{w.words(risky)} from end to end at {w.rate(page.plan.world.load.peak_of(risky))}"
        if risky
        else "one operation",
        Phase.MVP: ", ".join(first) or ", ".join(later[:2]) or "the first operation",
        Phase.LAUNCH: ", ".join(later) or "nothing more: hardening",
        Phase.AFTER: "; ".join(marks[:4]) or "no review mark is reached within the horizon",
    }
    return made[one.phase]


def done_when(one: Stretch, page: Page) -> str:
    """How one knows that a phase is over."""
    plan = page.plan
    risky = plan.design.critical_write or plan.design.critical_read
    promises = len(plan.world.kept)
    target = (
        f"its p99 is below {w.time(plan.complete.latency(risky).best)}" if risky and page.asked(risky) else "it runs"
    )
    peak = w.rate(plan.demand.total("total_peak_qps") * LOAD_FACTOR)
    made = {
        Phase.PROTOTYPE: target,
        Phase.MVP: f"attacks on {promises} promises fail to break them"
        if promises
        else "its users say that it does the job",
        Phase.LAUNCH: f"the load test holds {peak}; restore and failover were rehearsed ([9.3](#9.3)); every alert has led to its runbook once",
        Phase.AFTER: "choices of [12.1](#12.1) asked again with measured numbers",
    }
    return made[one.phase]


_DANGERS = {
    Danger.PROMISE: ("a promise that nothing keeps", "change the steps, or take the promise back"),
    Danger.REGION: ("RPO and RTO do not hold when the region is lost", "decide in [9.3](#9.3)"),
    Danger.RESTORE: ("a restore takes longer than the RTO", "rehearse the failover; keep less, or in more parts"),
    Danger.ZONE: ("too little is left at peak when a zone is lost", "more headroom, or shed P1 knowingly"),
    Danger.MARK: ("beyond a review mark from the first day", "load test of just this part in the prototype"),
    Danger.ATTACK: ("open to an attack", "close it in [10.4](#10.4), or accept it with a name"),
    Danger.UNKNOWN: ("the workbook does not know", "answer it in the brief"),
}


def risk(danger: Danger, found: Iterable[Risk], page: Page) -> tuple[str, str, str]:
    """A danger, what it is about, and the remedy."""
    what, remedy = _DANGERS[danger]
    said = []
    for one in found:
        if danger is Danger.ATTACK and one.attack is not None:
            said.append(one.attack.value)
        elif danger is Danger.PROMISE:
            said.append(f"{w.code(one.about)} ({one.why})")
        elif danger is Danger.UNKNOWN:
            said.append(w.code(one.about))
        elif one.about:
            said.append(page.title(one.about))
    names = list(dict.fromkeys(said))
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return what, shown or "the whole system", remedy

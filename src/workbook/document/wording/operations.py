"""Scaling, losses, recovery and signals in words."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.document import words as w
from workbook.document.page import Page
from workbook.document.wording import growth
from workbook.plan.fold.services import ASKED
from workbook.plan.operate.causes import DISK_DAYS
from workbook.plan.operate.degradation import Absence, Effect
from workbook.plan.operate.objectives import objectives
from workbook.plan.operate.recovery import (
    KEPT_DAYS,
    RESTORE_BYTES_PER_SECOND,
    VERSIONS_DAYS,
    Backup,
    Disaster,
    Outcome,
    StoreRecovery,
)
from workbook.plan.operate.scaling import Growth, ScalesOn, ServiceScale, Spread, StoreScale, Taken, Way, ZoneLoss
from workbook.plan.operate.signal import FAILURES_AN_HOUR, Signal, Told, Unit, Watch
from workbook.plan.passes.model import ability


def scales_on(one: ServiceScale, page: Page) -> str:
    """What adds an instance."""
    cpu = f"CPU above {w.percent(one.cpu)}"
    if one.on is ScalesOn.BACKLOG:
        return f"a backlog above a minute of events ([8.4](#8.4)), or {cpu}"
    if one.on is ScalesOn.CONNECTIONS:
        return f"{w.count(one.each)} connections an instance, or {cpu}"
    return f"{w.count(one.each)} requests per second an instance, or {cpu}"


def grows(one: StoreScale) -> str:
    """What a store takes next."""
    if one.next is Growth.ITSELF:
        return "grows by itself, paid by use"
    made = {
        Growth.UP: f"a larger machine: {w.count(one.room)} times today's load fits the largest",
        Growth.SHARD: "a further shard, split by hand",
        Growth.NODE: "a further node; it takes its share of the keys by itself",
    }
    return made[one.next]


def fills(one: StoreScale) -> str:
    """What is full first, and how much of it is used."""
    return f"{one.full}: {w.percent(round(one.used, 3))} used" if one.full else "–"


def review(one: StoreScale) -> str:
    """When its review mark is reached."""
    mark = one.review
    return f"{growth.when(mark)}: {growth.mark(mark.mark)}" if mark else "not within the horizon"


def way(taken: Taken, page: Page) -> str:
    """What a way of scaling does here."""
    n, about = taken.numbers, page.title(taken.about) if taken.about else ""
    if taken.way is Way.HORIZONTAL:
        return f"{about}: {n['least']:g} to {n['most']:g} instances, which keep no state"
    if taken.way is Way.VERTICAL:
        return f"{about} has {n['vcpu']:g} vCPU; {w.count(n['room'])} times today's load fits the largest machine"
    if taken.way is Way.REPLICAS:
        return f"{n['copies']:g} copies of {about} hold what {w.rate(n['reads'])} ask for"
    if taken.way is Way.SHARDING:
        if n["parts"] > 1:
            return f"{about} is spread over {n['parts']:g} already"
        return f"not before {w.rate(n['writes'] * n['room'])} of writes; today {w.rate(n['writes'])}"
    if taken.way is Way.CACHING:
        return (
            f"memory answers {w.percent(round(n['share'], 3))} of the look-ups"
            if n["share"]
            else "the database answers every look-up"
        )
    if taken.way is Way.CQRS:
        verdict = "a read model of its own pays" if n["split"] else "indexes and copies are read model enough"
        return f"{w.count(n['ratio'])} reads per write: {verdict}"
    return (
        f"{w.rate(n['events'])} of events and items at peak, for which nobody waits"
        if n["events"]
        else "nothing is told, so nothing waits"
    )


# Losses ---------------------------------------------------------------------------------------------------------------


def spread(one: ZoneLoss) -> str:
    """Where it stands and who serves."""
    if one.spread is Spread.OFFERED:
        return "a service of the cloud, over all zones"
    leads = "one leads" if one.groups == 1 else f"one leads in each of {one.groups} shards"
    serves = f"{leads}, the others stand by" if one.spread is Spread.LEADER else "all serve"
    return f"{one.nodes} in {one.zones} {'zone' if one.zones == 1 else 'zones'}: {serves}"


def without_zone(one: ZoneLoss) -> str:
    """What is left when a zone is lost."""
    if one.spread is Spread.OFFERED:
        return "goes on"
    if not one.left:
        return "**stops** until it is started elsewhere"
    if one.spread is Spread.LEADER:
        return "a standby leads after the failover"
    busy = f", {w.percent(round(one.busy, 2))} busy at peak" if one.busy else ""
    over = "; **too much at peak: P1 is shed until machines are back**" if one.busy > 1 else ""
    return f"{one.left} of {one.nodes} go on{busy}{over}"


def absence(one: Absence, effect: Effect, page: Page) -> str:
    """The operations with one effect; all of them are not named."""
    names = one.effects.get(effect, ())
    if not names:
        return "–"
    called = {n for n, p in page.programs.items() if p.starts in ASKED}
    if called <= set(names):
        return "every call"
    if set(page.programs) - called <= set(names):
        return "all that nobody asks for"
    return w.listed(names, 5)


def backup(one: StoreRecovery, page: Page) -> str:
    """From where it comes back."""
    log = "as it is written" if one.log_seconds == 0 else f"every {w.duration(one.log_seconds)}"
    made = {
        Backup.SNAPSHOT: f"snapshot each night, kept {KEPT_DAYS} days; log archived {log}",
        Backup.VERSIONS: f"replaced and deleted files kept {VERSIONS_DAYS} days",
        Backup.REMADE: f"none: made again by {w.listed(one.by, 3) or 'what it was made of'}",
        Backup.REFILLED: "none: what it holds may be lost, callers fill it again",
        Backup.RETOLD: "none: the outbox tells a day of events again",
        Backup.NONE: f"none: **events of {w.listed(one.by, 3)} are lost with their copies**, others are told again from the outbox",
    }
    return made[one.backup]


def restore(one: StoreRecovery, page: Page) -> str:
    """How long it takes until it is back."""
    if one.seconds is None:
        return "no restore of the whole"
    rate = f"{w.size(RESTORE_BYTES_PER_SECOND)}/s"
    parts = f" by {one.parallel} machines at {rate} each" if one.parallel > 1 else f" at {rate}"
    return f"{w.size(one.bytes)}{parts}: {w.duration(one.seconds)}"


def against(one: StoreRecovery) -> str:
    """The restore against the RTO."""
    if one.seconds is None:
        return "–"
    return "within" if one.fits else "**longer**: a copy takes over first; restored only where data is wrong"


def drill(one: StoreRecovery) -> str:
    """How often it is rehearsed."""
    made = {Backup.SNAPSHOT: "quarterly, timed", Backup.VERSIONS: "twice a year, a sample"}
    return made.get(one.backup, "with each failover drill")


def disaster(one: Outcome) -> str:
    """What is lost."""
    made = {
        Disaster.ZONE: "A zone is lost",
        Disaster.REGION: "The region is lost",
        Disaster.DATA: "Data are destroyed by a fault of ours",
    }
    return made[one.disaster]


def then(one: Outcome, page: Page) -> str:
    """What is done."""
    if one.disaster is Disaster.ZONE:
        return "copies in the other zones take over"
    if one.disaster is Disaster.DATA:
        return "restore to a moment before it, beside the running store; copy back what is damaged"
    if one.elsewhere:
        return "traffic moves to the other region"
    return "rebuilt in another region from the snapshots and logs that are copied there"


def loses(one: Outcome, page: Page) -> str:
    """How much is lost, against the RPO."""
    target = objectives(page.plan.complete, page.plan.demand).rpo
    nothing = "nothing from before it" if one.disaster is Disaster.DATA else "nothing acknowledged"
    lost = f"up to {w.duration(one.lost_seconds)}" if one.lost_seconds else nothing
    return lost if one.rpo else f"**{lost}, against an RPO of {w.duration(target)}**"


def back(one: Outcome, page: Page) -> str:
    """When it serves again, against the RTO."""
    target = objectives(page.plan.complete, page.plan.demand).rto
    if not one.back_seconds:
        return "without a break"
    return (
        w.duration(one.back_seconds)
        if one.rto
        else f"**{w.duration(one.back_seconds)}, against an RTO of {w.duration(target)}**"
    )


def region_question(page: Page, outcome: Outcome) -> str:
    """What the loss of a region asks of whoever signs."""
    if outcome.rpo and outcome.rto:
        return ""
    chosen = page.plan.decisions["regions"]
    fitting = [j.option for j in chosen.judged if ability(j.option, "survives_region") and not j.excuses]
    name = min(fitting, key=lambda o: o.complexity).name if fitting else ""
    remedy = f"{name} would hold them" if name else "no option of 9.2 would hold them"
    return (
        f"RPO and RTO do not hold for the loss of a region. {remedy}, at the price of a second region: to be decided."
    )


# Signals --------------------------------------------------------------------------------------------------------------


def threshold(one: Signal) -> str:
    """When somebody is told."""
    if one.watch is Watch.BUDGET and one.burn:
        share = w.percent(round(one.limit, 5))
        return f"{share} of calls fail over {one.burn.long} and {one.burn.short} ({one.burn.factor:g} times the pace of the budget)"
    if one.watch is Watch.ERRORS:
        return f"{FAILURES_AN_HOUR:g} failed calls within an hour"
    if one.watch is Watch.DISK:
        return f"full within {DISK_DAYS:g} days"
    if one.watch is Watch.DOWN:
        return "a machine does not answer"
    if one.watch is Watch.DEAD:
        return "any"
    if one.watch is Watch.TRAFFIC:
        return f"below {w.percent(one.limit)} of the same hour a week ago"
    side = "below" if one.below else "above"
    p99 = "p99 " if one.watch in (Watch.LATENCY, Watch.LATE, Watch.OUTSIDE_LATENCY) else ""
    return f"{p99}{side} {limit(one)}"


def limit(one: Signal) -> str:
    """A threshold in its unit."""
    if one.unit is Unit.SHARE:
        return w.percent(round(one.limit, 4))
    if one.unit is Unit.SECONDS:
        return w.duration(one.limit)
    return w.count(one.limit)


def lasting(one: Signal) -> str:
    """For how long."""
    return w.duration(one.lasts) if one.lasts else "at once"


def about(found: Iterable[Signal], page: Page) -> str:
    """What signals are about."""
    names = [page.title(s.about) if s.about in page.plan.design.titles else s.about for s in found if s.about]
    return w.listed([part for n in names for part in n.split(", ")], 5) if names else "the whole system"


_TELLS = {
    Watch.BUDGET: "share of failed calls (errors)",
    Watch.ERRORS: "failed calls (errors)",
    Watch.LATENCY: "p99 of each operation (duration)",
    Watch.TRAFFIC: "calls (rate)",
    Watch.BACKLOG: "what waits (lag)",
    Watch.DEAD: "what was given up",
    Watch.CLOCK: "time since the last success",
    Watch.LATE: "how late work that has its time is done",
    Watch.COPIES: "share of look-ups that copies answer (hit ratio)",
    Watch.SATURATION: "busy share of the processors (saturation)",
    Watch.CONNECTIONS: "open connections of an instance",
    Watch.OUTSIDE_ERRORS: "failed calls of others' systems",
    Watch.OUTSIDE_LATENCY: "p99 of calls of others' systems",
    Watch.DISK: "free space, extrapolated",
    Watch.DOWN: "machines that answer",
    Watch.BACKUP: "time since the last backup",
}


def tells(watch: Watch) -> str:
    """What a metric says."""
    return _TELLS[watch]


def told(one: Signal) -> str:
    """Who is told."""
    return "**page**" if one.told is Told.PAGE else "ticket"


def no_runbook(found: Iterable[Signal], page: Page) -> str:
    """Signals that no runbook of the catalog answers."""
    names = about(found, page)
    return f"The catalog has no runbook for {names}: write it before the launch."


def rules(page: Page, path: str, count: int) -> str:
    """Where the rules are."""
    proof = page.proofs.get(path, "")
    return f"{count} alerting rules: {w.code(path)}.{f' {proof}.' if proof else ''}"


def asks(pillar: str, page: Page) -> str:
    """The question that a pillar answers here."""
    design = page.plan.design
    name = w.words(design.critical_write or design.critical_read)
    made = {
        "metrics": "Are the service levels of [1.4](#1.4) met?",
        "logs": f"What happened to one call of {name}?" if name else "What happened?",
        "traces": f"Which of the {len(design.hops.get(design.critical_write or design.critical_read, ()))} hops of {name} took the time?",
    }
    return made[pillar]

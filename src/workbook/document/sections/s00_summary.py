"""0 Executive summary."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Note, Subsection, Table, Text, Tone
from workbook.document.page import Page
from workbook.plan.decisions.engine import versus

NUMBER = 0
TITLE = "Executive summary"


def build(page: Page) -> Iterator[Subsection]:
    """Problem, architecture in a line, why it fits; the key numbers; what is not met."""
    plan = page.plan
    complete, demand, sizing, design = plan.complete, plan.demand, plan.sizing, plan.design
    model = complete.model
    users = plan.values.get("populations.users.daily_active")
    who = (
        f"{w.count(users.best)} users a day" if users else f"{w.count(demand.total('total_calls_per_day'))} calls a day"
    )
    problem = w.sentence(model.statement or f"{model.system} is to be built")
    goals = f" It must hold to this: {'; '.join(g.text for g in model.goals)}." if model.goals else ""
    scale = f" {who[:1].upper() + who[1:]} make {w.rate(demand.total('total_average_qps'))} on average and {w.rate(demand.total('total_peak_qps'))} at peak, and leave {w.size(demand.total('storage_bytes_per_day'))} a day."
    style = plan.decisions["architecture_style"].chosen.name
    databases = " and ".join(dict.fromkeys(s.name for s in design.stores if s.role == "database"))
    regions = plan.decisions["regions"].chosen.name
    line = f"**{style}** in {design.language.name}, {databases or 'no database'} as home of the data, {design.cache.name} for hot reads, {design.messaging.name} for events; {regions.lower()}."
    reasons = [
        r
        for r in (
            _because(page, d)
            for d in (
                "architecture_style",
                next((n for n in plan.decisions if n.startswith("database.")), ""),
                "messaging",
            )
        )
        if r
    ]
    cost = (
        f" The month costs about {w.usd(sizing.monthly_usd)}"
        + (
            f", {sizing.per_user_usd:.3g} USD for each of the {w.count(sizing.monthly_usd / sizing.per_user_usd)} active users"
            if sizing.per_user_usd
            else ""
        )
        + "."
    )
    fits = f" It fits: {'; '.join(reasons)}." if reasons else ""
    open_ = [d for d in plan.decisions.values() if not d.pinned] or list(plan.decisions.values())
    wide = max(open_, key=lambda d: d.of(d.chosen.id).total - (d.of(d.runner_up.id).total if d.runner_up else 0))
    narrow = f" The clearest decision is {w.words(wide.decision)} ({wide.chosen.name})." if wide.runner_up else ""
    yield Subsection(
        id="0.1",
        title="Summary",
        blocks=(
            Text(id="0.1.summary", paragraphs=(f"{problem}{goals}{scale}", f"{line}{fits}{cost}{narrow}")),
            Table(
                id="0.1.numbers",
                title="Key numbers",
                columns=("Number", "Value", "Derived in"),
                align="<><",
                rows=_numbers(page),
            ),
            *_problems(page),
        ),
    )


def _because(page: Page, decision: str) -> str:
    """What decided it, in a clause; nothing for what the brief pins."""
    decided = page.plan.decisions.get(decision)
    if decided is None:
        return ""
    if decided.pinned:
        return f"{decided.chosen.name} is the brief's own choice"
    judged = decided.of(decided.chosen.id)
    rival = decided.of(decided.runner_up.id) if decided.runner_up else None
    if rival and rival.excuses:
        return f"{decided.chosen.name}, because {rival.option.name} is out ({rival.excuses[0]})"
    if rival is None:
        return decided.reason.rstrip(".")
    gaps = {c: weight * (judged.scores[c].value - rival.scores[c].value) for c, weight in decided.weights.items()}
    decisive = max(gaps, key=lambda c: gaps[c])
    return f"{decided.chosen.name} wins over {rival.option.name} on {decisive}{versus(judged.scores[decisive], rival.scores[decisive])}"


def _numbers(page: Page) -> tuple[tuple[str, str, str], ...]:
    plan = page.plan
    demand = plan.demand
    rows = [
        (
            "Requests per second, average / peak",
            f"{w.count(demand.total('total_average_qps'))} / {w.count(demand.total('total_peak_qps'))}",
            "[2.2](#2.2)",
        ),
        (
            "Storage after a year, one copy / every copy",
            f"{w.size(demand.total('storage_bytes_per_year'))} / {w.size(demand.total('storage_bytes_per_year_replicated'))}",
            "[2.2](#2.2)",
        ),
        *(
            [
                (
                    "Storage kept at the horizon",
                    f"{w.size(demand.total('storage_bytes_retained'))} / {w.size(demand.total('storage_bytes_retained_replicated'))}",
                    "[2.2](#2.2)",
                )
            ]
            if 0 < demand.total("storage_bytes_retained") < demand.total("storage_bytes_per_year")
            else []
        ),
        ("Traffic out at peak", w.bits(demand.total("total_peak_egress")), "[2.2](#2.2)"),
        (
            "Availability, downtime a year",
            f"{w.percent(plan.complete.quality('availability').best)}, {w.duration(demand.total('downtime'))}",
            "[1.4](#1.4)",
        ),
        ("Machines that run our code", f"{plan.sizing.servers}", "[9.1](#9.1)"),
        ("Cost of a month", w.usd(plan.sizing.monthly_usd), "[2.4](#2.4)"),
    ]
    if "totals.concurrent_connections" in plan.values:
        rows.insert(3, ("Open connections", w.count(demand.total("concurrent_connections")), "[2.2](#2.2)"))
    return tuple(rows)


def _problems(page: Page) -> Iterator[Note]:
    for i, problem in enumerate(p for p in page.plan.problems if p.severity != "info"):
        tone: Tone = "danger" if problem.severity == "error" else "warning"
        yield Note(
            id=f"0.1.finding{i + 1}",
            title="Not met" if tone == "danger" else "To look at",
            text=f"`{problem.place}` {problem.what}. {problem.remedy}",
            tone=tone,
        )

"""The first page in words."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.wording import choices
from workbook.plan import Plan
from workbook.plan.passes.world import DATABASE


def paragraphs(plan: Plan) -> tuple[str, ...]:
    """What it is for and how large; what it is built of and why; what it costs."""
    return tuple(p for p in (_problem(plan), _architecture(plan), _mechanisms(plan), _cost(plan)) if p)


def _problem(plan: Plan) -> str:
    model, demand = plan.complete.model, plan.demand
    users = plan.values.get("populations.users.daily_active")
    calls = f"{w.count(demand.total('total_calls_per_day'))} calls a day"
    who = f"{w.count(users.best)} users a day" if users else calls
    problem = w.sentence(model.statement or f"{model.system} is to be built")
    rates = (
        f"{w.rate(demand.total('total_average_qps'))} on average and {w.rate(demand.total('total_peak_qps'))} at peak"
    )
    scale = (
        f"{who[:1].upper() + who[1:]} make {rates}, and leave {w.size(demand.total('storage_bytes_per_day'))} a day."
    )
    goals = f"It must hold to this: {'; '.join(g.text for g in model.goals)}." if model.goals else ""
    return " ".join(p for p in (problem, goals, scale) if p)


def _architecture(plan: Plan) -> str:
    design = plan.design
    databases = list(dict.fromkeys(s.technology.name for s in design.stores if s.role == DATABASE))
    parts = [f"**{plan.decisions['architecture_style'].chosen.name}** in {design.language.name}"]
    parts.append(f"{' and '.join(databases)} as home of the data" if databases else "no database")
    memory, messaging = plan.world.stores.get("cache"), plan.world.stores.get("messaging")
    if memory is not None:
        parts.append(f"{memory.technology.name} for what may be lost")
    if messaging is not None:
        parts.append(f"{messaging.technology.name} for events")
    elif plan.world.form.topics:
        parts.append("events in the database itself")
    regions = plan.decisions["regions"].chosen.name.lower()
    why = [choices.reason(d) for d in list(plan.decisions.values()) if d.decision == DATABASE][:1]
    return f"{', '.join(parts)}; {regions}. {' '.join(why)}".strip()


def _mechanisms(plan: Plan) -> str:
    """What makes this system this system: each capability with the approach that builds it."""
    said = []
    for use in plan.world.uses.built:
        decided = plan.decisions[use.id]
        about = w.words(decided.subject.partition(".")[2] or decided.subject)
        said.append(f"{use.binding.capability.title.lower()} ({about}) by **{decided.chosen.name.lower()}**")
    return f"What makes it work: {'; '.join(said)}." if said else ""


def _cost(plan: Plan) -> str:
    sizing = plan.sizing
    each = ""
    if sizing.per_user_usd:
        users = w.count(sizing.monthly_usd / sizing.per_user_usd)
        each = f", {sizing.per_user_usd:.3g} USD for each of the {users} active users"
    return f"A month costs about {w.usd(sizing.monthly_usd)}{each}."


def numbers(plan: Plan) -> tuple[tuple[str, str, str], ...]:
    """The numbers of the first page, with where they are derived."""
    return tuple(_numbers(plan))


def _numbers(plan: Plan) -> Iterator[tuple[str, str, str]]:
    total, available = plan.demand.total, plan.complete.quality("availability").best
    calls = f"{w.count(total('total_average_qps'))} / {w.count(total('total_peak_qps'))}"
    yield "Requests per second, average / peak", calls, "[2.2](#2.2)"
    year = f"{w.size(total('storage_bytes_per_year'))} / {w.size(total('storage_bytes_per_year_replicated'))}"
    yield "Written in a year, one copy / every copy", year, "[2.2](#2.2)"
    if 0 < total("storage_bytes_retained") < total("storage_bytes_per_year"):
        kept = f"{w.size(total('storage_bytes_retained'))} / {w.size(total('storage_bytes_retained_replicated'))}"
        yield "Storage kept at the horizon", kept, "[2.2](#2.2)"
    if "totals.concurrent_connections" in plan.values:
        yield "Open connections", w.count(total("concurrent_connections")), "[2.2](#2.2)"
    yield "Traffic out at peak", w.bits(total("total_peak_egress")), "[2.2](#2.2)"
    yield "Availability, downtime a year", f"{w.percent(available)}, {w.duration(total('downtime'))}", "[1.4](#1.4)"
    yield "Machines that run our code", f"{plan.sizing.servers}", "[9.1](#9.1)"
    yield "Cost of a month", w.usd(plan.sizing.monthly_usd), "[2.4](#2.4)"

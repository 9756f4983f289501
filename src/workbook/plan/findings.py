"""What the design does not meet and what the brief contradicts: findings, not errors. The report is written all the same.

A question to any design is a check (`review/checks/`). Here stands what contradicts this brief: each has its family in
`acceptance.FAMILIES`, and only errors among these fail `workbook check`.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.problems import Problem
from workbook.plan import unused
from workbook.plan.complete import Complete
from workbook.plan.fold.design import Design
from workbook.plan.passes.model import ability
from workbook.plan.passes.world import World
from workbook.plan.sizing import Sizing
from workbook.plan.sizing.model import Item
from workbook.plan.texts import brief_number

RATIO_TOLERANCE = 3.0
LANGUAGE_USD = 1_000.0
"""Below this a month no language is worth a remark."""
FAR_SHARE, FAR_P99_SECONDS = 0.2, 1.0
"""From a fifth of the users on, and targets within a second, distance matters (our assumption)."""


def findings(complete: Complete, design: Design, sizing: Sizing) -> tuple[Problem, ...]:
    """Everything worth saying of the design, accepted or not."""
    world = design.world
    return (
        *_budget(complete, sizing),
        *_limits(world),
        *_latency(complete),
        *_ratio(complete, world),
        *_language(world, sizing),
        *_far(complete, world),
        *_untouched(world),
        *unused.findings(design, sizing),
        *complete.problems,
    )


def _budget(complete: Complete, sizing: Sizing) -> Iterator[Problem]:
    budget = complete.model.constraints.budget
    if budget is not None and sizing.monthly_usd > budget.best:
        largest = max(sizing.costs, key=lambda c: c.monthly_usd)
        yield Problem(
            "constraints.budget",
            f"the design costs {brief_number(sizing.monthly_usd)} USD a month, the budget is {brief_number(budget.best)}",
            f"The largest item is {largest.id.value.replace('_', ' ')} with {brief_number(largest.monthly_usd)} USD: see the levers in 11.1.",
            "error",
            "over_budget",
        )


def _limits(world: World) -> Iterator[Problem]:
    for name, decided in world.decided.items():
        judged = decided.of(decided.chosen.id)
        if judged.excuses:
            why = "pinned by the brief" if decided.pinned else "no option meets every limit"
            yield Problem(
                f"decisions.{name}",
                f"{decided.chosen.name} breaks a limit ({why}): {'; '.join(str(e) for e in judged.excuses)}",
                "Change the choice, or the requirement behind the limit.",
                "error",
                f"limit:{name}",
            )


def _latency(complete: Complete) -> Iterator[Problem]:
    for name, operation in complete.operations.items():
        for integration_id, integration in complete.model.integrations.items():
            own = complete.latency(name).best
            if (
                name in integration.operations
                and operation.mode != "async"
                and operation.verb != "notify"
                and integration.p99
                and integration.p99.best > own
            ):
                yield Problem(
                    f"operations.{name}.p99",
                    f"promises {own * 1000:.0f} ms and waits for {integration_id} ({integration.p99.text})",
                    f"Make {name} asynchronous, or allow it more time.",
                    "warning",
                    f"latency:{name}",
                )
    target = complete.quality("availability").best
    for integration_id, integration in complete.model.integrations.items():
        waits = [
            n
            for n in integration.operations
            if complete.operations[n].mode != "async"
            and complete.operations[n].verb not in ("notify", "upload")
            and complete.priority(n) == "P0"
        ]
        if integration.availability and integration.availability.best < target and waits:
            yield Problem(
                f"integrations.{integration_id}",
                f"is {integration.availability.text} available, and {waits[0]} (P0, {target:.3%}) waits for it",
                "Accept and do it later, or lower the target.",
                "warning",
                f"availability:{integration_id}",
            )


def _ratio(complete: Complete, world: World) -> Iterator[Problem]:
    said = complete.model.quality.read_write
    writes = world.demand.total("total_average_write_qps") if complete.operations else 0.0
    if said is not None and writes > 0:
        found = world.demand.total("total_average_read_qps") / writes
        if not said.best / RATIO_TOLERANCE <= found <= said.best * RATIO_TOLERANCE:
            yield Problem(
                "quality.read_write",
                f"says {said.text} reads per write, the operations give {brief_number(found)}",
                "Mend a rate, or the ratio.",
                "warning",
                "read_write",
            )


def _language(world: World, sizing: Sizing) -> Iterator[Problem]:
    """A pinned language that multiplies the servers."""
    decided = world.decided["language"]
    best = max(decided.judged, key=lambda j: j.total).option
    mine, other = ability(decided.chosen, "throughput"), ability(best, "throughput")
    bill = sum(c.monthly_usd for c in sizing.costs if c.id is Item.COMPUTE)
    saved = bill * (1 - mine / other) if other > mine > 0 else 0.0
    if decided.pinned and best.id != decided.chosen.id and saved > LANGUAGE_USD and saved > 0.1 * sizing.monthly_usd:
        yield Problem(
            "document.LANGUAGE" if "LANGUAGE" in world.complete.model.document else "choices.language",
            f"{decided.chosen.name} is pinned and takes {sizing.servers:,} servers; {best.name} answers {other / mine:.3g} times the calls per core, about {brief_number(saved)} USD a month less",
            f"Write the busiest service in {best.name}, or accept the price.",
            "warning",
            "pinned_language",
        )


def _far(complete: Complete, world: World) -> Iterator[Problem]:
    """Users far from the only place that answers."""
    shares = {n: s.best for n, s in complete.model.constraints.regions.items()}
    chosen = world.chosen("regions")
    if not shares or ability(chosen, "read_local"):
        return
    home = max(shares, key=lambda n: shares[n])
    away = 1 - shares[home]
    fastest = min(
        (complete.latency(n).best for n, o in complete.operations.items() if o.by), default=complete.quality("p99").best
    )
    if away > FAR_SHARE and fastest < FAR_P99_SECONDS:
        yield Problem(
            "constraints.regions",
            f"{away:.0%} of the users live outside {home}: each round trip costs them 100 to 250 ms more; the tightest p99 is {fastest * 1000:.0f} ms",
            "Hold targets inside the main region only, serve reads near callers, or relax them.",
            "warning",
            "far_users",
        )


def _untouched(world: World) -> Iterator[Problem]:
    """Entities that no step makes or reads."""
    idle = [e for e in world.complete.entities if e not in world.touched]
    if idle:
        yield Problem(
            f"entities.{idle[0]}",
            f"no operation creates or reads {', '.join(idle)}: stored and referred to, but nothing here says how rows come and go",
            "Add the operations, or say which other system keeps them.",
            "info",
            "untouched",
        )

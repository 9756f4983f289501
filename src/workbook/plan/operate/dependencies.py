"""Other companies' systems: who calls them, how long we wait, and what it is when they do not answer."""

from __future__ import annotations

from dataclasses import dataclass

from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED
from workbook.plan.form.model import Group, GroupKind
from workbook.plan.operate.signal import OPEN_SHARE

TIMEOUT_TIMES = 1.5
"""We wait so many times what a call takes at p99 (our assumption: the slowest of a hundred gets its time, a dead one does not)."""
UNSAID_TIMEOUT = 2.0
"""Seconds, where nobody says how long a call takes (our assumption)."""
COUNTED, CLOSED_AFTER = 20, 30.0
"""A breaker looks at the last twenty calls, and lets one through again after half a minute (Nygard, Release It!, ch. 5; our values)."""


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """A call of another system. Times in seconds."""

    integration: str
    call: str
    operations: tuple[str, ...]
    per_second: float
    p99: float | None
    timeout: float
    awaited: bool
    keyed: bool
    """Whether it is asked under a key by which it knows a second time."""
    changes: bool
    handled: bool
    """Whether the steps say what to do when nobody knows whether it was done."""
    available: float | None
    too_slow: tuple[str, ...]
    """Operations that promise less time than the call takes."""
    opens_at: float = OPEN_SHARE


def dependencies(design: Design) -> tuple[Dependency, ...]:
    """Every call that some step makes."""
    found = (_call(design, n, call) for n, i in design.world.form.integrations.items() for call in i.calls)
    return tuple(one for one in found if one is not None)


def uncalled(design: Design) -> tuple[str, ...]:
    """Systems of the brief that no step calls."""
    called = {d.integration for d in dependencies(design)}
    return tuple(n for n in design.world.form.integrations if n not in called)


def _call(design: Design, name: str, call: str) -> Dependency | None:
    world, target = design.world, f"{name}.{call}"
    steps = [
        (program, step, around)
        for program in world.programs.values()
        for step, around in program.steps()
        if step.verb is Verb.CALL and step.target == target
    ]
    if not steps:
        return None
    integration = world.form.integrations[name]
    said = integration.calls[call]
    p99 = said.p99.best if said.p99 else None
    operations = tuple(dict.fromkeys(p.id for p, _, _ in steps))
    waiting = [o for o in operations if world.programs[o].starts in ASKED]
    rate = sum(float(world.load.peak["sent"][i, 0]) for i, r in enumerate(world.load.steps) if r.step.target == target)
    slow = [o for o in waiting if o in world.complete.operations and p99 and p99 > world.complete.latency(o).best]
    return Dependency(
        integration=name,
        call=call,
        operations=operations,
        per_second=rate,
        p99=p99,
        timeout=p99 * TIMEOUT_TIMES if p99 else UNSAID_TIMEOUT,
        awaited=bool(waiting),
        keyed=all(s.by for _, s, _ in steps),
        changes=bool(said.changes),
        handled=all(_handled(around) for _, _, around in steps),
        available=integration.availability.best if integration.availability else None,
        too_slow=tuple(slow),
    )


def _handled(around: tuple[Group, ...]) -> bool:
    return any(g.kind is GroupKind.TRY for g in around)

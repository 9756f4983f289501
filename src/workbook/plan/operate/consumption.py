"""What starts by events, items and the clock: who works it off, and what it is when it comes twice, late, or not at all.

Read off the programs. Retries and limits of a backlog are the same for the table, the alert and the worker.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.quantities import Quantity
from workbook.brief.shapes import Loss
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED
from workbook.plan.fold.topics import DEAD_LETTERS
from workbook.plan.form.keeping import inside
from workbook.plan.form.model import Form, GroupKind, Program, Step
from workbook.plan.form.terms import Ref, Root
from workbook.plan.form.verbs import HARMS_TWICE
from workbook.plan.passes.outbox import Outbox
from workbook.plan.sizing import Sizing
from workbook.plan.sizing.tiers import consumer_rate

TRIES = 5
FIRST_PAUSE = 1.0
"""An event is tried five times, after pauses that double from a second (our assumption: half a minute outlasts a restart or a failover of
a cache; what still fails then fails for its own sake)."""
SPREAD = 0.5
"""Each pause is up to half longer or shorter, so that those who failed together do not come back together (our assumption)."""
SCALE_SECONDS, PAGE_SECONDS = 60.0, 600.0
"""A backlog of a minute at peak asks for more consumers, one of ten minutes for a person (our assumption)."""
LEAST_BACKLOG = 100.0
"""Events below which nobody is woken, whatever the rate (our assumption)."""


class Twice(StrEnum):
    """What it is when an operation runs a second time for the same reason, the worst first."""

    ADDED = "added"
    """It makes a further row, or counts again."""
    ASKED = "asked"
    """Another system is asked again, and could not tell."""
    PUSHED = "pushed"
    """A client gets it again."""
    TOLD = "told"
    """It is told again under the same identifier."""
    KEYED = "keyed"
    """Another system is asked under the same key."""
    LOOKED = "looked"
    """It looks first whether it was done."""
    CLAIMED = "claimed"
    """It claims the event in the transaction of its effect."""
    REFUSED = "refused"
    """Its row is there already, or what it moves has been moved."""
    SAME = "same"
    """Its steps come to the same."""


@dataclass(frozen=True, kw_only=True)
class Consumption:
    """An operation that nobody calls, and what starts it."""

    operation: str
    service: str
    starts: Start
    on: str
    per_second: float
    """At peak."""
    consumers: int
    partitions: int
    """0 where it rests in a table."""
    in_order: tuple[str, ...]
    """The key whose events keep their order."""
    twice: Twice
    marks: str = ""
    """The structure that remembers what was done."""
    tries: int = TRIES
    first_pause: float = FIRST_PAUSE
    longest_pause: float = FIRST_PAUSE * 2 ** (TRIES - 2)
    gives_up_after: float | None = None
    dead: str = ""
    """Where goes what could not be handled; empty where it is asked again for ever."""
    kept_days: float | None = None
    """How long what waits is there at all."""
    otherwise: tuple[str, ...] = ()
    """Operations that bring about the same where it never came."""

    @property
    def scale_at(self) -> float:
        """What may wait before consumers are added."""
        return max(LEAST_BACKLOG, self.per_second * SCALE_SECONDS)

    @property
    def page_at(self) -> float:
        """What may wait before somebody is woken."""
        return max(10 * LEAST_BACKLOG, self.per_second * PAGE_SECONDS)


WAITS = frozenset({Start.EVENT, Start.QUEUE, Start.DEAD})
"""What starts by something that waits for it."""


def consumptions(design: Design, sizing: Sizing) -> tuple[Consumption, ...]:
    """Every operation that nobody asks for: by events and items first, then by the clock."""
    found = [_of(p, design, sizing) for p in design.world.programs.values() if p.starts not in ASKED]
    return tuple(sorted(found, key=lambda c: c.starts not in WAITS))


def _of(program: Program, design: Design, sizing: Sizing) -> Consumption:
    world, on = design.world, program.operation.starts.on
    topic = next((t for t in design.topics if t.id == on), None)
    rate = world.load.peak_of(program.id)
    partitions = sizing.partitions.get(on, 0)
    need = max(1, math.ceil(rate / consumer_rate(design, program.id) / (1 - world.headroom)))
    kind, marks = twice(program, world.form)
    return Consumption(
        operation=program.id,
        service=design.service_of(program.id).id,
        starts=program.starts,
        on=on,
        per_second=rate,
        consumers=min(need, partitions) if partitions else need,
        partitions=partitions,
        in_order=topic.key if topic is not None else (),
        twice=kind,
        marks=marks,
        kept_days=topic.retention_days if topic is not None else None,
        otherwise=tuple(_otherwise(program, design)),
        **_retry(program, world.form),  # type: ignore[arg-type]
    )


def _retry(program: Program, form: Form) -> dict[str, object]:
    """Tries, pauses and where it ends: of a queue as its structure says, of the clock at its next beat, else ours."""
    on = program.operation.starts.on
    said = form.structures[on].settings.get("retry") if on in form.structures else None
    if program.starts not in WAITS or program.operation.added_by == Outbox.id:
        return {"tries": 0, "first_pause": 0.0, "longest_pause": 0.0}
    if said is None:
        return {"dead": f"{on}.{DEAD_LETTERS}"}
    first, longest, total = (seconds(getattr(said, n), form) for n in ("first", "longest", "lasting"))
    tries, spent, pause = 1, 0.0, first
    while spent + pause <= total:
        tries, spent, pause = tries + 1, spent + pause, min(longest, pause * 2)
    return {
        "tries": tries,
        "first_pause": first,
        "longest_pause": longest,
        "gives_up_after": total,
        "dead": f"{on}.{DEAD_LETTERS}",
    }


def seconds(said: Quantity | str, form: Form) -> float:
    """A time, or that of a tunable."""
    value = form.tunables[said] if isinstance(said, str) else said
    return value.best if isinstance(value, Quantity) else float(value)


# Twice ----------------------------------------------------------------------------------------------------------------


def twice(program: Program, form: Form) -> tuple[Twice, str]:
    """What a second run comes to, and what remembers the first."""
    steps = list(program.steps())
    claim = next((s for s, around in steps if s.verb is Verb.CLAIM and inside(around) is not None), None)
    if claim is not None:
        return Twice.CLAIMED, claim.target
    mark = _looked_up(program)
    if any(s.verb is Verb.MOVE and not any(g.kind is GroupKind.TRY for g in around) for s, around in steps[:1]):
        return Twice.REFUSED, ""
    found = {_of_step(s, form) for s, _ in steps}
    worst = next((t for t in Twice if t in found), Twice.SAME)
    if worst is Twice.TOLD and Twice.REFUSED in found:
        return Twice.REFUSED, ""
    if mark and worst in (Twice.ADDED, Twice.ASKED, Twice.KEYED, Twice.PUSHED):
        return Twice.LOOKED, mark
    return worst, ""


def _of_step(step: Step, form: Form) -> Twice:
    if step.verb is Verb.CALL:
        return Twice.KEYED if step.by else Twice.ASKED
    if step.verb is Verb.PUSH:
        return Twice.PUSHED
    if step.verb is Verb.PUBLISH:
        return Twice.TOLD
    structure = form.structures.get(step.target)
    if structure is None or structure.loss is Loss.ALLOWED:
        return Twice.SAME
    if step.verb in HARMS_TWICE:
        return Twice.ADDED
    if step.verb is Verb.APPEND:
        return Twice.REFUSED if _key_is_given(step, structure.key) else Twice.ADDED
    return Twice.SAME


def _key_is_given(step: Step, key: tuple[str, ...]) -> bool:
    """Whether the key of a new row comes from what started it: then the second row is refused."""
    given = {g.field: g.value for g in (*step.by, *step.sets)}
    made = [given.get(k) for k in key]
    return all(v is not None and not (isinstance(v, Ref) and v.root in (Root.NEW, Root.NOW)) for v in made)


def _looked_up(program: Program) -> str:
    """A row that is asked for first and put last: without a transaction around the effect, so a crash between may repeat it."""
    steps = [s for s, _ in program.steps()]
    first = next((s for s in steps if s.verb is Verb.GET), None)
    put = {s.target for s in steps if s.verb is Verb.PUT}
    return first.target if first is not None and first.target in put and first.found is not None else ""


# Never ----------------------------------------------------------------------------------------------------------------


def _otherwise(program: Program, design: Design) -> Iterator[str]:
    """What brings about the same: the operation by which who was away asks, what rebuilds, what starts by giving up."""
    world = design.world
    steps = {s.id for s, _ in program.steps()}
    for keeping in world.kept:
        if steps & set(keeping.where):
            for name in ("away", "through"):
                other = str(keeping.pledge.said.get(name, ""))
                if other in world.programs and other != program.id:
                    yield other
    written = {s.target for s, _ in program.steps()}
    for name, other_program in world.programs.items():
        start = other_program.operation.starts
        if start.kind is Start.DEAD and start.on == program.operation.starts.on:
            yield name
        if start.kind is Start.LOST and start.on in written and name != program.id:
            yield name

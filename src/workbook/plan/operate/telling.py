"""How events leave those who tell them, and how far a caller waits."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from workbook.brief.shapes import Loss
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED
from workbook.plan.fold.topics import Topic
from workbook.plan.form.keeping import inside
from workbook.plan.form.model import Form, Program, Step
from workbook.plan.operate.consumption import WAITS
from workbook.plan.passes.outbox import Outbox


class Telling(StrEnum):
    """How an event gets from the change to its topic."""

    INSIDE = "inside"
    """In the transaction of the change, and it stays there."""
    ALONE = "alone"
    """As a row of its own, in no transaction with anything."""
    RELAYED = "relayed"
    """In the transaction of the change, into an outbox; a relay carries it on."""
    DIRECT = "direct"
    """Straight to the broker: nothing is written before it."""
    APART = "apart"
    """To the broker after a write: a crash between the two loses it."""


def telling(topic: Topic, design: Design) -> Telling:
    """How a topic is told, by the weakest of its tellers."""
    programs = [design.world.programs[o] for o in topic.tellers]
    if topic.inside:
        alone = [p for p in programs for s, a in p.steps() if s.target == topic.id and inside(a) is None]
        return Telling.ALONE if alone else Telling.INSIDE
    if programs and all(p.operation.added_by == Outbox.id for p in programs):
        return Telling.RELAYED
    written = [_writes_before(p, topic.id, design.world.form) for p in programs]
    return Telling.APART if any(written) else Telling.DIRECT


def _writes_before(program: Program, topic: str, form: Form) -> bool:
    wrote = False
    for step, _ in program.steps():
        if step.verb is Verb.PUBLISH and step.target == topic:
            return wrote
        structure = form.structures.get(step.target)
        made = step.verb in (Verb.APPEND, Verb.PUT, Verb.CHANGE, Verb.MOVE, Verb.ADD, Verb.REMOVE)
        wrote = wrote or (made and structure is not None and structure.loss is Loss.NEVER)
    return wrote


# Who waits ------------------------------------------------------------------------------------------------------------


class Mode(StrEnum):
    """Whether a caller waits."""

    WAITED = "sync"
    """For everything."""
    PARTLY = "sync, then events"
    ACCEPTED = "async"
    """Only until it is accepted."""
    ALONE = "async, nobody asks"


def mode(operation: str, design: Design) -> tuple[Mode, tuple[str, ...]]:
    """How far a caller waits, and what goes on after the answer."""
    program = design.world.programs[operation]
    after = tuple(followers(operation, design))
    if program.starts not in ASKED:
        return Mode.ALONE, after
    kept = [s for s, _ in program.steps() if _keeps(s, design.world.form)]
    told = any(s.verb is Verb.PUBLISH for s, _ in program.steps())
    if told and not kept:
        return Mode.ACCEPTED, after
    return (Mode.PARTLY if after else Mode.WAITED), after


def _keeps(step: Step, form: Form) -> bool:
    """Whether it writes something of the system's own: a remembered request is none."""
    structure = form.structures.get(step.target)
    wrote = step.verb in (Verb.APPEND, Verb.PUT, Verb.CHANGE, Verb.MOVE, Verb.ADD, Verb.REMOVE, Verb.TAKE)
    return structure is not None and wrote and structure.loss is Loss.NEVER and not structure.added_by


def followers(operation: str, design: Design) -> Iterator[str]:
    """Operations that start by what this one tells or puts in a queue, without those that only carry it on."""
    programs = design.world.programs
    seen, waiting = {operation}, [operation]
    while waiting:
        touched = {
            s.target for s, _ in programs[waiting.pop()].steps() if s.verb in (Verb.PUBLISH, Verb.APPEND, Verb.PUT)
        }
        for name, program in programs.items():
            if name not in seen and program.operation.starts.on in touched and program.starts in WAITS:
                seen.add(name)
                waiting.append(name)
                if program.operation.added_by != Outbox.id:
                    yield name

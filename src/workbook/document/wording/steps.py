"""Steps and hops in words: what happens, what it is when it is refused, and what is done when it fails."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.document import words as w
from workbook.document.wording.values import fields, tests, value
from workbook.plan.fold.endpoints import REQUEST
from workbook.plan.fold.hops import Hop, HopKind
from workbook.plan.fold.outcomes import of_refusal, refusable
from workbook.plan.form.model import Form, Group, GroupKind, Program, Step
from workbook.plan.form.terms import Every, Ref, Root

SHORTEST_LIST = 2


def start(program: Program) -> str:
    """What starts an operation."""
    said = program.operation.starts
    on = w.words(said.on)
    caller = w.words(program.operation.caller)
    made = {
        Start.CALLER: f"{caller or 'somebody'} calls",
        Start.WEBHOOK: f"{caller or 'another system'} calls",
        Start.OPENS: f"a connection of {on} opens",
        Start.CLOSES: f"a connection of {on} ends",
        Start.BEATS: f"a connection of {on} shows that it is alive",
        Start.EVENT: f"an event of {on} is there",
        Start.QUEUE: f"an item of {on} may be taken",
        Start.DEAD: f"an item of {on} was given up",
        Start.DUE: f"{w.words(said.field)} of a row of {on} has come",
        Start.LOST: f"{on} is empty",
    }
    if program.starts is Start.EVERY:
        each = f", for each row of {w.words(said.each)}" if said.each else ""
        return f"every {value(program.every) if program.every is not None else 'so often'}{each}"
    return made[program.starts]


def step(said: Step) -> str:
    """What one step does, without a subject: `adds a row of appointment`."""
    target = w.words(said.target)
    by = f" by {fields(said.by)}" if said.by else ""
    lists = any(isinstance(g.value, Every) for g in said.by)
    made = {
        Verb.GET: f"reads {'rows' if lists else 'the row'} of {target}{by}",
        Verb.LIST: f"lists {target}{by}{_order(said)}",
        Verb.SCAN: f"reads all of {target}{by}",
        Verb.SEARCH: f"searches {target}",
        Verb.NEAR: f"looks for {target} near by",
        Verb.SIMILAR: f"looks for {target} alike",
        Verb.COMPLETE: f"completes from {target}",
        Verb.COUNT: f"counts {target}{by}",
        Verb.RANK: f"ranks in {target}{by}",
        Verb.SUMMARISE: f"sums up {target} by {fields(said.by)}" if said.by else f"sums up {target}",
        Verb.APPEND: f"adds {'rows' if _several(said) else 'a row'} to {target}",
        Verb.PUT: f"puts {'rows' if _several(said) else 'the row'} of {target}{by}",
        Verb.CHANGE: f"changes {_changed(said)} of {target}{by}",
        Verb.MOVE: f"moves {target}{by} to {value(said.to) if said.to is not None else 'its next state'}",
        Verb.ADD: f"adds to {_added(said)} of {target}{by}",
        Verb.REMOVE: f"removes {target}{by}",
        Verb.CLAIM: f"claims {target}{by}, which only one may",
        Verb.TAKE: f"takes from {target}{by} what nobody else gets",
        Verb.RELEASE: f"gives back {target}",
        Verb.NEXT: f"takes the next {w.words(said.field)} of {target}{by}",
        Verb.SWAP: f"puts the new {target} in place of the old",
        Verb.PUBLISH: f"tells {target}{by}",
        Verb.PUSH: f"pushes {', '.join(value(v) for v in said.answers) or 'it'} to the connections that {target} lists",
        Verb.CALL: f"asks {w.words(said.target.split('.')[0])} to {w.words(said.target.split('.')[-1])}{_key(said)}",
        Verb.RUN: f"has {target} work on {', '.join(value(v) for v in said.on) or 'it'}",
        Verb.ANSWER: f"answers with {' and '.join(value(v) for v in said.answers)}"
        if said.answers
        else "answers that it is done",
        Verb.REFUSE: f"refuses: {target}",
        Verb.STOP: "stops",
    }
    condition = f", only if {tests(said.only_if)}" if said.only_if else ""
    where = f" where {tests(said.where)}" if said.where else ""
    return f"{made[said.verb]}{where}{condition}"


def _several(said: Step) -> bool:
    return said.rows is not None or any(isinstance(g.value, Every) for g in (*said.by, *said.sets))


def _order(said: Step) -> str:
    if said.order is None:
        return ""
    name, down = said.order
    return f", {'largest' if down else 'smallest'} {w.words(name)} first"


def _changed(said: Step) -> str:
    return " and ".join(w.words(g.field) for g in said.sets) or "the row"


def _added(said: Step) -> str:
    return " and ".join(w.words(g.field) for g in said.plus)


def _key(said: Step) -> str:
    return f", under the key {' and '.join(value(g.value) for g in said.by)}" if said.by else ""


def hop(said: Hop, program: Program, form: Form) -> str:
    """What happens in a hop."""
    action = _action(said, program, form)
    return f"{_around(said.around)}{action}"


def _action(said: Hop, program: Program, form: Form) -> str:
    if said.kind is HopKind.CALLED:
        return f"calls {w.words(program.id)}"
    if said.kind is HopKind.TOLD:
        return _told(program)
    if said.kind is HopKind.TOGETHER:
        return f"in one transaction: {'; '.join(step(s) for s in said.steps if s.verb is not Verb.ANSWER)}"
    if said.kind is HopKind.LOOKED_UP:
        first, *rest = said.steps
        read = next((s for s in rest if s.target != first.target), first)
        by = f" by {fields(read.by)}" if read.by else ""
        return f"looks up the copy of {w.words(read.target)}{by}; what is not there is read and put there"
    if said.kind is HopKind.FILE:
        brought = said.steps[0].verb is Verb.PUT
        return f"{'brings' if brought else 'fetches'} the bytes of {w.words(said.steps[0].target)} by a signed address"
    return step(said.steps[0])


def _told(program: Program) -> str:
    on = w.words(program.operation.starts.on)
    made = {
        Start.EVENT: f"takes the next event of {on}",
        Start.QUEUE: f"takes items of {on} under a lease",
        Start.DEAD: f"takes what {on} gave up",
        Start.DUE: f"asks for rows of {on} whose {w.words(program.operation.starts.field)} has come",
        Start.LOST: f"finds {on} empty",
    }
    return made.get(program.starts, f"begins with {on}")


def _around(groups: Iterable[Group]) -> str:
    """The loop and the branch that a hop stands in."""
    made = []
    for group in groups:
        if group.kind is GroupKind.EACH:
            made.append(f"for each {w.words(group.name)}")
        elif group.kind is GroupKind.WHEN and group.tests:
            made.append(f"when {tests(group.tests)}")
        elif group.kind is GroupKind.ELSE:
            made.append("else")
        elif group.kind is GroupKind.REFUSED:
            made.append("if that is refused")
        elif group.kind is GroupKind.UNKNOWN:
            made.append("if nobody knows whether it was done")
    return f"{', '.join(made)}: " if made else ""


# What goes wrong -------------------------------------------------------------------------------------------------------


def refusals(said: Hop) -> str:
    """What a caller is told when a step of the hop is refused."""
    excused = any(g.kind is GroupKind.TRY for g in said.around)
    found = [s for s in said.steps if refusable(s)] if not excused else []
    return "; ".join(dict.fromkeys(f"{of_refusal(s)} when {refused(s)}" for s in found))


def refused(said: Step) -> str:
    """When a step is refused: `somebody else has it`."""
    target = w.words(said.target)
    if said.only_if and said.verb is not Verb.MOVE:
        return f"{tests(said.only_if)} does not hold"
    made = {
        Verb.GET: f"there is no such {target}",
        Verb.CHANGE: f"there is no such {target}",
        Verb.APPEND: f"such a {target} is there already",
        Verb.CLAIM: f"somebody else has {target}",
        Verb.MOVE: f"{target} is in another state{' or not the caller' + chr(39) + 's' if _mine(said) else ''}",
        Verb.TAKE: f"nothing is left of {target}",
        Verb.CALL: f"{w.words(said.target.split('.')[0])} declines",
        Verb.ADD: f"there is no such {target}",
        Verb.NEXT: f"there is no such {target}",
    }
    return made.get(said.verb, f"{target} does not allow it")


def _mine(said: Step) -> bool:
    return any(isinstance(r, Ref) and r.root is Root.CALLER for t in said.only_if for r in getattr(t, "right", ()))


def failure(said: Hop, names: dict[str, str]) -> str:
    """What may go wrong in the hop."""
    target = names.get(said.target, w.words(said.target))
    if said.kind is HopKind.CALLED:
        return "the network is slow, or the call comes twice"
    if said.kind is HopKind.TOLD:
        return "it comes twice, or late"
    if said.kind is HopKind.PUSH:
        return "the connection is gone"
    if said.kind is HopKind.OUTSIDE:
        return f"{target} is slow, declines, or nobody knows whether it was done"
    if said.kind is HopKind.ANSWER:
        return "the answer does not arrive"
    if said.kind is HopKind.WORK:
        return f"{target} ends in the middle"
    return f"{target} does not answer"


def remedy(said: Hop, program: Program, form: Form, repeatable: bool) -> str:
    """What is done about it: read off the steps, not wished for."""
    handled = [g for g in said.around if g.kind in (GroupKind.TRY, GroupKind.UNKNOWN)]
    if said.kind is HopKind.CALLED:
        return _repeat(repeatable, program)
    if said.kind is HopKind.TOLD:
        return _again(program, form)
    if said.kind is HopKind.PUSH:
        return "the entry goes; whoever comes back asks for what they have not seen"
    if said.kind is HopKind.OUTSIDE:
        keyed = any(s.by for s in said.steps)
        return ("asked again under the same key" if keyed else "not asked again: nobody could tell one from two") + (
            "; the branch for it follows" if handled else ""
        )
    if said.kind is HopKind.ANSWER:
        if repeatable:
            return "the caller asks again and gets the same answer"
        return "the caller looks before trying again" if _twice(program) else "the caller asks again"
    if program.starts in (Start.CALLER, Start.WEBHOOK):
        refused = refusals(said)
        lost = "503; nothing of it stays" if said.kind is HopKind.TOGETHER else "503"
        return f"{lost}{f'; {refused}' if refused else ''}"
    return "it is tried again from the start; what was committed is not done twice"


def _repeat(repeatable: bool, program: Program) -> str:
    if repeatable:
        return f"the client repeats it with the same {w.code(REQUEST)}: one effect, one answer"
    return (
        "a second call does it a second time: the client looks before it repeats"
        if _twice(program)
        else "the client repeats it"
    )


def _twice(program: Program) -> bool:
    """Whether a second call does more than the first."""
    more = (Verb.APPEND, Verb.ADD, Verb.TAKE)
    return any(s.shape is not Shape.TOPIC and s.verb in more for s, _ in program.steps())


def _again(program: Program, form: Form) -> str:
    claims = [s for s, _ in program.steps() if s.verb is Verb.CLAIM]
    if claims:
        return f"it claims {w.words(claims[0].target)} in the same transaction: the second time nothing happens"
    adds = any(s.verb in (Verb.ADD, Verb.TAKE, Verb.NEXT) for s, _ in program.steps())
    if adds and any(
        form.structures[s.target].loss != "allowed" for s, _ in program.steps() if s.target in form.structures
    ):
        return "a second time counts twice"
    return "its steps come to the same when they are done again"

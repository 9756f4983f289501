"""How each promise is kept by the form, and what that asks of a store. A promise that nothing keeps says what is missing.

Numbers and products play no part: which product can do it is asked of its abilities by whoever chooses one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.syntax import Comparison, Path, Start, Verb
from workbook.plan.form.model import Form, Group, GroupKind, Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Ref, Root
from workbook.plan.form.verbs import MAKES_ROWS, READS, WRITES


class KeptBy(StrEnum):
    """What keeps a promise."""

    CONSTRAINT = "constraint"
    TRANSACTION = "transaction"
    ATOMIC = "atomic"
    PROTOCOL = "protocol"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Need:
    """What the store of a structure must be able to do: any of these abilities."""

    structure: str
    abilities: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Keeping:
    """How a promise is kept: by what, in which steps and structures, under which needs. `lacks` says why not."""

    pledge: Pledge
    by: KeptBy
    where: tuple[str, ...] = ()
    """Ids of steps, and names of structures whose tables carry the constraint."""
    needs: tuple[Need, ...] = ()
    lacks: str = ""


Programs = Mapping[str, Program]
Placed = tuple[Program, Step, tuple[Group, ...]]


def keepings(form: Form, programs: Programs, pledges: tuple[Pledge, ...]) -> tuple[Keeping, ...]:
    """Every promise with how it is kept."""
    made = []
    for pledge in pledges:
        rule = _RULES.get(pledge.kind)
        if pledge.problems:
            made.append(Keeping(pledge, KeptBy.NOTHING, lacks=pledge.problems[0]))
        elif rule is None:
            made.append(Keeping(pledge, KeptBy.NOTHING, lacks=f"nothing of {pledge.kind.value} is built yet"))
        else:
            made.append(rule(pledge, form, programs))
    return tuple(made)


def on(programs: Programs, structure: str, verbs: frozenset[Verb]) -> Iterator[Placed]:
    """Every step with one of these verbs on a structure."""
    for program in programs.values():
        for step, around in program.steps():
            if step.target == structure and step.verb in verbs:
                yield program, step, around


def inside(around: tuple[Group, ...]) -> Group | None:
    """The transaction that a step stands in."""
    return next((g for g in around if g.kind is GroupKind.TOGETHER), None)


def _nothing(pledge: Pledge, lacks: str, where: tuple[str, ...] = ()) -> Keeping:
    return Keeping(pledge, KeptBy.NOTHING, where, lacks=lacks)


def _unique(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    structure = form.structures[pledge.structure]
    if set(pledge.by) >= set(structure.key) and not pledge.tests:
        need = Need(
            structure.id, ("conditional_writes", "transactions"), f"two rows of {structure.id} may get the same key"
        )
        return Keeping(pledge, KeptBy.CONSTRAINT, (structure.id,), (need,))
    abilities = ("partial_indexes", "generated_columns") if pledge.tests else ("unique_indexes",)
    kind = "unique index over some of the rows" if pledge.tests else "unique index"
    need = Need(structure.id, abilities, f"{structure.id} needs a {kind}, and it has none")
    return Keeping(pledge, KeptBy.CONSTRAINT, (structure.id,), (need,))


def _no_overlap(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    need = Need(
        pledge.structure,
        ("exclusion_constraints",),
        f"spans of {pledge.structure} must not overlap, and it has no constraint for that",
    )
    return Keeping(pledge, KeptBy.CONSTRAINT, (pledge.structure,), (need,))


def _bounded(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    need = Need(
        pledge.structure,
        ("check_constraints", "conditional_writes", "atomic_scripts"),
        f"{pledge.structure} needs a bound",
    )
    guarded = [s.id for _, s, _ in on(programs, pledge.structure, WRITES) if s.only_if]
    return Keeping(pledge, KeptBy.CONSTRAINT, (pledge.structure, *guarded), (need,))


def _follows(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    column = pledge.column or next(iter(form.structures[pledge.structure].moves), "")
    loose = [
        s
        for _, s, _ in on(programs, pledge.structure, frozenset({Verb.CHANGE, Verb.PUT}))
        if any(g.field == column for g in s.sets) and not (s.verb is Verb.PUT and makes_new(s))
    ]
    if loose:
        return _nothing(pledge, f"{loose[0].id} sets {column} whatever it was: {loose[0].text}", (loose[0].id,))
    moved = [s.id for _, s, _ in on(programs, pledge.structure, frozenset({Verb.MOVE}))]
    need = Need(
        pledge.structure, ("conditional_writes", "transactions"), f"states of {pledge.structure} move under a condition"
    )
    return Keeping(pledge, KeptBy.ATOMIC, tuple(moved), (need,))


def makes_new(step: Step) -> bool:
    """Whether a `put` is of a row that cannot be there: it says no key, or one that is new."""
    return not step.by or any(isinstance(g.value, Ref) and g.value.root is Root.NEW for g in step.by)


def _taken_once(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    structure = form.structures[pledge.structure]
    takes = [s.id for _, s, _ in on(programs, structure.id, frozenset({Verb.TAKE, Verb.CLAIM}))]
    worked = [n for n, p in programs.items() if p.starts is Start.QUEUE and p.operation.starts.on == structure.id]
    if not takes and not worked:
        return _nothing(pledge, f"no step takes or claims {structure.id}")
    need = Need(
        structure.id, ("skip_locked", "transactions", "atomic_scripts"), f"each of {structure.id} goes to one taker"
    )
    return Keeping(pledge, KeptBy.ATOMIC, (*takes, *worked), (need,))


def _repeatable(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    program = programs.get(pledge.operation)
    steps = list(program.steps()) if program else []
    claims = [(s, a) for s, a in steps if s.verb is Verb.CLAIM]
    for step, around in claims:
        if inside(around) is not None:
            need = Need(step.target, ("transactions",), f"the effect and the row of {step.target} are one transaction")
            return Keeping(pledge, KeptBy.TRANSACTION, (step.id,), (need,))
    writes = [s for s, _ in steps if s.verb in WRITES or s.verb is Verb.PUBLISH]
    if not writes:
        return Keeping(pledge, KeptBy.ATOMIC, ())
    harmless = all(
        s.verb in (Verb.PUT, Verb.REMOVE, Verb.MOVE) or s.only_if for s in writes if s.verb is not Verb.PUBLISH
    )
    if harmless:
        return Keeping(pledge, KeptBy.ATOMIC, tuple(s.id for s in writes))
    return _nothing(pledge, f"{pledge.operation} does again what it did", tuple(s.id for s in writes))


def _ordered(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    number = str(pledge.said.get("number", ""))
    appends = list(on(programs, pledge.structure, MAKES_ROWS))
    for _, step, around in appends:
        group = inside(around)
        if group is None:
            continue
        numbered = [s for s in group.steps if isinstance(s, Step) and s.verb is Verb.NEXT]
        if numbered:
            need = Need(pledge.structure, ("transactions",), "the number and the row are written in one transaction")
            return Keeping(pledge, KeptBy.TRANSACTION, (numbered[0].id, step.id), (need,))
    told = [s.id for p, s, _ in appends if p.starts is Start.EVENT]
    if told:
        return Keeping(pledge, KeptBy.PROTOCOL, tuple(told))
    return _nothing(pledge, f"no step gives {number} in the order of commits", tuple(s.id for _, s, _ in appends))


def _delivered(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    tellers = {p.id for p, s, _ in on(programs, pledge.structure, MAKES_ROWS)}
    heard = heard_from(tellers, programs)
    arrives = str(pledge.said.get("in", ""))
    handed = [
        s.id
        for p in programs.values()
        if p.operation.starts.on in heard
        for s, _ in p.steps()
        if s.target.split(".")[0] == arrives and (s.verb in WRITES or s.verb in (Verb.PUSH, Verb.CALL))
    ]
    if arrives in programs:
        handed = [arrives]
    if not handed:
        return _nothing(
            pledge,
            f"nothing that starts by an event of {' or '.join(sorted(tellers)) or pledge.structure} reaches {arrives}",
        )
    away = str(pledge.said.get("away", ""))
    if away and away not in programs:
        return _nothing(pledge, f"who was away should ask by {away}, which is no operation")
    return Keeping(pledge, KeptBy.PROTOCOL, (*handed, *((away,) if away else ())))


def heard_from(tellers: set[str], programs: Programs) -> set[str]:
    """The topics that operations tell, and those that are told again from them."""
    found = {s.target for n in tellers for s, _ in programs[n].steps() if s.verb is Verb.PUBLISH}
    while True:
        more = {
            s.target
            for p in programs.values()
            if p.operation.starts.on in found
            for s, _ in p.steps()
            if s.verb is Verb.PUBLISH
        }
        if more <= found:
            return found
        found |= more


def _agrees(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    sources = [s for s in pledge.said.get("with", ()) if s in form.structures]
    through = str(pledge.said.get("through", ""))
    if through and through not in programs:
        return _nothing(pledge, f"it should be made again by {through}, which is no operation")
    joined = []
    for source in sources:
        for program, step, around in on(programs, source, WRITES):
            aged = program.starts is Start.EVERY and step.verb is Verb.REMOVE
            if untouched(pledge, form, step) or (aged and "as" in pledge.said):
                continue
            group = inside(around)
            mates = {s.target for s in group.steps if isinstance(s, Step)} if group else set()
            joined.append((program.id, step.id, pledge.structure in mates or _tells(program)))
    late = [step for _, step, kept in joined if not kept]
    together = [step for _, step, kept in joined if kept]
    if late and not through:
        return _nothing(pledge, f"{late[0]} changes what {pledge.structure} is made of, and tells nobody", tuple(late))
    by = KeptBy.PROTOCOL if late or any(_tells(programs[p]) for p, _, _ in joined) else KeptBy.TRANSACTION
    return Keeping(pledge, by, (*together, *((through,) if through else ())))


def untouched(pledge: Pledge, form: Form, step: Step) -> bool:
    """Whether a step on a source leaves what is reckoned from it (`as`) as it was: no field of it is set, no state begins or ends to count."""
    said = pledge.said.get("as")
    if said is None or step.verb not in (Verb.MOVE, Verb.CHANGE):
        return False
    line = steps.line(str(said))
    asked = {part for test in line.where if isinstance(test, Comparison) for part in _fields_in(test)}
    used = {*asked, *(p.field for p in line.by), *(str(p.value) for p in line.plus)}
    if any(given.field in used for given in step.sets):
        return False
    if step.verb is Verb.CHANGE:
        return True
    moves = form.structures[step.target].moves
    moved = next(iter(moves), "")
    to = step.to.name if isinstance(step.to, Ref) and step.to.root is Root.WORD else ""
    if not moved or not to:
        return False
    before = [state for state, after in moves[moved].items() if to in after]
    tests = [t for t in line.where if isinstance(t, Comparison) and _fields_in(t) == {moved}]
    return len({all(_counts(t, state) for t in tests) for state in (to, *before)}) == 1


def _fields_in(test: Comparison) -> set[str]:
    return {test.left.parts[0]} if isinstance(test.left, Path) else {str(test.left)}


def _counts(test: Comparison, state: str) -> bool:
    named = {str(v) for v in test.right}
    return (state in named) == (test.operator == "=")


def _tells(program: Program) -> bool:
    return any(s.verb is Verb.PUBLISH for s, _ in program.steps())


def _settled(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    works = [
        n
        for n, p in programs.items()
        if p.starts in (Start.QUEUE, Start.DUE, Start.DEAD) and p.operation.starts.on == pledge.structure
    ]
    states = [s.id for _, s, _ in on(programs, pledge.structure, frozenset({Verb.MOVE}))]
    if not works:
        return _nothing(pledge, f"nothing starts when a row of {pledge.structure} stays as it is", tuple(states))
    return Keeping(pledge, KeptBy.PROTOCOL, (*works, *states))


def _traced(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    trail = str(pledge.said.get("in", ""))
    said = pledge.said.get("by", ())
    named = {str(o) for o in ((said,) if isinstance(said, str) else said)}
    touching = {p.id for p, s, _ in on(programs, pledge.structure, READS | WRITES) if p.starts is Start.CALLER}
    every = [n for n in programs if n in (named or touching)]
    missing = [n for n in every if not _leaves(programs[n], trail)]
    if missing:
        return _nothing(pledge, f"{missing[0]} leaves no row of {trail}", tuple(missing))
    steps = tuple(s.id for n in every for s, _ in programs[n].steps() if s.target == trail and s.verb in MAKES_ROWS)
    return Keeping(pledge, KeptBy.TRANSACTION, steps)


def _leaves(program: Program, trail: str) -> bool:
    return any(s.target == trail and s.verb in MAKES_ROWS for s, _ in program.steps())


def _private(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    need = Need(
        pledge.structure, ("row_security", "conditional_writes", "transactions"), "rows are seen by whom they concern"
    )
    return Keeping(pledge, KeptBy.CONSTRAINT, (pledge.structure,), (need,))


def _unchanged(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    """No step may change a row; a clock may take away those whose time is over."""
    changing = [s.id for _, s, _ in on(programs, pledge.structure, WRITES - MAKES_ROWS - {Verb.REMOVE})]
    if changing:
        return _nothing(pledge, f"{changing[0]} changes rows of {pledge.structure}", tuple(changing))
    removing = [
        s.id for p, s, _ in on(programs, pledge.structure, frozenset({Verb.REMOVE})) if p.starts is not Start.EVERY
    ]
    if removing:
        return _nothing(pledge, f"{removing[0]} removes rows of {pledge.structure}", tuple(removing))
    need = Need(
        pledge.structure, ("triggers",), f"rows of {pledge.structure} are never changed, and it cannot refuse to"
    )
    return Keeping(pledge, KeptBy.CONSTRAINT, (pledge.structure,), (need,))


def _on_time(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    program = programs.get(pledge.operation)
    if program is None or program.starts not in (Start.DUE, Start.QUEUE, Start.EVERY):
        return _nothing(pledge, f"no clock starts {pledge.operation}")
    return Keeping(pledge, KeptBy.PROTOCOL, (program.id,))


def _erased(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    removes = [s.id for _, s, _ in on(programs, pledge.structure, frozenset({Verb.REMOVE, Verb.CHANGE, Verb.MOVE}))]
    gone = [s for _, s, _ in on(programs, pledge.structure, frozenset({Verb.REMOVE}))]
    if not gone and form.structures[pledge.structure].ttl is None:
        return _nothing(pledge, f"no step removes {pledge.structure}, and it has no end", tuple(removes))
    return Keeping(pledge, KeptBy.PROTOCOL, tuple(s.id for s in gone))


def _fresh(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    copies = [s for s in form.structures.values() if pledge.structure in s.of and s.shape is not Shape.SEARCH]
    writes = [s.id for _, s, _ in on(programs, pledge.structure, WRITES)]
    for copy in copies:
        dropped = {p.id for p, _, _ in on(programs, copy.id, frozenset({Verb.REMOVE, Verb.PUT}))}
        silent = [p.id for p, _, _ in on(programs, pledge.structure, WRITES - {Verb.APPEND}) if p.id not in dropped]
        if silent and copy.ttl is None:
            return _nothing(pledge, f"{silent[0]} changes {pledge.structure} and leaves the copy {copy.id}")
    by = KeptBy.PROTOCOL if copies else KeptBy.ATOMIC
    return Keeping(pledge, by, tuple(writes))


def _conserved(pledge: Pledge, form: Form, programs: Programs) -> Keeping:
    """All rows of a group are written in one transaction, and none is changed or taken away."""
    made = list(on(programs, pledge.structure, MAKES_ROWS))
    changed = list(on(programs, pledge.structure, WRITES - MAKES_ROWS))
    loose = [s.id for p, s, _ in changed if not (p.starts is Start.EVERY and s.verb is Verb.REMOVE)]
    loose += [s.id for _, s, around in made if inside(around) is None]
    if not made or loose:
        why = f"{loose[0]} writes {pledge.structure} by itself" if loose else f"nothing writes {pledge.structure}"
        return _nothing(pledge, why, tuple(loose))
    need = Need(
        pledge.structure, ("transactions",), f"rows of {pledge.structure} that belong together are written together"
    )
    return Keeping(pledge, KeptBy.TRANSACTION, tuple(s.id for _, s, _ in made), (need,))


_RULES: Mapping[PromiseKind, Callable[[Pledge, Form, Programs], Keeping]] = {
    PromiseKind.UNIQUE: _unique,
    PromiseKind.NO_OVERLAP: _no_overlap,
    PromiseKind.BOUNDED: _bounded,
    PromiseKind.FOLLOWS: _follows,
    PromiseKind.TAKEN_ONCE: _taken_once,
    PromiseKind.REPEATABLE: _repeatable,
    PromiseKind.ORDERED: _ordered,
    PromiseKind.DELIVERED: _delivered,
    PromiseKind.AGREES: _agrees,
    PromiseKind.SETTLED: _settled,
    PromiseKind.TRACED: _traced,
    PromiseKind.PRIVATE: _private,
    PromiseKind.ON_TIME: _on_time,
    PromiseKind.ERASED: _erased,
    PromiseKind.FRESH: _fresh,
    PromiseKind.UNCHANGED: _unchanged,
    PromiseKind.CONSERVED: _conserved,
}

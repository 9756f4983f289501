"""Asks every choice and makes every lowering, phase by phase, and passes on the world that each leaves.

Along rising load each option wins in one interval: criteria that depend on the load are one at most a choice, and the others do not
move with it; limits only close. `plan/passes/driver.py` says why that is enough, a sweep in the tests holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from weakref import WeakKeyDictionary

from workbook._plugins import modules
from workbook.brief.frame import Choice
from workbook.brief.problems import BriefError, Problem, nearest
from workbook.catalog.model import Technology
from workbook.plan.complete import Complete
from workbook.plan.form.model import Form
from workbook.plan.passes.model import Decided, Judged, Limit, Option, Pass, Phase, lacks
from workbook.plan.passes.world import World
from workbook.prose import Prose

ALIKE = 0.02
"""Totals closer than this are alike: the simpler option wins."""


def _modules() -> Iterable[ModuleType]:
    return modules(__package__ or "", Path(__file__).parent, "passes")


@cache
def passes() -> tuple[Pass, ...]:
    """Every pass of the folder by phase, each after those it names. Raises where two share an id or wait for each other."""
    found: dict[str, Pass] = {}
    for module in _modules():
        for thing in vars(module).values():
            own = isinstance(thing, type) and issubclass(thing, Pass) and thing.__module__ == module.__name__
            if own and hasattr(thing, "id"):
                if thing.id in found:
                    raise RuntimeError(f"two passes have the id {thing.id}")
                found[thing.id] = thing()
    return tuple(_ordered(found))


def _ordered(found: Mapping[str, Pass]) -> Iterator[Pass]:
    placed: set[str] = set()

    def place(identifier: str, waiting: tuple[str, ...]) -> Iterator[Pass]:
        if identifier in waiting:
            raise RuntimeError(f"passes wait for each other: {' -> '.join((*waiting, identifier))}")
        if identifier in placed or identifier not in found:
            return
        for before in found[identifier].after:
            yield from place(before, (*waiting, identifier))
        placed.add(identifier)
        yield found[identifier]

    for identifier in sorted(found, key=lambda i: (found[i].phase, i)):
        yield from place(identifier, ())


ROUNDS = 12
"""So often an answer is taken back at most because of what followed from it: each time one product fewer is left."""


def decide(world: World) -> World:
    """The world with every question answered and everything lowered.

    At the end every choice of a home is asked again whether it carries what the lowerings have added, and keeps what is promised: a product
    that does not is ruled out, and all is decided anew from that question on.
    """
    _check_pins(world)
    ruled: dict[str, dict[str, Prose]] = {}
    trail = list(_walked(world, tuple(_agenda()), ruled))
    for _ in range(ROUNDS):
        last = trail[-1].after if trail else world
        broken = _broken(last)
        fresh = {d: o for d, o in broken.items() if not set(o) <= set(ruled.get(d, {}))}
        if not fresh:
            return last
        for decision, options in fresh.items():
            ruled.setdefault(decision, {}).update(options)
        place = min(i for i, one in enumerate(trail) if one.answer in fresh)
        again = trail[place]
        trail = [*trail[:place], *_walked(again.before, again.rest, ruled)]
    return trail[-1].after


@dataclass(frozen=True)
class _Stop:
    """A place on the way: the world before and after a pass, the answer that it gave, and the passes from there on."""

    before: World
    after: World
    answer: str
    rest: tuple[tuple[Pass, str | None], ...]


def _agenda() -> Iterator[tuple[Pass, str | None]]:
    yield from ((one, None) for one in passes())


def _walked(
    world: World, agenda: tuple[tuple[Pass, str | None], ...], ruled: Mapping[str, Mapping[str, Prose]]
) -> Iterator[_Stop]:
    """Every pass for each of its subjects, in order. A pass without a subject yet is asked for them when its turn comes."""
    while agenda:
        (one, subject), *rest = agenda
        if subject is None:
            agenda = (*((one, s) for s in tuple(one.subjects(world))), *rest)
            continue
        after = _passed(one, world, subject, ruled.get(one.name(subject), {}))
        yield _Stop(world, after, one.name(subject), agenda)
        world, agenda = after, tuple(rest)


def _broken(world: World) -> dict[str, dict[str, Prose]]:
    """Products that do not carry, or do not keep, what the passes after them have added."""
    made: dict[str, dict[str, Prose]] = {}
    by_id = {p.id: p for p in passes()}
    for name, decided in world.decided.items():
        one = by_id[decided.decision]
        if one.phase is not Phase.HOME or decided.pinned or not one.rechecked:
            continue
        held = {str(limit.excuse) for limit in decided.of(decided.chosen.id).limits if not limit.met}
        now = [x for x in one.limits(world, decided.subject, decided.chosen) if not x.met]
        late = [x.excuse for x in now if str(x.excuse) not in held]
        if late and not held:
            made[name] = {decided.chosen.id: late[0]}
    return made


def _passed(one: Pass, world: World, subject: str, ruled: Mapping[str, Prose]) -> World:
    options = list(one.options(world, subject))
    if not options:
        return _rewritten(one, world, subject, None)
    trials = {o.id: _rewritten(one, world, subject, o) if one.trial else world for o in options}
    decided = _ask(one, world, subject, options, trials, ruled)
    if one.trial:
        return trials[decided.chosen.id].with_decided(decided)
    return _rewritten(one, world.with_decided(decided), subject, decided.chosen)


def _rewritten(one: Pass, world: World, subject: str, option: Option | None) -> World:
    """The world as an option leaves it. Forms know no numbers: the same rewriting at another load gives the very same form."""
    after = one.rewrite(world, subject, option)
    if after.form is world.form:
        return after
    made = _REWRITTEN.setdefault(world.form, {})
    key = (one.id, subject, option.id if option else "", frozenset(world.homes.items()))
    return after.on_form(made.setdefault(key, after.form))


_REWRITTEN: WeakKeyDictionary[Form, dict[object, Form]] = WeakKeyDictionary()


def pin(complete: Complete, one: Pass, subject: str) -> tuple[Choice, str] | None:
    """What the user chose for it, and where that stands in the brief."""
    choices = complete.model.choices
    for name in (f"{one.id}.{subject}", one.id):
        if name in choices:
            return choices[name], f"choices.{name}"
    for variable in one.variables:
        if variable in complete.model.document:
            said = Choice(use=complete.model.document[variable], why="set as a variable of the document")
            return said, f"document.{variable}"
    return None


def _check_pins(world: World) -> None:
    known = {p.id for p in passes()} | {u.binding.capability.id for u in world.uses.built}
    complete = world.complete
    problems = [
        Problem(
            complete.brief.place(("choices", name)),
            f'"{name}" is not a decision',
            nearest(name.split(".")[0], known) or f"Known are {', '.join(sorted(known))}.",
        )
        for name in complete.model.choices
        if name.split(".")[0] not in known
    ]
    if problems:
        raise BriefError(problems)


def _ask(
    one: Pass,
    world: World,
    subject: str,
    options: list[Option],
    trials: Mapping[str, World],
    ruled: Mapping[str, Prose],
) -> Decided:
    raw = one.weights(world, subject)
    total = sum(raw.values())
    weights = {name: weight / total for name, weight in raw.items() if weight > 0}
    judged = tuple(_judge(one, trials[o.id], subject, o, weights, ruled.get(o.id)) for o in options)
    identifier = one.name(subject)
    pinned = pin(world.complete, one, subject) or one.pinned(world, subject)
    best = _best(judged)
    if pinned:
        chosen = _named(pinned[0].use, options, world, pinned[1])
        rival = best if best.option.id != chosen.id else _second(judged, best)
    else:
        chosen, rival = best.option, _second(judged, best)
    decided = Decided(
        id=identifier,
        decision=one.id,
        subject=subject,
        title=one.title,
        question=one.asked(world, subject),
        judged=judged,
        weights=weights,
        chosen=chosen,
        runner_up=rival.option if rival else None,
        pinned=pinned[0] if pinned else None,
    )
    return replace(decided, consequences=tuple(one.consequences(trials[chosen.id], decided)))


def _named(name: str, options: list[Option], world: World, path: str) -> Option:
    by_name = {**{o.name.lower(): o for o in options}, **{o.id: o for o in options}}
    found = by_name.get(name) or by_name.get(name.lower()) or by_name.get(name.lower().replace(" ", "_"))
    if found is None:
        ids = [o.id for o in options]
        place = world.complete.brief.place(tuple(path.split(".", 1)))
        remedy = nearest(name.lower(), ids) or f"Known are {', '.join(ids)}."
        raise BriefError([Problem(place, f'"{name}" is not among the options', remedy)])
    return found


def _judge(
    one: Pass, world: World, subject: str, option: Option, weights: Mapping[str, float], ruled: Prose | None
) -> Judged:
    limits = (*common(world, option, one), *one.limits(world, subject, option))
    if ruled is not None:
        limits = (*limits, Limit(ruled, 0.0, 1.0, yes_or_no=True))
    scores = one.scores(world, subject, option)
    excuses = tuple(limit.excuse for limit in limits if not limit.met)
    return Judged(option, tuple(limits), excuses, scores, sum(weights[n] * scores[n].value for n in weights))


def common(world: World, option: Option, one: Pass) -> Iterator[Limit]:
    """What holds for every option of every choice: what the brief avoids and demands, and where it is offered."""
    constraints = world.complete.model.constraints
    names = {option.id, option.name.lower()}
    yield lacks("the brief avoids it", not names & {a.lower() for a in constraints.avoid})
    source = option.source
    if not isinstance(source, Technology):
        return
    demanded = {d.lower() for d in constraints.must_use}
    of_kind = {t for t in demanded if _kind_of(t) == source.kind}
    if of_kind and one.exclusive:
        yield lacks(f"the brief demands {', '.join(sorted(of_kind))}", bool(names & of_kind))
    if source.abilities.get("service_only"):
        yield lacks(f"only {' and '.join(source.offered)} offers it", world.complete.cloud in source.offered)


@cache
def _kind_of(name: str) -> str:
    from workbook.catalog import loader

    for technology in loader.technologies().values():
        if name in (technology.id, technology.name.lower()):
            return technology.kind
    return ""


def _best(judged: tuple[Judged, ...]) -> Judged:
    """The highest total among those without excuse; of those alike, the simplest. Where all are excused, the fewest excuses."""
    free = [j for j in judged if not j.excuses]
    if not free:
        return min(judged, key=lambda j: (len(j.excuses), -j.total))
    top = max(j.total for j in free)
    alike = [j for j in free if j.total >= top - ALIKE]
    return min(alike, key=lambda j: (j.option.complexity, -j.total, j.option.id))


def _second(judged: tuple[Judged, ...], best: Judged) -> Judged | None:
    others = tuple(j for j in judged if j.option.id != best.option.id)
    return _best(others) if others else None

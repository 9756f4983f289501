"""Asks every choice and makes every lowering, phase by phase, and passes on the world that each leaves.

Along rising load each option wins in one interval: criteria that depend on the load are one at most a choice, and the others do not
move with it; limits only close. `plan/passes/driver.py` says why that is enough, a sweep in the tests holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

from workbook._plugins import modules
from workbook.brief.model import Choice
from workbook.brief.problems import BriefError, Problem, nearest
from workbook.catalog.model import Technology
from workbook.plan.complete import Complete
from workbook.plan.passes.model import Decided, Judged, Limit, Option, Pass, lacks
from workbook.plan.passes.world import World

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


def decide(world: World) -> World:
    """The world with every question answered and everything lowered."""
    for answered in worlds(world):
        world = answered
    return world


def worlds(world: World) -> Iterator[World]:
    """The world after each pass and subject: for those who want only the first few."""
    _check_pins(world)
    for one in passes():
        for subject in tuple(one.subjects(world)):
            world = _passed(one, world, subject)
            yield world


def _passed(one: Pass, world: World, subject: str) -> World:
    options = list(one.options(world, subject))
    if not options:
        return one.rewrite(world, subject, None)
    trials = {o.id: one.rewrite(world, subject, o) if one.trial else world for o in options}
    decided = _ask(one, world, subject, options, trials)
    after = (
        trials[decided.chosen.id] if one.trial else one.rewrite(world.with_decided(decided), subject, decided.chosen)
    )
    return after.with_decided(decided) if one.trial else after


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


def _ask(one: Pass, world: World, subject: str, options: list[Option], trials: Mapping[str, World]) -> Decided:
    raw = one.weights(world, subject)
    total = sum(raw.values())
    weights = {name: weight / total for name, weight in raw.items() if weight > 0}
    judged = tuple(_judge(one, trials[o.id], subject, o, weights) for o in options)
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


def _judge(one: Pass, world: World, subject: str, option: Option, weights: Mapping[str, float]) -> Judged:
    limits = (*common(world, option, one), *one.limits(world, subject, option))
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

"""Asks every decision in the order of what they come after, and passes on the load that each leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

from workbook._plugins import modules
from workbook.brief.model import Choice
from workbook.brief.problems import BriefError, Problem, nearest
from workbook.plan.complete import Complete
from workbook.plan.decisions import base
from workbook.plan.decisions.base import ALIKE, Decided, Decision, Judged, Option, Score, World


def _modules() -> Iterable[ModuleType]:
    return modules(__package__ or "", Path(__file__).parent, "decisions")


@cache
def decisions() -> tuple[Decision, ...]:
    """Every decision of the folder, each after those it names. Raises where two share an id or they wait for each other."""
    found: dict[str, Decision] = {}
    for module in _modules():
        for thing in vars(module).values():
            if (
                isinstance(thing, type)
                and issubclass(thing, Decision)
                and thing.__module__ == module.__name__
                and hasattr(thing, "id")
            ):
                if thing.id in found:
                    raise RuntimeError(f"two decisions have the id {thing.id}")
                found[thing.id] = thing()
    ordered: dict[str, Decision] = {}

    def place(identifier: str, waiting: tuple[str, ...]) -> None:
        if identifier in waiting:
            raise RuntimeError(f"decisions wait for each other: {' -> '.join((*waiting, identifier))}")
        if identifier in ordered or identifier not in found:
            return
        for before in found[identifier].after:
            place(before, (*waiting, identifier))
        ordered[identifier] = found[identifier]

    for identifier in sorted(found):
        place(identifier, ())
    return tuple(ordered.values())


def decide(world: World) -> World:
    """Answer every question, each seeing the load its predecessors left."""
    for answered in answers(world):
        world = answered
    return world


def answers(world: World) -> Iterator[World]:
    """The world after each answer: for those who want only the first few."""
    for decision in decisions():
        for subject in decision.subjects(world):
            decided = _ask(decision, world, subject)
            world = decision.effect(replace(world, decided={**world.decided, decided.id: decided}), decided)
            yield world


def pin(complete: Complete, decision: Decision, subject: str) -> tuple[Choice, str] | None:
    """What the user chose for it, and where that stands in the brief."""
    choices = complete.model.choices
    for name in (f"{decision.id}.{subject}", decision.id):
        if name in choices:
            return choices[name], f"choices.{name}"
    return None


def _ask(decision: Decision, world: World, subject: str) -> Decided:
    options = list(decision.options(world, subject))
    raw = decision.weights(world, subject)
    total = sum(raw.values())
    weights = {name: weight / total for name, weight in raw.items() if weight > 0}
    judged = tuple(_judge(decision, world, subject, option, weights) for option in options)
    identifier = f"{decision.id}.{subject}" if subject else decision.id
    pinned = pin(world.complete, decision, subject)
    best = _best(judged)
    if pinned:
        chosen = _named(pinned[0].use, options, world, pinned[1])
        rival = best if best.option.id != chosen.id else _second(judged, best)
    else:
        chosen, rival = best.option, _second(judged, best)
    decided = Decided(
        identifier,
        decision.id,
        subject,
        decision.question,
        judged,
        weights,
        chosen,
        rival.option if rival else None,
        _said(pinned[0], chosen) if pinned else _reason(judged, chosen, rival, weights),
        pinned[0] if pinned else None,
        _gives_up(judged, chosen, best) if pinned else "",
    )
    return replace(decided, consequences=tuple(decision.consequences(world, decided)))


def _named(name: str, options: list[Option], world: World, path: str) -> Option:
    by_name = {**{o.name.lower(): o for o in options}, **{o.id: o for o in options}}
    found = by_name.get(name) or by_name.get(name.lower()) or by_name.get(name.lower().replace(" ", "_"))
    if found is None:
        ids = [o.id for o in options]
        place = world.complete.brief.place(tuple(path.split(".", 1)))
        raise BriefError(
            [
                Problem(
                    place,
                    f'"{name}" is not among the options',
                    nearest(name.lower(), ids) or f"Known are {', '.join(ids)}.",
                )
            ]
        )
    return found


def _judge(decision: Decision, world: World, subject: str, option: Option, weights: Mapping[str, float]) -> Judged:
    constraints = world.complete.model.constraints
    excuses = [limit.excuse for limit in decision.limits(world, subject, option) if not limit.met]
    if option.id in constraints.avoid:
        excuses.append("the brief avoids it")
    scores = decision.scores(world, subject, option)
    return Judged(option, tuple(excuses), scores, sum(weights[n] * scores[n].value for n in weights))


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


def _reason(judged: tuple[Judged, ...], chosen: Option, rival: Judged | None, weights: Mapping[str, float]) -> str:
    """The strongest point for the chosen option, and what decided against the next."""
    mine = next(j for j in judged if j.option.id == chosen.id)
    others = [j for j in judged if j.option.id != chosen.id and not j.excuses] or [mine]
    strongest = max(
        weights,
        key=lambda n: weights[n] * (mine.scores[n].value - sum(j.scores[n].value for j in others) / len(others)),
    )
    text = f"{chosen.name} does best on {strongest}: {mine.scores[strongest].evidence or 'it scores highest there'}"
    if rival is None:
        return f"{text}."
    if rival.excuses:
        return f"{chosen.name} is the only option that meets every limit. The nearest, {rival.option.name}, is out: {rival.excuses[0]}."
    gaps = {n: weights[n] * (mine.scores[n].value - rival.scores[n].value) for n in weights}
    decisive = max(gaps, key=lambda n: gaps[n])
    if gaps[decisive] <= 0:
        return f"{text}. {rival.option.name} scores no worse on any point, and is not simpler."
    alike = (
        f" Both score alike ({mine.total:.2f} and {rival.total:.2f}), and the simpler wins."
        if abs(mine.total - rival.total) <= ALIKE
        else ""
    )
    if decisive == strongest:
        text = f"{chosen.name}"
    return f"{text}{'. It' if decisive != strongest else ''} beats {rival.option.name} on {decisive}{versus(mine.scores[decisive], rival.scores[decisive])}.{alike}"


def versus(mine: Score, rival: Score) -> str:
    """The evidence of two options on one criterion: both where they differ, the shared one once, with the scores that it led to."""
    if mine.evidence and rival.evidence and mine.evidence != rival.evidence:
        first, _, same = mine.evidence.rpartition(" for ")
        if first and rival.evidence.endswith(f" for {same}"):
            return f" ({first}, against {rival.evidence})"
        return f" ({mine.evidence}, against {rival.evidence})"
    shown = mine.evidence or rival.evidence
    return f" ({shown + ': ' if shown else ''}{mine.value:.2f} against {rival.value:.2f})"


def _said(choice: Choice, chosen: Option) -> str:
    owner = f" ({choice.owner})" if choice.owner else ""
    return f"{chosen.name} is pinned by the brief{owner}{': ' + choice.why if choice.why else ''}."


def _gives_up(judged: tuple[Judged, ...], chosen: Option, best: Judged) -> str:
    mine = next(j for j in judged if j.option.id == chosen.id)
    if mine.excuses:
        return f"breaks a limit: {'; '.join(mine.excuses)}"
    if best.option.id == chosen.id:
        return "nothing: it is also what we recommend"
    losses = {n: best.scores[n].value - s.value for n, s in mine.scores.items() if n in best.scores}
    worst = max(losses, key=lambda n: losses[n])
    if losses[worst] <= 0:
        return f"nothing measurable against {best.option.name}"
    return f"{worst} against {best.option.name}: {mine.scores[worst].evidence or 'it scores lower'}"


__all__ = ["answers", "base", "decide", "decisions", "pin"]

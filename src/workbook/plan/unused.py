"""What the brief says and nothing in this design follows from: told, so that nothing is ignored without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workbook.brief.problems import BriefError, Problem, nearest
from workbook.catalog import loader
from workbook.plan.complete import Complete
from workbook.plan.fold.design import Design
from workbook.plan.names import type_name
from workbook.plan.passes.approach import Approach
from workbook.plan.passes.engine import passes
from workbook.plan.passes.world import World
from workbook.plan.sizing import Sizing

_TABLE = Path(__file__).with_suffix(".yaml")


def check_choices(world: World) -> None:
    """Raises BriefError for a choice of something that is no decision of this design."""
    found: dict[str, list[str]] = {}
    for name in world.decided:
        found.setdefault(name.partition(".")[0], []).extend([name] if "." in name else [])
    asked = [p for p in passes() if p.title]
    once = {p.id for p in asked if not p.several}
    known = {p.id for p in asked if p.id != Approach.id} | set(found)
    problems = []
    brief = world.complete.brief
    for name in brief.raw.get("choices") or {}:
        decision, _, subject = str(name).partition(".")
        place = brief.place(("choices", name))
        if decision not in known:
            remedy = nearest(decision, known) or f"Known are {', '.join(sorted(known))}."
            problems.append(Problem(place, f'"{name}" is not a decision', remedy))
        elif subject and decision in once:
            problems.append(Problem(place, f'"{name}" is not decided here', _of_decision(name, decision, [])))
        elif subject and decision in found and name not in found[decision]:
            problems.append(
                Problem(place, f'"{name}" is not decided here', _of_decision(name, decision, found[decision]))
            )
    if problems:
        raise BriefError(problems)


def _of_decision(name: str, decision: str, asked: list[str]) -> str:
    if not asked:
        return f"It is decided once: write choices.{decision}."
    return nearest(name, asked) or f"Known are {', '.join(asked)}."


def findings(design: Design, sizing: Sizing) -> Iterator[Problem]:
    """Everything of the brief from which nothing follows."""
    world = design.world
    yield from _capabilities(world.complete)
    yield from _bare_features(world.complete)
    yield from _choices(world)
    yield from _prices(world.complete, sizing)
    yield from _must_use(world, design)
    yield from _all_avoided(world.complete)
    yield from _nobody(world.complete)
    yield from _keys(world.complete)
    yield from _event(world.complete, design)


def _info(place: str, what: str, remedy: str, identifier: str) -> Problem:
    return Problem(place, what, remedy, "info", identifier)


def _capabilities(complete: Complete) -> Iterator[Problem]:
    """Capabilities of the whole brief that bring no entities and operations: they speak of features only."""
    said = complete.brief.raw.get("capabilities") or ()
    named = {c.name for feature in complete.model.features.values() for c in feature.capabilities}
    for one in [said] if isinstance(said, str) else said:
        name = one if isinstance(one, str) else next(iter(one))
        known = loader.capabilities()[name]
        if not known.brief and not known.built and name not in named:
            what = f"{name} brings no entity and no operation, so nothing follows from it here"
            remedy = "Name it at the feature that has it: features.NAME.capabilities."
            yield _info("capabilities", what, remedy, f"unused:capabilities.{name}")


def _bare_features(complete: Complete) -> Iterator[Problem]:
    for name, feature in complete.model.features.items():
        if not feature.operations:
            what = "lists no operation, so nothing of the design does it"
            yield _info(f"features.{name}", what, f"Write features.{name}.operations.", f"unused:features.{name}")


def _choices(world: World) -> Iterator[Problem]:
    asked = {name.partition(".")[0] for name in world.decided}
    for name in world.complete.model.choices:
        if name.partition(".")[0] not in asked:
            what = "is not asked of this design, so nothing follows from the choice"
            yield _info(f"choices.{name}", what, "Take it out, or leave it for later.", f"unused:choices.{name}")


def _prices(complete: Complete, sizing: Sizing) -> Iterator[Problem]:
    paid = {price for item in sizing.costs for price in item.prices}
    for name in complete.model.prices:
        if name not in paid:
            what = "no line of this bill is paid by it"
            yield _info(f"prices.{name}", what, "Take it out, or leave it for later.", f"unused:prices.{name}")


def _must_use(world: World, design: Design) -> Iterator[Problem]:
    """What must be used and is not: the choice is the user's to pin."""
    complete = world.complete
    boxes = {box.technology.name for box in design.components if box.technology is not None}
    used = {d.chosen.id for d in world.decided.values()} | {s.technology.id for s in design.stores} | {complete.cloud}
    for name in complete.model.constraints.must_use:
        product = loader.technologies().get(name)
        drawn = product is not None and product.name in boxes
        if name not in used and not drawn:
            decision = product.kind if product is not None else loader.patterns()[name].family
            known = any(d.decision == decision for d in world.decided.values())
            remedy = f"Pin it with choices.{decision}: {name}, or take it out." if known else "Take it out."
            what = f"must_use names {name}, and nothing in this design uses it"
            yield Problem("constraints.must_use", what, remedy, "warning", f"must_use:{name}")


def _all_avoided(complete: Complete) -> Iterator[Problem]:
    """Kinds of which the brief avoids every product: one of them is taken all the same."""
    kinds: dict[str, list[str]] = {}
    for product in loader.technologies().values():
        kinds.setdefault(product.kind, []).append(product.id)
    for kind, names in kinds.items():
        if set(names) <= set(complete.model.constraints.avoid):
            what = f"avoids every {kind.replace('_', ' ')} of the catalog, so one of them is taken all the same"
            yield Problem(
                "constraints.avoid", what, f"Allow one of {', '.join(names)}.", "error", f"all_avoided:{kind}"
            )


def _nobody(complete: Complete) -> Iterator[Problem]:
    for name, population in complete.model.populations.items():
        for attribute in ("count", "daily_active", "monthly_active"):
            parts = getattr(population, attribute)
            if parts and any(part.amount.high == 0 for part in parts):
                what = "is 0: what follows from it counts nothing"
                place = f"populations.{name}.{attribute}"
                yield _info(place, what, "Write how many there will be.", f"nobody:{name}")


@cache
def _applies() -> tuple[Mapping[str, Any], ...]:
    return tuple(yaml.safe_load(_TABLE.read_text(encoding="utf-8")))


def _keys(complete: Complete) -> Iterator[Problem]:
    """Keys of an operation that its verb has no use for."""
    for name, operation in complete.operations.items():
        for row in _applies():
            key = row["key"]
            if not getattr(operation, key):
                continue
            place, identifier = f"operations.{name}.{key}", f"unused:operations.{name}.{key}"
            if operation.verb not in row.get("verbs", (operation.verb,)):
                what = f"says {row['about']}, and {operation.verb} has no use for it"
                yield _info(place, what, "Take it out, or use another verb.", identifier)
            elif "needs" in row and getattr(operation, row["needs"]) is None:
                what = f"says {row['about']}, and without {row['needs']} there is none"
                yield _info(place, what, f"Add operations.{name}.{row['needs']}.", identifier)


def _event(complete: Complete, design: Design) -> Iterator[Problem]:
    said = complete.model.document.get("EVENT_NAME")
    if said and type_name(said) not in {t.event for t in design.topics}:
        what = f"{said} is the event of no operation: this design emits none of its critical write"
        yield _info("document.EVENT_NAME", what, "Take it out.", "unused:document.EVENT_NAME")

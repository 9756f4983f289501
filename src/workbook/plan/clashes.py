"""Fields that are called like a column which the design needs for something else: refused with their place, before anything is generated."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.problems import BriefError, Problem
from workbook.plan.fold.layout import Column, clashes
from workbook.plan.form.model import Topic
from workbook.plan.passes.world import DATABASE, World

Path = tuple[str | int, ...]


def check_columns(world: World) -> None:
    """Raises BriefError for such fields."""
    kept = [name for name, home in world.homes.items() if world.stores[home].role == DATABASE]
    problems: dict[str, Problem] = {}
    for name in kept:
        for field, column in clashes(world.form, name, world.accesses.get(name, ())):
            problem = _problem(_path(world, name, field), column, world)
            problems.setdefault(problem.place, problem)
    if problems:
        raise BriefError(list(problems.values()))


def _problem(path: Path, column: Column, world: World) -> Problem:
    what = f"is called like a column that the system needs itself: {column.purpose}"
    return Problem(world.complete.brief.place(path), what, f"Call it otherwise, as in {path[-1]}_said.")


def _path(world: World, name: str, field: str) -> Path:
    topic = world.form.topics.get(name)
    owner = name if topic is None else next(_told(world, topic, field), name)
    part = next((p for p in ("entities", "structures", "topics") if owner in getattr(world.complete.model, p)), "")
    return (part, owner, "fields", field) if part else (owner, field)


def _told(world: World, topic: Topic, field: str) -> Iterator[str]:
    """Of whose rows a topic tells."""
    model = world.complete.model
    operation = model.operations.get(topic.stands_for)
    found = [topic.like, *((operation.entity, *operation.creates) if operation is not None else ())]
    yield from (e for e in found if e in model.entities and field in model.entities[e].fields)

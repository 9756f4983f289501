"""Whether the parts of a brief go together: names that mean something, sizes and rates that end somewhere, no choice against itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from workbook.brief.load import Brief
from workbook.brief.model import Model, PartOf, Population, relative
from workbook.brief.problems import Problem, nearest
from workbook.brief.rates import Rate
from workbook.catalog import loader
from workbook.plan import vocabulary
from workbook.plan.storable import unstorable

MOST = 200
"""Of populations, entities or operations: beyond that nobody reads the result (our assumption)."""
PEOPLE = ("daily_active", "monthly_active", "concurrent", "count")


def problems(model: Model, brief: Brief) -> Iterator[Problem]:
    """What makes a brief mean nothing."""
    if not model.operations and not model.entities:
        yield Problem(
            brief.place(()),
            "says neither archetypes, capabilities nor entities with operations",
            f"Name an archetype ({', '.join(loader.archetypes())}) or describe entities and operations.",
        )
    seen: dict[str, str] = {}
    for part in ("populations", "entities", "operations"):
        if len(getattr(model, part)) > MOST:
            yield Problem(
                brief.place((part,)), f"has more than {MOST} {part}", "Describe a part of the system at a time."
            )
        for name in getattr(model, part):
            if name in seen:
                remedy = "Populations, entities and operations share one space of names: rename one."
                yield Problem(brief.place((part, name)), f"the name is taken by {seen[name]}.{name}", remedy)
            seen[name] = part
    yield from _population_problems(model, brief)
    yield from _entity_problems(model, brief)
    yield from _operation_problems(model, brief)
    yield from unstorable(model, brief)
    yield from _feature_problems(model, brief)
    yield from _cycles(model, brief)
    avoided = {vocabulary.plain(name) for name in model.constraints.avoid}
    for name, choice in model.choices.items():
        if vocabulary.plain(choice.use) in avoided:
            yield Problem(
                brief.place(("choices", name)),
                f"uses {choice.use}, which constraints.avoid excludes",
                "Take it out of one of them.",
            )


def _population_problems(model: Model, brief: Brief) -> Iterator[Problem]:
    for name, population in model.populations.items():
        place = brief.place(("populations", name))
        daily, monthly = _plain_size(population, "daily_active"), _plain_size(population, "monthly_active")
        if daily and monthly and monthly < daily:
            what = f"monthly_active ({_written(population.monthly_active)}) is below daily_active ({_written(population.daily_active)})"
            yield Problem(place, what, "Who is active on a day is active in that month: mend one of them.")
        if population.count is None and population.daily_active is None and population.monthly_active is None:
            yield Problem(place, "says how large it is nowhere", "Write a count or daily_active.")
        for attribute in PEOPLE:
            for part in getattr(population, attribute) or ():
                yield from _counted(part, model, brief.place(("populations", name, attribute)))

    def place_of(size: str) -> str:
        name, _, attribute = size.partition(".")
        return brief.place(
            ("populations", name, attribute) if name in model.populations else ("entities", name, "count")
        )

    yield from _circle(_size_edges(model), place_of, "size")


def _written(parts: tuple[PartOf, ...] | None) -> str:
    return " x ".join(str(p.amount) for p in parts or ())


def _plain_size(population: Population, attribute: str) -> float | None:
    """The size where it is said without regard to anything else."""
    parts = getattr(population, attribute)
    if not parts or any(p.of for p in parts) or relative(parts):
        return None
    size = 1.0
    for part in parts:
        size *= part.amount.best
    return size


def _size_edges(model: Model) -> dict[str, list[str]]:
    """Which size is taken from which others: `users.concurrent` from `users.daily_active`, and what counts name."""

    def leans(parts: Iterable[PartOf] | None) -> list[str]:
        return [_size_name(p, model) for p in parts or () if p.of in model.populations or p.of in model.entities]

    edges = {name: leans(entity.count) for name, entity in model.entities.items()}
    for name, said in model.populations.items():
        base = f"{name}.daily_active" if said.daily_active or said.monthly_active else f"{name}.count"
        for attribute in PEOPLE:
            parts = getattr(said, attribute)
            own = leans(parts)
            if relative(parts):
                own.append(base if attribute == "concurrent" else f"{name}.count")
            edges[f"{name}.{attribute}"] = own
        if said.daily_active is None and said.monthly_active is not None:
            edges[f"{name}.daily_active"].append(f"{name}.monthly_active")
        elif said.monthly_active is None:
            edges[f"{name}.monthly_active"].append(f"{name}.daily_active")
        if said.concurrent is None:
            edges[f"{name}.concurrent"].append(base)
    return edges


def _size_name(part: PartOf, model: Model) -> str:
    if part.of in model.entities:
        return part.of
    said = model.populations[part.of]
    return f"{part.of}.{part.attribute or ('daily_active' if said.daily_active or said.monthly_active else 'count')}"


def _counted(part: PartOf, model: Model, place: str) -> Iterator[Problem]:
    if not part.of:
        return
    countable = {**{e: v for e, v in model.entities.items() if v.count is not None}, **model.populations}
    if part.of not in countable:
        remedy = nearest(part.of, countable) or f"Known are {', '.join(countable) or 'none: add a population'}."
        what = (
            "is an entity without a count"
            if part.of in model.entities
            else "is not a number, a population or an entity with a count"
        )
        yield Problem(place, f'"{part.of}" {what}', remedy)
    elif part.attribute:
        yield from _attribute(part.of, part.attribute, model, place)


def _attribute(name: str, attribute: str, model: Model, place: str) -> Iterator[Problem]:
    population = model.populations.get(name)
    if attribute not in PEOPLE or population is None:
        yield Problem(place, f'"{name}.{attribute}" is not a size of a population', f"Known are {', '.join(PEOPLE)}.")
    elif attribute == "count" and population.count is None:
        yield Problem(place, f"{name}.count is not said", f"Write populations.{name}.count (how many are registered).")
    elif (
        attribute != "count"
        and population.daily_active is None
        and population.monthly_active is None
        and getattr(population, attribute) is None
    ):
        yield Problem(place, f"{name}.{attribute} is not said", f"Write populations.{name}.{attribute}.")


def _entity_problems(model: Model, brief: Brief) -> Iterator[Problem]:
    names = {*model.entities, *model.populations}
    for name, entity in model.entities.items():
        for field, type_ in entity.fields.items():
            if type_.ref and not _refers(type_.ref, names):
                remedy = nearest(type_.ref, model.entities) or f"Add an entity {type_.ref}, or write id."
                yield Problem(
                    brief.place(("entities", name, "fields", field)), f'"{type_.ref}" is not an entity', remedy
                )
        for attribute in ("count", "size"):
            for part in getattr(entity, attribute) or ():
                yield from _counted(part, model, brief.place(("entities", name, attribute)))


def _refers(name: str, names: set[str]) -> bool:
    """A reference names an entity, or a member of a population (`ref guest` for the population guests)."""
    return (
        name in names
        or any(f"{name}{end}" in names for end in ("s", "es"))
        or (name.endswith("y") and f"{name[:-1]}ies" in names)
    )


def _operation_problems(model: Model, brief: Brief) -> Iterator[Problem]:
    for name, operation in model.operations.items():
        if operation.does and operation.entity not in model.entities:
            remedy = nearest(operation.entity, model.entities) or f"Add an entity {operation.entity}."
            yield Problem(brief.place(("operations", name, "does")), f'"{operation.entity}" is not an entity', remedy)
        for entity in operation.creates:
            if entity not in model.entities:
                remedy = nearest(entity, model.entities) or f"Add an entity {entity}."
                yield Problem(brief.place(("operations", name, "creates")), f'"{entity}" is not an entity', remedy)
        for rate in operation.rate or ():
            yield from _rate_problems(rate, name, model, brief.place(("operations", name, "rate")))
        products = [(f, getattr(operation, f)) for f in ("items", "fan_out", "request", "response", "delivers")]
        products += [(f"creates.{e}", p) for e, p in operation.creates.items()]
        for field, product in products:
            for part in product or ():
                yield from _counted(part, model, brief.place(("operations", name, *field.split("."))))


def _rate_problems(rate: Rate, operation: str, model: Model, place: str) -> Iterator[Problem]:
    if rate.kind == "total":
        return
    if rate.kind == "members":
        if rate.of in model.operations:
            what = f'"{rate.text}": {rate.of} is an operation, and a funnel has no time of its own'
            yield Problem(place, what, f"Write {rate.amount} per {rate.of}.")
        else:
            yield from _counted(PartOf(amount=rate.amount, of=rate.of, attribute=rate.attribute), model, place)
        return
    if rate.of not in model.operations:
        if rate.of in model.populations or rate.of in model.entities:
            yield Problem(place, f'"{rate.text}" has no time', f"Write {rate.text} per day, or another time.")
        else:
            names = {**model.operations, **model.populations}
            yield Problem(
                place,
                f'"{rate.of}" is neither an operation nor a population',
                nearest(rate.of, names) or f"Known are {', '.join(names)}.",
            )
    elif rate.attribute not in ("", "items"):
        yield Problem(place, f'"{rate.of}.{rate.attribute}" is not known', f"Write {rate.of} or {rate.of}.items.")
    elif rate.kind == "during" and model.operations[rate.of].lasts is None:
        yield Problem(
            place, f"{rate.of} does not say how long it lasts", f"Add operations.{rate.of}.lasts, as in 30 min."
        )


def _feature_problems(model: Model, brief: Brief) -> Iterator[Problem]:
    for part in ("features", "integrations"):
        for name, thing in getattr(model, part).items():
            for operation in thing.operations:
                if operation not in model.operations:
                    yield Problem(
                        brief.place((part, name, "operations")),
                        f'"{operation}" is not an operation',
                        nearest(operation, model.operations) or f"Known are {', '.join(model.operations)}.",
                    )
            for capability in (use.name for use in getattr(thing, "capabilities", ())):
                if capability not in loader.capabilities():
                    yield Problem(
                        brief.place((part, name, "capabilities")),
                        f'"{capability}" is not a capability of the catalog',
                        nearest(capability, loader.capabilities()) or f"Known are {', '.join(loader.capabilities())}.",
                    )


def _cycles(model: Model, brief: Brief) -> Iterator[Problem]:
    edges = {
        n: [r.of for r in o.rate or () if r.kind in ("funnel", "during") and r.of in model.operations]
        for n, o in model.operations.items()
    }
    yield from _circle(edges, lambda n: brief.place(("operations", n, "rate")), "rate")


def _circle(edges: Mapping[str, Iterable[str]], place: Callable[[str], str], what: str) -> Iterator[Problem]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        first = min(range(len(circle) - 1), key=lambda i: list(edges).index(circle[i]))
        circle = [*circle[first:-1], *circle[:first], circle[first]]
        yield Problem(
            place(circle[0]), f"goes round in a circle: {' -> '.join(circle)}", f"Give one of them a {what} of its own."
        )


def remarks(model: Model) -> Iterator[Problem]:
    """What is left open, and counts nothing."""
    for name, operation in model.operations.items():
        if operation.rate is None:
            yield Problem(
                f"operations.{name}.rate",
                "is open: nobody says how often, and it counts nothing",
                "Give it a rate.",
                "info",
                "open_rate",
            )

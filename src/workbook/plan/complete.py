"""What was left open? Archetypes and capabilities merged in, defaults with their origin, references checked, contexts found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any

from workbook.brief import bounds
from workbook.brief.load import Brief, validate
from workbook.brief.model import Entity, Model, Operation, PartOf, Peak, Population, relative
from workbook.brief.problems import BriefError, Problem, nearest
from workbook.brief.quantities import Quantity, parse
from workbook.brief.rates import Rate
from workbook.catalog import loader
from workbook.plan import columns, vocabulary
from workbook.plan.contexts import contexts_of
from workbook.plan.removal import REMOVABLE, remove, unknown
from workbook.plan.storable import unstorable

Path = tuple[str, ...]
MOST = 200
PEOPLE = ("daily_active", "monthly_active", "concurrent", "count")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who said a value: `brief`, `override`, `archetype X`, `capability X` or `default`, with the source of a default."""

    who: str
    source: str = ""

    @property
    def assumed(self) -> bool:
        """Whether somebody other than the user said it."""
        return self.who not in ("brief", "override")


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value nobody asked for: where it stands, what it is, who says so, and for what it is used."""

    path: str
    value: str
    origin: Origin
    why: str = ""


@dataclass(frozen=True)
class Complete:
    """A brief with nothing left open. `model` is everything said by anyone; the methods fill in defaults."""

    brief: Brief
    model: Model
    origins: Mapping[Path, Origin]
    contexts: Mapping[str, str]
    """Entity -> the logical service that owns it."""
    problems: tuple[Problem, ...] = ()

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """What is asked of the system, by id in the order written: not what only events, queues or clocks start."""
        return MappingProxyType({n: o for n, o in self.model.operations.items() if o.asked})

    @cached_property
    def entities(self) -> Mapping[str, Entity]:
        """All entities by id, in the order written."""
        return MappingProxyType(dict(self.model.entities))

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        uploaded = {o.entity for o in self.model.operations.values() if o.verb == "upload"}
        return {n: e.kind or ("object" if n in uploaded else "record") for n, e in self.model.entities.items()}

    def kind(self, entity: str) -> str:
        """The kind of an entity: said, else `object` for what is uploaded, else `record`."""
        return self._kinds[entity]

    def default(self, path: str, kind: str) -> Quantity:
        """A default of the catalog as a quantity."""
        return parse(loader.defaults()[path].value, kind)

    def items(self, operation: Operation) -> tuple[PartOf, ...]:
        """Rows per call: said, else 20 for a page, else 1."""
        page = ".page" if operation.verb in ("list", "search") else ""
        return operation.items or (PartOf(amount=self.default(f"operations.*.items{page}", "number")),)

    def peak(self, operation: Operation) -> Peak:
        """The peak of an operation: its own, the load's, the default."""
        return operation.peak or self.model.load.peak or Peak(factor=self.default("load.peak", "factor"))

    def replicas(self, entity: str) -> float:
        """Copies of an entity's rows."""
        said = self.model.entities[entity].replicas
        if said is not None:
            return said.factor
        return self.default("entities.*.replicas" + (".object" if self.kind(entity) == "object" else ""), "number").best

    def priority(self, operation: str) -> str:
        """P0, P1 or P2: the operation's own, else the highest of its features, else the default."""
        own = self.model.operations[operation].priority
        if own:
            return own
        of_features = [f.priority for f in self.model.features.values() if operation in f.operations and f.priority]
        return min(of_features) if of_features else str(loader.defaults()["operations.*.priority"].value)

    def quality(self, name: str) -> Quantity:
        """A quality target in base units: said, else the default."""
        kinds = {"availability": "share", "durability": "share"}
        said: Quantity | None = getattr(self.model.quality, name)
        return said or self.default(f"quality.{name}", kinds.get(name, "time"))

    def latency(self, operation: str, percentile: str = "p99") -> Quantity:
        """The latency target of an operation: its own, the system's, the default. One that the design adds has none of its own."""
        asked = self.model.operations.get(operation)
        said: Quantity | None = getattr(asked, percentile, None) or getattr(self.model.quality, percentile)
        if said:
            return said
        p99 = getattr(asked, "p99", None) or self.model.quality.p99 or self.default("quality.p99", "time")
        share = {"p50": 0.2, "p95": 0.6, "p99": 1.0}[percentile]
        return Quantity(p99.best * share, p99.low * share, p99.high * share, "time")

    def consistency(self, entity: str) -> str:
        """Strong or eventual: said for the entity, else for the system, else strong for money and for what P0 counts on."""
        found = self.model.entities[entity]
        return (
            found.consistency
            or self.model.quality.consistency
            or ("strong" if found.sensitive == "payment" else "eventual")
        )

    @property
    def team_size(self) -> int:
        """How many people build and run it."""
        return self.model.constraints.team.size or int(loader.defaults()["constraints.team.size"].value)

    @property
    def cloud(self) -> str:
        """The provider whose prices count."""
        return self.model.constraints.cloud or str(loader.defaults()["constraints.cloud"].value)

    def origin(self, *path: str) -> Origin:
        """Who said the value at that path."""
        for end in range(len(path), 0, -1):
            found = self.origins.get(path[:end])
            if found:
                return found
        return Origin("default")

    @cached_property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Everything that counts and that the user did not say."""
        return (*self._said_by_others(), *self._defaults())

    def _said_by_others(self) -> Iterator[Assumption]:
        for path, origin in self.origins.items():
            if origin.assumed and path[0] in (
                "populations",
                "load",
                "entities",
                "operations",
                "quality",
                "constraints",
                "prices",
            ):
                leaf = _leaf(self.brief_values, path)
                if (
                    path[-1] in ("rate", "size", "count", "peak", "fan_out", "lasts", "retention", "daily_active")
                    or path[0] == "load"
                ):
                    yield Assumption(".".join(path), str(leaf), origin)

    @cached_property
    def brief_values(self) -> Mapping[str, Any]:
        """The merged brief as plain values."""
        return merged(self.brief)[0]

    def _defaults(self) -> Iterator[Assumption]:
        for path, default in loader.defaults().items():
            users = self._who_takes(path)
            if users:
                where = path.replace("*", users[0]) if len(users) == 1 and "*" in path else path
                names = f" ({', '.join(users)})" if len(users) > 1 else ""
                where = where.removesuffix(".page").removesuffix(".object")
                yield Assumption(where, f"{default.value}{names}", Origin("default", default.source), default.why)

    def _who_takes(self, path: str) -> list[str]:
        head, _, attribute = path.partition(".*.")
        model = self.model
        if head == "entities":
            name, _, variant = attribute.partition(".")
            return [
                e
                for e, v in model.entities.items()
                if getattr(v, name) is None
                and (name != "replicas" or (self.kind(e) == "object") == (variant == "object"))
                and name not in ("compression", "dedup")
            ]
        if head == "operations":
            name, _, variant = attribute.partition(".")
            if name == "items" and not variant:
                return []
            return [
                o
                for o, v in model.operations.items()
                if getattr(v, name) is None
                and (name != "items" or v.verb in ("list", "search"))
                and (name != "priority" or not any(o in f.operations for f in model.features.values()))
            ]
        if head == "populations":
            return [
                p for p, v in model.populations.items() if v.daily_active is not None and getattr(v, attribute) is None
            ]
        if head == "processors":
            return []  # what the form takes for its own; nothing that is shown rests on it
        part: Any = model
        for name in path.split("."):
            part = getattr(part, name, None)
        return [] if part is not None and part != {} else ["all"]


def _leaf(values: Any, path: Path) -> Any:
    for part in path:
        values = values[part]
    return values


def merged(brief: Brief) -> tuple[dict[str, Any], dict[Path, Origin]]:
    """Archetypes, capabilities, then the user's words, by name and deeply; and who said each value."""
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    origins: dict[Path, Origin] = {}
    raw = dict(brief.raw)
    wanted_archetypes = _names(raw.get("archetypes"))
    wanted = _uses(raw.get("capabilities"))
    for place, name in enumerate(wanted_archetypes):
        archetype = loader.archetypes().get(name)
        if archetype is None:
            remedy = nearest(name, loader.archetypes()) or f"Known are {', '.join(loader.archetypes())}."
            problems.append(
                Problem(brief.place(("archetypes", place)), f'"{name}" is not an archetype of the catalog', remedy)
            )
            continue
        partial = _normal(archetype.brief)
        wanted = [*(c for c in _uses(partial.get("capabilities")) if c not in wanted), *wanted]
        _merge(
            values,
            {k: v for k, v in partial.items() if k != "capabilities"},
            Origin(f"archetype {name}", archetype.source),
            origins,
        )
    for name in dict.fromkeys(_used(use) for use in wanted):
        capability = loader.capabilities().get(name)
        if capability is None:
            remedy = nearest(name, loader.capabilities()) or f"Known are {', '.join(loader.capabilities())}."
            problems.append(
                Problem(brief.place(("capabilities",)), f'"{name}" is not a capability of the catalog', remedy)
            )
            continue
        _merge(values, _normal(capability.brief), Origin(f"capability {name}", capability.source), origins)
    if problems:
        raise BriefError(problems)
    inherited = {part: dict(values.get(part) or {}) for part in REMOVABLE}
    _merge(values, _normal({k: v for k, v in raw.items() if k != "capabilities"}), Origin("brief"), origins)
    problems.extend(unknown(brief, inherited))
    if problems:
        raise BriefError(problems)
    for gone in remove(values, brief, inherited):
        for known in [p for p in origins if p[: len(gone)] == gone]:
            del origins[known]
    for dotted in brief.overrides:
        origins[tuple(dotted.split("."))] = Origin("override")
    values["capabilities"] = wanted
    return values, origins


def _uses(value: Any) -> list[Any]:
    """The capabilities that are named, each as it is written: a name, or a name with its roles."""
    return [value] if isinstance(value, str | Mapping) else list(value or ())


def _used(use: Any) -> str:
    return str(next(iter(use), "")) if isinstance(use, Mapping) else str(use)


def _names(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(v) for v in value or ()]


_SHORT = {"choices": "use", "integrations": "does", "personas": "wants"}


def _normal(values: Mapping[str, Any]) -> dict[str, Any]:
    """Short forms written out, so that a short form can be laid over a long one."""
    made = dict(values)
    for part in ("populations", *_SHORT):
        if isinstance(made.get(part), Mapping):
            made[part] = {
                n: v if isinstance(v, Mapping) or v is None else {_short(part, n): v} for n, v in made[part].items()
            }
    return made


def _short(part: str, name: str) -> str:
    return _SHORT.get(part) or ("daily_active" if name == "users" else "count")


def _merge(
    below: dict[str, Any], above: Mapping[str, Any], origin: Origin, origins: dict[Path, Origin], path: Path = ()
) -> None:
    for name, value in above.items():
        here = (*path, str(name))
        if value is None:
            below.pop(name, None)
            for known in [p for p in origins if p[: len(here)] == here]:
                del origins[known]
        elif isinstance(value, Mapping):
            child = below.get(name)
            child = dict(child) if isinstance(child, Mapping) else {}
            _merge(child, value, origin, origins, here)
            below[name] = child
        else:
            if isinstance(below.get(name), Mapping):
                for known in [p for p in origins if p[: len(here)] == here]:
                    del origins[known]
            below[name] = value
            origins[here] = origin


def complete(brief: Brief) -> Complete:
    """Fill in a brief. Raises BriefError with every problem that makes it unreadable."""
    values, origins = merged(brief)
    model = vocabulary.settled(validate(values, brief.place))
    problems = [
        *_problems(model, brief),
        *columns.problems(model, brief),
        *bounds.problems(model, brief.place),
        *vocabulary.problems(model, brief),
    ]
    if problems:
        raise BriefError(problems)
    contexts = MappingProxyType(contexts_of(model))
    remarks = (*vocabulary.remarks(model), *_remarks(model))
    return Complete(brief, model, MappingProxyType(origins), contexts, remarks)


def _problems(model: Model, brief: Brief) -> Iterator[Problem]:
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


def _remarks(model: Model) -> Iterator[Problem]:
    for name, operation in model.operations.items():
        if operation.rate is None:
            yield Problem(
                f"operations.{name}.rate",
                "is open: nobody says how often, and it counts nothing",
                "Give it a rate.",
                "info",
                "open_rate",
            )

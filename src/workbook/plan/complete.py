"""What was left open? Archetypes and capabilities merged in, defaults with their origin, references checked, contexts found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from workbook.brief import bounds
from workbook.brief.load import Brief, validate
from workbook.brief.model import Entity, Model, Operation, PartOf, Peak
from workbook.brief.problems import BriefError, Problem, nearest
from workbook.brief.quantities import Quantity, parse
from workbook.catalog import loader
from workbook.plan import columns, references, vocabulary
from workbook.plan.contexts import contexts_of
from workbook.plan.removal import REMOVABLE, remove, unknown

Path = tuple[str, ...]


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
        *references.problems(model, brief),
        *columns.problems(model, brief),
        *bounds.problems(model, brief.place),
        *vocabulary.problems(model, brief),
    ]
    if problems:
        raise BriefError(problems)
    contexts = MappingProxyType(contexts_of(model))
    remarks = (*vocabulary.remarks(model), *references.remarks(model))
    return Complete(brief, model, MappingProxyType(origins), contexts, remarks)

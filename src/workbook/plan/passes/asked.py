"""What each part asks of what keeps it: load per context, of memory, of events, of files. Rates at peak unless named average."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbook.brief.quantities import YEAR_DAYS
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps.syntax import Verb, lines
from workbook.plan import capacity
from workbook.plan.form.model import GroupKind, Operation, Structure, Topic
from workbook.plan.form.verbs import READS, WRITES
from workbook.plan.passes.resting import RETAINED_DAYS, bytes_after, row_bytes
from workbook.plan.passes.world import DATABASE, Store, World, remembered

ENVELOPE_BYTES = 200.0
"""Identifier, type, time and trace of an event (our assumption)."""
YEAR = YEAR_DAYS
"""Storage is paid for what will lie there a year from now."""
RECORDS = (
    Shape.ROWS,
    Shape.LOG,
    Shape.OBJECT,
    Shape.COUNTER,
    Shape.QUEUE,
    Shape.SET,
    Shape.SERIES,
    Shape.ROLLUP,
    Shape.BUCKET,
    Shape.SORTED_SET,
    Shape.REGISTRY,
    Shape.GRAPH,
    Shape.COLUMNS,
)


@dataclass(frozen=True)
class ContextLoad:
    """What one context asks of its database. Bytes are one copy, indexes included."""

    context: str
    structures: tuple[str, ...]
    reads: float = 0.0
    writes: float = 0.0
    average_reads: float = 0.0
    average_writes: float = 0.0
    rows_read: float = 0.0
    bytes_year: float = 0.0
    bytes_horizon: float = 0.0
    item_bytes: float = 0.0
    points: float = 0.0
    ranges: float = 0.0
    searches: float = 0.0
    aggregates: float = 0.0
    strong: bool = False
    appends: bool = True
    """Every structure only gains rows."""
    batched: bool = False
    """Whether all that is written are series: their rows come in batches."""

    @property
    def entities(self) -> tuple[str, ...]:
        """Its structures; the name that the document uses."""
        return self.structures


@remembered
def together(world: World) -> list[frozenset[str]]:
    """Structures that are written all or nothing: they share a home."""
    groups: dict[str, set[str]] = {}
    for program in world.programs.values():
        for step, around in program.steps():
            joined = next((g for g in around if g.kind is GroupKind.TOGETHER), None)
            if joined is not None and step.target in world.form.structures and step.verb in WRITES:
                groups.setdefault(joined.id, set()).add(step.target)
    return [frozenset(g) for g in groups.values() if len(g) > 1]


@remembered
def bound(world: World) -> frozenset[str]:
    """Structures that may be lost by themselves, and are written in one transaction with what may not."""
    form = world.form
    found: set[str] = set()
    for group in together(world):
        if any(form.structures[s].loss is Loss.NEVER for s in group):
            found |= {s for s in group if form.structures[s].loss is not Loss.NEVER}
    return frozenset(found)


def written_context(operation: Operation, world: World) -> str:
    """The context of what an operation writes first: what joins its transaction lies there."""
    for one in lines(operation.nodes):
        structure = world.form.structures.get(one.target.parts[0]) if one.target.parts else None
        if one.verb in WRITES and structure is not None and structure.loss is Loss.NEVER:
            return structure.context
    return operation.context or next(iter(world.contexts), "")


def durable(world: World, structure: Structure) -> bool:
    """Whether a database holds it: nothing of it may be lost, or it is written together with such."""
    return structure.shape in RECORDS and (structure.loss is Loss.NEVER or structure.id in bound(world))


def passing(world: World, structure: Structure) -> bool:
    """Whether memory may hold it."""
    return structure.shape in RECORDS and not durable(world, structure)


@remembered
def contexts(world: World) -> dict[str, ContextLoad]:
    """Every context with what it asks of its database."""
    named: dict[str, list[Structure]] = {c: [] for c in world.contexts}
    for structure in world.form.structures.values():
        if durable(world, structure):
            named.setdefault(structure.context, []).append(structure)
    made = {c: of_structures(world, (c,), structures) for c, structures in named.items() if structures}
    return {c: _with_searches(world, load) for c, load in made.items()}


@remembered
def of_home(world: World, store: Store) -> ContextLoad:
    """What a database carries in all: of every context that shares it, and of what passes through it."""
    names = [n for n, home in world.homes.items() if home == store.id and n in world.form.structures]
    load = of_structures(world, store.contexts, [world.form.structures[n] for n in names])
    return _with_searches(world, load)


_KINDS = {
    Verb.GET: "points",
    Verb.LIST: "ranges",
    Verb.SCAN: "ranges",
    Verb.COUNT: "aggregates",
    Verb.RANK: "aggregates",
    Verb.SUMMARISE: "aggregates",
}


def of_structures(world: World, contexts: tuple[str, ...], structures: Iterable[Structure]) -> ContextLoad:
    """The load of some structures taken together, and of what their contexts tell."""
    names = tuple(s.id for s in structures)
    key = (of_structures, contexts[:1], names)
    if key not in world.of_form:
        world.of_form[key] = _of_rows(world, contexts[0] if contexts else "", names)
    resting: ContextLoad = world.of_form[key]
    told, calmly, kept = _told(world, contexts)
    if not (told or calmly or kept):
        return resting
    return replace(
        resting,
        writes=resting.writes + told,
        average_writes=resting.average_writes + calmly,
        bytes_year=resting.bytes_year + kept,
        bytes_horizon=resting.bytes_horizon + kept,
    )


def _of_rows(world: World, context: str, names: tuple[str, ...]) -> ContextLoad:
    parts = [world.form.structures[n] for n in names]
    load = world.load
    kinds = dict.fromkeys(("points", "ranges", "searches", "aggregates"), 0.0)
    for i in (i for n in names for i in load.places.get(n, ())):
        if load.steps[i].step.verb in READS:
            kinds[_KINDS.get(load.steps[i].step.verb, "searches")] += float(load.peak["keys"][i, 0])
    days = float(world.demand.inputs.arrays["horizon"][0])
    return ContextLoad(
        context=context,
        structures=names,
        reads=sum(load.of_structure("lookups", n) for n in names),
        writes=sum(load.of_structure("rows_written", n) for n in names),
        average_reads=sum(load.of_structure("lookups", n, average=True) for n in names),
        average_writes=sum(load.of_structure("rows_written", n, average=True) for n in names),
        rows_read=sum(load.of_structure("rows_read", n) for n in names),
        bytes_year=sum(bytes_after(s, world, YEAR_DAYS) for s in parts),
        bytes_horizon=sum(bytes_after(s, world, days) for s in parts),
        item_bytes=max((row_bytes(s, world) for s in parts), default=0.0),
        strong=any(s.consistency == "strong" for s in parts),
        appends=_only_appends(world, names),
        batched=_only_series(world, names),
        **kinds,
    )


def _told(world: World, contexts: tuple[str, ...]) -> tuple[float, float, float]:
    """Events of a context that are kept beside its rows: writes at peak and on average, and the bytes that rest.

    Before it is decided where events go, each counts as a write: kept until told, or for good, it is one.
    """
    peak = calm = kept = 0.0
    for name in (n for c in dict.fromkeys(contexts) for n in world.told_by.get(c, ())):
        home, topic = world.home(name), world.form.topics[name]
        if home is not None and home.role != DATABASE:
            continue
        average = world.load.of_structure("rows_written", name, average=True)
        peak, calm = peak + world.load.of_structure("rows_written", name), calm + average
        kept += average * 86_400 * _event_days(topic) * event_bytes(topic) if home is not None else 0.0
    return peak, calm, kept


def _event_days(topic: Topic) -> float:
    return topic.retention.best / 86_400 if topic.retention else RETAINED_DAYS


def event_bytes(topic: Topic) -> float:
    """Bytes of one event with its envelope."""
    return ENVELOPE_BYTES + sum(t.bytes for t in topic.fields.values())


def _only_series(world: World, names: tuple[str, ...]) -> bool:
    written = [n for n in names if world.load.of_structure("rows_written", n) > 0]
    structures = [world.form.structures[n] for n in written]
    return bool(written) and all(s.shape is Shape.SERIES or s.kind == "series" for s in structures)


def _only_appends(world: World, names: tuple[str, ...]) -> bool:
    return not any(world.touched.get(n, frozenset()) & CHANGED for n in names)


CHANGED = WRITES - {Verb.APPEND}
"""What does more than add a row."""


def _with_searches(world: World, load: ContextLoad) -> ContextLoad:
    """Searches of words over a context's own rows."""
    if _with_searches not in world.of_form:
        world.of_form[_with_searches] = [s for s in world.form.structures.values() if s.shape is Shape.SEARCH]
    indexes = [s.id for s in world.of_form[_with_searches] if set(s.of) & set(load.structures)]
    return replace(load, searches=sum(world.load.of_structure("lookups", n) for n in indexes))


def copies(world: World) -> int:
    """Copies of every row for the availability that is asked."""
    availability = world.complete.quality("availability").best
    if availability < 0.99:
        return 1
    return 2 if availability < 0.9999 else 3


def of_database(asked: ContextLoad, world: World) -> capacity.Load:
    """What the store of a context has to carry twelve months from now."""
    return capacity.Load(
        reads=asked.reads,
        writes=asked.writes,
        average_reads=asked.average_reads,
        average_writes=asked.average_writes,
        bytes=asked.bytes_year,
        item_bytes=asked.item_bytes,
        copies=copies(world),
        quorum_reads=2.0 if asked.strong else 1.0,
        batched=asked.batched,
        headroom=world.headroom,
    )


@dataclass(frozen=True)
class MemoryLoad:
    """What a store in memory has to carry."""

    structures: tuple[str, ...]
    operations: float
    """Look-ups and writes at peak."""
    average: float
    bytes: float
    shapes: frozenset[Shape]


@remembered
def memory(world: World) -> MemoryLoad:
    """The structures that may be lost, and what is asked of them."""
    return _in_memory(world, [s for s in world.form.structures.values() if passing(world, s)])


@remembered
def held(world: World, store: Store) -> MemoryLoad:
    """What a store in memory carries in the end, copies included."""
    return _in_memory(world, [s for n, s in world.form.structures.items() if world.homes.get(n) == store.id])


def _in_memory(world: World, parts: list[Structure]) -> MemoryLoad:
    names = tuple(s.id for s in parts)
    load = world.load
    busy = sum(load.of_structure("lookups", n) + load.of_structure("rows_written", n) for n in names)
    calm = sum(
        load.of_structure("lookups", n, average=True) + load.of_structure("rows_written", n, average=True)
        for n in names
    )
    rest = sum(load.rows(s.id) * (row_bytes(s, world) + KEY_BYTES) for s in parts)
    return MemoryLoad(names, busy, calm, rest, frozenset(s.shape for s in parts))


KEY_BYTES = 90.0
"""What an entry in memory takes besides its fields: key, pointers, expiry (Redis documentation, memory optimization; our rounding)."""


@dataclass(frozen=True)
class EventLoad:
    """What carries the events has to carry."""

    topics: tuple[str, ...]
    events: float
    average: float
    bytes_per_second: float
    retained_bytes: float
    consumers: int


@remembered
def events(world: World) -> EventLoad:
    """Events a second at peak, their bytes, and what is kept of them."""
    load = world.load
    outside = [t for n, t in world.form.topics.items() if (h := world.home(n)) is None or h.role != DATABASE]
    peak = average = flow = kept = 0.0
    for topic in outside:
        sent, calm = (
            load.of_structure("rows_written", topic.id),
            load.of_structure("rows_written", topic.id, average=True),
        )
        size = event_bytes(topic)
        peak, average, flow = peak + sent, average + calm, flow + sent * size
        kept += calm * 86_400 * _event_days(topic) * size
    names = tuple(t.id for t in outside)
    heard = [o for o in world.form.operations.values() if o.starts.on in names]
    return EventLoad(names, peak, average, flow, kept, len(heard))


def of_messaging(asked: EventLoad, world: World) -> capacity.Load:
    """The same as a load of brokers."""
    return capacity.Load(
        writes=asked.events,
        average_writes=asked.average * (1 + asked.consumers),
        bytes_per_second=asked.bytes_per_second,
        bytes=asked.retained_bytes,
        item_bytes=asked.bytes_per_second / max(asked.events, 1e-9),
        copies=3,
        headroom=world.headroom,
    )


def of_memory(asked: MemoryLoad, world: World) -> capacity.Load:
    """The same as a load of a cache."""
    available = world.complete.quality("availability").best
    return capacity.Load(
        reads=asked.operations, bytes=asked.bytes, copies=2 if available >= 0.999 else 1, headroom=world.headroom
    )


def machines_usd(world: World) -> float:
    """What the calls at peak take a month in machines of the cloud, by the fastest language: for comparing, not for the bill."""
    from workbook.catalog import loader

    offers = [t for t in loader.technologies().values() if t.kind == "compute" and world.complete.cloud in t.offered]
    if not offers:
        return 0.0
    size = capacity.sizes(offers[0])[-1]
    each = capacity.limit(offers[0], "requests_per_second") * size.share * (1 - world.headroom)
    calls = sum(world.load.peak_of(o) for o in world.form.operations)
    return calls / each * size.hourly_usd * capacity.HOURS_A_MONTH

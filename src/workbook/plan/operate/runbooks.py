"""What to do at three in the morning: the runbooks of the catalog that this design can need, with its own names put in.

A runbook is there because some part can fail, and every signal leads to one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.catalog import loader
from workbook.catalog.model import Runbook
from workbook.plan.fold.design import Design
from workbook.plan.fold.layout import due_of
from workbook.plan.form.verbs import WRITES
from workbook.plan.names import words
from workbook.plan.operate.causes import callers
from workbook.plan.operate.consumption import WAITS, Consumption, consumptions
from workbook.plan.operate.hot_spots import hot_spot
from workbook.plan.operate.signal import Signal, Watch
from workbook.plan.passes.world import DATABASE, MEMORY, MESSAGING, Store
from workbook.plan.sizing import Sizing
from workbook.plan.texts import brief_number

_NAME = re.compile(r"\{\{ *(\w+) *\}\}")
CLOCKS = frozenset({Start.EVERY, Start.DUE})
NODES_OF_A_CLUSTER = 2
HOT_PER_SECOND = 10.0
"""Writes a second of one key below which it is not worth a runbook (our assumption: a row takes hundreds)."""
SCENARIO = "HOTSPOT_SCENARIO"
"""The variable by which a brief names its own hot spot."""


@dataclass(frozen=True, kw_only=True)
class Book:
    """A runbook for this design."""

    id: str
    title: str
    symptom: str
    check: tuple[str, ...]
    mend: tuple[str, ...]
    prevent: str
    source: str
    watches: tuple[Watch, ...]
    """The signals that lead to it."""
    about: frozenset[str] = frozenset()
    """Components whose signals these are; empty: any."""


@dataclass(frozen=True)
class _Wanted:
    """A runbook that is needed: by its id, or the first there is for a dialect; with names, and what leads to it."""

    ids: tuple[str, ...]
    watches: tuple[Watch, ...]
    names: Mapping[str, str]
    about: frozenset[str] = frozenset()


def books(design: Design, sizing: Sizing) -> tuple[Book, ...]:
    """Every runbook that some part of this design can need."""
    known = loader.runbooks()
    made: dict[str, Book] = {}
    for wanted in _wanted(design, sizing):
        found = next((i for i in wanted.ids if i in known), "")
        if found in made:
            made[found] = replace(made[found], about=made[found].about | wanted.about)
        elif found:
            made[found] = _filled(known[found], wanted)
    return tuple(made.values())


def _filled(book: Runbook, wanted: _Wanted) -> Book:
    def fill(text: str) -> str:
        return _NAME.sub(lambda m: wanted.names.get(m[1], words(m[1])), text)

    return Book(
        id=book.id,
        title=fill(book.title),
        symptom=fill(book.symptom),
        check=tuple(map(fill, book.check)),
        mend=tuple(map(fill, book.mend)),
        prevent=fill(book.prevent),
        source=book.source,
        watches=wanted.watches,
        about=wanted.about,
    )


def book_of(signal: Signal, found: tuple[Book, ...]) -> Book | None:
    """The runbook that a signal leads to."""
    fitting = [b for b in found if signal.watch in b.watches and (not b.about or signal.about in b.about)]
    return next(iter(fitting), None)


def _wanted(design: Design, sizing: Sizing) -> Iterator[_Wanted]:
    names = _names(design, sizing)
    yield _Wanted(("service_error_rate",), (Watch.BUDGET, Watch.ERRORS, Watch.TRAFFIC), names)
    yield _Wanted(("service_latency",), (Watch.LATENCY,), names)
    served = frozenset(s.id for s in design.services)
    yield _Wanted(("service_overload",), (Watch.SATURATION, Watch.CONNECTIONS), names, served)
    if any(p.starts in CLOCKS for p in design.world.programs.values()):
        yield _Wanted(("service_clock_stopped",), (Watch.CLOCK, Watch.LATE), names)
    yield from _messaging(design, sizing, names)
    yield from _memory(design, sizing, names)
    yield from _databases(design, sizing, names)
    hottest = hot_spot(design.world)
    named = SCENARIO in design.world.complete.model.document
    if hottest is not None and (named or hottest.per_second >= HOT_PER_SECOND):
        yield _Wanted(("hot_spot_key",), (), names)
    for integration in design.world.form.integrations:
        if callers(design, integration):
            own = {**names, "integration": design.title(integration)}
            yield _Wanted(("external_down",), (Watch.OUTSIDE_ERRORS,), own)
            yield _Wanted(("external_slow",), (Watch.OUTSIDE_LATENCY,), own)
    yield _Wanted(("region_zone_loss",), (Watch.DOWN,), names)
    yield _Wanted(("region_loss",), (), names)


def _busy(store: Store, sizing: Sizing) -> float:
    tier = sizing.tiers.get(store.id)
    return tier.fleet.binding.nodes if tier is not None and tier.fleet.binding else 0.0


def _messaging(design: Design, sizing: Sizing, names: Mapping[str, str]) -> Iterator[_Wanted]:
    waiting = [c for c in consumptions(design, sizing) if c.starts in WAITS]
    resting: dict[str, list[Consumption]] = {}
    for one in waiting:
        home = design.world.home(one.on)
        speaks = home is not None and (home.role != DATABASE or _speaks_as_it_runs(home, sizing))
        dialect = f"_{home.technology.dialect}" if home is not None and speaks else ""
        book = f"messaging_{_rests(one, design)}{dialect}"
        resting.setdefault(book, []).append(one)
    for book, found in resting.items():
        busiest = max(found, key=lambda c: c.per_second)
        about = frozenset(c.operation for c in found)
        yield _Wanted((book,), (Watch.BACKLOG,), {**names, **_of(busiest, design)}, about)
    lettered = [c for c in waiting if c.dead]
    if lettered:
        yield _Wanted(("messaging_poison_event",), (Watch.DEAD,), {**names, **_of(lettered[0], design)})
    if design.messaging is not None and MESSAGING in design.world.stores:
        yield _Wanted(("messaging_broker_down",), (Watch.SATURATION,), names, frozenset({MESSAGING}))


def _rests(one: Consumption, design: Design) -> str:
    """What the commands of a backlog speak of: a broker, a table of events, a table of items."""
    if one.on in design.world.form.structures:
        return "queue"
    home = design.world.home(one.on)
    return "lag" if home is not None and home.role == MESSAGING else "table"


def _of(one: Consumption, design: Design) -> dict[str, str]:
    structure = design.world.form.structures.get(one.on)
    due = {"due_column": due_of(structure)} if structure is not None and structure.shape is Shape.QUEUE else {}
    return {"topic": one.on, "consumer_group": one.operation, "lag_limit": brief_number(one.page_at), **due}


def _memory(design: Design, sizing: Sizing, names: Mapping[str, str]) -> Iterator[_Wanted]:
    store = design.world.stores.get(MEMORY)
    if store is None:
        return
    tier = sizing.tiers.get(store.id)
    if tier is not None and tier.fleet.nodes >= NODES_OF_A_CLUSTER:
        yield _Wanted(("cache_node_down",), (Watch.COPIES,), names)
    yield _Wanted((f"cache_memory_full_{store.technology.dialect}",), (Watch.SATURATION,), names, frozenset({store.id}))
    if any(s.of and design.world.homes.get(n) == store.id for n, s in design.world.form.structures.items()):
        yield _Wanted(("cache_stampede",), (Watch.COPIES,), names)


def _databases(design: Design, sizing: Sizing, names: Mapping[str, str]) -> Iterator[_Wanted]:
    """One book for all databases of a dialect, the busiest first."""
    stores = sorted((s for s in design.stores if s.role == DATABASE), key=lambda s: _busy(s, sizing), reverse=True)
    every = {**names, "database": _listed(stores)}
    for dialect in dict.fromkeys(s.technology.dialect for s in stores if _speaks_as_it_runs(s, sizing)):
        own = [s for s in stores if s.technology.dialect == dialect and _speaks_as_it_runs(s, sizing)]
        called, mine = {**names, "database": _listed(own)}, frozenset(s.id for s in own)
        yield _Wanted((f"database_failover_{dialect}", f"database_node_down_{dialect}"), (), called)
        slow = (f"database_slow_queries_{dialect}", f"database_throttling_{dialect}")
        yield _Wanted(slow, (Watch.SATURATION,), called, mine)
    if stores:
        yield _Wanted(("database_disk_filling",), (Watch.DISK,), every)
        yield _Wanted(("database_restore",), (Watch.BACKUP,), every)


def _listed(stores: list[Store]) -> str:
    return " or ".join(dict.fromkeys(s.technology.name for s in stores))


def _speaks_as_it_runs(store: Store, sizing: Sizing) -> bool:
    """Whether the dialect's runbooks fit: a ring that only speaks another product's language has other commands."""
    tier = sizing.tiers.get(store.id)
    return tier is None or not tier.fleet.ring or store.technology.id == store.technology.dialect


def _names(design: Design, sizing: Sizing) -> dict[str, str]:
    """What a runbook calls things: the parts of the way of the critical write."""
    world = design.world
    operation = design.critical_write or design.critical_read or next(iter(world.programs), "")
    targets = [s.target for s, _ in world.programs[operation].steps() if s.verb in WRITES] if operation else []
    own = [t for t in targets if t in world.form.structures and not world.form.structures[t].added_by]
    table = next(iter(own), next(iter(world.form.structures), ""))
    home = world.home(table)
    memory, broker = world.stores.get(MEMORY), world.stores.get(MESSAGING)
    database = next((s for s in design.stores if s.role == DATABASE), None)
    kept = home if home is not None and home.role == DATABASE else database
    hits = [
        float(r.rows[0] / r.keys[0])
        for r in world.load.steps
        if r.step.verb is Verb.GET and _copy(r.step.target, design)
    ]
    return {
        "system": world.complete.model.system,
        "service": design.title(design.service_of(operation).id) if operation else "the service",
        "database": design.title(kept.id) if kept is not None else "the store",
        "table": table,
        "cache": design.title(memory.id) if memory is not None else "the memory of the process",
        "messaging": design.title(broker.id) if broker is not None else "its tables",
        "hot_key": _hot_key(design),
        "hit_ratio": f"{hits[0]:.0%}" if hits else "its usual share",
        "peak_qps": brief_number(world.demand.total("total_peak_qps")),
    }


def _hot_key(design: Design) -> str:
    """As the brief calls it, else by the field that most of a write falls on."""
    hottest = hot_spot(design.world)
    said = design.world.complete.model.document.get(SCENARIO)
    if said:
        return str(said)
    return f"the busiest {words(hottest.key)} of {words(hottest.structure)}" if hottest else "the busiest key"


def _copy(structure: str, design: Design) -> bool:
    found = design.world.form.structures.get(structure)
    return (
        found is not None and bool(found.of) and found.shape is not None and design.world.homes.get(structure) == MEMORY
    )


__all__ = ["Book", "book_of", "books"]

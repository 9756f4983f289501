"""Where data about people rest, how long, how they end, who gets a copy, and what a law's demands find here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.access import Command, Rule
from workbook.plan.fold.design import Design
from workbook.plan.form.keeping import Keeping, KeptBy
from workbook.plan.form.model import Structure
from workbook.plan.form.terms import Given, Ref, Value
from workbook.plan.passes.model import ability
from workbook.plan.passes.outbox import Outbox
from workbook.plan.passes.world import DATABASE, OBJECTS

DAY = 86_400.0


class Ends(StrEnum):
    """How rows of a structure come to an end."""

    STORE = "store"
    """The store forgets by itself."""
    CLOCK = "clock"
    """An operation removes what is over."""
    ASKED = "asked"
    """An operation removes it when somebody asks."""
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A structure with data about people."""

    structure: str
    sensitive: str
    """As the brief marks it; empty where it only refers to a person."""
    store: str
    bytes_in: str
    """Where the bytes of a file lie; empty where it is none."""
    kept_apart: bool
    """Whether backups hold it, too."""
    days: float | None
    ends: Ends
    by: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    """Structures that are made of it."""
    told: tuple[str, ...] = ()
    """Topics that carry its fields."""


def holdings(design: Design) -> tuple[Holding, ...]:
    """Everything that is marked, then everything that refers to a person."""
    form = design.world.form
    people = {p.entity for p in form.personas.values() if p.entity}
    marked = [s for s in form.structures.values() if s.sensitive]
    tied = [s for s in form.structures.values() if not s.sensitive and _refers(s, people) and not s.of]
    return tuple(_holding(s, design) for s in (*marked, *tied))


def _refers(structure: Structure, people: set[str]) -> bool:
    return structure.id in people or any(t.ref in people for t in structure.fields.values())


def _holding(structure: Structure, design: Design) -> Holding:
    world = design.world
    home = world.home(structure.id)
    removes = [
        (n, p.starts)
        for n, p in world.programs.items()
        for s, _ in p.steps()
        if s.target == structure.id and s.verb is Verb.REMOVE
    ]
    clocked = tuple(dict.fromkeys(n for n, start in removes if start in (Start.EVERY, Start.DUE)))
    asked = tuple(dict.fromkeys(n for n, start in removes if start not in (Start.EVERY, Start.DUE)))
    lasts = structure.ttl is not None or structure.retention is not None
    by_itself = lasts and home is not None and bool(ability(home.technology, "ttl"))
    ways = {Ends.CLOCK: bool(clocked), Ends.STORE: by_itself, Ends.ASKED: bool(asked), Ends.NEVER: True}
    ends = next(way for way, there in ways.items() if there)
    days = _days(structure, design) if lasts else None
    return Holding(
        structure=structure.id,
        sensitive=structure.sensitive,
        store=home.id if home is not None else "",
        bytes_in=OBJECTS if structure.shape is Shape.OBJECT and OBJECTS in world.stores else "",
        kept_apart=home is not None and home.role in (DATABASE, OBJECTS),
        days=days,
        ends=ends,
        by=clocked or asked,
        copies=tuple(n for n, s in world.form.structures.items() if structure.id in s.of),
        told=tuple(_told(structure.id, design)),
    )


def _days(structure: Structure, design: Design) -> float | None:
    said = structure.ttl if structure.ttl is not None else structure.retention
    value = design.world.form.tunables.get(said) if isinstance(said, str) else said
    return value.best / DAY if isinstance(value, Quantity) else None


def _told(structure: str, design: Design) -> Iterator[str]:
    """Topics whose events carry more of a row than its key."""
    form = design.world.form
    key = set(form.structures[structure].key)
    for name, topic in form.topics.items():
        carried = set(topic.fields) & (set(form.structures[structure].fields) - key)
        if topic.like == structure and carried and topic.added_by != Outbox.id:
            yield name


def receivers(design: Design) -> Mapping[str, tuple[str, ...]]:
    """Integration -> structures with data about people whose fields it is sent, or that it is asked about."""
    found: dict[str, list[str]] = {}
    held = {h.structure for h in holdings(design)}
    for program in design.world.programs.values():
        for step, _ in program.steps():
            if step.verb is not Verb.CALL:
                continue
            names = found.setdefault(step.target.split(".")[0], [])
            for structure in _spoken(step.sets):
                if structure in held and structure not in names:
                    names.append(structure)
    return {n: tuple(s) for n, s in found.items()}


def _spoken(given: tuple[Given, ...]) -> Iterator[str]:
    for one in given:
        yield from _structures(one.value)


def _structures(value: Value) -> Iterator[str]:
    if isinstance(value, Ref):
        yield value.structure
        if value.type is not None and value.type.ref:
            yield value.type.ref


# Demands of laws ------------------------------------------------------------------------------------------------------


class Met(StrEnum):
    """Whether the design answers a demand."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    PEOPLE = "people"
    """An organisation does that, no design."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A demand, and what answers it: names of structures, operations, components, personas."""

    need: str
    met: Met
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)


NEEDS = (
    "deletion",
    "export",
    "consent",
    "retention",
    "encryption",
    "access",
    "audit",
    "breach",
    "residency",
    "agreement",
    "scope",
    "testing",
)
ALWAYS = ("deletion", "export", "consent")
"""Demands that whoever keeps data about people is held to, whatever law the brief names."""


def answer(need: str, design: Design) -> Answer:
    """What answers a demand here."""
    held = holdings(design)
    made_of = _made(design)
    own = [h for h in held if h.structure not in made_of]
    marked = [h for h in own if h.sensitive] or own
    makers = {
        "deletion": _deletion,
        "retention": _retention,
        "encryption": _encryption,
        "access": _access,
        "audit": _audit,
        "scope": _scope,
        "agreement": _agreement,
        "residency": _residency,
        "testing": _testing,
    }
    made = makers.get(need)
    if made is not None:
        return made(design, marked)
    if need == "breach":
        return Answer(need=need, met=Met.PEOPLE, has=_trails(design))
    return Answer(need=need, met=Met.NO, lacks=tuple(h.structure for h in marked))


def _kept(design: Design, kind: PromiseKind) -> list[Keeping]:
    return [k for k in design.world.kept if k.pledge.kind is kind and k.by is not KeptBy.NOTHING]


def _met(has: tuple[str, ...], lacks: tuple[str, ...]) -> Met:
    if not lacks:
        return Met.YES
    return Met.PARTLY if has else Met.NO


def _deletion(design: Design, held: list[Holding]) -> Answer:
    erased = {k.pledge.structure for k in _kept(design, PromiseKind.ERASED)}
    removed = tuple(h.structure for h in held if h.structure in erased or h.ends is Ends.ASKED)
    left = tuple(h.structure for h in held if h.structure not in removed)
    return Answer(need="deletion", met=_met(removed, left), has=removed, lacks=left)


def _retention(design: Design, held: list[Holding]) -> Answer:
    ended = tuple(h.structure for h in held if h.ends in (Ends.CLOCK, Ends.STORE))
    open_ = tuple(h.structure for h in held if h.ends not in (Ends.CLOCK, Ends.STORE))
    days = {h.structure: h.days for h in held if h.days is not None}
    return Answer(need="retention", met=_met(ended, open_), has=ended, lacks=open_, numbers=days)


def _encryption(design: Design, held: list[Holding]) -> Answer:
    stores = tuple(dict.fromkeys(h.store for h in held if h.store))
    return Answer(need="encryption", met=Met.YES, has=stores)


def wide(design: Design) -> tuple[Rule, ...]:
    """Rules by which a persona may read every row of what is marked, or of what refers to people."""
    held = {h.structure for h in holdings(design) if h.sensitive} or {h.structure for h in holdings(design)}
    return tuple(r for r in design.rules if r.everything and r.command is Command.SELECT and r.structure in held)


def _access(design: Design, held: list[Holding]) -> Answer:
    open_ = tuple(dict.fromkeys(r.structure for r in wide(design)))
    narrowed = {r.structure for r in design.rules if not r.everything}
    closed = tuple(h.structure for h in held if h.structure in narrowed and h.structure not in open_)
    return Answer(need="access", met=Met.PARTLY if open_ else Met.YES, has=closed, lacks=open_)


def _trails(design: Design) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(k.pledge.said.get("in", "")) for k in _kept(design, PromiseKind.TRACED)))


def _audit(design: Design, held: list[Holding]) -> Answer:
    traced = {k.pledge.structure for k in _kept(design, PromiseKind.TRACED)}
    trails = set(_trails(design))
    seen = tuple(h.structure for h in held if h.structure in traced)
    unseen = tuple(
        h.structure
        for h in held
        if h.structure not in traced | trails and h.sensitive and h.structure not in _made(design)
    )
    met = _met(seen, unseen) if seen else Met.NO
    return Answer(need="audit", met=met, has=seen, lacks=unseen)


def _made(design: Design) -> set[str]:
    """Structures that are made of others: who reads them is traced with what they are made of."""
    return {n for n, s in design.world.form.structures.items() if s.of}


def _scope(design: Design, held: list[Holding]) -> Answer:
    return Answer(need="scope", met=Met.YES, has=tuple(h.structure for h in held))


def _agreement(design: Design, held: list[Holding]) -> Answer:
    sent = tuple(n for n, s in receivers(design).items() if s)
    return Answer(need="agreement", met=Met.PEOPLE, has=sent)


def _residency(design: Design, held: list[Holding]) -> Answer:
    said = design.world.complete.model.constraints.regions
    local = bool(ability(design.world.chosen("regions"), "read_local"))
    largest = sorted(said, key=lambda n: -said[n].best)[:1]
    home = tuple(said) if local else tuple(largest)
    return Answer(need="residency", met=Met.PEOPLE if said else Met.NO, has=home)


def _testing(design: Design, held: list[Holding]) -> Answer:
    return Answer(need="testing", met=Met.PARTLY, has=tuple(design.world.complete.model.quality.scanning))


# Access ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a persona may do with the rows that one narrowing names: rules of several commands together."""

    structure: str
    persona: str
    commands: tuple[Command, ...]
    rule: Rule
    operations: tuple[str, ...]


OWN = frozenset({"repeatable", "handled", "copies"})
"""Passes whose structures only the system itself touches, on behalf of an operation."""


def grants(design: Design) -> tuple[Grant, ...]:
    """The rules, commands with the same narrowing put together, without what only the system touches."""
    alike: dict[tuple[str, str, tuple[object, ...]], list[Rule]] = {}
    for rule in design.rules:
        structure = design.world.form.structures[rule.structure]
        if structure.added_by not in OWN:
            alike.setdefault((rule.structure, rule.persona, rule.narrowed), []).append(rule)
    order = list(design.world.form.structures)
    return tuple(
        Grant(
            structure=structure,
            persona=persona,
            commands=tuple(dict.fromkeys(r.command for r in rules)),
            rule=rules[0],
            operations=tuple(dict.fromkeys(o for r in rules for o in r.operations)),
        )
        for (structure, persona, _), rules in sorted(alike.items(), key=lambda item: order.index(item[0][0]))
    )


__all__ = [
    "ALWAYS",
    "NEEDS",
    "Answer",
    "Ends",
    "Grant",
    "Holding",
    "Met",
    "answer",
    "grants",
    "holdings",
    "receivers",
    "wide",
]

"""What an attacker would try: read off the hops, each with what stands against it, or that nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.design import Design
from workbook.plan.fold.hops import GATEWAY, HopKind
from workbook.plan.fold.services import ASKED
from workbook.plan.form.keeping import KeptBy
from workbook.plan.form.verbs import WRITES
from workbook.plan.operate.consumption import Twice, consumptions
from workbook.plan.operate.privacy import OWN, receivers, wide
from workbook.plan.operate.seen import unguarded
from workbook.plan.passes.model import ability
from workbook.plan.passes.world import DATABASE
from workbook.plan.sizing import Sizing

FREE_TEXT_BYTES = 60.0
"""Mean size from which a text of a caller is worth a script (our assumption)."""
FAIR_TIMES = 20.0
"""A caller may call so many times as often as the mean one at peak, where the brief limits nobody (our assumption)."""
LEAST_FAIR = 10.0
BODY_TIMES = 4.0
"""A body may be so many times its mean (our assumption: long texts, not files)."""
LEAST_BODY = 1000.0


class Attack(StrEnum):
    """What is tried."""

    OTHERS_ROWS = "another's rows"
    INJECTION = "injection"
    FLOODING = "flooding"
    REPEATING = "repeated calls"
    FORGED_HOOK = "forged webhook"
    FILE = "harmful or foreign file"
    SCRIPT = "script in text"
    EVENT_TWICE = "replayed event"
    OUTSIDE = "leak to others' systems"
    SERVER = "a reader inside"
    CONNECTION = "hoarded connections"


@dataclass(frozen=True, kw_only=True)
class Threat:
    """An attack on some parts: `open` are those that nothing protects."""

    attack: Attack
    about: tuple[str, ...]
    open: tuple[str, ...] = ()


def threats(design: Design, sizing: Sizing) -> tuple[Threat, ...]:
    """Every attack that some hop invites."""
    return tuple(_threats(design, sizing))


def _threats(design: Design, sizing: Sizing) -> Iterator[Threat]:
    world = design.world
    called = [n for n, p in world.programs.items() if p.starts in ASKED]
    kinds = {h.kind for n in called for h in design.hops[n]}
    if called:
        yield _others_rows(design)
        yield _flooding(design)
    databases = tuple(s.id for s in design.stores if s.role == DATABASE)
    if databases and kinds & {HopKind.READ, HopKind.WRITE, HopKind.TOGETHER, HopKind.LOOKED_UP}:
        yield Threat(attack=Attack.INJECTION, about=databases)
    writing = tuple(n for n in called if _writes(n, design))
    if writing:
        again = tuple(o for o in unguarded(design) if o in writing)
        yield Threat(attack=Attack.REPEATING, about=writing, open=again)
    hooks = tuple(n for n, p in world.programs.items() if p.starts is Start.WEBHOOK)
    if hooks:
        yield Threat(attack=Attack.FORGED_HOOK, about=hooks)
    files = tuple(
        dict.fromkeys(s.target for n in called for h in design.hops[n] if h.kind is HopKind.FILE for s in h.steps)
    )
    if files:
        yield Threat(attack=Attack.FILE, about=files, open=_unscanned(design, files))
    texts = tuple(_texts(design))
    if texts:
        yield Threat(attack=Attack.SCRIPT, about=texts)
    replayed = tuple(c.operation for c in consumptions(design, sizing) if c.twice in (Twice.ADDED, Twice.ASKED))
    if replayed:
        yield Threat(attack=Attack.EVENT_TWICE, about=replayed, open=replayed)
    sent = tuple(n for n, structures in receivers(design).items() if structures)
    if sent:
        yield Threat(attack=Attack.OUTSIDE, about=sent)
    held = tuple(n for n, p in world.programs.items() if p.starts is Start.OPENS)
    if held:
        yield Threat(attack=Attack.CONNECTION, about=held)
    yield from _inside(design)


def _writes(operation: str, design: Design) -> bool:
    steps = design.world.programs[operation].steps()
    return any(s.verb in WRITES or s.verb is Verb.PUBLISH for s, _ in steps)


def _others_rows(design: Design) -> Threat:
    open_ = tuple(dict.fromkeys(r.structure for r in wide(design)))
    structures = design.world.form.structures
    narrowed = dict.fromkeys(r.structure for r in design.rules if not r.everything)
    closed = tuple(n for n in narrowed if n not in open_ and structures[n].added_by not in OWN)
    return Threat(attack=Attack.OTHERS_ROWS, about=closed, open=open_)


def _flooding(design: Design) -> Threat:
    return Threat(attack=Attack.FLOODING, about=(GATEWAY,), open=() if limited_by(design) else (GATEWAY,))


def limited_by(design: Design) -> str:
    """What counts calls: a bucket of the form, or a gateway that can; empty where nothing does."""
    world = design.world
    buckets = world.of_shape(Shape.BUCKET)
    if buckets:
        return buckets[0]
    return GATEWAY if world.has(GATEWAY) and ability(world.chosen(GATEWAY), "rate_limiting") else ""


def _unscanned(design: Design, files: tuple[str, ...]) -> tuple[str, ...]:
    """Files that callers bring and that no processor looks at."""
    programs = design.world.programs.values()
    brought = {s.target for p in programs for s, _ in p.steps() if s.verb is Verb.PUT and s.direct}
    looked = {str(v) for p in programs for s, _ in p.steps() if s.verb is Verb.RUN for v in s.on}
    return tuple(f for f in files if f in brought and f not in looked)


def _texts(design: Design) -> Iterator[str]:
    for name, structure in design.world.form.structures.items():
        if structure.of:
            continue
        for column, type_ in structure.fields.items():
            if type_.kind in ("text", "string") and type_.bytes >= FREE_TEXT_BYTES:
                yield f"{name}.{column}"


def _inside(design: Design) -> Iterator[Threat]:
    """Who can read the stores: what is marked and not sealed lies open to them."""
    form = design.world.form
    marked = [n for n, s in form.structures.items() if s.sensitive and not s.of]
    sealed = {
        k.pledge.structure
        for k in design.world.kept
        if k.pledge.kind is PromiseKind.PRIVATE and k.pledge.said.get("sealed") and k.by is not KeptBy.NOTHING
    }
    if marked:
        yield Threat(attack=Attack.SERVER, about=tuple(marked), open=tuple(m for m in marked if m not in sealed))


# Limits ---------------------------------------------------------------------------------------------------------------


def fair_a_minute(design: Design) -> float:
    """Calls a minute that a caller may send where the brief says no limit."""
    demand = design.world.demand
    users = demand.inputs.populations.get("users", {})
    active = users.get("concurrent", users.get("daily_active"))
    peak = demand.total("total_peak_qps") * 60
    mean = peak / float(active[0]) if active is not None and float(active[0]) > 0 else peak
    return max(LEAST_FAIR, round(mean * FAIR_TIMES, -1))


def body_at_most(design: Design, operation: str) -> float:
    """Bytes of the largest body that is taken."""
    endpoint = design.endpoint(operation)
    fields = [t for t in endpoint.body.values() if not (endpoint.file and t.kind == "blob")] if endpoint else []
    sent = sum(max(t.bytes, float(t.length)) * max(1.0, t.many) for t in fields)
    asked = design.world.complete.operations.get(operation)
    said = (
        design.world.demand.of_operation("request_bytes", operation)
        if asked and not _direct(design, operation)
        else 0.0
    )
    return max(LEAST_BODY, BODY_TIMES * max(sent, said))


def _direct(design: Design, operation: str) -> bool:
    return any(s.direct for s, _ in design.world.programs[operation].steps())

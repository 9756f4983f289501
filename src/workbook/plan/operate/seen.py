"""What remembers requests and events, so that the second has no further effect; and operations that nothing guards."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.design import Design
from workbook.plan.fold.services import ASKED
from workbook.plan.form.verbs import HARMS_TWICE
from workbook.plan.operate.consumption import Twice, seconds, twice

FILTER_ERROR = 0.001
"""Share of new keys that a filter takes for known."""
FILTERED_BYTES = 1e9
"""A seen-set below this is asked itself; a filter before it would spare nothing (our assumption)."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What remembers requests or events, so that the second has no further effect."""

    structure: str
    operations: tuple[str, ...]
    key: tuple[str, ...]
    seconds: float
    keys: float
    bytes: float
    filter_bytes: float
    """Of a bloom filter before it."""
    hashes: int
    filtered: bool
    """Whether a filter is worth it: a small set is asked itself."""


KEY_OVERHEAD = 24.0
"""Row header and pointer beside the fields of a small row (PostgreSQL documentation, page layout: 23 bytes and an item pointer of 4)."""


def seen_sets(design: Design) -> tuple[Seen, ...]:
    """Every structure in which operations claim what they were started by."""
    world = design.world
    claims: dict[str, list[str]] = {}
    for name, program in world.programs.items():
        for step, _ in program.steps():
            if step.verb is Verb.CLAIM and step.target in world.form.structures:
                claims.setdefault(step.target, []).append(name)
    made = []
    for target, operations in claims.items():
        structure = world.form.structures[target]
        if structure.shape not in (Shape.ROWS, Shape.SET) or structure.ttl is None or not structure.added_by:
            continue
        keys = world.load.rows(target)
        size = keys * (sum(t.bytes for t in structure.fields.values()) + KEY_OVERHEAD)
        bits = -math.log(FILTER_ERROR) / math.log(2) ** 2
        made.append(
            Seen(
                structure=target,
                operations=tuple(dict.fromkeys(operations)),
                key=structure.key,
                seconds=seconds(structure.ttl, world.form),
                keys=keys,
                bytes=size,
                filter_bytes=keys * bits / 8,
                hashes=round(bits * math.log(2)),
                filtered=size >= FILTERED_BYTES,
            )
        )
    return tuple(made)


def unguarded(design: Design) -> tuple[str, ...]:
    """Operations that callers may send again and that do it a second time then."""
    world = design.world
    repeatable = {p.operation for p in world.pledges if p.kind is PromiseKind.REPEATABLE}
    found = []
    for name, program in world.programs.items():
        asked = world.complete.operations.get(name)
        if asked is None or program.starts not in ASKED or name in repeatable:
            continue
        spent = any(s.verb in HARMS_TWICE for s, _ in program.steps())
        if (spent or not asked.reads) and twice(program, world.form)[0] is Twice.ADDED:
            found.append(name)
    return tuple(found)

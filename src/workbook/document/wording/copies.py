"""What memory holds, in words: keys, lifetimes, who makes a copy old."""

from __future__ import annotations

from workbook.artifacts.dialects.redis import layout
from workbook.brief.steps.syntax import Verb
from workbook.document import words as w
from workbook.document.page import Page
from workbook.plan.form.model import Structure
from workbook.plan.form.verbs import READS, WRITES
from workbook.plan.operate.copies import lags
from workbook.plan.passes.world import MEMORY


def key(structure: Structure) -> str:
    """The key under which a row stands in memory, as the commands have it."""
    return w.code(layout.pattern(structure))


def lifetime(page: Page, structure: Structure) -> float | None:
    """Seconds that a row stands."""
    kept = page.plan.world.load.measures.lifetime(structure.ttl, f"structures.{structure.id}.ttl")
    return float(kept[0]) if kept is not None else None


def ends(page: Page, structure: Structure) -> str:
    """When a row goes from memory."""
    if page.plan.world.homes.get(structure.id) != MEMORY:
        return "not cached"
    kept = lifetime(page, structure)
    return f"TTL {w.duration(kept)}, then what is least used" if kept is not None else "no TTL: what is least used goes"


def seen(page: Page, structure: Structure) -> str:
    """What a reader of its rows sees."""
    if page.plan.complete.consistency(structure.entity) == "strong":
        return "a read sees the last write; it goes to the leader or a quorum"
    said = []
    if lags(page.plan.world, structure.context):
        said.append(f"followers may be {w.duration(page.plan.complete.quality('staleness').best)} behind")
    for copy in page.structures.values():
        kept = lifetime(page, copy)
        if structure.id in copy.of and page.plan.world.homes.get(copy.id) == MEMORY and kept is not None:
            said.append(
                f"a write removes the copy in memory; where that is lost it is old for up to {w.duration(kept)}"
            )
    return "; ".join(said) or "a read sees the last write"


def readers(page: Page, structure: str) -> list[str]:
    """Operations that look there."""
    return _by(page, structure, READS)


def writers(page: Page, structure: str) -> list[str]:
    """Operations that put rows there."""
    return [o for o in _by(page, structure, WRITES) if o not in removers(page, structure)]


def removers(page: Page, structure: str) -> list[str]:
    """Operations that take rows away: they make a copy old."""
    return _by(page, structure, frozenset({Verb.REMOVE}))


def _by(page: Page, structure: str, verbs: frozenset[Verb]) -> list[str]:
    return [n for n, p in page.programs.items() if any(s.target == structure and s.verb in verbs for s, _ in p.steps())]


def holds(structure: Structure) -> str:
    """What it is."""
    if structure.of:
        return f"copy of {w.listed(structure.of)}"
    return f"{w.words(structure.shape.value)}, {structure.loss.value} to be lost"


def filled_on_a_miss(page: Page, structure: Structure) -> bool:
    """Whether who looks and finds nothing puts it there."""
    writes = writers(page, structure.id)
    return bool(writes) and set(writes) <= set(readers(page, structure.id))


def pattern(page: Page, structure: Structure) -> str:
    """By which pattern it is filled: by who looks and finds nothing, or by who writes."""
    return "cache_aside" if filled_on_a_miss(page, structure) else "write_through"


def why(page: Page, structure: Structure) -> str:
    """What it takes off the database."""
    looks = page.plan.world.load.of_structure("lookups", structure.id)
    said = readers(page, structure.id)
    return f"{w.rate(looks)} of {w.listed(said, 2) or 'nobody'}; {_kept(page, structure)}"


def _kept(page: Page, structure: Structure) -> str:
    if filled_on_a_miss(page, structure):
        return "only what is asked for is kept"
    return "it is written when its source is" if structure.of else "it lives nowhere else, and may be lost"


def stampede(page: Page, structure: Structure) -> str:
    """What keeps many callers from filling the same row at the same time."""
    if not filled_on_a_miss(page, structure):
        return "none needed: a look-up fills nothing"
    return "each caller reads the database by itself; a fill never replaces what is newer"

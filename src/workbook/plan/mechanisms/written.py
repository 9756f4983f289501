"""An approach as the catalog writes it, with what it shares and what it takes over; and what is left where nobody plays some roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.catalog.model import Capability

KINDS = frozenset(kind.value for kind in PromiseKind)
PHASES = ("guard", "first", "last", "tell")
"""When additions to an operation happen: before all, at the begin and the end of what is done together, between commit and answer."""
PARTS = ("entities", "structures", "topics", "tunables", "processors", "integrations", "operations", "steps", "adds")
_TEXTS = (
    *("name", "because", "pros", "cons", "how", "late", "lateness"),
    *("of", "wants", "avoids", "runs", "promises"),
)


class BadApproach(Exception):
    """An approach of the catalog that cannot be read."""


def parts(capability: Capability, approach: str) -> dict[str, Any]:
    """An approach as written, with what is shared and what it takes over from the one that it is `of`. `null` removes."""
    said = capability.built[approach]
    unknown = set(said) - {*PARTS, *_TEXTS}
    if unknown:
        raise BadApproach(
            f"{capability.id}.{approach} says {', '.join(sorted(unknown))}, which is no part of an approach"
        )
    below = parts(capability, said["of"]) if "of" in said else dict(capability.shared)
    return _merged(below, said)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(below)
    for name, value in above.items():
        if value is None:
            made.pop(name, None)
        elif name == "promises":
            made[name] = _promised(made.get(name, ()), value)
        elif isinstance(value, Mapping) and isinstance(made.get(name), Mapping) and name != "steps":
            made[name] = _merged(made[name], value)
        elif isinstance(value, Mapping) and isinstance(made.get(name), Mapping):
            made[name] = {**made[name], **value}
        else:
            made[name] = value
    return made


def _promised(below: Sequence[Mapping[str, Any]], above: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Promises add up; one of the same kind about the same thing takes the place of what it stands on."""

    def told(one: Mapping[str, Any]) -> tuple[str, str, str]:
        kind = next(k for k in one if k in KINDS)
        return kind, str(one[kind]), str(one.get("by", ""))

    again = {told(one) for one in above}
    return [*(one for one in below if told(one) not in again), *above]


def wants(capability: Capability, approach: str) -> frozenset[str]:
    """Optional roles without which an approach cannot be built."""
    return frozenset(parts(capability, approach).get("wants", ()))


def avoids(capability: Capability, approach: str) -> frozenset[str]:
    """Optional roles with which an approach cannot be built."""
    return frozenset(parts(capability, approach).get("avoids", ()))


# Roles that nobody plays ----------------------------------------------------------------------------------------------


def without(said: dict[str, Any], unbound: frozenset[str]) -> dict[str, Any]:
    """What is left of an approach when some optional roles are not played: nothing that speaks of them."""
    gone = set(unbound)
    while True:
        kept = {name: _kept(part, gone) if name in PARTS else part for name, part in said.items()}
        kept["promises"] = [p for p in said.get("promises", ()) if not speaks(p, gone)]
        more = {n for part in ("structures", "topics", "operations") for n in said.get(part, {})} - {
            n for part in ("structures", "topics", "operations") for n in kept.get(part, {})
        }
        more |= _fed(said) - _fed(kept)
        more |= {t for t in kept.get("topics", {}) if not _told(t, kept)}
        if more <= gone:
            return kept
        gone |= more


_FEEDS = ("append", "put", "add", "next", "claim", "publish")


def _fed(said: Any) -> set[str]:
    """What steps make rows or events of: what nobody feeds any more is of no use."""
    if isinstance(said, Mapping):
        return {n for v in said.values() for n in _fed(v)}
    if isinstance(said, list):
        return {n for v in said for n in _fed(v)}
    verb, _, rest = str(said).partition(" ")
    return {rest.split(" ")[0].split(".")[0]} if verb in _FEEDS and rest else set()


def _told(topic: str, said: Mapping[str, Any]) -> bool:
    """Whether a step of the approach tells of a topic: what hears of one that nobody tells never runs."""
    written = str([said.get(part, {}) for part in ("steps", "adds", "operations")])
    return f"publish {topic} " in written or f"publish {topic}'" in written


def _kept(part: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    made = {}
    for name, about in part.items():
        if name in gone:
            continue
        pruned = _pruned(about, gone)
        if pruned not in ({}, []) and not speaks(_head(pruned), gone):
            made[name] = pruned
    return made


def _head(about: Any) -> Any:
    """What decides whether a part stays: of an operation and of additions what stands beside their steps."""
    if isinstance(about, Mapping) and ("steps" in about or set(about) <= set(PHASES)):
        return {k: v for k, v in about.items() if k not in ("steps", *PHASES)}
    return () if isinstance(about, list) else about


def _pruned(about: Any, gone: set[str]) -> Any:
    """Steps without those that speak of what is not there; a group that is left empty goes with them."""
    if isinstance(about, list):
        return [p for p in (_pruned_step(step, gone) for step in about) if p is not None]
    if isinstance(about, Mapping) and ("steps" in about or set(about) <= set(PHASES)):
        cut = {k: _pruned(v, gone) if k in ("steps", *PHASES) else v for k, v in about.items()}
        return {k: v for k, v in cut.items() if k not in PHASES or v}
    return about


def _pruned_step(step: Any, gone: set[str]) -> Any:
    if not isinstance(step, Mapping):
        return None if speaks(step, gone) else step
    inner = ("together", "at_once", "steps", "else")
    if speaks({k: v for k, v in step.items() if k not in (*inner, "refused", "unknown")}, gone):
        return None
    made = {k: _pruned(v, gone) if k in inner else v for k, v in step.items()}
    if not any(made.get(k) for k in inner) and "try" not in made:
        return None
    return {k: v for k, v in made.items() if v != [] or k not in ("else",)}


def speaks(said: Any, gone: set[str]) -> bool:
    """Whether a part of an approach names something."""
    if not gone:
        return False
    if isinstance(said, Mapping):
        return any(str(k) in gone or speaks(v, gone) for k, v in said.items())
    if isinstance(said, list | tuple):
        return any(speaks(v, gone) for v in said)
    words = str(said).replace(".", " ").replace(",", " ").split()
    return any(word in gone for word in words)

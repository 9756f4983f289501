"""What goes with what the user removed: `null` on a feature, an operation or an entity leaves nothing dangling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbook.brief.load import Brief
from workbook.brief.problems import Problem, nearest
from workbook.brief.quantities import NotAQuantity
from workbook.brief.rates import parse_rate
from workbook.brief.values import as_list

Path = tuple[str, ...]
REMOVABLE = ("populations", "entities", "operations", "features", "personas", "integrations", "tiers", "capacity")
"""Parts of a brief whose names can be taken out."""
_SINGULAR = {"entities": "entity", "capacity": "capacity"}
_COUNTING = ("count", "daily_active", "monthly_active", "concurrent", "size", "items", "fan_out")


def unknown(brief: Brief, inherited: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Names to be taken out that nobody gave: most likely another one is meant, which then stays in unnoticed."""
    for part in REMOVABLE:
        said = brief.raw.get(part) or {}
        known = [*inherited[part], *(n for n, v in said.items() if v is not None)]
        for name, value in said.items():
            if value is None and name not in inherited[part] and brief.replaced.get((part, name)) is None:
                remedy = nearest(name, known) or (f"Known are {', '.join(known)}." if known else "Leave the line out.")
                one = _SINGULAR.get(part, part.removesuffix("s"))
                yield Problem(brief.place((part, name)), f'there is no {one} "{name}" to remove', remedy)


def remove(values: dict[str, Any], brief: Brief, inherited: Mapping[str, Mapping[str, Any]]) -> list[Path]:
    """Take out of the merged brief what goes with what is removed; returns the paths that are gone.

    A removed feature takes along the operations only it listed and the entities only those touched. A removed operation or
    entity leaves the lists, rates and references of what remains; operations the user wrote himself stay, to be complained of.
    """
    features, operations, entities = (_part(values, name) for name in ("features", "operations", "entities"))
    without = {
        part: {n for n, v in (brief.raw.get(part) or {}).items() if v is None}
        for part in ("features", "operations", "entities", "personas")
    }
    if not any(without.values()):
        return []
    listed = _listed_by(without["features"], brief, inherited["features"])
    kept = {o for f in features.values() for o in _names(_get(f, "operations"))}
    of_features = {o for o in listed - kept if o in operations}
    own = set(brief.raw.get("operations") or {})
    on_removed = {o for o, said in operations.items() if _entity(said) in without["entities"] and o not in own}
    gone_operations = without["operations"] | of_features | on_removed
    dropped = {o: operations.pop(o) for o in list(operations) if o in gone_operations}
    touched = {e for o in of_features for e in _touches(dropped[o])}
    needed = {e for said in operations.values() for e in _touches(said)} | set(_counted(values)) | _callers(values)
    gone_entities = without["entities"] | {e for e in touched - needed if e in entities}
    for name in gone_entities:
        entities.pop(name, None)
    paths: list[Path] = [*(("operations", o) for o in gone_operations), *(("entities", e) for e in gone_entities)]
    paths += _cleaned_operations(operations, gone_operations, gone_entities)
    _cleaned_entities(entities, gone_entities)
    paths += _cleaned_lists(values, brief, gone_operations, gone_entities)
    paths += _without_personas(values, brief, without["personas"])
    return paths


def _callers(values: dict[str, Any]) -> set[str]:
    """The entities that personas are rows of: somebody calls what remains."""
    return {str(_get(said, "is")) for said in _part(values, "personas").values()}


def _part(values: dict[str, Any], name: str) -> dict[str, Any]:
    found = values.get(name)
    return found if isinstance(found, dict) else {}


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else None


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(v) for v in value] if isinstance(value, list | tuple) else []


def _listed_by(features: set[str], brief: Brief, inherited: Mapping[str, Any]) -> set[str]:
    """The operations of removed features, as the archetype or the file had them."""
    return {
        o
        for name in features
        for f in (inherited.get(name), brief.replaced.get(("features", name)))
        for o in _names(_get(f, "operations"))
    }


def _entity(operation: Any) -> str:
    words = str(_get(operation, "does") or "").split()
    return words[-1] if words else ""


def _touches(operation: Any) -> set[str]:
    creates = _get(operation, "creates")
    return {_entity(operation), *(creates if isinstance(creates, Mapping) else ())}


def _rates(value: Any) -> list[Any]:
    return as_list(value)


def _follows(rate: Any) -> str:
    try:
        return parse_rate(rate).of if isinstance(rate, str) else ""
    except NotAQuantity:
        return ""


def _counted(values: dict[str, Any]) -> Iterator[str]:
    """Names that counts, sizes and rates are taken from."""
    for part in ("populations", "entities", "operations"):
        for said in _part(values, part).values():
            for field in _COUNTING:
                for factor in _rates(_get(said, field)):
                    yield (
                        str(factor).partition(" of ")[2].partition(".")[0].strip()
                        or str(factor).partition(".")[0].strip()
                    )
            yield from (_follows(r) for r in _rates(_get(said, "rate")))


def _cleaned_operations(
    operations: dict[str, Any], gone_operations: set[str], gone_entities: set[str]
) -> Iterator[Path]:
    for name, said in operations.items():
        if not isinstance(said, dict):
            continue
        if isinstance(said.get("creates"), Mapping):
            said["creates"] = {k: v for k, v in said["creates"].items() if k not in gone_entities}
            yield from (("operations", name, "creates", e) for e in gone_entities)
        rates = _rates(said.get("rate"))
        left = [r for r in rates if _follows(r) not in gone_operations]
        if left and len(left) < len(rates):
            said["rate"] = left
        elif rates and not left:
            del said["rate"]
            yield ("operations", name, "rate")


def _cleaned_entities(entities: dict[str, Any], gone: set[str]) -> None:
    for said in entities.values():
        if isinstance(_get(said, "fields"), dict):
            for field, kind in said["fields"].items():
                type_, equals, default = str(kind).partition("=")
                words = type_.strip().rstrip("?").split()
                if len(words) == 2 and words[0] == "ref" and words[1] in gone:
                    plain = "id?" if type_.strip().endswith("?") else "id"
                    said["fields"][field] = f"{plain} = {default.strip()}" if equals else plain


def _cleaned_lists(values: dict[str, Any], brief: Brief, operations: set[str], entities: set[str]) -> Iterator[Path]:
    for part in ("features", "integrations"):
        of_user = set(brief.raw.get(part) or {}) if part == "features" else set()
        for name, said in list(_part(values, part).items()):
            listed = _names(_get(said, "operations"))
            left = [o for o in listed if o not in operations]
            if len(left) < len(listed):
                said["operations"] = left
                if not left and name not in of_user:
                    del values[part][name]
                    yield (part, name)
    for name, rule in list(_part(values, "capacity").items()):
        listed = _names(_get(rule, "of"))
        left = [o for o in listed if not _names_gone(o, operations, entities)]
        if len(left) < len(listed):
            rule["of"] = left
            if not left:
                del values["capacity"][name]
                yield ("capacity", name)
    for name, text in list(_part(values, "document").items()):
        if text in operations:
            del values["document"][name]
            yield ("document", name)


def _without_personas(values: dict[str, Any], brief: Brief, gone: set[str]) -> Iterator[Path]:
    """What was inherited names the removed personas no more; what the user wrote himself stays, to be complained of."""
    for name, said in _part(values, "operations").items():
        own = _get((brief.raw.get("operations") or {}).get(name), "by")
        if isinstance(said, dict) and said.get("by") in gone and own is None:
            del said["by"]
            yield ("operations", name, "by")
    for name, said in _part(values, "features").items():
        own = _get((brief.raw.get("features") or {}).get(name), "personas")
        if isinstance(said, dict) and own is None and set(_names(said.get("personas"))) & gone:
            said["personas"] = [persona for persona in _names(said["personas"]) if persona not in gone]


def _names_gone(result: str, operations: set[str], entities: set[str]) -> bool:
    part, _, rest = result.partition(".")
    return rest.partition(".")[0] in {"operations": operations, "entities": entities}.get(part, set())
